"""What a protection level demands of each cell, as moves that must be proved possible."""

from dataclasses import dataclass

import numpy as np

from publisher.opaque import Opaque
from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import A0, A1, Evidence


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Needs(Opaque):
    """For each attacker a and cell: proved rise + fall >= width[a], proved rise >= rise[a].

    `width` and `rise` hold what sensitive cells need; every suppressed cell also needs width 1 under A1 (`exact`).
    """

    width: IntArray
    rise: IntArray
    order: tuple[int, int]

    def unmet(self, evidence: Evidence, attacker: int, suppressed: BoolArray, cells: IntArray | slice) -> BoolArray:
        """Which of `cells` the evidence does not yet show to be safe from `attacker`; `suppressed`: over `cells`."""
        width = self.width[attacker][cells]
        if attacker == A1:
            width = np.maximum(width, suppressed)
        up, down = evidence.up[attacker][cells], evidence.down[attacker][cells]
        return np.asarray((up + down < width) | (up < self.rise[attacker][cells]), dtype=np.bool_)


def needs_of(level: ProtectionLevel, values: IntArray, sensitive: BoolArray, threshold: int) -> Needs:
    """The needs of `level` (SUPPRESSION.md, protection levels for counts).

    exact: no suppressed cell is a point.  interval: a sensitive cell is also at least `threshold` wide under A0.
    ambiguous: under A1 it also reaches `threshold`, and is at least threshold - 1 wide.
    """
    width = np.zeros((2, len(values)), dtype=np.int64)
    rise = np.zeros((2, len(values)), dtype=np.int64)
    if level is not ProtectionLevel.EXACT:
        width[A0, sensitive] = threshold
    if level is ProtectionLevel.AMBIGUOUS:
        width[A1, sensitive] = threshold - 1
        rise[A1, sensitive] = np.maximum(threshold - values[sensitive], 0)
    order = (A1, A0) if level is ProtectionLevel.AMBIGUOUS else (A0, A1)
    return Needs(width, rise, order)
