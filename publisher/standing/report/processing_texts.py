"""What the extracts for the data protection officer say of every home, in both languages."""

from publisher.release.model import Text

PURPOSE = Text(
    "Framställning och publicering av öppen statistik om små områden, för planering, forskning, journalistik och "
    "insyn.",
    "Production and publication of open statistics on small areas, for planning, research, journalism and scrutiny.",
)
SUBJECTS = Text(
    "Personer som har ett ärende i någon av källorna nedan.", "Persons who have a case in one of the sources below."
)
RECIPIENTS = Text(
    "Allmänheten får skyddade tabeller, aldrig ärenden. Ingen annan får uppgifter ur systemet. Det som publiceras kan "
    "läsas även utanför EU.",
    "The public is given protected tables, never records. Nobody else is given data from the system. What is published "
    "can be read outside the EU too.",
)
RETENTION = (
    Text(
        "Ärendena läses där de ligger. Ingen kopia av dem behålls; arbetsfiler raderas när körningen är slut.",
        "Records are read where they lie. No copy of them is kept; working files are wiped when the run is over.",
    ),
    Text(
        "Provkörningar av tabeller med utelämnade tal är lika känsliga som ärendena och raderas efter 7 dagar.",
        "Rehearsals of tables with withheld numbers are as sensitive as the records and are removed after 7 days.",
    ),
    Text(
        "Vilka celler som är känsliga behålls på den hemliga sidan så länge det publicerade finns, för att senare "
        "utgåvor ska kunna prövas tillsammans med tidigare.",
        "Which cells are sensitive is kept on the secret side for as long as what is published exists, so that later "
        "releases can be audited together with earlier ones.",
    ),
    Text(
        "Loggen och bokföringen av integritetsförlust gallras inte. De innehåller tjänstemäns namn och beslut, aldrig "
        "uppgifter ur ärenden.",
        "The log and the ledger of privacy loss are not weeded. They hold officers' names and decisions, never "
        "anything "
        "from a record.",
    ),
)
MEASURES = (
    Text(
        "Två personer: den som skriver en policy kan inte godkänna den, och godkännandet gäller filens exakta "
        "innehåll.",
        "Two persons: who writes a policy cannot approve it, and an approval is of the file's exact bytes.",
    ),
    Text(
        "Före varje försegling angrips tabellerna av ett fristående program som bara ser det publicerade, tillsammans "
        "med tidigare utgåvor. Hittar det ett tal som ska vara skyddat förseglas ingenting.",
        "Before every seal the tables are attacked by a separate program that sees only what is published, together "
        "with "
        "earlier releases. If it finds a number that should be protected, nothing is sealed.",
    ),
    Text(
        "Integritetsförlust av slumpmässigt tillägg bokförs innan något dras; över taket vägras körningen.",
        "Privacy loss of random noise is booked before anything is drawn; over the cap the run is refused.",
    ),
    Text(
        "Webbplatsen är en egen process utan väg till ärenden, bokföring eller nycklar. Det här arbetsbordet läser "
        "inte "
        "heller ärenden.",
        "The site is a process of its own with no way to records, ledger or keys. This desk reads no records either.",
    ),
    Text(
        "Utgåvor är signerade och ändras aldrig. Tillbakadragande gäller inom tio sekunder.",
        "Releases are signed and never edited. A withdrawal holds within ten seconds.",
    ),
    Text(
        "Varje åtgärd står i en logg vars rader är kedjade, så att en ändrad rad syns.",
        "Every action stands in a log whose rows are chained, so that a changed row is seen.",
    ),
)
PROMISE = Text(
    "Med slumpmässigt tillägg, även när hela taket för ett år är förbrukat (rho {cap}): epsilon {epsilon} vid delta "
    "{delta}; den bästa angriparens AUC är {auc}, och hen hittar högst {tp} % av dem som finns med om 0,1 % av alla "
    "andra "
    "får pekas ut felaktigt.",
    "With random noise, even when a year's whole cap (rho {cap}) is spent: epsilon {epsilon} at delta {delta}; the "
    "best "
    "attacker's AUC is {auc}, who finds at most {tp} % of those who are in the data while 0.1 % of all others may be "
    "accused wrongly.",
)
SEALED = Text(
    "{sealed} utgåvor är förseglade. Var och en har klarat angreppet ovan; annars hade den inte kunnat förseglas.",
    "{sealed} releases are sealed. Each has withstood the attack above; otherwise it could not have been sealed.",
)
RISKS = (
    Text(
        "Att någon känns igen i ett litet tal, eller att ett dolt tal räknas fram ur summor och skillnader.",
        "That somebody is recognised in a small number, or that a withheld one is worked out from sums and "
        "differences.",
    ),
    Text(
        "Att flera utgåvor, områdesindelningar eller perioder tillsammans röjer vad ingen röjer för sig.",
        "That several releases, divisions of areas or periods together disclose what none does by itself.",
    ),
    Text(
        "Att den som själv finns i ett tal räknar ut något om en annan i samma tal.",
        "That somebody who is in a number works out something about another person in it.",
    ),
    Text(
        "Att en grupp i ett litet område utpekas, utan att någon enskild röjs.",
        "That a group in a small area is pointed out, though no single person is disclosed.",
    ),
    Text(
        "Att fel innehåll publiceras, eller att någon med behörighet missbrukar den.",
        "That wrong content is published, or that somebody misuses an authority.",
    ),
)
NOT_PROMISED = (
    Text(
        "Den som är en av flera i en cell, och flera som lägger ihop vad de vet, kan räkna ut mer; mot det prövas "
        "ingen tabell.",
        "Who is one of several in a cell, and several who put together what they know, can work out more; no table is "
        "audited against that.",
    ),
    Text(
        "Att ett tal är dolt kan i sig få någon att gissa att det är litet. Ur valet av dolda tal kan mer gå att dra "
        "slutsatser om för den som kör programmet på tänkta tabeller.",
        "That a number is withheld may make somebody guess that it is small. Who runs the program on imagined tables "
        "may "
        "learn more from the choice of withheld numbers.",
    ),
    Text(
        "Tabeller med utelämnade tal har inget löfte i rho eller epsilon.",
        "Tables with withheld numbers have no promise in rho or epsilon.",
    ),
    Text(
        "Förluster hos flera myndigheter som har samma person läggs inte ihop, och förluster över år läggs ihop utan "
        "tak.",
        "Losses at several agencies that hold the same person are not composed, and losses over years add up with no "
        "cap.",
    ),
    Text(
        "En person är vad identifieraren säger: den som står under två räknas som två.",
        "A person is what the identifier says: who stands under two is taken for two.",
    ),
    Text(
        "Den som kan läsa den hemliga sidans nycklar eller ärendena kan upphäva allt skydd; där finns ingen "
        "kryptering i vila.",
        "Whoever can read the secret side's keys or the records can undo all protection; nothing is encrypted at rest "
        "there.",
    ),
    Text(
        "Vad andra har publicerat om samma ärenden är känt bara där det har deklarerats.",
        "What others have published about the same records is known only where it was declared.",
    ),
)
TO_ADD = (
    Text(
        "Myndighetens egen bedömning av om behandlingen är nödvändig och proportionerlig.",
        "The agency's own assessment of whether the processing is necessary and proportionate.",
    ),
    Text("Dataskyddsombudets råd, och datum för det.", "The data protection officer's advice, and its date."),
    Text(
        "De registrerades synpunkter, eller varför de inte har inhämtats.",
        "The views of data subjects, or why they were not sought.",
    ),
    Text("Kvarstående risk, och vem som har godtagit den.", "Remaining risk, and who has accepted it."),
)
HEADINGS = {
    "record": Text(
        "Utdrag till registret över behandlingar (artikel 30)", "Extract for the record of processing (article 30)"
    ),
    "record_lead": Text(
        "Det som systemet självt vet om behandlingen, ur deklarationer, gällande policyer och konton. Myndigheten "
        "kompletterar med det som står utanför.",
        "What the system itself knows of the processing, from declarations, policies in force and accounts. The "
        "agency adds "
        "what lies outside of it.",
    ),
    "impact": Text(
        "Utdrag till konsekvensbedömningen (artikel 35)",
        "Extract for the data protection impact assessment (article 35)",
    ),
    "impact_lead": Text(
        "Beskrivning, risker, åtgärder och vad som inte lovas, att föra in i myndighetens konsekvensbedömning.",
        "Description, risks, measures and what is not promised, to be carried into the agency's impact assessment.",
    ),
    "controller": Text("Personuppgiftsansvarig", "Controller"),
    "purpose": Text("Ändamål", "Purpose"),
    "basis": Text("Rättslig grund för varje policy", "Legal basis of each policy"),
    "policy": Text("Policy", "Policy"),
    "basis_head": Text("Rättslig grund", "Legal basis"),
    "approved": Text("Godkänd av", "Approved by"),
    "subjects": Text("Registrerade", "Data subjects"),
    "data": Text("Uppgifter som läses", "Data that is read"),
    "source": Text("Källa", "Source"),
    "columns": Text("Uppgifter", "Data"),
    "recipients": Text("Mottagare", "Recipients"),
    "retention": Text("Bevarande och gallring", "Retention"),
    "measures": Text("Säkerhetsåtgärder", "Security measures"),
    "promise": Text("Löftet, i siffror", "The promise, in figures"),
    "protection": Text("Skydd för varje tabell", "Protection of each table"),
    "table": Text("Tabell", "Table"),
    "words": Text("Skydd", "Protection"),
    "description": Text("Beskrivning", "Description"),
    "risks": Text("Risker för enskilda", "Risks to persons"),
    "not_promised": Text("Vad som inte lovas", "What is not promised"),
    "to_add": Text("Att komplettera", "To be added"),
    "roles": Text(
        "ärendets nummer, personens identifierare, datum, plats", "case number, person's identifier, date, place"
    ),
}
