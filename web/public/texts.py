"""Short texts of the pages, in both languages.  Long prose stands in the templates of each language."""

from publisher.release.model import Text

LANGUAGES = ("sv", "en")

LEVELS = {
    "riket": Text("Riket", "Sweden"),
    "lan": Text("Län", "Counties"),
    "kommun": Text("Kommuner", "Municipalities"),
    "regso": Text("RegSO (regionala statistikområden)", "RegSO (regional statistical areas)"),
    "area_type": Text("Områdestyper i hela riket", "Area types in the whole country"),
    "lan_area_type": Text("Områdestyper i länen", "Area types in the counties"),
    "kommun_area_type": Text("Områdestyper i kommunerna", "Area types in the municipalities"),
}

LEVELS_SHORT = {
    "riket": Text("riket", "Sweden"),
    "lan": Text("län", "counties"),
    "kommun": Text("kommuner", "municipalities"),
    "regso": Text("RegSO", "RegSO areas"),
    "area_type": Text("områdestyper", "area types"),
    "lan_area_type": Text("områdestyper i länen", "area types in counties"),
    "kommun_area_type": Text("områdestyper i kommunerna", "area types in municipalities"),
}

WITHHELD = {
    "suppressed": Text("Uppgiften visas inte, för att skydda enskilda", "Not shown, to protect individuals"),
    "uncertain": Text("Uppgiften visas inte, den är för osäker", "Not shown, it is too uncertain"),
    "missing": Text("Uppgift saknas", "Not available"),
    "not_applicable": Text(
        "Kan inte anges: området fanns inte då, eller saknar känd befolkning",
        "Not applicable: the area did not exist then, or has no known population",
    ),
}

UNCERTAIN = Text("Osäker uppgift: läs den tillsammans med intervallet", "Uncertain: read it with its interval")

PROMISES = {
    "exact": Text(
        "Skyddsnivå exact: inget tal som inte visas går att räkna ut.",
        "Protection level exact: no figure that is not shown can be worked out.",
    ),
    "interval": Text(
        "Skyddsnivå interval: inget tal som inte visas går att räkna ut, och inget känsligt går att ringa in under "
        "gränsen.",
        "Protection level interval: no figure that is not shown can be worked out, and no sensitive one narrowed below "
        "the limit.",
    ),
    "ambiguous": Text(
        "Skyddsnivå ambiguous: inget tal som inte visas går att räkna ut, och den som vet att det inte är noll kan "
        "inte veta om det är under gränsen.",
        "Protection level ambiguous: no figure that is not shown can be worked out, and who knows that it is not zero "
        "cannot know that it is below the limit.",
    ),
}

SECTIONS = {
    "basic": Text("Om tabellen", "About the table"),
    "dp_variant": Text("Slag av skydd", "Kind of protection"),
    "privacy_loss": Text("Integritetsförlust", "Privacy loss"),
    "deployment_model": Text("Förutsättningar", "Deployment model"),
    "implementation": Text("Genomförande", "Implementation"),
    "administrative": Text("Om uppgifterna", "About this record"),
}

FIELDS = {
    "name": Text("Namn", "Name"),
    "data_curators": Text("Dataansvarig", "Data curator"),
    "data_curators_details": Text("Kontakt", "Contact"),
    "description": Text("Beskrivning", "Description"),
    "intended_use": Text("Avsedd användning", "Intended use"),
    "data_product_type": Text("Slag av produkt", "Type of data product"),
    "data_product_type_details": Text("Form", "Form"),
    "data_product_region": Text("Region", "Region"),
    "data_product_sector": Text("Sektor", "Sector"),
    "publication_date": Text("Publicerad första gången", "Publication date"),
    "publication_date_details": Text("Utgåvor", "Releases"),
    "variant_name": Text("Variant", "Variant"),
    "data_domain": Text("Datamängder som skyddas", "Data domain"),
    "unprotected_quantities": Text("Oskyddade uppgifter", "Unprotected quantities"),
    "privacy_unit": Text("Skyddad enhet", "Privacy unit"),
    "privacy_unit_details": Text("Grannar, gränser och känslighet", "Adjacency, bounds and sensitivity"),
    "number_of_privacy_units_details": Text("Antal enheter", "Number of privacy units"),
    "privacy_parameters": Text("Parametrar för en period", "Parameters of one period"),
    "privacy_parameters_details": Text("Vad de betyder", "What they mean"),
    "model_name": Text("Modell", "Model"),
    "model_name_details": Text("Var bruset läggs till", "Where noise is added"),
    "trust_assumptions": Text("Antaganden om tillit", "Trust assumptions"),
    "actors": Text("Vilka som ser vad", "Actors"),
    "release_type": Text("Utgivning", "Release type"),
    "release_type_details": Text("Takt och tak", "Cadence and cap"),
    "data_source_type": Text("Datakälla", "Data source"),
    "data_source_type_details": Text("Hur den växer", "How it grows"),
    "access_type": Text("Åtkomst", "Access"),
    "access_type_details": Text("Vad som går att läsa", "What can be read"),
    "preprocessing_and_hyperparameter_tuning": Text("Förbehandling och val av parametrar", "Preprocessing and tuning"),
    "mechanisms": Text("Mekanismer och bibliotek", "Mechanisms and library"),
    "composition": Text("Sammanlagd förlust", "Composition"),
    "post_processing": Text("Efterbehandling", "Post-processing"),
    "justification": Text("Motivering", "Justification"),
    "utility": Text("Användbarhet", "Utility"),
    "additional_information": Text("Mer", "Additional information"),
    "evidence_sources": Text("Underlag", "Sources"),
    "status": Text("Status i registret", "Status in the registry"),
    "registry_authors": Text("Lämnade av", "Authors"),
    "tier": Text("Nivå i registret (3 är högst)", "Tier of the registry (3 is the highest)"),
}

