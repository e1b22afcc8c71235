"""What the editor says: the form, the text, what is wrong and what is different."""

from publisher.release.model import Text

EDITOR = {
    "editor.edit_title": Text("Ändra {policy}", "Edit {policy}"),
    "editor.edit_intro": Text(
        "Formuläret och texten är samma policy. Ändra i det ena så följer det andra. Inget gäller förrän en annan "
        "person har godkänt det.",
        "The form and the text are the same policy. Change one and the other follows. Nothing is in force until "
        "another person has approved it.",
    ),
    "editor.version_now": Text("Version {version}, sparad {at} av {by}.", "Version {version}, saved {at} by {by}."),
    "editor.saved": Text("Version {version} är sparad.", "Version {version} is saved."),
    "editor.form": Text("Formulär", "Form"),
    "editor.text": Text("Text", "Text"),
    "editor.text_help": Text(
        "Policyns fil, YAML. Radnummer med punkt har ett fel.",
        "The policy's file, YAML. Lines with a dot have an error.",
    ),
    "editor.save": Text("Spara", "Save"),
    "editor.check": Text("Kontrollera", "Check"),
    "editor.show_form": Text("Visa texten som formulär", "Show the text as form"),
    "editor.show_text": Text("Visa formuläret som text", "Show the form as text"),
    "editor.to_proposal": Text("Till förslaget", "To the proposal"),
    "editor.no_form": Text(
        "Formuläret kan inte visas förrän texten går att läsa. Rätta raden som anges överst.",
        "The form cannot be shown until the text can be read. Mend the line that is named at the top.",
    ),
    "editor.torn": Text(
        "Både formuläret och texten är ändrade. Välj vilken som ska gälla; inget är sparat än och inget är borta.",
        "Both the form and the text were changed. Choose which one counts; nothing is saved yet and nothing is lost.",
    ),
    "editor.take_form": Text("Formuläret gäller", "The form counts"),
    "editor.take_text": Text("Texten gäller", "The text counts"),
    "editor.button_refused": Text(
        "Det gick inte att göra här; ändra i texten i stället.", "That could not be done here; change the text instead."
    ),
    "editor.problems": Text("{n} saker behöver rättas", "{n} things need mending"),
    "editor.problems_one": Text("En sak behöver rättas", "One thing needs mending"),
    "editor.no_problems": Text("Inga fel.", "No errors."),
    "editor.line": Text("Rad {line}", "Line {line}"),
    "editor.other_file": Text("Policyn {file}", "Policy {file}"),
    "editor.changes": Text("Vad som blir annorlunda", "What becomes different"),
    "editor.changes_none": Text("Inget: texten är den som gäller.", "Nothing: the text is the one that is in force."),
    "editor.changes_unknown": Text(
        "Skillnaderna visas när felen är rättade.", "The differences are shown when the errors are mended."
    ),
    "editor.effect_stronger": Text("starkare skydd", "stronger protection"),
    "editor.effect_weaker": Text("svagare skydd", "weaker protection"),
    "editor.effect_other": Text("annat", "other"),
    "editor.part_policy": Text("Namn, kontakt och rättslig grund", "Names, contact and legal basis"),
    "editor.part_records": Text("Poster och områden", "Records and areas"),
    "editor.part_tables": Text("Tabeller och skydd", "Tables and protection"),
    "editor.part_schedule": Text("Tidsschema", "Schedule"),
    "editor.add": Text("Lägg till: {what}", "Add: {what}"),
    "editor.remove": Text("Ta bort {what}", "Remove {what}"),
    "editor.yes": Text("ja", "yes"),
    "editor.no": Text("nej", "no"),
    "editor.all_codes": Text(
        "Inga koder valda: kolumnen begränsar inte urvalet.",
        "No codes chosen: the column does not narrow the selection.",
    ),
    "editor.in_step": Text("I takt", "In step"),
    "editor.checking": Text("Kontrolleras …", "Checking …"),
    "editor.not_reached": Text(
        "Kontrollen nås inte just nu. Det du har skrivit finns kvar; spara när anslutningen är tillbaka.",
        "The check cannot be reached just now. What you wrote is still here; save when the connection is back.",
    ),
    "editor.conflict_title": Text("Någon annan har sparat under tiden", "Somebody else has saved meanwhile"),
    "editor.conflict_intro": Text(
        "{by} sparade version {version} {at}. Din text är inte sparad men finns här, inget är borta. Läs båda och "
        "välj: spara din ovanpå, eller utgå från deras och för in dina ändringar.",
        "{by} saved version {version} at {at}. Your text is not saved but stands here; nothing is lost. Read both and "
        "choose: save yours on top, or go on from theirs and put your changes in.",
    ),
    "editor.conflict_theirs": Text(
        "Det som är sparat (version {version}, {by})", "What is saved (version {version}, {by})"
    ),
    "editor.conflict_mine": Text("Det du skrev", "What you wrote"),
    "editor.conflict_rows": Text("Skillnaden, från deras till din", "The difference, from theirs to yours"),
    "editor.conflict_save": Text("Spara min ovanpå deras", "Save mine on top of theirs"),
    "editor.conflict_open": Text("Gå vidare från deras", "Go on from theirs"),
    "editor.unsaved_title": Text("Förslaget kan inte ändras längre", "The proposal can no longer be changed"),
    "editor.unsaved_intro": Text(
        "Det är inte ett utkast längre. Din text är inte sparad, men finns här att kopiera.",
        "It is no draft any more. Your text is not saved, but stands here to be copied.",
    ),
    "editor.row_add": Text("tillagd", "added"),
    "editor.row_del": Text("borttagen", "removed"),
}
