"""Primary suppression: which cells are sensitive by rule.  One function a rule."""

import numpy as np
from numpy.typing import NDArray

from publisher.policy.model import ThresholdRule, Zeros
from publisher.relations import IntArray


def sensitive_cells(contributors: IntArray, *, rule: ThresholdRule, zeros: Zeros) -> NDArray[np.bool_]:
    """Cells that break the minimum frequency rule; any shape, returned in the same shape.

    `contributors`: units that the rule counts in each cell (distinct persons, or cases where the policy says so).
    1 to threshold - 1 units are too few; where zeros are protected, so is none.  ValueError for a negative count.
    Source: Handbook on Statistical Disclosure Control (Hundepool et al. 2012), section 4.2.1 (frequency rule).
    """
    if contributors.size and int(contributors.min()) < 0:
        raise ValueError("a cell cannot have fewer than no contributors")
    least = 0 if zeros is Zeros.PROTECTED else 1
    return np.asarray((contributors >= least) & (contributors < rule.threshold), dtype=np.bool_)
