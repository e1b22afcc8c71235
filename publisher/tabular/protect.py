"""From leaf cells to the pattern of a table: primary rules, what must be published, weights, and the search."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import sparse

from publisher.audit.attacker.plain import PlainAlternatives
from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.policy.model import ThresholdRule, Zeros
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.lower import LowerBound, lower_bound, lower_bound_of_sums
from publisher.suppression.pattern import CountTerms, Layer, SuppressionPattern, find_pattern, find_sum_pattern
from publisher.suppression.primary import Amounts, protection_levels, sensitive_cells, sensitive_sums
from publisher.suppression.single import single_units
from publisher.suppression.weights import public_weights
from publisher.tabular.cells import Cells
from publisher.tabular.leaves import Leaves
from publisher.tabular.sizes import public_sizes
from publisher.tabular.spec import Spec
from publisher.tabular.table import write_table

PUBLIC_KEY = b"publisher protect: a public key"
"""Breaks ties where no key is given, so that the same input gives the same pattern for everybody."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Demands(Opaque):
    """What the rules say of every cell, flat.

    `sensitive`: by the rules.  `fall`, `rise`: how far the interval of a sensitive sum must reach; 0 for counts.
    """

    sensitive: BoolArray
    fall: IntArray
    rise: IntArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProtectedTable(Opaque):
    """A table with its pattern; secret until its bytes are drawn from it.  Arrays over all cells, flat.

    `layer`: its values, and what was settled before the search.
    """

    cells: Cells
    layer: Layer
    demands: Demands
    pattern: SuppressionPattern

    def __post_init__(self) -> None:
        if not self.values.shape == self.pattern.suppressed.shape == self.demands.sensitive.shape:
            raise ValueError("values, demands and pattern are of different tables")

    @property
    def values(self) -> IntArray:
        """The exact value of every cell."""
        return self.layer.values

    @property
    def secondary_value(self) -> int:
        """What is withheld in cells that are not sensitive, all together."""
        return int(self.values[self.pattern.suppressed & ~self.pattern.sensitive].sum())

    @property
    def alternatives(self) -> PlainAlternatives | None:
        """Other numbers that fit what is published, which the search holds for its proof."""
        found = self.pattern.circulations
        keys = tuple(product(*(a.codes for a in self.cells.axes)))
        return None if found is None else PlainAlternatives(keys, self.values, sparse.csr_matrix(found))

    def table_bytes(self) -> bytes:
        """TABLE.csv."""
        axes = self.cells.axes
        return write_table([a.column for a in axes], [a.codes for a in axes], self.values, self.pattern.suppressed)


def protect(leaves: Leaves, spec: Spec, *, key: bytes = PUBLIC_KEY) -> ProtectedTable:
    """Find which cells to withhold.  `key`: breaks ties; who does not know it can hardly rerun the search.

    SuppressionError where no pattern keeps the promise; TableError for a table that is too large.
    """
    cells = Cells.of(leaves.axes)
    values, system = cells.add_up(leaves.values), cells.system()
    demands = make_demands(leaves, cells, values, spec)
    zeros = (values == 0) & (spec.zeros is Zeros.PUBLISHED)
    forced = cells.at_levels(spec.forced)
    insiders = single_units(system, values) if spec.insiders else None
    for sizes in public_sizes(leaves, cells, values, forced=forced, sensitive=demands.sensitive):
        layer = Layer(
            values=values, sensitive=demands.sensitive, withheld=np.zeros_like(zeros), forced=forced, zeros=zeros,
            weights=public_weights(sizes.sizes, key=key), top=np.full_like(values, NO_TOP), insiders=insiders,
        )  # fmt: skip
        try:
            pattern = _find(system, layer, demands, spec)
        except SuppressionError as error:
            raise _in_codes(error, cells) from None
        if not pattern.suppressed[sizes.used].any():
            return ProtectedTable(cells, layer, demands, pattern)
    raise SuppressionError("a cell that is published for certain was withheld")


def _in_codes(error: SuppressionError, cells: Cells) -> SuppressionError:
    """The same refusal with the codes of the cells instead of their indexes."""
    if not error.cells:
        return error
    named = "; ".join(" x ".join(cells.codes_at(c)) for c in error.cells)
    return SuppressionError(
        "these cells cannot be protected together with those that must be published (publish fewer for certain, or "
        f"join categories): {named}", cells=error.cells,
    )  # fmt: skip


def make_demands(leaves: Leaves, cells: Cells, values: IntArray, spec: Spec) -> Demands:
    """Apply the primary rules to every cell; `values` over all cells, flat."""
    if not spec.is_sum:
        few = sensitive_cells(values, rule=ThresholdRule(spec.threshold), zeros=spec.zeros)
        return Demands(few, np.zeros_like(values), np.zeros_like(values))
    amounts = Amounts(_at_least_two(cells.largest(leaves.largest)), values, cells.add_up(leaves.contributors))
    sensitive = sensitive_sums(amounts, spec.sum_rules) & (values > 0)
    reach = protection_levels(amounts, spec.sum_rules, few=np.zeros_like(sensitive)) * sensitive
    return Demands(sensitive, np.minimum(reach, values - _least_sums(values)), reach)


def _at_least_two(largest: IntArray) -> IntArray:
    """With a second column of zeros where there is one only: rules look at the two largest."""
    missing = max(0, 2 - largest.shape[-1])
    return np.pad(largest, [(0, 0), (0, missing)])


def _least_sums(values: IntArray) -> IntArray:
    """Zeros are published, so that everybody knows that a withheld sum is at least 1."""
    return (values > 0).astype(np.int64)


def _find(system: LinkedSystem, layer: Layer, demands: Demands, spec: Spec) -> SuppressionPattern:
    if spec.is_sum:
        lower = _least_sums(layer.values)
        return find_sum_pattern(system, layer, lower=lower, rise=demands.rise, fall=demands.fall)
    return find_pattern(system, layer, _terms(demands, spec))


def bound_secondary(made: ProtectedTable, spec: Spec) -> LowerBound:
    """What any pattern of the table withholds at least besides the sensitive cells, with its certificate."""
    system, layer, demands = made.cells.system(), made.layer, made.demands
    if spec.is_sum:
        lower = _least_sums(layer.values)
        return lower_bound_of_sums(system, layer, lower=lower, rise=demands.rise, fall=demands.fall)
    return lower_bound(system, layer, _terms(demands, spec))


def _terms(demands: Demands, spec: Spec) -> CountTerms:
    return CountTerms(spec.level, spec.threshold, spec.zeros is Zeros.PUBLISHED, fall=demands.fall)
