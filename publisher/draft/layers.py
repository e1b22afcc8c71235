"""The measures of a suppressed policy as layers over one set of cells, and the one mask that serves all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from publisher.draft.earlier import COUNT, Told
from publisher.opaque import Opaque
from publisher.policy.model import Suppression, Zeros
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.insiders import NOBODY
from publisher.suppression.pattern import (
    CountTerms,
    Layer,
    SuppressionPattern,
    common_pattern,
    find_pattern,
    find_sum_pattern,
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CountLayer(Opaque):
    """The count of a policy.  Arrays over the cells of its own system, which begins with the cells of the keys.

    `sensitive`: by the frequency and share rules; `lower`, `top`, `fall`: as CountTerms and Layer have them.
    """

    system: LinkedSystem
    values: IntArray
    sensitive: BoolArray
    lower: IntArray
    top: IntArray
    fall: IntArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SumLayer(Opaque):
    """One sum of a policy.  Arrays over the cells of its system.

    `lower`, `upper`: public bounds of every cell, given how many cases it has.  `reach`: how far the interval of a
    sensitive cell must go to either side.
    """

    system: LinkedSystem
    values: IntArray
    sensitive: BoolArray
    lower: IntArray
    upper: IntArray
    reach: IntArray

    @property
    def fall(self) -> IntArray:
        """The reach downwards, no further than what everybody knows to be the least."""
        return np.asarray(np.minimum(self.reach, self.values - self.lower))

    @property
    def rise(self) -> IntArray:
        """The reach upwards, no further than what everybody knows to be the most."""
        return np.asarray(np.minimum(self.reach, self.upper - self.values))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Common(Opaque):
    """What all layers share, over the cells of the keys: cells that must be published, zeros, weights, what was told
    before, and who stands alone in a cell (None where that does not matter)."""

    forced: BoolArray
    zeros: BoolArray
    weights: IntArray
    told: Told
    insiders: IntArray | None


def protect_layers(
    rule: Suppression, count: CountLayer, sums: Mapping[str, SumLayer], common: Common
) -> SuppressionPattern:
    """One mask under which every layer keeps its promise; SuppressionError where there is none.

    What one layer withholds is withheld in the others too, and each is searched again until none adds a cell.  A cell
    that is sensitive in one measure only needs not to be a point in the others.  What was withheld before stays so; a
    number that was told before cannot be protected, and protects no other.
    """
    n = len(common.forced)
    layers: dict[str, CountLayer | SumLayer] = {COUNT: count, **sums}
    sensitive = count.sensitive[:n] | np.any([s.sensitive[:n] for s in sums.values()] or [np.zeros(n, bool)], axis=0)
    withheld, before = sensitive | common.told.kept, None
    while before is None or np.any(withheld != before):
        before, patterns = withheld.copy(), []
        for name, layer in layers.items():
            pattern = _find(rule, layer, (common, common.told.same[name]), withheld)
            patterns.append(pattern)
            withheld |= pattern.suppressed[:n]
    shown = count.system.shown[:n]
    within = [layer.system.shown[:n] & ~common.told.same[name] for name, layer in layers.items()]
    found = patterns[0].circulations
    proof = None if found is None else found[:, :n]
    return common_pattern(withheld & shown, sensitive & shown, patterns, within, proof)


def _find(
    rule: Suppression, layer: CountLayer | SumLayer, common: tuple[Common, BoolArray], withheld: BoolArray
) -> SuppressionPattern:
    if isinstance(layer, CountLayer):
        settled = _layer(layer, common, withheld, layer.top)
        terms = CountTerms(rule.level, rule.threshold, rule.zeros is Zeros.PUBLISHED, layer.fall, layer.lower)
        return find_pattern(layer.system, settled, terms)
    settled = _layer(layer, common, withheld, np.minimum(layer.upper - layer.values, NO_TOP))
    return find_sum_pattern(layer.system, settled, lower=layer.lower, rise=layer.rise, fall=layer.fall)


def _layer(
    layer: CountLayer | SumLayer, terms: tuple[Common, BoolArray], withheld: BoolArray, top: IntArray
) -> Layer:
    """The layer over its whole system: cells beyond those of the keys are neither zeros nor dear, and forced where the
    system says that they are known.

    `terms`: what all layers share, and which numbers of this one everybody knows.  A zero that is withheld because it
    was is no cell that everybody knows to be zero.
    """
    common, same = terms
    beyond = layer.system.size - len(withheld)

    def widened(array: BoolArray) -> BoolArray:
        return np.concatenate([array, np.zeros(beyond, dtype=np.bool_)])

    known = widened(same)
    sensitive = layer.sensitive & ~known
    return Layer(
        values=layer.values, sensitive=sensitive,
        withheld=widened(withheld) & layer.system.shown & ~sensitive & ~known,
        forced=np.concatenate([common.forced | same, layer.system.shown[len(withheld) :]]),
        zeros=widened(common.zeros & ~common.told.kept) & ~layer.sensitive & (layer.values == 0),
        weights=np.concatenate([common.weights, np.ones(beyond, dtype=np.int64)]), top=top,
        insiders=None if common.insiders is None else np.pad(common.insiders, (0, beyond), constant_values=NOBODY),
    )  # fmt: skip
