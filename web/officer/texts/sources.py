"""Sources and geography."""

from publisher.release.model import Text

SOURCES = {
    "sources.title": Text("Källor och geografi", "Sources and geography"),
    "sources.lead": Text(
        "Varifrån ärenden läses, hur de senast såg ut, och vilka områden, områdestyper och folkmängder som "
        "körningarna behöver. Här läses inget ärende.",
        "Where case records are read from, how they last looked, and which areas, area types and populations runs "
        "need. No record is read here.",
    ),
    "sources.none": Text("Ingen källa är deklarerad.", "No source is declared."),
    "sources.expires": Text("Det här tar slut eller saknas", "This runs out or is missing"),
    "sources.expires_none": Text(
        "Nästa körning av varje policy hittar allt den behöver.", "The next run of every policy finds all it needs."
    ),
    "sources.expires_edition": Text(
        "Områdesindelningen {name} gällde till och med {year}, och ingen senare är deklarerad. Importera nästa med "
        "publisher geography import.",
        "The edition of areas {name} was valid until {year}, and no later one is declared. Import the next with "
        "publisher geography import.",
    ),
    "sources.expires_no-edition": Text(
        "{policy}, {period} ({due}): ingen områdesindelning gäller {year}.",
        "{policy}, {period} ({due}): no edition of areas is valid in {year}.",
    ),
    "sources.expires_types": Text(
        "{policy}, {period} ({due}): {name} har inga områdestyper för {year}.",
        "{policy}, {period} ({due}): {name} has no area types of {year}.",
    ),
    "sources.expires_population": Text(
        "{policy}, {period} ({due}): folkmängden {name} saknar {year}.",
        "{policy}, {period} ({due}): the population {name} lacks {year}.",
    ),
    "sources.source": Text("Källa {source}", "Source {source}"),
    "sources.files": Text("Filer", "Files"),
    "sources.file": Text("Fil", "File"),
    "sources.size": Text("Storlek", "Size"),
    "sources.changed": Text("Ändrad", "Changed"),
    "sources.missing": Text("saknas", "missing"),
    "sources.last_read": Text("Senast läst {at}, för {policy} {period}.", "Last read {at}, for {policy} {period}."),
    "sources.never_read": Text("Ingen körning har läst den än.", "No run has read it yet."),
    "sources.check": Text("Kontroll", "Check"),
    "sources.check_words": Text(
        "Läser alla rader, jämför med deklarationen och räknar hur de kan placeras. Det kan ta någon minut.",
        "Reads all rows, compares them with the declaration and counts how they can be placed. It may take a minute.",
    ),
    "sources.check_now": Text("Kontrollera nu", "Check now"),
    "sources.check_of": Text("Kontrollera {source} nu", "Check {source} now"),
    "sources.checking": Text("Kontroll begärd {at} av {by}.", "Check asked for {at} by {by}."),
    "sources.no_check": Text("Inte kontrollerad än.", "Not checked yet."),
    "sources.checked_good": Text(
        "Kontrollerad {at}: {rows} rader för {period}, inget fel i formen.",
        "Checked {at}: {rows} rows for {period}, nothing wrong with the form.",
    ),
    "sources.checked_bad": Text("Kontrollerad {at}, fel: {error}", "Checked {at}, wrong: {error}"),
    "sources.how_placed": Text("Hur raderna placeras", "How the rows are placed"),
    "sources.rows": Text("Rader", "Rows"),
    "sources.placed": Text("Plats", "Place"),
    "sources.placed_regso": Text("i ett område (RegSO)", "in an area (RegSO)"),
    "sources.placed_municipality": Text("bara kommun känd", "municipality known only"),
    "sources.placed_county": Text("bara län känt", "county known only"),
    "sources.placed_not_stated": Text("ingen plats angiven", "no place stated"),
    "sources.placed_unknown": Text("därav okänd plats", "of these, unknown place"),
    "sources.placed_other_edition": Text("därav kod ur annan indelning", "of these, code of another edition"),
    "sources.placed_named": Text("därav namn i stället för kod", "of these, name in place of a code"),
    "sources.twice_same case again": Text("samma ärende en gång till", "the same case again"),
    "sources.twice_of those in another place": Text("därav på annan plats", "of these, in another place"),
    "sources.declared": Text("Deklarerade kolumner och koder", "Declared columns and codes"),
    "sources.column": Text("Kolumn", "Column"),
    "sources.means": Text("Betyder", "Means"),
    "sources.codes": Text("Koder", "Codes"),
    "sources.role_case_id": Text("ärendets nummer", "number of the case"),
    "sources.role_person_id": Text("personens identifierare", "identifier of the person"),
    "sources.role_date": Text("datum", "date"),
    "sources.role_area": Text("plats", "place"),
    "sources.role_east": Text("plats, öst", "place, east"),
    "sources.role_north": Text("plats, nord", "place, north"),
    "sources.editions": Text("Områdesindelningar", "Editions of areas"),
    "sources.edition": Text("Indelning", "Edition"),
    "sources.valid": Text("Gäller", "Valid"),
    "sources.areas": Text("Områden", "Areas"),
    "sources.type_years": Text("Områdestyper för", "Area types of"),
    "sources.populations": Text("Folkmängder", "Populations"),
    "sources.population": Text("Folkmängd", "Population"),
    "sources.years": Text("År", "Years"),
    "sources.uses": Text("Vad policyerna använder", "What the policies use"),
    "sources.policy": Text("Policy", "Policy"),
    "sources.own_edition": Text("periodens egen", "the period's own"),
    "sources.own_year": Text("periodens eget år", "the period's own year"),
    "sources.types": Text("Områdestyper", "Area types"),
    "sources.no_types": Text("inga", "none"),
}
