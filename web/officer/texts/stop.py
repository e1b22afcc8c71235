"""The emergency stop."""

from publisher.release.model import Text

STOP = {
    "stop.lead": Text(
        "Stoppa först och utred sedan. Allt här verkar inom tio sekunder. En paus kan hävas; ett tillbakadragande kan "
        "inte ångras.",
        "Stop first, then look into it. Everything here takes effect within ten seconds. A pause can be lifted; a "
        "withdrawal cannot be undone.",
    ),
    "stop.disclosure": Text(
        "Kan något ha röjts? Följ stegen vid misstänkt röjande.",
        "May something have been disclosed? Follow the steps for a suspected disclosure.",
    ),
    "stop.now": Text("Stoppat nu", "Stopped now"),
    "stop.nothing": Text("Ingenting är pausat.", "Nothing is paused."),
    "stop.everything": Text("Allt", "Everything"),
    "stop.by": Text("Av {by}, {at}. Skäl: ”{reason}”", "By {by}, {at}. Reason: “{reason}”"),
    "stop.took": Text("Verkade efter {took}.", "Took effect after {took}."),
    "stop.resume": Text("Låt fortsätta", "Let go on"),
    "stop.resume_reason": Text("Skäl att fortsätta", "Reason to go on"),
    "stop.waiting": Text("Begärt, inte utfört än", "Asked for, not done yet"),
    "stop.all": Text("Pausa allt", "Pause everything"),
    "stop.all_words": Text(
        "Ingen körning startar och ingen förseglad utgåva blir publik förrän pausen hävs. Provkörningar, rapporter "
        "och kontroller väntar också. Det som redan är publikt ligger kvar.",
        "No run begins and no sealed release becomes public until the pause is lifted. Rehearsals, reports and checks "
        "wait too. What is public stays.",
    ),
    "stop.one": Text("Pausa en policy", "Pause one policy"),
    "stop.one_words": Text(
        "Som ovan, men bara för den policyn.", "As above, but for that policy only."
    ),
    "stop.reason": Text("Skäl", "Reason"),
    "stop.reason_wrong": Text("Skriv ett skäl. Det står i loggen.", "Write a reason. It stands in the log."),
    "stop.who_pauses": Text(
        "Godkännare och administratörer kan pausa; godkännare kan låta fortsätta och dra tillbaka.",
        "Approvers and administrators can pause; approvers can let go on and withdraw.",
    ),
    "stop.withdraw": Text("Dra tillbaka en utgåva", "Withdraw a release"),
    "stop.withdraw_words": Text(
        "På nästa sida ser du vilka utgåvor som försvinner, och skriver skälet.",
        "The next page shows which releases go, and asks for the reason.",
    ),
    "stop.go_on": Text("Gå vidare", "Go on"),
    "stop.recent": Text("Senaste stopp och hävningar", "Latest stops and resumptions"),
    "stop.what": Text("Vad", "What"),
    "stop.who": Text("Vem", "Who"),
    "stop.when": Text("När", "When"),
    "stop.outcome": Text("Utfall", "Outcome"),
    "stop.kind_pause": Text("Paus", "Pause"),
    "stop.kind_pause-all": Text("Paus av allt", "Pause of everything"),
    "stop.kind_resume": Text("Hävd paus", "Pause lifted"),
    "stop.kind_resume-all": Text("Hävd paus av allt", "Pause of everything lifted"),
    "stop.kind_withdraw": Text("Tillbakadragande", "Withdrawal"),
    "stop.heard": Text("Schemaläggaren hördes av {at}.", "The scheduler was heard of {at}."),
}
