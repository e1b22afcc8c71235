"""Secondary suppression of one linked system: the pattern, as a receipt."""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass

import numpy as np
from scipy import sparse

from publisher.opaque import Opaque, require_mint
from publisher.policy.model import ProtectionLevel, ThresholdRule
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray, Graph
from publisher.suppression.choose import choose
from publisher.suppression.cuts import Demand
from publisher.suppression.evidence import Evidence
from publisher.suppression.insiders import protect_from_insiders
from publisher.suppression.needs import Needs, needs_of, reach_needs
from publisher.suppression.prune import prune
from publisher.suppression.search import Search
from publisher.suppression.sheets import Sheets, protect_in_sheets

_MINT = object()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SuppressionPattern(Opaque):
    """Which cells of a system are withheld.  Opaque: which of them are sensitive never leaves the secret side.

    `suppressed`, `sensitive`: over all cells of the system, read-only; cells that no table shows are never True.
    `circulations`: changes of the exact values, one a row over all cells, that keep every equation and move nothing
    that is published: what the search holds for its proof, for others to check; of the count, where several measures
    share the pattern.  None where they are not known.
    """

    suppressed: BoolArray
    sensitive: BoolArray
    circulations: sparse.csr_array | None
    mint: InitVar[object]

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "SuppressionPattern")
        if self.suppressed.shape != self.sensitive.shape or np.any(self.sensitive & ~self.suppressed):
            raise ValueError("a sensitive cell is not suppressed")
        self.suppressed.flags.writeable = False
        self.sensitive.flags.writeable = False

    @property
    def primary_count(self) -> int:
        """Number of sensitive cells."""
        return int(self.sensitive.sum())

    @property
    def secondary_count(self) -> int:
        """Number of cells withheld to protect the sensitive ones."""
        return int(self.suppressed.sum()) - self.primary_count


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layer(Opaque):
    """One measure over the cells of a linked system, and what is settled about it before the search.

    All arrays run over the cells of the system.  `values`: exact counts or sums.  `sensitive`: cells that need what
    their measure's rules promise.  `withheld`: cells that another measure of the same cells withholds: they need no
    more than not to be a point.  `forced`: must be published; a sensitive cell is withheld all the same.  `zeros`:
    never withheld, since everybody would know their value.  `weights`: positive, from public sizes only
    (`publisher.suppression.weights`).  `top`: how far a cell can rise by public knowledge, NO_TOP where nothing bounds
    it; true values and whatever is shown to be possible stay below.  `insiders`: for each cell the label of its one
    contributor, who must not work out a sensitive cell that is not his own; negative where there are several (None:
    insiders are not thought of).
    """

    values: IntArray
    sensitive: BoolArray
    withheld: BoolArray
    forced: BoolArray
    zeros: BoolArray
    weights: IntArray
    top: IntArray
    insiders: IntArray | None = None

    def check(self, system: LinkedSystem) -> Graph:
        """The graph of the system; ValueError for arrays that do not fit it, or values that break its equations."""
        arrays = (self.values, self.sensitive, self.withheld, self.forced, self.zeros, self.weights, self.top)
        if any(a.shape != (system.size,) for a in arrays):
            raise ValueError(f"every array must have one entry for each of the {system.size} cells")
        if any(a.dtype != np.int64 for a in (self.values, self.weights, self.top)):
            raise ValueError("values, weights and top are int64")
        if any(a.dtype != bool for a in (self.sensitive, self.withheld, self.forced, self.zeros)):
            raise ValueError("sensitive, withheld, forced and zeros are bool")
        if np.any(self.weights <= 0) or np.any(self.top < 0):
            raise ValueError("a weight is not positive, or a value lies above its public bound")
        if self.insiders is not None and (self.insiders.shape != (system.size,) or self.insiders.dtype != np.int64):
            raise ValueError("insiders are int64, one for each cell")
        if np.any(self.zeros & (self.values != 0)):
            raise ValueError("a cell that counts as a zero is none")
        if np.any(self.zeros & (self.sensitive | self.withheld)):
            raise ValueError("a cell of value 0 is sensitive although zeros are published")
        graph = Graph.of(system.equations)
        if np.any(graph.by_row @ self.values):
            raise ValueError("the values do not satisfy the equations of the system")
        return graph


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CountTerms(Opaque):
    """What the level promises of counts (SUPPRESSION.md).

    `threshold`: the width, in units of the values, that the level asks for.  `known_zeros`: zeros are published, so
    that attacker A1 knows of every withheld cell that it is at least 1.  `fall`: what some cells must be able to fall
    besides, so that nobody can be sure that nearly all of a population are counted.  `lower`: the least that each cell
    can be by what is known besides the tables (None: 0).
    """

    level: ProtectionLevel
    threshold: int
    known_zeros: bool
    fall: IntArray
    lower: IntArray | None = None


def find_pattern(system: LinkedSystem, layer: Layer, terms: CountTerms) -> SuppressionPattern:
    """Which cells of a count to withhold so that the promise of its level holds for every cell of `system`.

    Cells that are not shown are unknown to everybody: they cost nothing and are never in the pattern.  The same input
    gives the same pattern.  SuppressionError where no pattern was found, with the number of cells and their indexes;
    ValueError for input that does not fit together.
    """
    if np.any(layer.values < 0):
        raise ValueError("a count is negative")
    graph, (room, needs) = layer.check(system), demands_of_counts(system.shown, layer, terms)
    return _search(graph, system, layer, (room, needs, 2 * terms.threshold))


