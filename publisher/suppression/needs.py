"""What a protection level demands of each cell, as moves that must be proved possible."""

from dataclasses import dataclass

import numpy as np

from publisher.opaque import Opaque
from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray, FloatArray
from publisher.suppression.evidence import A0, A1, Evidence


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Needs(Opaque):
    """For each attacker a and cell: the proved rise and fall together must be at least width[a].

    `rise`, `fall`: what must be proved of each by itself, against both attackers.  These hold what sensitive cells
    need; every suppressed cell also needs width 1 under A1 (`exact`).  `order`: for which attacker circulations are
    looked for first.
    """

    width: IntArray
    rise: IntArray
    fall: IntArray
    order: tuple[int, int]

    def unmet(self, evidence: Evidence, attacker: int, suppressed: BoolArray, cells: IntArray | slice) -> BoolArray:
        """Which of `cells` the evidence does not yet show to be safe from `attacker`; `suppressed`: over `cells`."""
        return self.lacking(attacker, (evidence.up[attacker][cells], evidence.down[attacker][cells]), suppressed, cells)

    def lacking(
        self, attacker: int, moves: tuple[IntArray | FloatArray, IntArray | FloatArray], suppressed: BoolArray,
        cells: IntArray | slice,
    ) -> BoolArray:  # fmt: skip
        """Which of `cells` are not safe if they rise and fall (`moves`) no further than that."""
        width = self.width[attacker][cells]
        if attacker == A1:
            width = np.maximum(width, suppressed)
        up, down = moves
        return np.asarray((up + down < width) | (up < self.rise[cells]) | (down < self.fall[cells]), dtype=np.bool_)


def reach_needs(rise: IntArray, fall: IntArray, width: IntArray) -> Needs:
    """The needs of sums: the interval of a sensitive cell contains [value - fall, value + rise], and is that wide."""
    return Needs(np.stack([width, width]), rise, fall, (A1, A0))


def needs_of(level: ProtectionLevel, sensitive: BoolArray, threshold: int, fall: IntArray) -> Needs:
    """The needs of `level` (SUPPRESSION.md, protection levels for counts).

    exact: no suppressed cell is a point.  interval: a sensitive cell is also at least `threshold` wide under A0.
    ambiguous: under A1 it is also at least threshold - 1 wide.  That its upper bound reaches `threshold` follows: where
    zeros are published its lower bound is at least 1, and where they are protected A1 is A0.  `fall`: what some cells
    must be able to fall besides (group disclosure).
    """
    width = np.zeros((2, len(sensitive)), dtype=np.int64)
    if level is not ProtectionLevel.EXACT:
        width[A0, sensitive] = threshold
    if level is ProtectionLevel.AMBIGUOUS:
        width[A1, sensitive] = threshold - 1
    order = (A1, A0) if level is ProtectionLevel.AMBIGUOUS else (A0, A1)
    return Needs(width, np.zeros_like(fall), fall, order)
