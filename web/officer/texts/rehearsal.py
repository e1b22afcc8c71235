"""What the pages around rehearsals say: the list, the wait, the end, the form."""

from publisher.release.model import Text

_PAGES = {
    "rehearsal.nav": Text("Provkörningar", "Rehearsals"),
    "rehearsal.list_intro": Text(
        "En provkörning visar vad ett förslag skulle ge, bredvid den policy som gäller. Den publicerar ingenting "
        "och drar ingenting ur integritetskontot.",
        "A rehearsal shows what a proposal would give, beside the policy in force. It publishes nothing and charges "
        "nothing to the privacy account.",
    ),
    "rehearsal.list_none": Text(
        "Ingen provkörning är beställd. Du beställer en från ett förslag, under Policyer.",
        "No rehearsal has been asked for. You ask for one from a proposal, under Policies.",
    ),
    "rehearsal.list_caption": Text("De senaste, den nyaste först", "The latest, the newest first"),
    "rehearsal.number": Text("Nummer", "Number"),
    "rehearsal.policy": Text("Policy", "Policy"),
    "rehearsal.asked_by": Text("Beställd av", "Asked for by"),
    "rehearsal.asked_at": Text("Beställd", "Asked for"),
    "rehearsal.stand": Text("Läge", "State"),
    "rehearsal.stand_queued": Text("väntar", "waiting"),
    "rehearsal.stand_running": Text("pågår", "running"),
    "rehearsal.stand_done": Text("klar", "done"),
    "rehearsal.stand_refused": Text("nekad", "refused"),
    "rehearsal.stand_failed": Text("misslyckad", "failed"),
    "rehearsal.stand_gone": Text("borttagen", "removed"),
    "rehearsal.title": Text("Provkörning av {policy}", "Rehearsal of {policy}"),
    "rehearsal.period": Text("Period: {period}.", "Period: {period}."),
    "rehearsal.to_list": Text("Alla provkörningar", "All rehearsals"),
    "rehearsal.to_proposal": Text("Till förslaget", "To the proposal"),
    "rehearsal.to_approve": Text(
        "Till förslaget, för att godkänna eller skicka tillbaka det",
        "To the proposal, to approve it or return it",
    ),
}

_RUNNING = {
    "rehearsal.run_queued": Text(
        "Väntar på sin tur. {n} andra uppdrag ligger före.",
        "Waiting for its turn. {n} other requests are ahead.",
    ),
    "rehearsal.run_next": Text(
        "Väntar på sin tur. Inget annat ligger före.",
        "Waiting for its turn. Nothing else is ahead.",
    ),
    "rehearsal.run_started": Text("Startar.", "Starting."),
    "rehearsal.run_step": Text("{side}: {step}", "{side}: {step}"),
    "rehearsal.side_proposed": Text("Förslaget", "The proposal"),
    "rehearsal.side_in_force": Text("Policyn som gäller", "The policy in force"),
    "rehearsal.step_count": Text("räknar", "counting"),
    "rehearsal.step_audit": Text(
        "granskar: försöker räkna ut det som inte visas",
        "auditing: trying to work out what is withheld",
    ),
    "rehearsal.step_suppress": Text("söker vad som måste döljas, {what}", "searching what must be withheld, {what}"),
    "rehearsal.step_other": Text("provar {what}", "trying {what}"),
    "rehearsal.run_since": Text("Beställd {when}. Det har gått {n} min.", "Asked for {when}, {n} min ago."),
    "rehearsal.run_long": Text(
        "En policy med dolda celler på RegSO för hela landet tar en minut eller mer; en med brus tar några "
        "sekunder. Du kan lämna sidan: provkörningen fortsätter.",
        "A policy with withheld cells by RegSO for the whole country takes a minute or more; one with noise a few "
        "seconds. You can leave the page: the rehearsal goes on.",
    ),
    "rehearsal.run_reload": Text("Läs om sidan", "Reload the page"),
    "rehearsal.stopped_refused": Text("Provkörningen nekades", "The rehearsal was refused"),
    "rehearsal.stopped_failed": Text("Provkörningen misslyckades", "The rehearsal failed"),
    "rehearsal.stopped_refused_help": Text(
        "Så här skrev systemet. Rätta förslaget och beställ en ny provkörning.",
        "This is what the system said. Mend the proposal and ask for a new rehearsal.",
    ),
    "rehearsal.stopped_failed_help": Text(
        "Systemet stötte på ett fel som det inte väntade sig. Bara felets sort visas, för att inga uppgifter ska "
        "följa med. Försök igen; hjälper det inte, be den som sköter systemet se i dess logg.",
        "The system met an error that it did not expect. Only its kind is shown, so that no data comes along. Try "
        "again; if that does not help, ask whoever runs the system to look in its log.",
    ),
    "rehearsal.gone_title": Text("Provkörningen är borttagen", "The rehearsal has been removed"),
    "rehearsal.gone_text": Text(
        "Resultatet av en provkörning kan vara lika känsligt som uppgifterna själva. Därför tas det bort efter sju "
        "dagar. Beställ en ny från förslaget om du behöver den.",
        "What a rehearsal shows can be as sensitive as the records themselves. So it is removed after seven days. "
        "Ask for a new one from the proposal if you need it.",
    ),
}

