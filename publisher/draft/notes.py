"""The notes below a table: what is counted, what a total is, and what its protection does to the numbers."""

from collections.abc import Iterable, Iterator, Sequence

from publisher.draft.joined_words import joined_note
from publisher.draft.quantile_words import quantile_note
from publisher.policy.declarations import REFERENCE_YEAR, SourceDeclaration
from publisher.policy.model import (
    ContributorsRule,
    DominanceRule,
    EstimateKind,
    Noise,
    Policy,
    PPercentRule,
    ShareRule,
    Suppression,
    TableSpec,
)
from publisher.relations import KeySet
from publisher.release.model import NoiseFacts, SuppressionFacts, Text


def table_notes(policy: Policy, table: TableSpec, keys: KeySet, source: SourceDeclaration) -> tuple[Text, ...]:
    """All notes of a table, the most needed first."""
    notes = [_total(table, keys), *joined_note(table, source), _areas()]
    if any(level.endswith("area_type") for level in table.areas):
        notes.append(_types(policy))
    if policy.edition == REFERENCE_YEAR:
        notes.append(_editions())
    if policy.schedule.window:
        notes.append(_rolling())
    protection = table.protection
    if isinstance(protection, Noise):
        partners = policy.partners(table)
        personal = {c.id for c in source.categories if c.personal}
        several = {c.column for t in partners for c in t.categories} - personal
        notes += [*_noise(protection, table, protection.bound.cells if several else 1), *_together(table, partners)]
    else:
        notes += _suppression(protection, table)
    notes += _amounts(table, source)
    notes += quantile_note(table)
    notes += _derived(table)
    return tuple(notes)


def _total(table: TableSpec, keys: KeySet) -> Text:
    kind, noisy = table.count.kind, isinstance(table.protection, Noise)
    if kind in ("cases", "events"):
        one = Text("Varje ärende", "Each case") if kind == "cases" else Text("Varje händelse", "Each event")
        return Text(
            f"{one.sv} räknas en gång. En total är summan av sina delar.",
            f"{one.en} counts once. A total is the sum of its parts.",
        )
    if kind == "persons_distinct":
        return Text(
            "Varje person räknas en gång i varje tal, i det område som är det senaste. En person kan ha flera av "
            "kategorierna, och deras total är därför ofta mindre än summan.",
            "Each person counts once in every number, in the latest area. A person can have several of the categories, "
            "whose total is therefore often less than the sum.",
        )
    if any(not c.personal for c in keys.columns) or not noisy:
        return Text(
            "En total är summan av sina delar: en person som finns i flera av dem räknas en gång i var och en.",
            "A total is the sum of its parts: a person who is in several of them counts once in each.",
        )
    return Text(
        "Varje person räknas en gång om året, i ett område. En total är summan av sina delar.",
        "Each person counts once a year, in one area. A total is the sum of its parts.",
    )


def _areas() -> Text:
    return Text(
        "Uppgifter utan känt område redovisas som ”område ej angivet” i den kommun eller det län som är känt, annars i "
        "riket. De fördelas inte på områden.",
        "Records without a known area are shown as “no area stated” in the municipality or county that is known, else "
        "in the nation. They are not spread over the areas.",
    )


def _types(policy: Policy) -> Text:
    if policy.type_year is None:
        return Text(
            "Områdestypen är den som gällde samma år som uppgiften. Ett område kan byta typ mellan åren.",
            "The area type is that of the same year as the figure. An area can change its type between years.",
        )
    year = policy.type_year
    return Text(
        f"Områdestypen är den som gällde {year}, för alla år.",
        f"The area type is that of {year}, for all years.",
    )


def _editions() -> Text:
    return Text(
        "Områdena följer den indelning som gällde respektive år. En kod kan betyda olika områden i två indelningar; "
        "kolumnen edition säger vilken som gäller.",
        "Areas are those of the division in force each year. A code can mean different areas in two divisions; the "
        "column edition says which one applies.",
    )


def _rolling() -> Text:
    return Text(
        "Varje period är de tolv månader som slutar i den angivna månaden. Perioderna överlappar och kan inte läggas "
        "ihop. Det som en period inte visar visas inte heller i någon senare som överlappar den.",
        "Each period is the twelve months that end in the month named. Periods overlap and cannot be added up. What "
        "one period does not show is not shown in any later one that overlaps it either.",
    )


