"""What to do when something may have been disclosed."""

from publisher.release.model import Text

DISCLOSURE = {
    "disclosure.title": Text("Misstänkt röjande", "Suspected disclosure"),
    "disclosure.lead": Text(
        "Har någon sagt, eller har du sett, att en uppgift om en enskild kan läsas ut? Gör stegen i ordning. Hellre "
        "en gång för mycket.",
        "Has somebody said, or have you seen, that something about a person can be read out? Take the steps in order. "
        "Rather once too often.",
    ),
    "disclosure.step1": Text("1. Se vad som berörs", "1. See what is affected"),
    "disclosure.subject": Text("Tabell eller utgåva", "Table or release"),
    "disclosure.subject_none": Text("Välj …", "Choose …"),
    "disclosure.tables": Text("Tabeller", "Tables"),
    "disclosure.releases": Text("Utgåvor", "Releases"),
    "disclosure.known": Text("När ni fick kännedom", "When you became aware"),
    "disclosure.known_help": Text(
        "Svensk tid. Därifrån räknas fristen för anmälan.", "Swedish time. The time to notify is counted from it."
    ),
    "disclosure.affected": Text("Cellerna finns i de här utgåvorna:", "The cells are in these releases:"),
    "disclosure.affected_none": Text("Välj en tabell eller en utgåva.", "Choose a table or a release."),
    "disclosure.step2": Text("2. Stoppa och dra tillbaka", "2. Stop and withdraw"),
    "disclosure.step2_words": Text(
        "Pausa policyn, så att inget nytt av samma slag publiceras. Dra sedan tillbaka den äldsta berörda utgåvan: de "
        "senare som har dess celler följer med. Kopior som andra har hämtat finns kvar hos dem.",
        "Pause the policy, so that nothing more of the kind is published. Then withdraw the oldest release that is "
        "affected: later ones that hold its cells go with it. Copies that others have fetched stay with them.",
    ),
    "disclosure.to_stop": Text("Till nödstoppet", "To the emergency stop"),
    "disclosure.to_withdraw": Text("Dra tillbaka {release}", "Withdraw {release}"),
    "disclosure.step3": Text("3. Meddela", "3. Notify"),
    "disclosure.who": Text(
        "Dataskyddsombudet och produktens godkännare: genast.|Integritetsskyddsmyndigheten: inom 72 timmar från att "
        "ni fick kännedom, om det inte är osannolikt att enskildas rättigheter riskeras (dataskyddsförordningen, "
        "artikel 33). En ofullständig anmälan i tid är bättre än en sen.|De berörda: utan onödigt dröjsmål, om risken "
        "för dem är hög (artikel 34).|Statistikens läsare: skälet på den tillbakadragna utgåvan räcker oftast.",
        "The data protection officer and the approver of the product: at once.|The supervisory authority (IMY): "
        "within 72 hours after you became aware, unless a risk to people's rights is unlikely (GDPR, article 33). An "
        "incomplete notification in time is better than a late one.|Those concerned: without undue delay, if the risk "
        "to them is high (article 34).|Readers of the statistics: the reason on the withdrawn release is mostly "
        "enough.",
    ),
    "disclosure.deadline": Text("Anmäl senast {at}.", "Notify no later than {at}."),
    "disclosure.deadline_unknown": Text(
        "Skriv i steg 1 när ni fick kännedom, så räknas fristen ut här.",
        "Write in step 1 when you became aware, and the time to notify is worked out here.",
    ),
    "disclosure.draft": Text("Utkast till anmälan", "Draft of a notification"),
    "disclosure.draft_help": Text(
        "Kopiera och fyll i det som står inom hakparentes.", "Copy, and fill in what stands in brackets."
    ),
    "disclosure.draft_text": Text(
        "Vad har hänt: I öppen statistik, {what}, kan en uppgift om en enskild ha gått att läsa ut [hur].\nNär: "
        "Publicerat sedan {since}. Vi fick kännedom {known}.\nVilka berörs: [antal och kategorier av personer, om det "
        "är känt].\nUppgifter: [kategorier]. Inga namn eller personnummer har publicerats; tabellerna innehåller tal "
        "per område och grupp.\nSannolika följder: [beskriv].\nÅtgärder: Policyn är pausad [tid]. Utgåvorna är "
        "tillbakadragna [tid]. Tabellernas skydd prövas på nytt.\nKontakt: [dataskyddsombud].",
        "What happened: In open statistics, {what}, something about a person may have been readable [how].\nWhen: "
        "Published since {since}. We became aware {known}.\nWho is concerned: [number and categories of persons, if "
        "known].\nData: [categories]. No names or identity numbers were published; the tables hold numbers by area "
        "and group.\nLikely consequences: [describe].\nMeasures: The policy was paused [time]. The releases were "
        "withdrawn [time]. The protection of the tables is audited anew.\nContact: [data protection officer].",
    ),
    "disclosure.no_time": Text("[tid]", "[time]"),
    "disclosure.no_what": Text("[tabell]", "[table]"),
    "disclosure.step4": Text("4. Skriv ned", "4. Write it down"),
    "disclosure.step4_words": Text(
        "Vad ni såg, vad ni beslutade och varför, också om det var falskt alarm (artikel 33.5). Anteckningen kan inte "
        "ändras sedan. Skriv inget namn på en berörd och inget av det som kan ha röjts.",
        "What you saw, what you decided and why, even if it was a false alarm (article 33.5). The note cannot be "
        "changed afterwards. Write no name of anybody concerned and nothing of what may have been disclosed.",
    ),
    "disclosure.note": Text("Anteckning", "Note"),
    "disclosure.note_help": Text("Högst {longest} tecken.", "At most {longest} characters."),
    "disclosure.text_wrong": Text(
        "Skriv en anteckning, högst {longest} tecken.", "Write a note of at most {longest} characters."
    ),
    "disclosure.subject_wrong": Text("Tabellen eller utgåvan finns inte.", "There is no such table or release."),
    "disclosure.save": Text("Spara i loggen", "Keep in the log"),
    "disclosure.notes": Text("Anteckningar", "Notes"),
    "disclosure.no_notes": Text("Inga än.", "None yet."),
    "disclosure.step5": Text("5. Ta reda på varför", "5. Find out why"),
    "disclosure.step5_words": Text(
        "Be driften köra publisher audit ID: det angriper det publicerade på nytt. Jämför med loggen och med vem som "
        "har läst vad. Ändra policyn, provkör och låt en annan person godkänna innan pausen hävs.",
        "Have operations run publisher audit ID: it attacks what was published anew. Compare with the log and with "
        "who has read what. Change the policy, rehearse it, and have another person approve before the pause is "
        "lifted.",
    ),
}