_REST = {
    "rehearsal.charge": Text("Integritetskontot", "The privacy account"),
    "rehearsal.charge_none": Text(
        "Förslaget drar ingenting ur kontot: celler döljs, och inget brus läggs på.",
        "The proposal charges nothing: cells are withheld, and no noise is added.",
    ),
    "rehearsal.charge_caption": Text(
        "rho, för referensåret {year}; taket är {cap}",
        "rho, for the reference year {year}; the cap is {cap}",
    ),
    "rehearsal.charge_run": Text("En körning drar", "One run charges"),
    "rehearsal.charge_before": Text("Draget hittills", "Charged so far"),
    "rehearsal.charge_left": Text("Kvar efter körningen", "Left after the run"),
    "rehearsal.charge_end": Text(
        "Kvar när alla planerade körningar är gjorda",
        "Left when all planned runs are done",
    ),
    "rehearsal.charge_note": Text(
        "Det som är draget hittills kommer inte tillbaka. Är perioden redan publicerad ingår den där, och förslaget "
        "skulle dra sitt därutöver.",
        "What is charged so far does not come back. If the period is published already it is part of that, and the "
        "proposal would charge its own on top.",
    ),
    "rehearsal.audit": Text("Granskningen", "The audit"),
    "rehearsal.audit_passed": Text(
        "Godkänd: ingen av de {withheld} dolda cellerna går att räkna ut närmare än policyn lovar.",
        "Passed: none of the {withheld} withheld cells can be worked out more closely than the policy promises.",
    ),
    "rehearsal.audit_failed": Text(
        "Underkänd: {exact} dolda celler går att räkna ut, {narrow} går att ringa in närmare än policyn lovar.",
        "Failed: {exact} withheld cells can be worked out, {narrow} can be narrowed down more than the policy "
        "promises.",
    ),
    "rehearsal.audit_scope": Text(
        "Samma angrepp som före publicering, på perioden för sig. Tidigare versioner och överlappande perioder "
        "prövas först när det körs på riktigt; alternativ prövas inte.",
        "The same attack as before publication, on the period by itself. Earlier versions and overlapping periods "
        "are tried only when it is run in earnest; alternatives are not tried.",
    ),
    "rehearsal.audit_none": Text(
        "Inte granskat: brus dras först när det körs på riktigt, och granskas då före publicering.",
        "Not audited: noise is drawn only when it is run in earnest, and audited then before publication.",
    ),
    "rehearsal.audit_refused": Text(
        "Inte granskat: det finns inget att granska.",
        "Not audited: there is nothing to audit.",
    ),
    "rehearsal.others": Text("Alternativ till förslaget", "Alternatives to the proposal"),
    "rehearsal.others_none": Text("Inga alternativ är prövade än.", "No alternatives have been tried yet."),
    "rehearsal.as_it_is": Text("Förslaget som det är", "The proposal as it is"),
    "rehearsal.other": Text("Alternativ", "Alternative"),
    "rehearsal.weaker": Text("lovar mindre", "promises less"),
    "rehearsal.cannot": Text("kan inte fås", "cannot be had"),
    "rehearsal.other_suppression_0": Text("Finaste nivå", "Finest level"),
    "rehearsal.other_suppression_1": Text("Visas inte där, % av cellerna", "Not shown there, % of cells"),
    "rehearsal.other_suppression_2": Text("Visas inte alls, % av cellerna", "Not shown in all, % of cells"),
    "rehearsal.other_suppression_3": Text("Mest hål", "Mostly holes"),
    "rehearsal.other_noise_0": Text("rho per körning", "rho of a run"),
    "rehearsal.other_noise_1": Text("Finaste nivå", "Finest level"),
    "rehearsal.other_noise_2": Text("Väntat fel i en cell där", "Expected error of a cell there"),
    "rehearsal.other_noise_3": Text("Väntat fel i riket", "Expected error, nation"),
    "rehearsal.yes": Text("ja", "yes"),
    "rehearsal.no": Text("nej", "no"),
    "rehearsal.again": Text("Provkör igen", "Rehearse again"),
    "rehearsal.form_alternatives": Text("Pröva också", "Try also"),
    "rehearsal.form_alternatives_help": Text(
        "Varje alternativ tar lika lång tid som förslaget självt.",
        "Each alternative takes as long as the proposal itself.",
    ),
    "rehearsal.form_period": Text("Period", "Period"),
    "rehearsal.form_period_help": Text(
        "Till exempel 2022, 2022K1 eller 2022M01. Tomt: den senaste.",
        "For example 2022, 2022K1 or 2022M01. Empty: the latest.",
    ),
    "rehearsal.form_areas": Text("Kommuner att visa med namn", "Municipalities to show by name"),
    "rehearsal.form_areas_help": Text(
        "Högst åtta kommunkoder med fyra siffror, till exempel 0180, 0305.",
        "At most eight municipality codes of four digits, for example 0180, 0305.",
    ),
    "rehearsal.form_ask": Text("Beställ provkörning", "Ask for a rehearsal"),
    "rehearsal.bad_period": Text(
        "Skriv perioden som 2022, 2022K1, 2022M01 eller 2022M12R12, eller lämna tomt.",
        "Write the period as 2022, 2022K1, 2022M01 or 2022M12R12, or leave it empty.",
    ),
    "rehearsal.bad_areas": Text(
        "Skriv högst åtta koder med fyra siffror, med komma emellan.",
        "Write at most eight codes of four digits, with commas between.",
    ),
    "rehearsal.ask_title": Text("Provkör förslaget till {policy}", "Rehearse the proposal for {policy}"),
}

_WORDS = {
    "rehearsal.months": Text(
        "januari februari mars april maj juni juli augusti september oktober november december",
        "January February March April May June July August September October November December",
    ),
    "rehearsal.quarter": Text("kvartal {number} {year}", "quarter {number} of {year}"),
    "rehearsal.twelve_months": Text("tolv månader till och med {month}", "twelve months to {month}"),
    "rehearsal.level_riket": Text("riket", "nation"),
    "rehearsal.level_lan": Text("län", "county"),
    "rehearsal.level_kommun": Text("kommun", "municipality"),
    "rehearsal.level_regso": Text("RegSO", "RegSO"),
    "rehearsal.level_area_type": Text("områdestyp", "area type"),
    "rehearsal.level_lan_area_type": Text("län × områdestyp", "county × area type"),
    "rehearsal.level_kommun_area_type": Text("kommun × områdestyp", "municipality × area type"),
    "rehearsal.level_all": Text("alla nivåer", "all levels"),
}

REHEARSAL = {**_PAGES, **_RUNNING, **_REST, **_WORDS}
