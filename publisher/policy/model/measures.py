"""What a table shows: counts, sums, quantiles, and what follows from them."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

COUNTS = ("cases", "events", "persons", "persons_distinct")
DERIVED = ("mean", "share", "rate")
MEASURE_KINDS = (*COUNTS, "sum", "quantile", *DERIVED)
MOST_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class Clamp:
    """What one person can add to one cell of a noisy sum, in whole units, for each code of `column` (empty: for all).

    `bounds`: pairs of a code (empty where `column` is) and the largest absolute sum.
    """

    column: str
    bounds: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        codes = [code for code, _ in self.bounds]
        if not codes or len(set(codes)) != len(codes) or (not self.column and codes != [""]):
            raise ValueError("clamp needs one number, or one for each code of a column")
        if not all(1 <= bound <= 10**9 for _, bound in self.bounds):
            raise ValueError("clamp: numbers must be between 1 and 1000000000")

    def of(self, code: str) -> int:
        """The bound of cells with this code."""
        return dict(self.bounds)[code if self.column else ""]


def check_candidates(candidates: tuple[int, ...]) -> None:
    """ValueError unless they are 2 to MOST_CANDIDATES whole numbers in rising order, none beyond 10**12."""
    if not 2 <= len(candidates) <= MOST_CANDIDATES:
        raise ValueError(f"candidates must be 2 to {MOST_CANDIDATES} numbers")
    if any(a >= b for a, b in pairwise(candidates)) or max(map(abs, candidates)) > 10**12:
        raise ValueError("candidates must rise strictly, and none be beyond 1000000000000")


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """One measure of a table.

    Counts: `cases` (persons' cases), `events` (records of cases), `persons` (person-cells, whose total is a sum),
    `persons_distinct` (different persons, whose total is not).  `cases` with a `rho` of its own stand beside `persons`,
    under noise, as a second count of the same persons under one bound.  `sum`: `of` an amount of the source; under
    noise with a `rho` and a `clamp` of its own.  `quantile` (under noise only): level `q` of what persons add up to in
    a cell, `of` an amount with a `rho` and `candidates` (whole numbers, the only ones it can be), or `of` such a
    quantile, from the same measurement.  Derived, from what the same table shows: `mean` (`of` a sum, a counted unit),
    `share` (`of` the count, in the total of column `within`), `rate` (`of` the count or a sum, of a public
    `denominator`).  `per`: a share or rate is of so many (100 = per cent).
    """

    id: str
    kind: str
    of: str = ""
    denominator: str = ""
    within: str = ""
    per: int = 1
    decimals: int = 0
    rho: Fraction | None = None
    clamp: Clamp | None = None
    q: Fraction | None = None
    candidates: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._check_quantile()
        if self.kind not in MEASURE_KINDS:
            raise ValueError(f"unknown kind of measure {self.kind}; known: {', '.join(MEASURE_KINDS)}")
        if bool(self.of) != (self.kind not in COUNTS):
            raise ValueError("of belongs to a sum, quantile, mean, share or rate, and each of them needs it")
        if (self.kind == "rate") != bool(self.denominator):
            raise ValueError("denominator belongs to a rate, and a rate needs it")
        if (self.kind == "share") != bool(self.within):
            raise ValueError("within belongs to a share, and a share needs it")
        if self.kind != "sum" and (self.clamp or (self.rho is not None and self.kind not in ("quantile", "cases"))):
            raise ValueError("rho and clamp belong to a sum, rho to a quantile and to cases beside persons too")
        if self.per < 1 or not 0 <= self.decimals <= 6:
            raise ValueError("per must be at least 1, decimals between 0 and 6")
        if self.per > 1 and self.kind not in ("share", "rate"):
            raise ValueError("per belongs to a share or rate")

    def _check_quantile(self) -> None:
        if (self.kind == "quantile") != (self.q is not None) or (self.candidates and self.kind != "quantile"):
            raise ValueError("q and candidates belong to a quantile, which needs q")
        if self.q is not None and not (0 < self.q < 1 and 1000 % self.q.denominator == 0):
            raise ValueError("q must be above 0 and below 1, with at most three decimals")
        if self.candidates:
            check_candidates(self.candidates)
        if self.kind == "quantile" and ((self.rho is None) != (not self.candidates) or self.decimals):
            raise ValueError("a quantile has a rho and candidates, or neither where it is of another; and no decimals")

    @property
    def derived(self) -> bool:
        """Whether the measure follows from others of its table."""
        return self.kind in DERIVED
