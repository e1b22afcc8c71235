"""What the loader says of a text that is no policy, and how it is said in Swedish.  `{}`: an id, a number, a list."""

from types import MappingProxyType

SWEDISH = MappingProxyType(
    {
        "an id has small letters a-z, digits and single hyphens between them": (
            "ett id har små bokstäver a–z, siffror och enkla bindestreck emellan"
        ),
        "policy {} must stand in a file named {}.yaml": (
            "policyn {} måste stå i en fil med namnet {}.yaml; dess id ändras inte"
        ),
        "this is no e-mail address": "det här är ingen e-postadress",
        "where names at least one column with the codes that are kept": (
            "urvalet (where) anger minst en kolumn med de koder som behålls"
        ),
        "a column stands twice in where": "en kolumn står två gånger i where",
        "a code stands twice": "en kod står två gånger",
        'type_year is same, or a year in quotes such as "2022"': (
            'type_year är same, eller ett årtal inom citattecken, till exempel "2022"'
        ),
        "tables by DeSO are not published: {}": (
            "tabeller efter DeSO publiceras inte: många RegSO är en enda DeSO, så att de två nivåerna skulle "
            "avslöja små områden; räkna efter regso"
        ),
        "clamp has `all`, or `column` and `bounds`": "clamp har `all`, eller `column` och `bounds`",
        "a whole number in quotes is expected here": "här ska stå ett helt tal inom citattecken",
        "a number for each code is expected here": "här ska stå ett tal för varje kod",
        "a table is protected by exactly one of noise and suppression": (
            "en tabell skyddas antingen av brus (noise) eller av undertryckning (suppression)"
        ),
        "a rule has one key: {}": "en regel har en nyckel: {}",
        "the file cannot be read: {}": "filen kan inte läsas: {}",
        "the file is larger than {} bytes": "texten är större än {} tecken",
        "the file is empty": "texten är tom",
        "one file holds one policy; found several documents": "en text innehåller en policy; här är flera dokument",
        "a mapping (key: value) is expected here": "här ska stå nycklar med värden (nyckel: värde)",
        "a list of at least one item is expected here": "här ska stå en lista med minst en post",
        "a text is expected here": "här ska stå en text",
        "quote this text: it could be read as a number, a date or a truth value": (
            "skriv citattecken om texten: den kan annars läsas som ett tal, ett datum eller ett sanningsvärde"
        ),
        "an empty text is not allowed": "texten får inte vara tom",
        "{} is not known here; known: {}": "{} finns inte här; det som finns: {}",
        "a whole number without sign, leading zeros or exponent is expected here": (
            "här ska stå ett helt tal utan tecken, inledande nollor eller exponent"
        ),
        'a number such as "0.02" is expected here (no sign, no exponent)': (
            'här ska stå ett tal som "0.02" (utan tecken och exponent)'
        ),
        'write "{}" in quotes: it decides privacy and is read exactly': (
            'skriv "{}" inom citattecken: talet avgör skyddet och läses exakt'
        ),
        "true or false is expected here": "här ska stå true eller false",
        "the file is not UTF-8": "texten är inte UTF-8",
        "not YAML: {}": "går inte att läsa som YAML: {}",
        "not YAML": "går inte att läsa som YAML",
        "lists and mappings may lie at most {} deep in each other": (
            "listor och nycklar får ligga högst {} djupt i varandra"
        ),
        "aliases and anchors are not allowed; write the value out": (
            "alias och ankare är inte tillåtna; skriv ut värdet"
        ),
        "tags are not allowed": "taggar är inte tillåtna",
        "control characters and halves of characters are not allowed": "styrtecken och halva tecken är inte tillåtna",
        "key {} stands twice": "nyckeln {} står två gånger",
        "key {} is missing": "nyckeln {} saknas",
        "unknown key {}; known here: {}": "nyckeln {} är okänd; här finns: {}",
        "uncertain_when has one key: {}": "uncertain_when har en nyckel: {}",
        "candidates need whole numbers from, to and step, or are a list of them": (
            "candidates är de hela talen from, to och step, eller en lista av hela tal"
        ),
        "candidates: step must be at least 1, and lead from `from` to `to` in whole steps": (
            "candidates: step är minst 1, och leder från `from` till `to` i hela steg"
        ),
        "candidates: at most {} numbers; write a longer step": "candidates: högst {} tal; skriv ett längre steg",
        "a whole number without leading zeros or exponent is expected here": (
            "här ska stå ett helt tal utan inledande nollor eller exponent"
        ),
        "candidates must be 2 to {} numbers": "candidates är 2 till {} tal",
        "candidates must rise strictly, and none be beyond 1000000000000": (
            "candidates ska stiga, och inget tal vara bortom 1000000000000"
        ),
        "clamp needs one number, or one for each code of a column": (
            "clamp är ett tal, eller ett för varje kod i en kolumn"
        ),
        "clamp: numbers must be between 1 and 1000000000": "clamp: talen ska vara mellan 1 och 1000000000",
        "unknown kind of measure {}; known: {}": "måttet {} är av okänt slag; det som finns: {}",
        "of belongs to a sum, quantile, mean, share or rate, and each of them needs it": (
            "of hör till summa, kvantil, medelvärde, andel och tal per invånare, och vart och ett behöver det"
        ),
        "denominator belongs to a rate, and a rate needs it": (
            "denominator hör till ett tal per invånare (rate), som behöver den"
        ),
        "within belongs to a share, and a share needs it": "within hör till en andel (share), som behöver den",
        "rho and clamp belong to a sum, rho to a quantile and to cases beside persons too": (
            "rho och clamp hör till en summa; rho även till en kvantil och till ärenden bredvid personer"
        ),
        "per must be at least 1, decimals between 0 and 6": "per är minst 1, och decimals mellan 0 och 6",
        "per belongs to a share or rate": "per hör till en andel eller ett tal per invånare",
        "q and candidates belong to a quantile, which needs q": "q och candidates hör till en kvantil, som behöver q",
        "q must be above 0 and below 1, with at most three decimals": (
            "q är över 0 och under 1, med högst tre decimaler"
        ),
        "a quantile has a rho and candidates, or neither where it is of another; and no decimals": (
            "en kvantil har rho och candidates, eller inget av dem om den är av en annan kvantil; och inga decimaler"
        ),
        "weights: unknown area level {}": "weights: nivån {} är okänd",
        "weights: a category column may stand once": "weights: en kolumn får stå en gång",
        "weights: times must be between 0.000001 and 1000000": "weights: times är mellan 0.000001 och 1000000",
        "bound.cells must be between 1 and 1000": "bound.cells är mellan 1 och 1000",
        "bound.per_cell must be between 1 and 1000": "bound.per_cell är mellan 1 och 1000",
        "bound.area must be last": "bound.area är last",
        "{} is that of the table named by together_with; leave it out here": (
            "{} är den som gäller tabellen i together_with; utelämna den här"
        ),
        "table {}: together_with names a table under noise that has terms of its own": (
            "tabellen {}: together_with är en tabell med brus som har egna villkor"
        ),
        "interval_width and the coefficient of variation that it stands for do not agree": (
            "interval_width stämmer inte med den variationskoefficient som den står för"
        ),
        "weights: a group of cells may stand once": "weights: en grupp av celler får stå en gång",
        "rho must be at least 0.000000001 and at most 1": "rho är minst 0.000000001 och högst 1",
        "coefficient_of_variation must be above 0 and at most 10": "coefficient_of_variation är över 0 och högst 10",
        "withhold_below must be between 0 and 1000000": "withhold_below är mellan 0 och 1000000",
        "a policy needs at least one table": "en policy behöver minst en tabell",
        "a table id may stand once": "ett tabell-id får stå en gång",
        "schedule.{} must be HH:MM": "schedule.{} skrivs HH:MM",
        "schedule.window must be {}, and belongs to every: month": "schedule.window är {}, och hör till every: month",
        "schedule.every must be {}": "schedule.every är en av {}",
        "schedule.month belongs to every: year, which needs it": "schedule.month hör till every: year, som behöver den",
        "schedule.month must be 1-12 and schedule.day 1-28": "schedule.month är 1–12 och schedule.day 1–28",
        "schedule.{} must not lie between 02:00 and 03:00, which summer time moves": (
            "schedule.{} får inte ligga mellan 02:00 och 03:00, som sommartiden flyttar"
        ),
        "a threshold below 2 protects nobody; use 2 or more": (
            "ett tröskelvärde under 2 skyddar ingen; skriv 2 eller mer"
        ),
        "dominance.n must be between 1 and {}": "dominance.n är mellan 1 och {}",
        "dominance.k is a percentage above 0 and below 100": "dominance.k är en procentsats över 0 och under 100",
        "p_percent is above 0 and at most 100": "p_percent är över 0 och högst 100",
        "min_contributors below 2 protects nobody; use 2 or more": (
            "min_contributors under 2 skyddar ingen; skriv 2 eller mer"
        ),
        "share.persons must be at least 2 and share.having at least 1": (
            "share.persons är minst 2 och share.having minst 1"
        ),
        "a kind of rule may stand once": "ett slags regel får stå en gång",
        "rules need a threshold: every table shows counts": (
            "reglerna behöver ett tröskelvärde: varje tabell visar antal"
        ),
        "counted must be persons or cases": "counted är persons eller cases",
        "unknown area level {}": "nivån {} är okänd",
        "a table needs at least one measure and one area level": "en tabell behöver minst ett mått och en områdesnivå",
        "areas must be different ones of {}": "areas är olika av {}",
        "join: a code may not be empty or {}": "join: en kod får inte vara tom eller {}",
        "join: code {} must be of at least two codes, each named once": (
            "join: koden {} ska slå samman minst två koder, var och en nämnd en gång"
        ),
        "join: a code or text may not begin like a formula of a spreadsheet (= + - @ tab)": (
            "join: en kod eller text får inte börja som en formel i ett kalkylblad (= + - @ tabb)"
        ),
        "join: a new code of {} may stand once": "join: en ny kod av {} får stå en gång",
        "join: a code of {} may be joined into one code only": "join: en kod av {} får slås samman i en enda ny kod",
        "a category column may stand once": "en kolumn får stå en gång",
        "a measure id may stand once": "ett mått-id får stå en gång",
        "a table shows exactly one count ({}), and others beside it": (
            "en tabell visar exakt ett antal ({}), och andra mått bredvid det"
        ),
        "one second count, cases with a rho, may stand behind persons": (
            "ett andra antal, cases med eget rho, får stå efter persons"
        ),
        "quantile {} needs a rho and candidates, or must be of a quantile that has them": (
            "kvantilen {} behöver rho och candidates, eller ska vara av en kvantil som har dem"
        ),
        "{} {} must be of {}": "{} {} ska vara av {}",
        "share {}: the table needs the total of column {}": "andelen {}: tabellen behöver summan av kolumnen {}",
        "mean {}: amounts are of cases; a table of events has no mean of them": (
            "medelvärdet {}: belopp hör till ärenden; en tabell över poster har inget medelvärde av dem"
        ),
    }
)
"""English -> Swedish."""
