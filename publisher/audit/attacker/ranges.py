"""What an attack has seen and proved of each unknown, and how much work it may still spend."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.programme import TOLERANCE, Floats, Indices
from publisher.opaque import Opaque


@dataclass(slots=True, repr=False)
class Ranges(Opaque):
    """What was seen of each unknown: least and greatest value, and whether a programme proved them the ends.

    `integer`: those that whole numbers leave narrower than needed although the relaxation does not, or may leave so.
    """

    low: Floats
    high: Floats
    certified: NDArray[np.bool_]
    slop: float = TOLERANCE
    integer: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def see(self, columns: Indices, point: Floats, off: float = 0.0) -> None:
        """Widen by one point that satisfies the equations, but for as much as it may be `off`."""
        self.low[columns] = np.minimum(self.low[columns], point + off)
        self.high[columns] = np.maximum(self.high[columns], point - off)

    def start_from(self, columns: Ints, other: "Ranges", cells: Ints) -> None:
        """Begin with what an attacker who knows more was seen to leave open, as far as it was seen and not reasoned."""
        seen = ~other.integer[cells]
        np.minimum.at(self.low, columns[seen], other.low[cells[seen]])
        np.maximum.at(self.high, columns[seen], other.high[cells[seen]])

    def take(self, cells: Ints, other: "Ranges", columns: Ints) -> None:
        """Have those of some unknowns for some cells."""
        for own, its in zip(self._arrays(), other._arrays(), strict=True):
            own[cells] = its[columns]

    def _arrays(self) -> tuple[NDArray[np.generic], ...]:
        return self.low, self.high, self.certified, self.integer

    def at(self, places: Ints | Indices) -> "Ranges":
        """Those of some unknowns."""
        return Ranges(
            self.low[places], self.high[places], self.certified[places], self.slop, self.integer[places]
        )  # fmt: skip

    def whole(self) -> tuple[Floats, Floats]:
        """Least and greatest whole numbers inside."""
        return np.ceil(self.low - self.slop), np.floor(self.high + self.slop)

    def wanting(self, need: Floats) -> NDArray[np.bool_]:
        """Which unknowns are neither proved nor yet as wide as `need` (infinite: only proof settles)."""
        low, high = self.whole()
        return ~self.certified & ~((high - low >= need) & np.isfinite(need))

    def wants(self, column: int, need: float) -> bool:
        """`wanting` of one unknown."""
        width = np.floor(self.high[column] + self.slop) - np.ceil(self.low[column] - self.slop)
        return not self.certified[column] and not (width >= need and np.isfinite(need))

    def away(self, lower: Floats, upper: Floats, random: np.random.Generator) -> Floats:
        """Costs that send each up or down at random, but away from a bound that it was seen at."""
        costs = random.choice([-1.0, 1.0], size=len(lower))
        costs[self.low <= lower + TOLERANCE] = -1.0
        costs[self.high >= upper - TOLERANCE] = 1.0
        return np.asarray(costs)

    def agree(self, columns: Indices, lower: Floats, upper: Floats) -> None:
        """Certify those whose seen range goes as far, in whole numbers, as outer bounds allow.

        Outer bounds alone settle nothing: what they leave too narrow may be narrower still, and known to be small.
        """
        low, high = np.ceil(self.low[columns] - self.slop), np.floor(self.high[columns] + self.slop)
        self.certified[columns] |= (low <= lower) & (high >= upper)


@dataclass(slots=True)
class Work:
    """How much the whole programmes of a table may still spend on proofs (`Programme.spent`), whether whole numbers are
    asked for too, and how many questions about whole numbers may still be asked in large components, and in small."""

    left: float = np.inf
    integers: bool = False
    questions: int = 300
    small_questions: float = np.inf

    def grant(self, wanted: int, *, small: bool) -> int:
        """How many of so many questions may be asked."""
        given = int(min(wanted, self.small_questions if small else self.questions))
        self.small_questions -= given if small else 0
        self.questions -= 0 if small else given
        return given


def unseen(size: int) -> Ranges:
    """Ranges of which nothing is known yet."""
    return Ranges(np.full(size, np.inf), np.full(size, -np.inf), *_nothing(size))


def known(values: Floats) -> Ranges:
    """Ranges of numbers that are known."""
    found = Ranges(values, values.copy(), *_nothing(len(values)))
    found.certified[:] = True
    return found


def _nothing(size: int) -> tuple[NDArray[np.bool_], float, NDArray[np.bool_]]:
    proved, integer = np.zeros((2, size), dtype=np.bool_)
    return proved, TOLERANCE, integer
