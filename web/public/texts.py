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
}
