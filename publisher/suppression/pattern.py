"""Secondary suppression of one linked system: the pattern, as a receipt."""

from dataclasses import InitVar, dataclass

import numpy as np

from publisher.opaque import Opaque, require_mint
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray, Graph
from publisher.suppression.evidence import Evidence
from publisher.suppression.needs import needs_of
from publisher.suppression.prune import prune
from publisher.suppression.search import Search

_MINT = object()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SuppressionPattern(Opaque):
    """Which cells of a system are withheld.  Opaque: which of them are sensitive never leaves the secret side.

    `suppressed`, `sensitive`: over all cells of the system, read-only; cells that no table shows are never True.
    """

    suppressed: BoolArray
    sensitive: BoolArray
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


def find_pattern(
    system: LinkedSystem, *, values: IntArray, sensitive: BoolArray, forced: BoolArray, weights: IntArray,
    level: ProtectionLevel, threshold: int, zeros: Zeros,
) -> SuppressionPattern:
    """Which cells to withhold so that the promise of `level` (SUPPRESSION.md) holds for every cell of `system`.

    All arrays run over the cells of the system.  `values`: exact counts.  `sensitive`: by rule, whatever counted.
    `forced`: must be published; a sensitive cell is withheld all the same.  `weights`: positive, from public sizes
    only (`publisher.suppression.weights`).  `threshold`: the width, in units of `values`, that the level asks for.

    Cells that are not shown are unknown to everybody: they cost nothing and are never in the pattern.
    Where zeros are published a cell of value 0 is never withheld, since attackers know that withheld cells are at
    least 1.  The same input gives the same pattern.  SuppressionError where no pattern was found, with the number of
    cells and their indexes; ValueError for input that does not fit together.
    """
    _check_input(system, values, sensitive, forced, weights)
    graph, sensitive = Graph.of(system.equations), sensitive & system.shown
    if np.any(graph.by_row @ values):
        raise ValueError("the values do not satisfy the equations of the system")
    published = zeros is Zeros.PUBLISHED
    if published and np.any(sensitive & (values == 0)):
        raise ValueError("a cell of value 0 is sensitive although zeros are published")
    fixed = system.shown & ~sensitive & (forced | (published & (values == 0)))
    search = Search(
        graph=graph, shown=system.shown, allowed=~fixed, hidden=~system.shown | sensitive,
        costs=weights / weights.mean(), evidence=_no_evidence(system, values, sensitive, published),
        needs=needs_of(level, sensitive, ThresholdRule(threshold).threshold),
        reach=2 * threshold, draw=np.random.default_rng(0),
    )
    search.run()
    prune(search)
    search.check()
    return SuppressionPattern(search.hidden & system.shown, sensitive, _MINT)


def _check_input(
    system: LinkedSystem, values: IntArray, sensitive: BoolArray, forced: BoolArray, weights: IntArray
) -> None:
    if any(a.shape != (system.size,) for a in (values, sensitive, forced, weights, system.shown)):
        raise ValueError(f"every array must have one entry for each of the {system.size} cells")
    if values.dtype != np.int64 or weights.dtype != np.int64 or sensitive.dtype != bool or forced.dtype != bool:
        raise ValueError("values and weights are int64, sensitive and forced are bool")
    if np.any(values < 0) or np.any(weights <= 0):
        raise ValueError("a value is negative, or a weight is not positive")


def _no_evidence(system: LinkedSystem, values: IntArray, sensitive: BoolArray, published: bool) -> Evidence:
    """Nothing proved yet.  A0 knows that cells are at least 0; A1, with published zeros, that suppressed are 1."""
    known = system.shown & published
    return Evidence(room=(values, np.maximum(values - known, 0)), droppable=system.shown & ~sensitive)
