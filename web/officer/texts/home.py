"""The start page."""

from publisher.release.model import Text

HOME = {
    "home.never": Text(
        "Schemaläggaren har inte hörts av. Inget körs, publiceras eller dras tillbaka förrän den är i gång: säg till "
        "den som sköter systemet.",
        "The scheduler has not been heard of. Nothing is run, published or withdrawn until it is started: tell who "
        "runs the system.",
    ),
    "home.silent": Text(
        "Schemaläggaren har inte hörts av sedan {at}. Inget körs, publiceras eller dras tillbaka förrän den är i "
        "gång igen: säg till den som sköter systemet. Det som redan är publicerat står kvar.",
        "The scheduler has not been heard of since {at}. Nothing is run, published or withdrawn until it is back: "
        "tell who runs the system. What is published already stays.",
    ),
    "home.paused_all": Text(
        "Allt är pausat av {by} sedan {at}: ”{reason}”", "Everything is paused by {by} since {at}: “{reason}”"
    ),
    "home.paused": Text(
        "{policy} är pausad av {by} sedan {at}: ”{reason}”", "{policy} is paused by {by} since {at}: “{reason}”"
    ),
    "home.trouble": Text("Schemaläggaren kan inte göra allt: {words}", "The scheduler cannot do everything: {words}"),
    "home.failed": Text(
        "Körningen av {policy} för {period} misslyckades {at}: {detail}",
        "The run of {policy} for {period} failed {at}: {detail}",
    ),
    "home.budget": Text(
        "Integritetskontot {agency} {year} räcker inte till allt som scheman kör: taket nås {on}, av {policy}, och "
        "{refused} körningar kommer att vägras.",
        "The privacy account {agency} {year} does not suffice for all that the schedules run: the cap is reached on "
        "{on}, by {policy}, and {refused} runs will be refused.",
    ),
    "home.guessed_once": Text(
        "Ett misslyckat försök att logga in med ditt namn sedan förra gången du loggade in. Var det inte du: byt "
        "lösenord och säg till en administratör.",
        "One failed attempt to log in with your name since you last logged in. If it was not you: change your "
        "password and tell an administrator.",
    ),
    "home.guessed": Text(
        "{n} misslyckade försök att logga in med ditt namn sedan förra gången du loggade in. Var det inte du: byt "
        "lösenord och säg till en administratör.",
        "{n} failed attempts to log in with your name since you last logged in. If it was not you: change your "
        "password and tell an administrator.",
    ),
    "home.few_codes": Text(
        "Du har {n} reservkoder kvar. Be en administratör om nya innan de tar slut.",
        "You have {n} recovery codes left. Ask an administrator for new ones before they run out.",
    ),
    "home.alerts": Text("Det här behöver någon se till", "Somebody must see to this"),
    "home.look": Text("Se mer", "See more"),
    "home.waits": Text("Väntar på dig", "Waits for you"),
    "home.nothing_waits": Text("Inget väntar på dig.", "Nothing waits for you."),
    "home.wait_returned": Text("Lämnat tillbaka till dig som författare", "Returned to you as an author"),
    "home.wait_draft": Text("Utkast, inte inlämnat", "Draft, not submitted"),
    "home.wait_approve": Text(
        "Prövat: läs och godkänn, eller lämna tillbaka", "Rehearsed: read and approve, or return"
    ),
    "home.wait_other": Text(
        "Prövat, men du har skrivit i det: någon annan måste godkänna",
        "Rehearsed, but you have written in it: another must approve",
    ),
    "home.reason": Text("Skäl: ”{reason}”", "Reason: “{reason}”"),
    "home.changed": Text("ändrat {at} av {by}", "changed {at} by {by}"),
    "home.under_way": Text("På gång", "Under way"),
    "home.nothing_under_way": Text("Inget är på gång.", "Nothing is under way."),
    "home.stands_submitted": Text("inlämnat, väntar på att prövas", "submitted, waits to be rehearsed"),
    "home.stands_rehearsed": Text("prövat, väntar på en godkännare", "rehearsed, waits for an approver"),
    "home.stands_approved": Text("godkänt, väntar på att träda i kraft", "approved, waits to come into force"),
    "home.running": Text("Körs nu: {what}, sedan {since}", "Runs now: {what}, since {since}"),
    "home.stand_queued": Text("i kö", "queued"),
    "home.stand_running": Text("pågår", "under way"),
    "home.coming": Text(
        "Nästa körning: {policy} för {period}, {run_at}; publiceras {publish_at}",
        "Next run: {policy} for {period}, {run_at}; published {publish_at}",
    ),
    "home.changes": Text("Det senaste", "What changed"),
    "home.no_changes": Text("Inget har hänt än.", "Nothing has happened yet."),
    "home.scheduler": Text("schemaläggaren", "the scheduler"),
    "home.all_changes": Text("Hela loggen", "The whole log"),
    "home.everything": Text("Alla förslag", "All proposals"),
    "home.no_proposals": Text(
        "Det finns inga förslag. En författare börjar ett från en policy.",
        "There are no proposals. An author begins one from a policy.",
    ),
    "home.more": Text("… och {n} äldre.", "… and {n} older ones."),
    "home.number": Text("förslag {n}", "proposal {n}"),
    "home.policy": Text("Policy", "Policy"),
    "home.state": Text("Läge", "State"),
    "home.changed_at": Text("Ändrat", "Changed"),
}
