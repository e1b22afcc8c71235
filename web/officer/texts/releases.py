"""Releases."""

from publisher.release.model import Text

RELEASES = {
    "releases.nav_stop": Text("Nödstopp", "Emergency stop"),
    "releases.lead": Text(
        "Alla utgåvor som har förseglats, den nyaste först. Välj en för att se vad den innehåller, vem som svarar för "
        "den och hur den dras tillbaka.",
        "Every release that was sealed, the newest first. Choose one to see what is in it, who answers for it and how "
        "it is withdrawn.",
    ),
    "releases.none": Text("Ingen utgåva är förseglad än.", "No release is sealed yet."),
    "releases.no_hit": Text("Ingen utgåva passar sökningen.", "No release fits the search."),
    "releases.search": Text("Sök", "Search"),
    "releases.search_help": Text("Titel, tabell, id, person eller skäl", "Title, table, id, person or reason"),
    "releases.show": Text("Visa", "Show"),
    "releases.state": Text("Läge", "State"),
    "releases.state_any": Text("Alla lägen", "Any state"),
    "releases.state_published": Text("publicerad", "published"),
    "releases.state_sealed": Text("förseglad, väntar", "sealed, waits"),
    "releases.state_withdrawn": Text("tillbakadragen", "withdrawn"),
    "releases.asked_for": Text("tillbakadragande begärt", "withdrawal asked for"),
    "releases.count": Text("{found} av {all} utgåvor", "{found} of {all} releases"),
    "releases.first_ones": Text(
        "De 200 nyaste visas. Sök för att hitta äldre.", "The newest 200 are shown. Search to find older ones."
    ),
    "releases.release": Text("Utgåva", "Release"),
    "releases.product": Text("Vad", "What"),
    "releases.period": Text("Period", "Period"),
    "releases.version": Text("Version", "Version"),
    "releases.public_since": Text("Publicerad", "Published"),
    "releases.rho": Text("Kostnad (rho)", "Charge (rho)"),
    "releases.no_rho": Text("ingen: utelämnade tal", "none: withheld numbers"),
    "releases.lead_published": Text("Publicerad {at}.", "Published {at}."),
    "releases.lead_sealed": Text("Förseglad. Blir publik {at}.", "Sealed. Becomes public {at}."),
    "releases.lead_withdrawn": Text(
        "Tillbakadragen {at}. Skäl: ”{reason}”", "Withdrawn {at}. Reason: “{reason}”"
    ),
    "releases.broken": Text(
        "Utgåvans filer går inte att verifiera: {problem}. Webbplatsen visar den inte heller. Jämför med "
        "säkerhetskopian innan något annat görs.",
        "The files of this release do not verify: {problem}. The site does not show it either. Compare with the "
        "backup before anything else is done.",
    ),
    "releases.facts": Text("Om utgåvan", "About the release"),
    "releases.id": Text("Id", "Id"),
    "releases.policy": Text("Policy", "Policy"),
    "releases.author": Text("Policyn skriven av", "Policy written by"),
    "releases.approver": Text("Godkänd av", "Approved by"),
    "releases.digest": Text("Avtryck (SHA-256) av policyn", "Digest (SHA-256) of the policy"),
    "releases.sealed_at": Text("Förseglad", "Sealed"),
    "releases.why": Text("Reviderad, skäl", "Revised, reason"),
    "releases.tables": Text("Tabeller och skydd", "Tables and protection"),
    "releases.table": Text("Tabell", "Table"),
    "releases.periods": Text("Perioder", "Periods"),
    "releases.protection": Text("Skydd", "Protection"),
    "releases.held_by": Text("Vilka som har dess celler", "Who holds its cells"),
    "releases.held_alone": Text(
        "Bara den här utgåvan innehåller de celler som förseglades med den.",
        "Only this release holds the cells that were sealed with it.",
    ),
    "releases.held_words": Text(
        "En senare utgåva av samma policy innehåller också de tidigare perioderna. Dessa har samma celler:",
        "A later release of the same policy holds the earlier periods too. These have the same cells:",
    ),
    "releases.withdraw": Text("Dra tillbaka", "Withdraw"),
    "releases.goes": Text(
        "Det här försvinner från webbplatsen inom tio sekunder:", "This goes off the site within ten seconds:"
    ),
    "releases.stays": Text(
        "En läsare som följer en länk dit ser att utgåvan är tillbakadragen, när, och skälet som du skriver. Filerna "
        "behålls på den hemliga sidan, och kostnaden i rho ges inte tillbaka.",
        "A reader who follows a link there sees that the release is withdrawn, when, and the reason that you write. "
        "The files are kept on the secret side, and the charge in rho is not given back.",
    ),
    "releases.then": Text("Läsarna ser sedan {release} som den senaste.", "Readers then see {release} as the latest."),
    "releases.then_nothing": Text(
        "Läsarna ser sedan ingen utgåva alls av tabellerna.", "Readers then see no release of the tables at all."
    ),
    "releases.for_ever": Text(
        "Det går inte att ångra. Samma period kan bara publiceras igen som en ny version.",
        "This cannot be undone. The same period can only be published again as a new version.",
    ),
    "releases.reason": Text("Skäl (blir offentligt)", "Reason (becomes public)"),
    "releases.reason_help": Text(
        "Skriv så att en läsare förstår. Nämn ingen person och inget tal.",
        "Write so that a reader understands. Name no person and no number.",
    ),
    "releases.reason_wrong": Text("Skriv ett skäl. Det visas för läsarna.", "Write a reason. Readers are shown it."),
    "releases.gone_wrong": Text("Utgåvan är redan tillbakadragen.", "The release is withdrawn already."),
    "releases.withdraw_button": Text("Dra tillbaka {n} utgåvor", "Withdraw {n} releases"),
    "releases.asked_for_already": Text(
        "Tillbakadragandet är begärt; se överst på sidan.", "The withdrawal is asked for; see the top of the page."
    ),
    "releases.withdraw_one": Text("Dra tillbaka utgåvan", "Withdraw the release"),
    "releases.only_approver": Text(
        "En godkännare, eller dennes ersättare, kan dra tillbaka utgåvan.",
        "An approver, or the approver's deputy, can withdraw the release.",
    ),
    "releases.asked": Text("Begärt tillbakadragande", "Withdrawal asked for"),
    "releases.asked_by": Text("{by}, {at}: ”{reason}”", "{by}, {at}: “{reason}”"),
    "releases.stand_queued": Text("Väntar på schemaläggaren.", "Waits for the scheduler."),
    "releases.stand_running": Text("Pågår.", "Under way."),
    "releases.stand_done": Text("Klart {at}, efter {took}.", "Done {at}, after {took}."),
    "releases.stand_refused": Text("Vägrat: {note}", "Refused: {note}"),
    "releases.stand_failed": Text("Misslyckades: {note}", "Failed: {note}"),
    "releases.look_again": Text("Läs om sidan", "Load the page again"),
    "releases.silent": Text(
        "Schemaläggaren har inte hörts av på en stund. Det du begär sparas och utförs när den är igång, och så länge "
        "den står stilla körs och publiceras ingenting. Brådskar ett tillbakadragande: be driften köra publisher "
        "release withdraw ID --reason TEXT.",
        "The scheduler has not been heard of for a while. What you ask is kept and done once it runs, and while it "
        "stands still nothing is run or published. If a withdrawal is urgent: have operations run publisher release "
        "withdraw ID --reason TEXT.",
    ),
}
