"""Fields of a table's protection, by noise or by suppression."""

from publisher.policy.editing.fields import Control, choice, field

_P = "tables/*/protection"
_N = f"{_P}/noise"
_S = f"{_P}/suppression"
_R = f"{_S}/rules/*"

NOISE = (
    field(
        _N, Control.GROUP, ("Brus", "Noise"),
        ("Slumpmässigt brus av känd storlek läggs till varje tal, och löftet anges i rho.",
         "Random noise of known size is added to every number, and the promise is stated in rho."),
        required=False, term=("mekanism", "mechanism"), link="nist",
    ),
    field(
        f"{_N}/together_with", Control.CHOICE, ("Mäts tillsammans med", "Measured together with"),
        ("En tabell ovanför vars rho, gräns och skattning gäller båda: en enda mätning, som båda visar.",
         "A table above whose rho, bound and estimate hold for both: one measurement, which both of them show."),
        required=False, options="measured_tables", term=("arbetslast", "workload"), link="opendp",
    ),
    field(
        f"{_N}/rho", Control.NUMBER, ("Rho för en körning", "Rho of a run"),
        ("Integritetsförlusten av en körning: dubbelt så stort rho ger ungefär 0,7 gånger så stora fel.",
         "The privacy loss of one run: twice the rho gives errors about 0.7 times as large."),
        term=("zCDP rho", "zCDP rho"), link="zcdp", beside="together_with", only=("",),
    ),
    field(
        f"{_N}/bound", Control.GROUP, ("Gräns för bidrag", "Contribution bound"),
        ("Det mesta som en person får räknas; det som går över gränsen räknas inte med.",
         "The most that one person may count; what goes beyond the bound is not counted."),
        term=("gräns för bidrag", "contribution bound"), link="opendp", beside="together_with", only=("",),
    ),
    field(
        f"{_N}/bound/cells", Control.INTEGER, ("Celler per person", "Cells a person"),
        ("Så många värden av ärendets egenskaper som en person räknas i; fler ger mindre bortfall och mer brus.",
         "In so many values of the case's properties a person counts; more cuts off less and needs more noise."),
        term=("gräns för bidrag", "contribution bound"), link="opendp",
    ),
    field(
        f"{_N}/bound/area", Control.CHOICE, ("Område när personen har flera", "Area of a person with several"),
        ("Personen räknas i ett område.", "The person counts in one area."),
        choices=(choice("last", ("det senaste", "the latest")),),
    ),
    field(
        f"{_N}/bound/per_cell", Control.INTEGER, ("Ärenden per cell", "Cases a cell"),
        ("Så många ärenden av en person räknas i en cell; 1 om inget annat sägs.",
         "So many cases of one person count in a cell; 1 where nothing else is said."),
        required=False, term=("gräns för bidrag", "contribution bound"), link="opendp",
    ),
    field(
        f"{_N}/weights", Control.WEIGHTS, ("Vilka fel som ska vara små", "Which errors are made small"),
        ("Hur budgeten fördelas mellan enskilda områden och summor; löftet är detsamma.",
         "How the budget is spread over single areas and totals; the promise is the same."),
        choices=(
            choice("all-cells-alike", ("varje cell lika", "every cell alike"),
                   ("bäst för enskilda områden", "best for single areas")),
            choice("all-levels-alike", ("varje nivå lika", "every level alike"),
                   ("bättre för riket och länen", "better for the nation and the counties")),
        ),
        term=("arbetslast", "workload"), link="opendp",
    ),
    field(
        f"{_N}/weights/base", Control.CHOICE, ("Annars", "Otherwise"),
        ("Vad som gäller celler utanför grupperna.", "What holds for cells outside the groups."),
        choices=(
            choice("all-cells-alike", ("varje cell lika", "every cell alike")),
            choice("all-levels-alike", ("varje nivå lika", "every level alike")),
        ),
        required=False, term=("arbetslast", "workload"), link="opendp",
    ),
    field(
        f"{_N}/weights/groups", Control.LIST, ("Grupper med annan vikt", "Groups of another weight"),
        ("Celler av en nivå och vissa kolumner som väger mer eller mindre.",
         "Cells of one level and some columns that weigh more or less."),
        required=False, term=("arbetslast", "workload"), link="opendp",
    ),
    field(
        f"{_N}/weights/groups/*", Control.GROUP, ("Grupp", "Group"),
        ("En grupp av celler.", "A group of cells."),
    ),
    field(
        f"{_N}/weights/groups/*/area", Control.CHOICE, ("Nivå", "Level"),
        ("En av tabellens områdesnivåer.", "One of the table's area levels."), options="table_levels",
    ),
    field(
        f"{_N}/weights/groups/*/categories", Control.CODES, ("Kolumner", "Columns"),
        ("Kolumnerna som gruppens celler är delade efter; inga betyder summorna.",
         "The columns that the group's cells are split by; none means the totals."),
        options="columns",
    ),
    field(
        f"{_N}/weights/groups/*/times", Control.NUMBER, ("Gånger", "Times"),
        ("Så många gånger tyngre väger ett fel här.", "So many times heavier an error weighs here."),
    ),
    field(
        f"{_N}/estimate", Control.CHOICE, ("Skattning", "Estimate"),
        ("Hur bruset rättas till efter mätningen; det kostar inget av kontot.",
         "How the noise is straightened after the measurement; it costs nothing of the account."),
        choices=(
            choice("non-negative-integers", ("hela tal, aldrig negativa", "whole numbers, never negative"),
                   ("mindre fel i små områden", "smaller errors in small areas")),
            choice("shrunken", ("hela tal, små områden dras mot omgivningen",
                                "whole numbers, small areas drawn towards those around them"),
                   ("minst fel i små områden där de liknar varandra; det som är särskilt för ett område dämpas",
                    "least error in small areas where they are alike; what is particular to one is dampened")),
            choice("unbiased", ("väntevärdesriktig", "unbiased"),
                   ("kan bli negativ, rätt i genomsnitt", "can be negative, right on average")),
        ),
        term=("efterbehandling", "post-processing"), link="nist", beside="together_with", only=("",),
    ),
    field(
        f"{_N}/uncertain_when", Control.ONE_OF, ("När ett tal märks som osäkert", "When a number is marked uncertain"),
        ("Avgörs av brusets storlek och det brusiga talet, aldrig av det sanna.",
         "Decided from the size of the noise and the noisy number, never from the true one."),
        choices=(
            choice("coefficient_of_variation", ("medelfel genom talet", "standard error over the number")),
            choice("interval_width", ("intervallets bredd genom talet", "width of the interval over the number")),
        ),
        term=("efterbehandling", "post-processing"), link="nist",
    ),
    field(
        f"{_N}/uncertain_when/coefficient_of_variation", Control.NUMBER,
        ("Största variationskoefficient", "Largest coefficient of variation"),
        ("Över detta märks talet: 0.3 är 30 % medelfel.",
         "Above this the number is marked: 0.3 is 30 % standard error."),
        required=False, term=("efterbehandling", "post-processing"), link="nist",
    ),
    field(
        f"{_N}/uncertain_when/interval_width", Control.NUMBER, ("Största bredd", "Largest width"),
        ("Över detta märks talet: 1.2 är ett 95-procentsintervall som är 1,2 gånger talet.",
         "Above this the number is marked: 1.2 is a 95 % interval 1.2 times the number wide."),
        required=False, term=("efterbehandling", "post-processing"), link="nist",
    ),
    field(
        f"{_N}/withhold_below", Control.NUMBER, ("Visa inte skattningar under", "Withhold estimates below"),
        ("Små skattningar visas inte; lämna tomt för att visa alla. Avgörs av det brusiga talet.",
         "Small estimates are not shown; leave empty to show all. Decided from the noisy number."),
        required=False, term=("efterbehandling", "post-processing"), link="nist",
    ),
)  # fmt: skip

