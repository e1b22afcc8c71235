"""Deputies of approvers."""

from publisher.release.model import Text

DEPUTIES = {
    "deputies.title": Text("Ersättare för godkännare", "Deputies of approvers"),
    "deputies.lead": Text(
        "En godkännare som är borta kan utse en författare eller granskare att besluta i sitt ställe, för en tid. Två "
        "personer krävs fortfarande: ingen godkänner ett förslag som hen själv har skrivit i.",
        "An approver who is away can name an author or auditor to decide in the approver's place, for a time. Two "
        "persons are still needed: nobody approves a proposal that he or she has written in.",
    ),
    "deputies.all": Text("Utsedda", "Named"),
    "deputies.none": Text("Ingen är utsedd.", "Nobody is named."),
    "deputies.approver": Text("Godkännare", "Approver"),
    "deputies.deputy": Text("Ersättare", "Deputy"),
    "deputies.time": Text("Tid", "Time"),
    "deputies.reason": Text("Skäl", "Reason"),
    "deputies.state": Text("Läge", "State"),
    "deputies.ended": Text("avslutad {at}", "ended {at}"),
    "deputies.over": Text("tiden är ute", "the time is over"),
    "deputies.later": Text("börjar senare", "begins later"),
    "deputies.holds": Text("gäller nu", "holds now"),
    "deputies.end": Text("Avsluta", "End"),
    "deputies.end_of": Text("Avsluta {deputy} som ersättare för {approver}", "End {deputy} as deputy of {approver}"),
    "deputies.name": Text("Utse en ersättare", "Name a deputy"),
    "deputies.who": Text("Vem", "Who"),
    "deputies.first": Text("Första dag", "First day"),
    "deputies.last": Text("Sista dag", "Last day"),
    "deputies.last_help": Text("Högst {most} dagar.", "At most {most} days."),
    "deputies.reason_help": Text(
        "Till exempel: semester. Skälet står i loggen.", "For example: leave. The reason stands in the log."
    ),
    "deputies.button": Text("Utse", "Name"),
    "deputies.no_candidate": Text(
        "Det finns ingen författare eller granskare att utse.", "There is no author or auditor to name."
    ),
    "deputies.only_approver": Text("Bara en godkännare kan utse en ersättare.", "Only an approver can name a deputy."),
}