def _suppression(rule: Suppression, table: TableSpec) -> Iterator[Text]:
    yield Text(
        f"Uppgiften visas inte (..) där den bygger på färre än {rule.threshold} personer, eller där den annars "
        "skulle avslöja en sådan uppgift. Det framgår inte vilket av skälen som gäller. Alla andra tal är exakta.",
        f"A figure is not shown (..) where it rests on fewer than {rule.threshold} persons, or where it would "
        "otherwise reveal such a figure. Which of the two applies is not told. All other numbers are exact.",
    )
    if table.sums and rule.sum_rules:
        yield _contributors(rule)
    share = rule.share_rule
    if share is not None:
        yield _share_rule(share)
    if rule.insiders:
        yield Text(
            "Skyddet gäller även den som själv är den enda i en cell: inte heller hon eller han kan räkna ut ett annat "
            "skyddat tal.",
            "The protection also holds against somebody who is the only one in a cell: nor can that person work out "
            "another protected number.",
        )
    else:
        yield Text(
            "Skyddet gäller den som står utanför. Den som själv är den enda i en cell kan veta mer än andra.",
            "The protection is against outsiders. Somebody who is the only one in a cell may know more than others.",
        )


def revision_note(facts: SuppressionFacts | NoiseFacts, version: int) -> Iterator[Text]:
    """What a new version of a suppressed period cannot undo."""
    if version > 1 and isinstance(facts, SuppressionFacts):
        yield Text(
            "Perioden är reviderad. En uppgift som en tidigare version inte visade visas inte heller nu. Ett tal som "
            "en tidigare version visade och som är oförändrat är känt och kan inte längre skyddas, även om det nu är "
            "dolt.",
            "The period is revised. What an earlier version did not show is not shown now either. A number that an "
            "earlier version showed and that has not changed is known and can no longer be protected, even where it is "
            "now withheld.",
        )


def changed_rules_note(periods: Iterable[str]) -> Iterator[Text]:
    """That what the notes say of protection is not so of periods with rules of their own."""
    if listed := ", ".join(sorted(periods)):
        yield Text(
            f"Reglerna för skyddet har ändrats. Vad som sägs här om skyddet gäller inte {listed}, som har egna regler.",
            "The rules of protection have changed. What is said here of protection does not hold for "
            f"{listed}, which has rules of its own.",
        )


def _contributors(rule: Suppression) -> Text:
    sv, en = [], []
    for r in rule.sum_rules:
        if isinstance(r, DominanceRule):
            who = Text("den största", "the largest") if r.n == 1 else Text(f"de {r.n} största", f"the {r.n} largest")
            sv.append(f"{who.sv} står för mer än {float(r.k):g} procent")
            en.append(f"{who.en} make more than {float(r.k):g} per cent of it")
        elif isinstance(r, PPercentRule):
            sv.append(f"någons belopp annars kan skattas inom {float(r.p):g} procent")
            en.append(f"somebody’s amount could otherwise be estimated within {float(r.p):g} per cent")
        elif isinstance(r, ContributorsRule):
            sv.append(f"färre än {r.least} personer bidrar")
            en.append(f"fewer than {r.least} persons contribute")
    return Text(
        f"Belopp visas inte heller där {' eller där '.join(sv)}.",
        f"An amount is not shown either where {' or where '.join(en)}.",
    )


def _share_rule(rule: ShareRule) -> Text:
    return Text(
        f"Antal visas bara bland fler än {rule.persons} invånare av vilka fler än {rule.having} räknas, och inte där "
        "nästan alla gör det.",
        f"A number is shown only among more than {rule.persons} inhabitants of whom more than {rule.having} are "
        "counted, and not where nearly all are.",
    )


def _shrunken(table: TableSpec) -> Text:
    population = any(m.kind == "rate" for m in table.measures)
    sv, en = (" och deras befolkning", " and by their population") if population else ("", "")
    return Text(
        f"Tal för små områden har dragits mot vad områdena omkring dem{sv} ger skäl att vänta. Det minskar det "
        "slumpmässiga felet, men ett område som verkligen skiljer sig kan se mer vanligt ut än det är. Intervallet är "
        "inte draget, och talet kan ligga långt från dess mitt.",
        f"Numbers of small areas were drawn towards what is to be expected by the areas around them{en}. That lessens "
        "the random error, but an area that really differs can look more ordinary than it is. The interval was not "
        "drawn, and the number can lie far from its middle.",
    )


