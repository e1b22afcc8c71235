"""What the result of a rehearsal says: the finding, the warnings, the figures, the areas."""

from publisher.release.model import Text

_RESULT = {
    "rehearsal.sensitive": Text("Känsligt: som uppgifterna själva.", "Sensitive: as the records."),
    "rehearsal.sensitive_help": Text(
        "Sidan berättar var det finns få fall. Den är bara för dig som författare eller godkännare; att du öppnade "
        "den står i loggen. Kopiera den inte. Den tas bort {when}.",
        "The page tells where there are few cases. It is for you as author or approver only; that you opened it "
        "stands in the log. Do not copy it. It is removed {when}.",
    ),
    "rehearsal.not_sensitive": Text("Bygger inte på uppgifter om enskilda.", "Not made from anybody's records."),
    "rehearsal.not_sensitive_help": Text(
        "Felen följer av policyn och av offentliga uppgifter om områdena. Att du öppnade sidan står i loggen. Den "
        "tas bort {when}.",
        "The errors follow from the policy and from public facts about the areas. That you opened the page stands "
        "in the log. It is removed {when}.",
    ),
    "rehearsal.other_bytes": Text(
        "Förslaget har ändrats sedan provkörningen beställdes. Det här gäller den tidigare texten (kontrollsumma "
        "{digest}).",
        "The proposal was changed after the rehearsal was asked for. This is of the earlier text (digest {digest}).",
    ),
    "rehearsal.other_base": Text(
        "En annan version av policyn har börjat gälla sedan provkörningen gjordes. ”Gäller i dag” är den som gällde "
        "då.",
        "Another version of the policy came into force since the rehearsal was made. “In force” is the one of then.",
    ),
    "rehearsal.other_period": Text(
        "Policyn som gäller publiceras med andra perioder: dess siffror är för {period}.",
        "The policy in force is published by other periods: its figures are of {period}.",
    ),
    "rehearsal.not_in_force": Text(
        "Ingen version av policyn gäller i dag.",
        "No version of the policy is in force today.",
    ),
    "rehearsal.same": Text(
        "Förslaget är samma text som den som gäller.",
        "The proposal is the same text as the one in force.",
    ),
    "rehearsal.tables": Text("Tabeller i policyn", "Tables of the policy"),
    "rehearsal.warnings": Text("Varningar", "Warnings"),
    "rehearsal.no_warnings": Text("Inga varningar.", "No warnings."),
    "rehearsal.today_too": Text("Det gäller även i dag.", "That holds today too."),
    "rehearsal.warn_refused": Text(
        "En körning skulle nekas: tabellerna kan inte skyddas som förslaget är skrivet.",
        "A run would be refused: the tables cannot be protected as the proposal is written.",
    ),
    "rehearsal.warn_refused_budget": Text(
        "En körning skulle nekas: den ryms inte i årets integritetskonto.",
        "A run would be refused: it does not fit in the year's privacy account.",
    ),
    "rehearsal.warn_audit": Text(
        "Granskningen underkände: någon utanför kan räkna ut det som ska vara dolt.",
        "The audit failed: somebody outside can work out what ought to be withheld.",
    ),
    "rehearsal.warn_holes": Text(
        "”{title}” blir mest hål: {share} av cellerna på nivån {level} visas inte.",
        "“{title}” becomes mostly holes: {share} of the cells at level {level} are not shown.",
    ),
    "rehearsal.help_first": Text(
        "Av alternativen hjälper {name} mest utan att lova mindre.",
        "Of the alternatives {name} helps most without promising less.",
    ),
    "rehearsal.help_weaker": Text(
        "Bara ett svagare skydd hjälper: {name}.",
        "Only a weaker protection helps: {name}.",
    ),
    "rehearsal.help_noise": Text(
        "Inget prövat alternativ hjälper; brus skulle göra det.",
        "No alternative that was tried helps; noise would.",
    ),
    "rehearsal.help_try": Text("Pröva alternativ längst ner på sidan.", "Try alternatives at the foot of the page."),
    "rehearsal.warn_lone": Text(
        "I ”{title}” består {n} kombinationer av kommun och områdestyp av ett enda RegSO. De visar det finare "
        "området under ett annat namn.",
        "In “{title}” {n} combinations of municipality and area type are one single RegSO. They show the finer area "
        "under another name.",
    ),
    "rehearsal.warn_budget": Text(
        "Kontot för {year} räcker inte året ut: körningen för {period} av {policy}, den {date}, skulle nekas. Det "
        "gäller {n} körningar.",
        "The account of {year} does not last the year: the run for {period} of {policy}, on {date}, would be "
        "refused. That holds of {n} runs.",
    ),
    "rehearsal.finding_none": Text(
        "Som förslaget är skrivet skulle en körning nekas.",
        "As the proposal is written, a run would be refused.",
    ),
    "rehearsal.finding_shown": Text(
        "{start} visas {new} av cellerna på nivån {level}, mot {old} i dag.",
        "{start}, {new} of the cells at level {level} are shown, against {old} today.",
    ),
    "rehearsal.finding_shown_new": Text(
        "{start} visas {new} av cellerna på nivån {level}.",
        "{start}, {new} of the cells at level {level} are shown.",
    ),
    "rehearsal.finding_noise": Text(
        "{start} väntas ett tal på nivån {level} slå fel med omkring {new}, mot {old} i dag.",
        "{start}, a number at level {level} is expected to be off by about {new}, against {old} today.",
    ),
    "rehearsal.finding_noise_new": Text(
        "{start} väntas ett tal på nivån {level} slå fel med omkring {new}.",
        "{start}, a number at level {level} is expected to be off by about {new}.",
    ),
    "rehearsal.before_shown": Text(
        "I dag visas {old} av cellerna på nivån {level}.",
        "Today {old} of the cells at level {level} are shown.",
    ),
    "rehearsal.before_noise": Text(
        "I dag slår ett tal på nivån {level} fel med omkring {old}.",
        "Today a number at level {level} is off by about {old}.",
    ),
    "rehearsal.with_threshold": Text("Med tröskel {value}", "With threshold {value}"),
    "rehearsal.with_rho": Text("Med rho {value}", "With rho {value}"),
    "rehearsal.with_proposal": Text("Med förslaget", "With the proposal"),
    "rehearsal.level": Text("Nivå", "Level"),
    "rehearsal.old": Text("Gäller i dag", "In force"),
    "rehearsal.new": Text("Förslag", "Proposed"),
    "rehearsal.difference": Text("Skillnad", "Difference"),
    "rehearsal.metrics": Text("Nivå för nivå", "Level by level"),
    "rehearsal.metric_cells": Text(
        "Celler som inte visas, % av dem som inte är noll",
        "Cells not shown, % of those that are not zero",
    ),
    "rehearsal.metric_value": Text(
        "Värde som inte visas, % av det som räknas",
        "Value not shown, % of what is counted",
    ),
    "rehearsal.metric_error_fine": Text(
        "Väntat fel i en cell, finaste indelningen",
        "Expected error of a cell, finest division",
    ),
    "rehearsal.metric_error_total": Text("Väntat fel i områdets total", "Expected error of the area's total"),
    "rehearsal.metric_shown_fine": Text(
        "Simulerat fel i en cell som dragits mot omgivningen, finaste indelningen",
        "Simulated error of a cell drawn towards those around it, finest division",
    ),
    "rehearsal.metric_shown_total": Text(
        "Simulerat fel i områdets total, dragen mot omgivningen",
        "Simulated error of the area's total, drawn towards those around it",
    ),
    "rehearsal.metric_unsure": Text(
        "Celler märkta som osäkra, %, finaste indelningen",
        "Cells marked uncertain, %, finest division",
    ),
    "rehearsal.metric_gone": Text(
        "Celler som inte visas, %, finaste indelningen",
        "Cells not shown, %, finest division",
    ),
    "rehearsal.metrics_note": Text(
        "Skillnader i procentenheter. Två punkter (..) står där så få tal döljs att andelen skulle röja dem.",
        "Differences in percentage points. Two stops (..) stand where so few numbers are withheld that the share "
        "would tell them.",
    ),
    "rehearsal.metrics_noise_note": Text(
        "Väntat fel: standardfelet, i samma enhet som talen. Två tal av tre ligger närmare det sanna än så. Det är den "
        "väntevärdesriktiga skattningens; där små områden dras mot omgivningen är felet i dem oftast mindre, men hur "
        "mycket beror på hur lika de är.",
        "Expected error: the standard error, in the unit of the numbers. Two numbers of three lie closer to the "
        "true one than that. It is that of the unbiased estimate; where small areas are drawn towards those around "
        "them their error is mostly less, but by how much depends on how alike they are.",
    ),
    "rehearsal.metrics_simulated": Text(
        "Det simulerade felet är inget löfte: påhittat brus har dragits på samma storlekar som nedan, inte på "
        "uppgifterna. Där områden har mindre gemensamt är felet större, upp till ungefär det väntade.",
        "The simulated error is no promise: made-up noise was drawn on the same sizes as below, not on the records. "
        "Where areas have less in common the error is larger, up to about the expected one.",
    ),
}

