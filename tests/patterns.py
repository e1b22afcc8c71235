"""Patterns of a single count, from what most tests have at hand."""

import numpy as np

from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, SuppressionPattern, find_pattern


def count_pattern(
    system: LinkedSystem, *, values: IntArray, sensitive: BoolArray, forced: BoolArray, weights: IntArray,
    level: ProtectionLevel, threshold: int, zeros: Zeros, top: IntArray | None = None,
    insiders: IntArray | None = None,
) -> SuppressionPattern:  # fmt: skip
    """The pattern of counts that nothing but zero bounds, unless `top` says how far they can rise."""
    published = zeros is Zeros.PUBLISHED
    nothing = np.zeros(len(values), dtype=np.int64)
    layer = Layer(
        values=values, sensitive=sensitive, withheld=nothing.astype(bool), forced=forced,
        zeros=(values == 0) & published, weights=weights, top=nothing + NO_TOP if top is None else top,
        insiders=insiders,
    )  # fmt: skip
    return find_pattern(system, layer, CountTerms(level, threshold, published, nothing))