def _noise(noise: Noise, table: TableSpec, several: int) -> Iterator[Text]:
    yield Text(
        "Talen är skattningar: slumpmässigt brus har lagts till för att skydda enskilda. Intervallet täcker det "
        "tal som bruset lades till i 95 fall av 100. Talen är avrundade så att delar av antal och summor går jämnt upp "
        "i sina totaler.",
        "The numbers are estimates: random noise was added to protect individuals. The interval covers the number "
        "that the noise was added to in 95 cases of 100. Numbers are rounded so that parts of counts and sums add up "
        "to their totals.",
    )
    if noise.estimate is EstimateKind.SHRUNKEN:
        yield _shrunken(table)
    yield Text(
        "Så jämförs två tal, till exempel två områdestyper eller två år: skillnaden ligger i 95 fall av 100 mellan det "
        "första talets undre gräns minus det andras övre och det första talets övre gräns minus det andras undre. "
        "Överlappar intervallen inte varandra är talen olika.",
        "To compare two numbers, for example two area types or two years: in 95 cases of 100 the difference lies "
        "between the lower bound of the first less the upper bound of the second, and the upper bound of the first "
        "less the lower bound of the second. Where the intervals do not overlap, the numbers differ.",
    )
    yield _bound(noise, table, several)
    if noise.withhold_below is not None:
        limit = f"{float(noise.withhold_below):g}"
        yield Text(
            f"Skattningar under {limit} visas inte (..). Det avgörs av det brusiga talet, inte av det sanna.",
            f"Estimates below {limit} are not shown (..). The noisy number decides that, not the true one.",
        )


def _together(table: TableSpec, partners: Sequence[TableSpec]) -> Iterator[Text]:
    """That tables of one measurement agree, and lose what they lose once."""
    if len(partners) > 1:
        others = [t.title for t in partners if t != table]
        sv, en = ", ".join(t.sv for t in others), ", ".join(t.en for t in others)
        yield Text(
            f"Tabellen är mätt tillsammans med: {sv}. De visar samma tal där de visar samma cell. Gränsen för vad en "
            "person bidrar med och integritetsförlusten (rho) gäller dem alla på en gång.",
            f"The table was measured together with: {en}. They show the same number where they show the same cell. The "
            "bound on what a person contributes and the privacy loss (rho) are those of all of them at once.",
        )


def _bound(noise: Noise, table: TableSpec, several: int) -> Text:
    sv, en = f"{several} per period", f"{several} a period"
    if table.count.kind in ("cases", "events"):
        per = noise.bound.per_cell
        sv, en = f"{several} kategorier och {per} i varje", f"{several} categories and {per} in each"
    return Text(
        f"Före bruset begränsas vad en person kan bidra med till {sv}, i det senaste området. Det tal "
        "som skattas kan därför vara något lägre än i registret.",
        f"Before the noise, what one person can contribute is bounded to {en}, in the latest area. The "
        "number estimated can therefore be slightly lower than in the register.",
    )


def _amounts(table: TableSpec, source: SourceDeclaration) -> Iterator[Text]:
    if any(source.amount(m.of).outside == "clamp" for m in (*table.sums, *table.quantiles)):
        yield Text(
            "Enstaka belopp utanför förutbestämda gränser räknas som gränsen.",
            "Single amounts beyond limits set in advance count as the limit.",
        )
    if isinstance(table.protection, Noise) and table.sums:
        yield Text(
            "I summor räknas högst ett förutbestämt belopp per person och kategori.",
            "In sums, at most an amount set in advance counts for each person and category.",
        )


def _derived(table: TableSpec) -> Iterator[Text]:
    if any(m.kind == "rate" for m in table.measures):
        yield Text(
            "Nämnaren är offentlig befolkningsstatistik och är inte skyddad. Där område ej är angivet finns ingen "
            "nämnare.",
            "The denominator is public population statistics and is not protected. Where no area is stated there is "
            "none.",
        )
    if any(m.kind in ("mean", "share") for m in table.measures):
        yield Text(
            "Medelvärden och andelar är beräknade av talen i samma tabell och visas bara där de visas.",
            "Means and shares are computed from the numbers of the same table and shown only where those are.",
        )
