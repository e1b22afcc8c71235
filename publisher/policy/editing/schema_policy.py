"""Fields of the policy itself: what it is, whose records, which areas, and when."""

from publisher.policy.editing.fields import Control, choice, field

FIELDS = (
    field(
        "policy", Control.KEPT, ("Policyns id", "Policy id"),
        ("Namnet på policyn och på dess publiceringar; det ändras aldrig.",
         "The name of the policy and of its releases; it never changes."),
    ),
    field(
        "agency", Control.CHOICE, ("Myndighet", "Agency"),
        ("Myndigheten som svarar för uppgifterna och vars integritetskonto belastas.",
         "The agency that answers for the records and whose privacy account is charged."),
        options="agencies",
    ),
    field(
        "title", Control.BOTH, ("Titel", "Title"),
        ("Vad produkten kallas i katalogen, på båda språken.",
         "What the product is called in the catalogue, in both languages."),
    ),
    field(
        "contact", Control.GROUP, ("Kontakt", "Contact"),
        ("Vem som svarar på frågor om statistiken; visas för alla.",
         "Who answers questions about the statistics; shown to everybody."),
    ),
    field(
        "contact/name", Control.TEXT, ("Kontaktens namn", "Name of the contact"),
        ("En funktion hellre än en person.", "A function rather than a person."),
    ),
    field(
        "contact/email", Control.TEXT, ("E-postadress", "E-mail address"),
        ("En adress som läses.", "An address that is read."),
    ),
    field(
        "licence", Control.TEXT, ("Licens", "Licence"),
        ("Villkoren för den som använder siffrorna, till exempel CC0-1.0.",
         "The terms for whoever uses the numbers, such as CC0-1.0."),
    ),
    field(
        "legal_basis", Control.TEXT, ("Rättslig grund", "Legal basis"),
        ("Lagrum och beslut som publiceringen stöder sig på; följer med till konsekvensbedömningen.",
         "The law and decision that the publication rests on; goes into the impact assessment."),
    ),
    field(
        "source", Control.CHOICE, ("Källa", "Source"),
        ("Registret som räknas, så som det är deklarerat.", "The records that are counted, as they are declared."),
        options="sources",
    ),
    field(
        "where", Control.WHERE, ("Vilka poster", "Which records"),
        ("De koder som behålls av minst en kolumn; poster som två policyer delar måste ha ett enda skydd.",
         "The codes that are kept of at least one column; records that two policies share must have one protection."),
        term=("urval", "selection"), link="handbook",
    ),
    field(
        "geography", Control.GROUP, ("Områden", "Areas"),
        ("Vilken indelning som områdeskoderna hör till.", "Which edition of areas the codes belong to."),
    ),
    field(
        "geography/edition", Control.CHOICE, ("Indelning", "Edition"),
        ("Årgången av RegSO-indelningen; reference-year tar den som gäller periodens år.",
         "The edition of RegSO; reference-year takes the one that is valid in the period's year."),
        options="editions",
    ),
    field(
        "geography/type_year", Control.CHOICE, ("Områdestypernas år", "Year of the area types"),
        ("Periodens eget år (same), eller ett fast år så att samma områden följs över tid.",
         "The period's own year (same), or a fixed year so that the same areas are followed over time."),
        options="type_years",
    ),
    field(
        "unit", Control.GROUP, ("Integritetsenhet", "Privacy unit"),
        ("Vad skyddet gäller: alla rader om en person under ett referensår.",
         "What is protected: all rows of one person in one reference year."),
        term=("integritetsenhet", "privacy unit"), link="nist",
    ),
    field(
        "unit/person", Control.KEPT, ("Person", "Person"),
        ("Kolumnen som säger vilka rader som är samma persons.", "The column that says which rows are one person's."),
        term=("integritetsenhet", "privacy unit"), link="nist",
    ),
    field(
        "unit/per", Control.KEPT, ("Tid", "Time"),
        ("Kontot förs för varje person och referensår.", "The account is kept for each person and reference year."),
        term=("integritetsenhet", "privacy unit"), link="nist",
    ),
    field(
        "tables", Control.LIST, ("Tabeller", "Tables"),
        ("Tabellerna i en policy skyddas tillsammans, alla genom undertryckning eller alla genom brus.",
         "The tables of a policy are protected together, all by suppression or all by noise."),
        term=("länkade tabeller", "linked tables"), link="handbook",
    ),
    field(
        "schedule", Control.GROUP, ("Tidsschema", "Schedule"),
        ("När en period körs och när den blir offentlig.", "When a period is run and when it becomes public."),
    ),
    field(
        "schedule/every", Control.CHOICE, ("Hur ofta", "How often"),
        ("Varje körning av en tabell med brus belastar kontot för sitt år.",
         "Each run of a table with noise charges the account of its year."),
        choices=(
            choice("year", ("en gång om året", "once a year"), ("1 körning om året", "1 run a year")),
            choice("quarter", ("varje kvartal", "every quarter"), ("4 körningar om året", "4 runs a year")),
            choice("month", ("varje månad", "every month"), ("12 körningar om året", "12 runs a year")),
        ),
        term=("belastning", "charge"), link="nist",
    ),
    field(
        "schedule/month", Control.INTEGER, ("Månad", "Month"),
        ("Månaden efter årets slut då körningen görs, 1–12.", "The month after the year's end of the run, 1-12."),
        required=False, beside="every", only=("year",),
    ),
    field(
        "schedule/day", Control.INTEGER, ("Dag", "Day"),
        ("Dagen i månaden, 1–28.", "The day of the month, 1-28."),
    ),
    field(
        "schedule/at", Control.TEXT, ("Körs klockan", "Runs at"),
        ("Lokal tid som HH:MM, inte mellan 02:00 och 03:00.", "Local time as HH:MM, not between 02:00 and 03:00."),
    ),
    field(
        "schedule/publish_at", Control.TEXT, ("Publiceras klockan", "Published at"),
        ("Lokal tid som HH:MM; före den minuten ligger inget på den offentliga servern.",
         "Local time as HH:MM; before that minute nothing is on the public host."),
        term=("publicering", "release"),
    ),
    field(
        "schedule/timezone", Control.TEXT, ("Tidszon", "Time zone"),
        ("Till exempel Europe/Stockholm.", "Such as Europe/Stockholm."),
    ),
    field(
        "schedule/window", Control.CHOICE, ("Rullande fönster", "Rolling window"),
        ("Varje månads period kan vara de tolv månader som slutar i den; överlappande fönster skyddas tillsammans.",
         "Each month's period can be the twelve months that end in it; windows that overlap are protected jointly."),
        choices=(
            choice("", ("nej, månaden själv", "no, the month itself")),
            choice("rolling-year", ("rullande tolv månader", "rolling twelve months"),
                   ("endast för undertryckta antal", "for suppressed counts only")),
        ),
        required=False, beside="every", only=("month",), term=("differentiering", "differencing"), link="frequency",
    ),
)  # fmt: skip
