"""Fields of a table: what it shows, by which areas and categories."""

from publisher.policy.editing.fields import Control, choice, field

DERIVED = ("mean", "share", "rate")
_M = "tables/*/measures/*"

MEASURES = (
    field(
        _M, Control.GROUP, ("Mått", "Measure"),
        ("Ett tal som varje cell visar.", "One number that each cell shows."),
    ),
    field(
        f"{_M}/id", Control.TEXT, ("Måttets id", "Measure id"),
        ("Namnet i filerna: små bokstäver, siffror och bindestreck.",
         "The name in the files: small letters, digits and hyphens."),
    ),
    field(
        f"{_M}/kind", Control.CHOICE, ("Slag", "Kind"),
        ("Vad som räknas eller räknas ut; en tabell har ett antal och kan ha fler mått vid sidan av det.",
         "What is counted or computed; a table has one count, and may have other measures beside it."),
        choices=(
            choice("cases", ("ärenden", "cases"),
                   ("regeln räknar ändå personer", "the rule counts persons all the same")),
            choice("events", ("enskilda poster", "single records")),
            choice("persons", ("personer i varje cell; summor är summor", "persons in each cell; totals are sums")),
            choice("persons_distinct", ("olika personer, även i summor", "different persons, in totals too"),
                   ("varje summa mäts för sig", "every total is measured by itself")),
            choice("sum", ("summa av ett belopp", "sum of an amount"),
                   ("kräver dominans- eller p-procentregel, eller eget rho och tak",
                    "needs a dominance or p % rule, or a rho and clamp of its own")),
            choice("quantile", ("median eller annan kvantil", "median or another quantile"),
                   ("endast med brus", "noise only")),
            choice("mean", ("medelvärde", "mean"), ("följer av andra mått", "follows from other measures")),
            choice("share", ("andel", "share"), ("följer av andra mått", "follows from other measures")),
            choice("rate", ("tal per invånare", "rate"), ("följer av andra mått", "follows from other measures")),
        ),
        term=("mått", "measure"), link="handbook",
    ),
    field(
        f"{_M}/of", Control.CHOICE, ("Av", "Of"),
        ("Beloppet i källan, eller måttet i samma tabell, som måttet räknas av.",
         "The amount of the source, or the measure of the same table, that it is made from."),
        options="parts", required=False, beside="kind", only=("sum", "quantile", *DERIVED),
    ),
    field(
        f"{_M}/denominator", Control.CHOICE, ("Nämnare", "Denominator"),
        ("En offentlig befolkning som talet delas med.", "A public population that the number is divided by."),
        options="populations", required=False, beside="kind", only=("rate",),
    ),
    field(
        f"{_M}/within", Control.CHOICE, ("Andel inom", "Share within"),
        ("Kolumnen vars summa är det hela.", "The column whose total is the whole."),
        options="columns", required=False, beside="kind", only=("share",),
    ),
    field(
        f"{_M}/per", Control.INTEGER, ("Per", "Per"),
        ("Talet gäller så många: 100 ger procent, 1000 ger per tusen.",
         "The number is of so many: 100 gives per cent, 1000 per thousand."),
        required=False, beside="kind", only=("share", "rate"),
    ),
    field(
        f"{_M}/decimals", Control.INTEGER, ("Decimaler", "Decimals"),
        ("Hur många decimaler som visas, 0–6; fler decimaler berättar mer om talet bakom.",
         "How many decimals are shown, 0-6; more decimals tell more of the number behind."),
        required=False, beside="kind", only=("cases", "events", "persons", "persons_distinct", "sum", *DERIVED),
        term=("röjande genom avrundning", "disclosure through rounding"), link="frequency",
    ),
    field(
        f"{_M}/rho", Control.NUMBER, ("Eget rho", "Own rho"),
        ("Vad en mätning av just detta mått kostar av kontot; läggs till tabellens rho.",
         "What measuring this measure costs of the account; added to the table's rho."),
        required=False, beside="kind", only=("sum", "quantile", "cases"), term=("zCDP rho", "zCDP rho"), link="zcdp",
    ),
    field(
        f"{_M}/clamp", Control.ONE_OF, ("Tak för en persons belopp", "Clamp of a person's amount"),
        ("Det mesta som en person kan lägga till en cell; bruset växer med taket.",
         "The most that one person can add to a cell; the noise grows with it."),
        choices=(
            choice("all", ("ett tak för alla", "one clamp for all")),
            choice("column", ("ett tak för varje kod", "a clamp for each code")),
        ),
        required=False, beside="kind", only=("sum",), term=("gräns för bidrag", "contribution bound"), link="opendp",
    ),
    field(
        f"{_M}/clamp/all", Control.NUMBER, ("Tak", "Clamp"),
        ("Ett helt tal; belopp däröver räknas som taket.", "A whole number; amounts above it count as the clamp."),
        required=False, term=("gräns för bidrag", "contribution bound"), link="opendp",
    ),
    field(
        f"{_M}/clamp/column", Control.CHOICE, ("Kolumn", "Column"),
        ("Kolumnen vars koder har var sitt tak.", "The column whose codes have a clamp each."),
        options="columns", required=False,
    ),
    field(
        f"{_M}/clamp/bounds", Control.BOUNDS, ("Tak för varje kod", "Clamp of each code"),
        ("Ett helt tal för varje deklarerad kod.", "A whole number for each declared code."),
        required=False, term=("gräns för bidrag", "contribution bound"), link="opendp",
    ),
    field(
        f"{_M}/q", Control.NUMBER, ("Kvantil", "Quantile"),
        ("Mellan 0 och 1: 0.5 är medianen.", "Between 0 and 1: 0.5 is the median."),
        required=False, beside="kind", only=("quantile",),
    ),
    field(
        f"{_M}/candidates", Control.CANDIDATES, ("Möjliga värden", "Candidates"),
        ("De enda tal som kvantilen kan bli; välj dem efter vad som är allmänt känt, aldrig efter posterna.",
         "The only numbers that the quantile can be; choose them from what is public, never from the records."),
        required=False, beside="kind", only=("quantile",), term=("kandidater", "candidates"), link="opendp",
    ),
    field(
        f"{_M}/candidates/from", Control.INTEGER, ("Från", "From"), ("Det minsta talet.", "The smallest number."),
        required=False,
    ),
    field(
        f"{_M}/candidates/to", Control.INTEGER, ("Till", "To"), ("Det största talet.", "The largest number."),
        required=False,
    ),
    field(
        f"{_M}/candidates/step", Control.INTEGER, ("Steg", "Step"),
        ("Hur långt det är mellan talen; ju färre tal, desto mindre brus.",
         "How far apart the numbers are; the fewer there are, the less noise."),
        required=False,
    ),
)  # fmt: skip

