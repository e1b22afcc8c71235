"""From measurements to a noisy table: estimate, mark, describe.  No exact number can come here (import contract)."""

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from types import MappingProxyType

from publisher.draft.quantile_words import quantile_bound
from publisher.draft.sensitivity import charges_of, sensitivity_text
from publisher.draft.tables import ProtectedMeasure
from publisher.errors import PolicyError
from publisher.ledger import UNITS_PER_RHO, format_units
from publisher.noise.accounting import epsilon
from publisher.noise.agreement import shared_estimates
from publisher.noise.combine import estimates
from publisher.noise.measurement import Measurement
from publisher.noise.postprocess import Estimate
from publisher.noise.publish import BoolArray, ProtectedCells, protect, rate_cells, withheld_cells
from publisher.noise.quantiles import quantiles as measured_quantiles
from publisher.noise.ratios import Term, mean_cells, share_cells, term_of
from publisher.noise.workloads import Workload
from publisher.policy.model import Clamp, EstimateKind, MeasureSpec, Noise, TableSpec
from publisher.relations import IntArray, KeySet
from publisher.release.model import NoiseFacts, Text


def workload_measures(
    measured: Mapping[str, Measurement], workload: Workload, *,
    populations: Callable[[KeySet], Mapping[str, IntArray]], signed: Callable[[TableSpec], Collection[str]],
) -> dict[str, dict[str, ProtectedMeasure]]:  # fmt: skip
    """Every measure of every table of a workload, by table id and measure id.

    `measured`: by part name; `populations`: denominators of a key set; `signed`: sums of a table that may be negative.
    """
    pairs = list(zip(workload.tables, workload.views, strict=True))
    if not workload.shared:
        return {
            t.id: noisy_measures(
                measured, t, keys, noise=workload.terms(t), populations=populations(keys), signed=signed(t)
            )
            for t, keys in pairs
        }
    found = shared_estimates(measured[workload.parts[0].name], workload)
    return {
        t.id: shown_measures(
            {t.count.id: found[t.id]}, t, noise=workload.terms(t), populations=populations(keys)
        )
        for t, keys in pairs
    }  # fmt: skip


def noisy_measures(
    measured: Mapping[str, Measurement], table: TableSpec, keys: KeySet, *, noise: Noise,
    populations: Mapping[str, IntArray], signed: Collection[str],
) -> dict[str, ProtectedMeasure]:  # fmt: skip
    """Every measure of a noise table, from what was measured of its parts.

    `measured`: by part name; `populations`: denominators by id, shape keys.shape; `signed`: sums that may be negative.
    """
    population = sizes_of_areas(table, populations)
    found = estimates(measured, table, keys, kind=noise.estimate, signed=signed, population=population)
    own = measured_quantiles(measured, table, keys, noise=noise, count=found[table.count.id])
    return shown_measures(found, table, noise=noise, populations=populations, signed=signed, quantiles=own)


def sizes_of_areas(table: TableSpec, populations: Mapping[str, IntArray]) -> IntArray | None:
    """The population of the table's first rate, which is the size of areas for a shrunken estimate; None without."""
    return next((populations[m.denominator] for m in table.measures if m.kind == "rate"), None)


def shown_measures(
    found: Mapping[str, Estimate], table: TableSpec, *, noise: Noise, populations: Mapping[str, IntArray],
    signed: Collection[str] = (), quantiles: Mapping[str, ProtectedCells] = MappingProxyType({}),
) -> dict[str, ProtectedMeasure]:  # fmt: skip
    """Every measure of a noise table, from the estimates of what adds up, by measure id, and its `quantiles`.

    The noisy count of a cell decides for all its measures whether it is withheld.
    """
    withheld = withheld_cells(found[table.count.id], noise)
    cells = {m.id: _protected(m, table, found[m.id], (noise, withheld), signed) for m in table.added_up}
    cells |= quantiles
    for m in table.measures:
        if m.kind == "rate":
            cells[m.id] = rate_cells(cells[m.of], populations[m.denominator], per=m.per, decimals=m.decimals)
        elif m.derived:
            cells[m.id] = _ratio(m, table, (found, cells), signed)
    return {m.id: _arrays(cells[m.id]) for m in table.measures}


def _protected(
    m: MeasureSpec, table: TableSpec, estimate: Estimate, terms: tuple[Noise, BoolArray], signed: Collection[str]
) -> ProtectedCells:
    noise, withheld = terms
    try:
        return protect(estimate, noise=noise, decimals=m.decimals, withheld=withheld, signed=m.id in signed)
    except PolicyError as error:
        raise PolicyError(f"table {table.id}: measure {m.id}: {error}") from None


def _ratio(
    m: MeasureSpec, table: TableSpec, known: tuple[Mapping[str, Estimate], Mapping[str, ProtectedCells]],
    signed: Collection[str],
) -> ProtectedCells:  # fmt: skip
    """A mean or a share."""
    found, cells = known
    keys = found[table.count.id].keys

    def term(measure: MeasureSpec) -> Term:
        return term_of(found[measure.id], cells[measure.id], signed=measure.id in signed)

    if m.kind == "share":
        axis = 1 + [c.id for c in keys.columns].index(m.within)
        return share_cells(keys, term(table.count), axis=axis, per=m.per, decimals=m.decimals)
    above = next(s for s in table.sums if s.id == m.of)
    return mean_cells(keys, term(above), term(table.count), decimals=m.decimals)


def _arrays(cells: ProtectedCells) -> ProtectedMeasure:
    return ProtectedMeasure(
        values=cells.value, status=cells.status, lower=cells.lower, upper=cells.upper, numbered=cells.numbered
    )


