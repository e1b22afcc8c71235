"""Upper levels stay where the unbiased estimate has them while cells are made non-negative, whatever the weights."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from alikeareas import LEVELS, UNBIASED, WHOLE, measured, rare, rmse, table

from publisher.policy.model import GroupWeight

WEIGHTS = {"regso": "0.001", "kommun": "0.02", "lan": "2", "area_type": "1", "riket": "1"}


def test_levels_that_are_all_brought_back_do_not_push_the_nation_away() -> None:
    """Nearly all cells are empty, and single areas and municipalities hardly measured: every level is lifted far by the
    cut at 0, and the noisy numbers of municipalities, cut at 0 too, come to more than the nation's."""
    times = tuple(GroupWeight(area, c, Fraction(w)) for area, w in WEIGHTS.items() for c in ((), ("benefit",)))
    spec = table(replace(LEVELS, times=times))
    counts = rare(np.random.default_rng(7))
    draws = measured(counts, spec, 6)
    unbiased, whole = (rmse(draws, kind, spec, counts) for kind in (UNBIASED, WHOLE))
    for group, error in whole.items():
        assert error < 1.05 * unbiased[group], group
