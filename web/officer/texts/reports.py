"""Reports and extracts."""

from publisher.release.model import Text

REPORTS = {
    "reports.title": Text("Rapporter", "Reports"),
    "reports.lead": Text(
        "Årsrapporten säger vad som publicerades under vilket skydd, vem som godkände det, vad det kostade och vad "
        "som misslyckades. Utdragen är underlag för registret över behandlingar och konsekvensbedömningen.",
        "The yearly report tells what was published under which protection, who approved it, what it cost and what "
        "failed. The extracts are for the record of processing and the impact assessment.",
    ),
    "reports.yearly": Text("Årsrapporter", "Yearly reports"),
    "reports.extracts": Text("Utdrag för dataskyddsombudet", "Extracts for the data protection officer"),
    "reports.none": Text("Ingen rapport är gjord än.", "No report is made yet."),
    "reports.name_record-of-processing": Text(
        "Register över behandlingar (artikel 30)", "Record of processing (article 30)"
    ),
    "reports.name_impact-assessment": Text("Konsekvensbedömning (artikel 35)", "Impact assessment (article 35)"),
    "reports.what": Text("Rapport", "Report"),
    "reports.files": Text("Filer", "Files"),
    "reports.made": Text("Gjord", "Made"),
    "reports.lang_sv": Text("svenska", "Swedish"),
    "reports.lang_en": Text("engelska", "English"),
    "reports.ask": Text("Gör en rapport", "Make a report"),
    "reports.ask_help": Text(
        "Det tar några sekunder. En rapport som redan finns görs om, och utdragen görs om som det ser ut nu.",
        "It takes some seconds. A report that is there already is made anew, and the extracts are made as things "
        "stand now.",
    ),
    "reports.year": Text("År", "Year"),
    "reports.year_wrong": Text("Välj ett av åren i listan.", "Choose one of the years in the list."),
    "reports.button": Text("Gör rapporten", "Make the report"),
    "reports.asked": Text("Begärda", "Asked for"),
}