SUPPRESSION = (
    field(
        _S, Control.GROUP, ("Undertryckning", "Suppression"),
        ("Känsliga celler och så många andra visas inte att de känsliga inte kan räknas ut; övriga tal är exakta.",
         "Sensitive cells, and so many others that those cannot be worked out, are not shown; all else is exact."),
        required=False, term=("primär och sekundär undertryckning", "primary and secondary suppression"),
        link="frequency",
    ),
    field(
        f"{_S}/rules", Control.LIST, ("Regler", "Rules"),
        ("Vilka celler som är känsliga i sig.", "Which cells are sensitive by themselves."),
        term=("känslig cell", "sensitive cell"), link="frequency",
    ),
    field(
        _R, Control.ONE_OF, ("Regel", "Rule"),
        ("Varje slags regel får stå en gång.", "Each kind of rule may stand once."),
        choices=(
            choice("threshold", ("tröskelvärde", "threshold")),
            choice("share", ("andelsregel", "share rule")),
            choice("p_percent", ("p-procentregel", "p % rule")),
            choice("dominance", ("dominansregel (n, k)", "dominance rule (n, k)")),
            choice("min_contributors", ("minsta antal bidragsgivare", "minimum number of contributors")),
        ),
        term=("primär undertryckning", "primary suppression"), link="frequency",
    ),
    field(
        f"{_R}/threshold", Control.INTEGER, ("Tröskelvärde", "Threshold"),
        ("Celler med 1 upp till ett mindre än tröskelvärdet är känsliga; 5 är brukligt.",
         "Cells of 1 up to one less than the threshold are sensitive; 5 is customary."),
        required=False, term=("tröskelregel", "minimum frequency"), link="frequency",
    ),
    field(
        f"{_R}/dominance", Control.GROUP, ("Dominans", "Dominance"),
        ("En summa är känslig om de n största bidragen är mer än k procent av den.",
         "A sum is sensitive where its n largest contributions are more than k per cent of it."),
        required=False, term=("dominansregel", "dominance rule"), link="magnitude",
    ),
    field(
        f"{_R}/dominance/n", Control.INTEGER, ("n", "n"),
        ("Antal största bidrag, 1–5.", "Number of largest contributions, 1-5."),
        term=("dominansregel", "dominance rule"), link="magnitude",
    ),
    field(
        f"{_R}/dominance/k", Control.NUMBER, ("k procent", "k per cent"),
        ("Ett lägre k gör fler celler känsliga.", "A lower k makes more cells sensitive."),
        term=("dominansregel", "dominance rule"), link="magnitude",
    ),
    field(
        f"{_R}/p_percent", Control.NUMBER, ("p procent", "p per cent"),
        ("En summa är känslig om den näst största bidragsgivaren kan skatta den största inom p procent.",
         "A sum is sensitive where the second contributor can estimate the largest within p per cent."),
        required=False, term=("p-procentregel", "p % rule"), link="magnitude",
    ),
    field(
        f"{_R}/min_contributors", Control.INTEGER, ("Minsta antal bidragsgivare", "Least number of contributors"),
        ("En summa med färre personer bakom sig är känslig.", "A sum with fewer persons behind it is sensitive."),
        required=False, term=("känslig cell", "sensitive cell"), link="magnitude",
    ),
    field(
        f"{_R}/share", Control.GROUP, ("Andelsregel", "Share rule"),
        ("Ett antal visas bara där tillräckligt många bor och räknas, och inte där nästan alla räknas.",
         "A count is shown only where enough people live and are counted, and not where nearly all are."),
        required=False, term=("gruppröjande", "group disclosure"), link="frequency",
    ),
    field(
        f"{_R}/share/persons", Control.INTEGER, ("Personer i området", "People in the area"),
        ("Visas bara där fler än så många bor.", "Shown only where more than so many live."),
        term=("gruppröjande", "group disclosure"), link="frequency",
    ),
    field(
        f"{_R}/share/having", Control.INTEGER, ("Personer som räknas", "Persons counted"),
        ("Visas bara där fler än så många räknas.", "Shown only where more than so many are counted."),
        term=("gruppröjande", "group disclosure"), link="frequency",
    ),
    field(
        f"{_S}/zeros", Control.CHOICE, ("Nollor", "Zeros"),
        ("Om det får synas att ingen finns i en cell.", "Whether it may be seen that nobody is in a cell."),
        choices=(
            choice("published", ("visas", "published"), ("färre celler undertrycks", "fewer cells are suppressed")),
            choice("protected", ("skyddas", "protected"),
                   ("många fler celler undertrycks", "many more cells are suppressed")),
        ),
        term=("strukturell nolla", "structural zero"), link="frequency",
    ),
    field(
        f"{_S}/level", Control.CHOICE, ("Skyddsnivå", "Protection level"),
        ("Hur mycket som måste lämnas öppet om en undertryckt cell.", "How much a suppressed cell must leave open."),
        choices=(
            choice("ambiguous", ("tvetydig", "ambiguous"),
                   ("ingen kan vara säker på att antalet är litet (förval)",
                    "nobody can be sure that the count is small (default)")),
            choice("interval", ("intervall", "interval"),
                   ("intervallet är minst så brett som tröskelvärdet",
                    "the interval is at least as wide as the threshold")),
            choice("exact", ("exakt", "exact"),
                   ("bara det exakta talet skyddas; svagast", "only the exact number is protected; weakest")),
        ),
        term=("skyddsnivå, möjligt intervall", "protection level, feasibility interval"), link="frequency",
    ),
    field(
        f"{_S}/counted", Control.CHOICE, ("Vad regeln räknar", "What the rule counts"),
        ("Tröskelvärdet räknar personer, vad tabellen än visar: många ärenden kan vara en persons.",
         "The threshold counts persons, whatever the table shows: many cases can be one person's."),
        choices=(
            choice("persons", ("personer", "persons")),
            choice("cases", ("ärenden", "cases"),
                   ("svagare; godtas inte vid kontrollen", "weaker; the check refuses it")),
        ),
        term=("tröskelregel", "minimum frequency"), link="frequency",
    ),
    field(
        f"{_S}/insiders", Control.BOOLEAN, ("Skydda mot insiders", "Protect from insiders"),
        ("Skyddet håller även mot den som är ensam i en cell och känner sitt eget värde.",
         "The protection also holds against whoever is alone in a cell and knows the own value."),
        term=("ensam bidragsgivare", "singleton"), link="frequency",
    ),
    field(
        f"{_S}/forced", Control.CODES, ("Nivåer som måste visas", "Levels that must be shown"),
        ("Celler på dessa nivåer undertrycks bara om de själva är känsliga.",
         "Cells of these levels are suppressed only where they are sensitive themselves."),
        options="table_levels", term=("sekundär undertryckning", "secondary suppression"), link="frequency",
    ),
)  # fmt: skip

FIELDS = (
    field(
        _P, Control.ONE_OF, ("Skydd", "Protection"),
        ("Samma personers uppgifter har ett enda skydd; valet är bestående för en period.",
         "Records of the same persons have one protection; the choice is permanent for a period."),
        choices=(
            choice("suppression", ("undertryckning", "suppression"),
                   ("exakta tal, men luckor", "exact numbers, but holes")),
            choice("noise", ("brus", "noise"),
                   ("inga luckor, men osäkerhet; löfte i rho", "no holes, but uncertainty; a promise in rho")),
        ),
        term=("undertryckning, mekanism", "suppression, mechanism"), link="handbook",
    ),
    *NOISE,
    *SUPPRESSION,
)  # fmt: skip