NAMES = (
    field(
        "tables/*", Control.GROUP, ("Tabell", "Table"),
        ("En tabell i katalogen.", "One table of the catalogue."),
    ),
    field(
        "tables/*/id", Control.TEXT, ("Tabellens id", "Table id"),
        ("Tabellens adress; den återanvänds aldrig för något annat.",
         "The table's address; it is never used again for anything else."),
    ),
    field(
        "tables/*/title", Control.BOTH, ("Titel", "Title"),
        ("Mått, befolkning och indelning, på båda språken.", "Measure, population and breakdown, in both languages."),
    ),
)  # fmt: skip

SHOWN = (
    field(
        "tables/*/areas", Control.CODES, ("Områdesnivåer", "Area levels"),
        ("Nivåerna som visas; finare nivåer ger fler celler som undertrycks eller blir osäkra.",
         "The levels that are shown; finer levels give more cells that are suppressed or uncertain."),
        options="levels", term=("hierarkisk tabell", "hierarchical table"), link="handbook",
    ),
    field(
        "tables/*/categories", Control.LIST, ("Indelning", "Categories"),
        ("Kolumnerna som tabellen delas efter; varje kolumn gör cellerna mindre.",
         "The columns that the table is split by; each column makes the cells smaller."),
    ),
    field(
        "tables/*/categories/*", Control.GROUP, ("Kolumn", "Column"),
        ("En kolumn som tabellen delas efter.", "A column that the table is split by."),
    ),
    field(
        "tables/*/categories/*/column", Control.CHOICE, ("Kolumn", "Column"),
        ("En deklarerad kolumn i källan.", "A declared column of the source."), options="categories",
    ),
    field(
        "tables/*/categories/*/total", Control.BOOLEAN, ("Visa summan", "Show the total"),
        ("Summan över kolumnens koder visas också.", "The total over the column's codes is shown too."),
    ),
    field(
        "tables/*/categories/*/join", Control.LIST, ("Sammanslagna koder", "Joined codes"),
        ("Koder som tabellen visar som en: färre och större celler, av vilka fler kan visas.",
         "Codes that the table shows as one: fewer and larger cells, of which more can be shown."),
        required=False, term=("grövre kategorier", "global recoding"), link="handbook",
    ),
    field(
        "tables/*/categories/*/join/*", Control.GROUP, ("Sammanslagning", "Joined code"),
        ("En ny kod i stället för flera.", "A new code in place of several."),
    ),
    field(
        "tables/*/categories/*/join/*/code", Control.TEXT, ("Ny kod", "New code"),
        ("Koden i filerna; ingen som källan deklarerar.", "The code in the files; none that the source declares."),
    ),
    field(
        "tables/*/categories/*/join/*/text", Control.BOTH, ("Namn", "Name"),
        ("Vad läsarna ser, på båda språken.", "What readers see, in both languages."),
    ),
    field(
        "tables/*/categories/*/join/*/of", Control.CODES, ("Koder som slås samman", "Codes that are joined"),
        ("Minst två; varje kod hör till högst en sammanslagning.",
         "At least two; each code belongs to one joined code at most."),
        options="column_codes",
    ),
    field(
        "tables/*/measures", Control.LIST, ("Mått", "Measures"),
        ("Talen som varje cell visar: ett antal, och det som räknas ut vid sidan av det.",
         "The numbers that each cell shows: one count, and what is computed beside it."),
    ),
    *MEASURES,
)  # fmt: skip
