"""A run asked for by hand."""

from publisher.release.model import Text

RUNNING = {
    "running.title": Text("Begär en körning", "Ask for a run"),
    "running.lead": Text(
        "Scheman kör av sig själva. Här begär du det de inte gör: en körning som misslyckades eller hoppades över, en "
        "tidigare period, eller en ny version av en förseglad.",
        "Schedules run by themselves. Here you ask for what they do not: a run that failed or was skipped, an earlier "
        "period, or a new version of a sealed one.",
    ),
    "running.policy": Text("Policy", "Policy"),
    "running.period": Text("Period", "Period"),
    "running.period_help": Text(
        "Som SCB skriver den: 2022, 2022K1 eller 2022M01.", "As SCB writes it: 2022, 2022K1 or 2022M01."
    ),
    "running.period_wrong": Text("Skriv den som 2022, 2022K1 eller 2022M01.", "Write it as 2022, 2022K1 or 2022M01."),
    "running.policy_wrong": Text("Välj en policy som gäller.", "Choose a policy in force."),
    "running.way": Text("Vad för körning?", "What kind of run?"),
    "running.way_wrong": Text("Välj vad för körning det är.", "Choose what kind of run it is."),
    "running.way_first": Text("Perioden är inte förseglad än", "The period is not sealed yet"),
    "running.way_first_help": Text(
        "Som schemat skulle ha kört den. Är den redan förseglad händer ingenting.",
        "As its schedule would have run it. Where it is sealed already nothing happens.",
    ),
    "running.way_again": Text("Ett nytt försök", "Another try"),
    "running.way_again_help": Text(
        "Den förra körningen bokfördes men blev inte förseglad. Brus kostar en gång till.",
        "The last run was charged and not sealed. Noise costs once more.",
    ),
    "running.way_revise": Text("En ny version", "A new version"),
    "running.way_revise_help": Text(
        "Ersätter det som är publicerat och märks som reviderat. Brus kostar en gång till; undertryckta tal skyddas "
        "tillsammans med den förra versionen.",
        "Takes the place of what is published and is marked as revised. Noise costs once more; withheld numbers are "
        "protected together with the version before.",
    ),
    "running.reason": Text("Skäl", "Reason"),
    "running.reason_help": Text(
        "Publiceras med en ny version och står alltid i loggen.",
        "Published with a new version, and always in the log.",
    ),
    "running.reason_wrong": Text("Skriv varför.", "Say why."),
    "running.ask": Text("Begär körningen", "Ask for the run"),
    "running.asked": Text("Begärt", "Asked for"),
    "running.caption": Text("Begärda körningar, den senaste först", "Runs that were asked for, the latest first"),
    "running.when": Text("När", "When"),
    "running.became": Text("Hur det gick", "What became of it"),
    "running.queued": Text("Väntar på schemaläggaren", "Waits for the scheduler"),
    "running.none": Text("Ingen körning har begärts.", "No run was asked for."),
    "running.state_planned": Text("planerad", "planned"),
    "running.state_started": Text("pågår", "under way"),
    "running.state_charged": Text("pågår, bokförd", "under way, charged"),
    "running.state_sealed": Text("förseglad, väntar på sin minut", "sealed, waits for its minute"),
    "running.state_published": Text("publicerad", "published"),
    "running.state_failed": Text("misslyckades", "failed"),
    "running.state_skipped": Text("hoppades över", "skipped"),
    "running.look_again": Text("Se hur det går", "See how it goes"),
}