_PLACES = {
    "rehearsal.examples": Text("Några områden", "Some areas"),
    "rehearsal.examples_hidden": Text(
        "Valda efter offentlig folkmängd, och dem du själv angav. Bara sådant där något inte visas står här; själva "
        "talen står inte.",
        "Chosen by public population, and those you named. Only what has something withheld stands here; the "
        "numbers themselves do not.",
    ),
    "rehearsal.examples_noise": Text(
        "Valda efter offentlig folkmängd, och dem du själv angav. Felet står bredvid talens storlek.",
        "Chosen by public population, and those you named. The error stands beside the size of the numbers.",
    ),
    "rehearsal.basis_published": Text(
        "Storlekarna är de senast publicerade talens.",
        "The sizes are those of the numbers published last.",
    ),
    "rehearsal.basis_assumed": Text(
        "Inget är publicerat än: storlekarna antar att {share} % av invånarna räknas.",
        "Nothing is published yet: the sizes assume that {share} % of the inhabitants are counted.",
    ),
    "rehearsal.why_largest": Text("störst", "largest"),
    "rehearsal.why_middling": Text("mellanstort", "middling"),
    "rehearsal.why_small": Text("litet", "small"),
    "rehearsal.why_fewest": Text("minst", "fewest inhabitants"),
    "rehearsal.why_asked": Text("angivet av dig", "named by you"),
    "rehearsal.inhabitants": Text("{n} invånare", "{n} inhabitants"),
    "rehearsal.hidden_of": Text(
        "{withheld} av {non_zero} celler visas inte.",
        "{withheld} of {non_zero} cells are not shown.",
    ),
    "rehearsal.hidden_of_before": Text(
        "{withheld} av {non_zero} celler visas inte, mot {before} i dag.",
        "{withheld} of {non_zero} cells are not shown, against {before} today.",
    ),
    "rehearsal.nothing_hidden": Text("Allt visas.", "Everything is shown."),
    "rehearsal.category": Text("Uppgift", "Item"),
    "rehearsal.total": Text("Totalt", "Total"),
    "rehearsal.by": Text("Efter {columns}", "By {columns}"),
    "rehearsal.of": Text("{part} av {of}", "{part} of {of}"),
    "rehearsal.own_hidden": Text("visas inte", "not shown"),
    "rehearsal.own_shown": Text("visas", "shown"),
    "rehearsal.inside": Text("inom området döljs {n}", "within the area {n} are withheld"),
    "rehearsal.all_shown": Text("allt visas", "all shown"),
    "rehearsal.expected": Text("fel {error} på {size}", "error {error} on {size}"),
    "rehearsal.unsure": Text("osäkra {n}", "uncertain {n}"),
    "rehearsal.more": Text(
        "Ytterligare {n} uppgifter har något som inte visas.",
        "{n} more items have something withheld.",
    ),
    "rehearsal.map_hidden": Text("Var det inte visas", "Where it is not shown"),
    "rehearsal.map_noise": Text("Var det blir osäkert", "Where it becomes uncertain"),
    "rehearsal.map_desc_hidden": Text(
        "Andel celler som inte visas i varje område, av dem som inte är noll. {period}.",
        "Share of cells not shown in each area, of those that are not zero. {period}.",
    ),
    "rehearsal.map_desc_noise": Text(
        "Andel celler i varje område som märks som osäkra eller inte visas. {period}.",
        "Share of cells in each area that are marked uncertain or not shown. {period}.",
    ),
    "rehearsal.map_none": Text(
        "Det finns ingen karta för den här indelningen: dess gränser är inte deklarerade. Talen står i tabellen.",
        "There is no map of these areas: their borders are not declared. The numbers stand in the table.",
    ),
    "rehearsal.legend": Text("Klass (övre gränsen ingår)", "Class (upper limit included)"),
    "rehearsal.legend_caption": Text("Antal områden i varje klass", "Number of areas in each class"),
    "rehearsal.class_silent": Text("Inget visas", "Nothing shown"),
    "rehearsal.class_empty": Text("Inga celler", "No cells"),
    "rehearsal.map_table": Text(
        "Samma tal som tabell, störst andel först (%)",
        "The same numbers as a table, largest share first (%)",
    ),
    "rehearsal.area": Text("Område", "Area"),
}

REHEARSAL_RESULT = {**_RESULT, **_PLACES}