def noise_facts(table: TableSpec, workload: Workload) -> NoiseFacts:
    """What the public is told of a table of a workload; `deployments.statement` makes the public statement of it.

    Of tables that are measured together each states what all of them cost, once, and names them.
    """
    units = sum(p.rho_units for p in workload.parts)
    return NoiseFacts(
        rho=format_units(units),
        delta="1e-7",
        epsilon=f"{epsilon(Fraction(units, UNITS_PER_RHO)):.2f}",
        unit=Text(
            "alla uppgifter om en person under ett år, bland dem som tabellen räknar",
            "all records of one person in one year, among those that the table counts",
        ),
        bound=_bound(table, workload),
        mechanism=Text(
            "diskret gaussiskt brus på heltal (OpenDP), zCDP, lägga till eller ta bort en person",
            "discrete Gaussian noise on integers (OpenDP), zCDP, adding or removing one person",
        ),
        postprocessing=_postprocessing(table, workload.terms(table), shared=workload.shared),
        unprotected=Text(
            "områden, kategorier och befolkning är offentliga; andra uppgifter om samma personer, som andra tabeller "
            "räknar, omfattas inte",
            "areas, categories and population are public; other records of the same persons, which other tables count, "
            "are not covered",
        ),
        sensitivity=sensitivity_text(table, workload),
        measured=charges_of(table, workload),
        together=tuple(t.id for t in workload.tables) if workload.shared else (),
    )


def _bound(table: TableSpec, workload: Workload) -> Text:
    """Combinations of case categories, cases in each, amounts in each; all in one area."""
    text = _own_bound(table, workload.noise, workload.keys)
    if not workload.shared:
        return text
    names = ", ".join(t.id for t in workload.tables)
    return Text(
        f"{text.sv}; gemensamt för tabellerna {names}, som är mätta en enda gång",
        f"{text.en}; in common for the tables {names}, which are measured once",
    )


def _own_bound(table: TableSpec, noise: Noise, keys: KeySet) -> Text:
    several = 1 if all(c.personal for c in keys.columns) else noise.bound.cells
    kind = table.count.kind
    if kind in ("cases", "events"):
        counted = Text("ärenden", "cases") if kind == "cases" else Text("händelser", "events")
        sv, en = f"högst {noise.bound.per_cell} {counted.sv}", f"at most {noise.bound.per_cell} {counted.en}"
        if several > 1:
            sv += f" i var och en av {several} kombinationer av kategorier"
            en += f" in each of {several} combinations of categories"
        text = Text(
            f"{sv} per person och period, i ett område (det senaste)",
            f"{en} a person and period, in one area (the latest)",
        )
    else:
        text = Text(
            f"högst {several} per person och period, i ett område (det senaste)",
            f"at most {several} a person and period, in one area (the latest)",
        )
    for m in table.beside:
        per = noise.bound.per_cell
        text = Text(
            f"{text.sv}; {m.id}: högst {per} ärenden per person i var och en av dem",
            f"{text.en}; {m.id}: at most {per} cases a person in each of them",
        )
    for m in table.sums:
        if m.clamp is not None:
            limits = _limits(m.clamp)
            text = Text(
                f"{text.sv}; {m.id}: högst {limits} per person i var och en av dem",
                f"{text.en}; {m.id}: at most {limits} a person in each of them",
            )
    more = quantile_bound(table, several)
    return text if more is None else Text(text.sv + more.sv, text.en + more.en)


def _limits(clamp: Clamp) -> str:
    return ", ".join(f"{limit} ({code})" if code else str(limit) for code, limit in clamp.bounds)


def _postprocessing(table: TableSpec, noise: Noise, *, shared: bool) -> Text:
    sv = ["viktad minsta kvadrat, avrundad så att delarna summerar till totalen i båda områdesindelningarna"]
    en = ["weighted least squares, rounded so that parts add up to totals in both divisions of areas"]
    if noise.estimate is not EstimateKind.UNBIASED:
        sv.append("tal under noll förekommer inte; det ger en liten förskjutning uppåt i de minsta talen")
        en.append("no number is below zero, which moves the smallest numbers slightly upwards")
    if noise.estimate is EstimateKind.SHRUNKEN:
        sv.append(
            "tal för små områden dras mot vad områdena omkring dem ger skäl att vänta, olika mycket efter hur lika de "
            "brusiga talen är (sammanvägd småområdesskattning); intervallen är den väntevärdesriktiga skattningens"
        )
        en.append(
            "numbers of small areas are drawn towards what the areas around them let expect, more or less by how alike "
            "the noisy numbers are (composite small area estimation); intervals are those of the unbiased estimate"
        )
    if table.count.kind == "persons_distinct":
        sv[0] = f"{sv[0]} (för olika personer: över områden och personens egna kategorier)"
        en[0] = f"{en[0]} (of different persons: over areas and the person's own categories)"
    if shared:
        sv.append("tabeller som är mätta tillsammans visar samma tal där de visar samma cell")
        en.append("tables that are measured together show the same number where they show the same cell")
    if noise.withhold_below is not None:
        sv.append("små skattningar visas inte")
        en.append("small estimates are not shown")
    if any(m.kind in ("mean", "share") for m in table.measures):
        sv.append("medelvärden och andelar är kvoter av två skattningar")
        en.append("means and shares are ratios of two estimates")
    if table.quantiles:
        sv.append("kvantiler läses av ur brusiga antal personer efter belopp")
        en.append("quantiles are read from noisy counts of persons by amount")
    return Text("; ".join(sv), "; ".join(en))