UI = {
    "site": Text("Statistik efter område", "Statistics by area"),
    "skip": Text("Hoppa till innehållet", "Skip to the content"),
    "other_language": Text("In English", "På svenska"),
    "nav_label": Text("Sidor", "Pages"),
    "nav_tables": Text("Tabeller", "Tables"),
    "nav_about": Text("Om statistiken", "About"),
    "nav_privacy": Text("Skydd av enskilda", "Privacy"),
    "nav_accessibility": Text("Tillgänglighet", "Accessibility"),
    "catalogue_lead": Text(
        "Öppna tabeller om små områden, ur myndigheters ärenden. De är gjorda för att skydda enskilda.",
        "Open tables on small areas, from the cases of public agencies. They are made to protect individuals.",
    ),
    "search_label": Text("Sök bland tabellerna", "Search the tables"),
    "search_help": Text("Ord ur titeln eller tabellens kod.", "Words of the title, or the code of the table."),
    "search": Text("Sök", "Search"),
    "no_hits": Text(
        "Ingen tabell har de orden. Pröva ett kortare ord, eller visa alla tabeller.",
        "No table has those words. Try a shorter word, or show all tables.",
    ),
    "show_all": Text("Visa alla tabeller", "Show all tables"),
    "no_tables": Text("Ingen tabell är publicerad än.", "No table has been published yet."),
    "areas": Text("Områden", "Areas"),
    "period": Text("Period", "Period"),
    "periods": Text("Perioder", "Periods"),
    "published": Text("Publicerad", "Published"),
    "measure": Text("Mått", "Measure"),
    "area": Text("Område", "Area"),
    "area_level": Text("Områdesnivå", "Area level"),
    "all_levels": Text("Alla nivåer", "All levels"),
    "all": Text("Alla", "All"),
    "show": Text("Visa", "Show"),
    "reset": Text("Återställ urvalet", "Reset the selection"),
    "chart_numbers": Text("Diagrammets siffror", "The numbers of the chart"),
    "interval": Text("95 %-intervall", "95% interval"),
    "table": Text("Tabell", "Table"),
    "table_scroll": Text("Tabell, kan rullas i sidled", "Table, scrolls sideways"),
    "swipe": Text("Rulla tabellen i sidled för att se alla kolumner.", "Scroll the table sideways to see all columns."),
    "no_rows": Text(
        "Inget område passar urvalet. Pröva en annan nivå, eller ett kortare namn.",
        "No area fits the selection. Try another level, or a shorter name.",
    ),
    "changed_area": Text(
        "Områdets gränser ändrades mellan indelningarna; perioderna kan inte jämföras",
        "The borders of the area changed between the divisions; the periods cannot be compared",
    ),
    "rules": Text("Regler utöver minsta antal", "Rules beside the least number"),
    "symbols": Text("Tecken i tabellen", "Symbols in the table"),
    "pages": Text("Sidor i tabellen", "Pages of the table"),
    "previous": Text("Föregående", "Previous"),
    "next": Text("Nästa", "Next"),
    "downloads": Text("Ladda ned", "Download"),
    "download_help": Text(
        "Hela tabellen, alla perioder och områden, med koder och texter.",
        "The whole table, all periods and areas, with codes and texts.",
    ),
    "csv": Text("CSV med svenska texter", "CSV with Swedish texts"),
    "csv_en": Text("CSV med engelska texter", "CSV with English texts"),
    "csv_excel": Text(
        "CSV för Excel på svenska (semikolon, decimalkomma)", "CSV for Excel in Swedish (semicolon, decimal comma)"
    ),
    "manifest": Text("Manifest med kontrollsummor", "Manifest with checksums"),
    "signature": Text("Manifestets signatur", "Signature of the manifest"),
    "stable": Text("Adress som alltid ger den senaste utgåvan:", "Address that always gives the latest release:"),
    "notes": Text("Om siffrorna", "Notes"),
    "versions": Text("Utgåvor", "Releases"),
    "version": Text("Utgåva", "Release"),
    "status": Text("Status", "Status"),
    "latest": Text("senaste", "latest"),
    "available": Text("publicerad", "published"),
    "withdrawn": Text("återkallad", "withdrawn"),
    "withdrawn_title": Text("Utgåvan är återkallad", "This release was withdrawn"),
    "withdrawn_at": Text("Återkallad", "Withdrawn"),
    "reason": Text("Skäl", "Reason"),
    "to_table": Text("Till tabellens senaste utgåva", "To the latest release of the table"),
    "older": Text("Det här är en äldre utgåva av tabellen.", "This is an older release of the table."),
    "revised": Text("Reviderad:", "Revised:"),
    "cite": Text("Så hänvisar du till siffrorna", "How to cite these figures"),
    "source": Text("Källa", "Source"),
    "contact": Text("Kontakt", "Contact"),
    "licence": Text("Licens", "Licence"),
    "editions": Text("Områdesindelning", "Edition of areas"),
    "release": Text("utgåva", "release"),
    "key": Text("Offentlig nyckel", "Public key"),
    "specification": Text("Manifestets beskrivning", "Specification of the manifest"),
    "terms": Text("Skydd period för period", "Protection period by period"),
    "terms_help": Text(
        "Varje period har kvar det skydd som den förseglades med. Policyns utgåva är de första tecknen i filens "
        "SHA-256; hela står i manifestet.",
        "Each period keeps the protection that it was sealed with. The edition of the policy is the beginning of the "
        "file’s SHA-256; all of it stands in the manifest.",
    ),
    "policy_edition": Text("Policyns utgåva", "Edition of the policy"),
    "terms_words": Text("Skydd", "Protection"),
    "not_public": Text("utgåvan som förseglade den är återkallad", "the release that sealed it was withdrawn"),
    "format": Text("Utgåvans format", "Format of the release"),
    "read_protection": Text("Läs hur tabellen skyddas", "Read how the table is protected"),
    "interval_to": Text("till", "to"),
    "withheld_bar": Text("visas inte", "not shown"),
    "absent_bar": Text("kan inte anges", "not applicable"),
    "not_found_title": Text("Här finns ingenting", "There is nothing here"),
    "not_found": Text(
        "Adressen leder inte till något som är publicerat. Kontrollera den, eller börja bland tabellerna.",
        "The address leads to nothing that is published. Check it, or start among the tables.",
    ),
    "bad_choice_title": Text("Urvalet går inte att visa", "This selection cannot be shown"),
    "bad_choice": Text(
        "Adressen innehåller ett val som tabellen inte har:", "The address contains a choice that the table lacks:"
    ),
    "busy_title": Text("Statistiken kan inte visas just nu", "The statistics cannot be shown just now"),
    "busy": Text(
        "Det som är publicerat kunde inte kontrolleras och visas därför inte. Försök igen om en stund.",
        "What is published could not be verified and is therefore not shown. Please try again in a while.",
    ),
    "broken_title": Text("Något gick fel hos oss", "Something went wrong on our side"),
    "broken": Text("Sidan kunde inte visas. Försök igen om en stund.", "The page could not be shown. Try again soon."),
    "agency": Text("Myndighet", "Agency"),
    "year": Text("År", "Year"),
    "cap": Text("Tak (rho)", "Cap (rho)"),
    "charged": Text("Förbrukat", "Charged"),
    "left": Text("Kvar", "Left"),
    "years": Text("Antal år", "Years"),
    "charges": Text("Vad varje utgåva har kostat", "What each release has cost"),
    "charge": Text("Kostnad (rho)", "Cost (rho)"),
    "charged_at": Text("Bokförd", "Booked"),
    "unit": Text("Skyddad enhet", "Protected unit"),
    "bound": Text("Begränsning per person", "Bound for each person"),
    "mechanism": Text("Mekanism", "Mechanism"),
    "postprocessing": Text("Efterbehandling", "Post-processing"),
    "unprotected": Text("Oskyddade uppgifter", "Unprotected quantities"),
    "rho": Text("Kostnad för varje period", "Cost of each period"),
    "statement": Text("Hela integritetsdeklarationen", "The whole privacy statement"),
    "found": Text("Rätt utpekade", "True positives"),
}