def find_sum_pattern(
    system: LinkedSystem, layer: Layer, *, lower: IntArray, rise: IntArray, fall: IntArray,
    width: IntArray | None = None,
) -> SuppressionPattern:  # fmt: skip
    """Which cells of a sum to withhold: the interval of a sensitive one contains [value - fall, value + rise].

    `width`: how wide it is at least (sliding protection; None: no more than that).  `lower`: the least that a cell can
    be by public knowledge.  No withheld cell is a point.  Raises as `find_pattern`.
    """
    graph, (room, needs) = layer.check(system), demands_of_sums(system.shown, layer, lower, (rise, fall, width))
    reach = 2 * int(max(a.max(initial=0) for a in (needs.rise, needs.fall, needs.width, np.ones(1))))
    return _search(graph, system, layer, (room, needs, reach), np.maximum(needs.rise, needs.fall))


def demands_of_counts(shown: BoolArray, layer: Layer, terms: CountTerms) -> tuple[tuple[IntArray, IntArray], Needs]:
    """How far each cell can fall for A0 and A1, and what a pattern must leave open; ValueError for a low value."""
    least = np.zeros_like(layer.values) if terms.lower is None else terms.lower
    _check_lower(layer, least)
    known = np.maximum(least, shown & terms.known_zeros)
    room = (layer.values - least, np.maximum(layer.values - known, 0))
    sensitive = layer.sensitive & shown
    threshold = ThresholdRule(terms.threshold).threshold
    return room, needs_of(terms.level, sensitive, threshold, terms.fall * sensitive)


def demands_of_sums(
    shown: BoolArray, layer: Layer, lower: IntArray, reach: tuple[IntArray, IntArray, IntArray | None]
) -> tuple[tuple[IntArray, IntArray], Needs]:
    """The same of a sum.  `reach`: rise, fall and width of `find_sum_pattern`."""
    _check_lower(layer, lower)
    room, (rise, fall, width) = layer.values - lower, reach
    ends = (rise, fall, np.zeros_like(rise) if width is None else width)
    return (room, room), reach_needs(*(np.where(layer.sensitive & shown, a, 0) for a in ends))


def _check_lower(layer: Layer, lower: IntArray) -> None:
    if lower.shape != layer.values.shape or lower.dtype != np.int64 or np.any(layer.values < lower):
        raise ValueError("a value lies below its public bound")


def _search(
    graph: Graph, system: LinkedSystem, layer: Layer, terms: tuple[tuple[IntArray, IntArray], Needs, int],
    width: IntArray | None = None,
) -> SuppressionPattern:  # fmt: skip
    """`width`: of a sum, how wide the intervals of its sensitive cells must be to insiders too."""
    (room, needs, reach), shown = terms, system.shown
    sensitive, withheld = layer.sensitive & shown, layer.withheld & shown
    settled = sensitive | withheld
    fixed = shown & ~settled & (layer.forced | layer.zeros)
    evidence = Evidence(room=room, top=layer.top, droppable=shown & ~settled)
    search = Search(
        graph=graph, shown=shown, allowed=~fixed, hidden=~shown | settled,
        costs=layer.weights / layer.weights[shown].mean(), evidence=evidence, needs=needs, reach=reach,
        draw=np.random.default_rng(0),
    )  # fmt: skip
    search.refuse_stuck()
    choices = search.allowed & evidence.droppable & ~search.hidden
    demand = Demand(graph, shown, search.hidden.copy(), choices, room, layer.top, needs)
    cuts = choose(search, demand, None if layer.insiders is None else (np.where(shown, layer.insiders, -1), sensitive))
    sheets = Sheets.of(graph, system.across) if search.is_sparse() else None
    if sheets is not None:
        protect_in_sheets(search, sheets)
    search.run()
    prune(search, cuts)
    against_insiders = list[int]()
    if layer.insiders is not None:
        against_insiders = protect_from_insiders(search, layer.insiders, sensitive, width, sheets)
        search.run()  # what is withheld for insiders must be no point itself
    search.check(against_insiders)
    return SuppressionPattern(search.hidden & shown, sensitive, evidence.standing(against_insiders), _MINT)


def common_pattern(
    suppressed: BoolArray, sensitive: BoolArray, patterns: Sequence[SuppressionPattern], shown: Sequence[BoolArray],
    circulations: sparse.csr_array | None = None,
) -> SuppressionPattern:  # fmt: skip
    """The one mask of several measures over the same cells: every pattern must withhold just that where it is shown.

    `suppressed`, `sensitive`, and `shown` of each pattern: over the cells that all systems begin with; so are
    `circulations` of the count.  ValueError where a pattern differs.
    """
    for pattern, within in zip(patterns, shown, strict=True):
        if np.any(pattern.suppressed[: len(suppressed)] != (suppressed & within)):
            raise ValueError("two measures of one cell would be withheld in different places")
    return SuppressionPattern(suppressed.copy(), sensitive.copy(), circulations, _MINT)
