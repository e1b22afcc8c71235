"""What the scheduler process says of runs and requests, as it says it (`{}` for names and times), and in Swedish."""

from types import MappingProxyType

SAID = MappingProxyType(
    {
        "{} is in force": "{} gäller nu",
        "{} is not in force any more": "{} gäller inte längre",
        "{} is withdrawn": "{} är återkallad",
        "{} are withdrawn": "{} är återkallade",
        "{} is planned": "{} är planerad",
        "{} is paused": "{} är pausad",
        "{} goes on": "{} fortsätter",
        "{} is not paused": "{} är inte pausad",
        "everything": "allt",
        "{} may not {}": "{} får inte göra detta ({})",
        "{} may not approve any more": "{} får inte godkänna längre",
        "proposal {} was not approved in these bytes by {}": "förslag {} är inte godkänt i denna lydelse av {}",
        "policy {} is not active": "policyn {} gäller inte",
        "policy {} is not known": "policyn {} är inte känd",
        "a pause needs a reason": "en paus behöver ett skäl",
        "to resume needs a reason": "att fortsätta behöver ett skäl",
        "another version of {} came into force since the proposal was begun": (
            "en annan utgåva av {} har börjat gälla sedan förslaget påbörjades"
        ),
        "the process that ran it ended without a result": "processen som körde den slutade utan resultat",
        "its slot passed while no scheduler ran; run it by hand if it is still wanted": (
            "dess tid gick medan ingen schemaläggare var i gång; kör den för hand om den behövs än"
        ),
        "its policy is not in force any more": "dess policy gäller inte längre",
        "release {} is {} already": "utgåvan {} har redan läget {}",
        "release {} is withdrawn already, or no reason is given": (
            "utgåvan {} är redan återkallad, eller så saknas ett skäl"
        ),
        "release {} is not known here; `publisher release list` shows all": "utgåvan {} är inte känd här",
        "{}: version {} is sealed already": "{}: version {} är redan förseglad",
        "{} was never sealed; run it without --revise": "{} är aldrig förseglad; kör den som vanlig körning",
        "period {} is not over; it can be run from {}": "perioden {} är inte slut; den kan köras från {}",
        "author {}; declarations {}": "skriven av {}; deklarationer {}",
    }
)
