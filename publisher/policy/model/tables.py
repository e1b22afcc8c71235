"""One table of a policy."""

from dataclasses import dataclass
from fractions import Fraction

from publisher.policy.model.measures import COUNTS, MeasureSpec
from publisher.policy.model.noise import Noise
from publisher.policy.model.suppression import Suppression
from publisher.release.model import AREA_LEVELS, FORMULA, TOTAL, Text


@dataclass(frozen=True, slots=True)
class JoinedCode:
    """A code that a table shows in place of several of a column's declared ones (`of`), with its own text."""

    code: str
    text: Text
    of: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.code in ("", TOTAL):
            raise ValueError(f"join: a code may not be empty or {TOTAL}")
        if len(self.of) < 2 or len(set(self.of)) != len(self.of):
            raise ValueError(f"join: code {self.code} must be of at least two codes, each named once")
        if any(t.startswith(FORMULA) for t in (self.code, self.text.sv, self.text.en)):
            raise ValueError("join: a code or text may not begin like a formula of a spreadsheet (= + - @ tab)")


@dataclass(frozen=True, slots=True)
class CategorySpec:
    """A category column of the source, with or without its total.

    `join`: codes that stand for several declared ones; all others stay as they are.
    """

    column: str
    total: bool
    join: tuple[JoinedCode, ...] = ()

    def __post_init__(self) -> None:
        new, parts = [j.code for j in self.join], [part for j in self.join for part in j.of]
        if len(set(new)) != len(new):
            raise ValueError(f"join: a new code of {self.column} may stand once")
        if len(set(parts)) != len(parts):
            raise ValueError(f"join: a code of {self.column} may be joined into one code only")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a policy."""

    id: str
    title: Text
    measures: tuple[MeasureSpec, ...]
    categories: tuple[CategorySpec, ...]
    areas: tuple[str, ...]
    protection: Suppression | Noise

    def __post_init__(self) -> None:
        if not self.measures or not self.areas:
            raise ValueError("a table needs at least one measure and one area level")
        if len(set(self.areas)) != len(self.areas) or any(a not in AREA_LEVELS for a in self.areas):
            raise ValueError(f"areas must be different ones of {', '.join(AREA_LEVELS)}")
        columns = [c.column for c in self.categories]
        if len(set(columns)) != len(columns):
            raise ValueError("a category column may stand once")
        ids = [m.id for m in self.measures]
        if len(set(ids)) != len(ids):
            raise ValueError("a measure id may stand once")
        counts = [m for m in self.measures if m.kind in COUNTS]
        if len([m for m in counts if m.rho is None]) != 1:
            raise ValueError(f"a table shows exactly one count ({', '.join(COUNTS)}), and others beside it")
        if len(counts) > 1 and (self.count.kind != "persons" or counts[0] != self.count or len(counts) > 2):
            raise ValueError("one second count, cases with a rho, may stand behind persons")
        for m in self.measures:
            self._check_parts(m)

    def _check_parts(self, m: MeasureSpec) -> None:
        """A derived measure follows from measures of its own table: it shows nothing that they do not."""
        sums, quantiles = [s.id for s in self.sums], [s.id for s in self.quantiles]
        parts = {"mean": sums, "share": [self.count.id], "rate": [self.count.id, *sums]}
        if m.kind == "quantile" and not m.candidates and m.of not in quantiles:
            raise ValueError(f"quantile {m.id} needs a rho and candidates, or must be of a quantile that has them")
        if m.kind in parts and m.of not in parts[m.kind]:
            raise ValueError(f"{m.kind} {m.id} must be of {' or '.join(parts[m.kind]) or 'a sum of the same table'}")
        if m.kind == "share" and (m.within, True) not in [(c.column, c.total) for c in self.categories]:
            raise ValueError(f"share {m.id}: the table needs the total of column {m.within}")
        if m.kind == "mean" and self.count.kind == "events":
            raise ValueError(f"mean {m.id}: amounts are of cases; a table of events has no mean of them")

    @property
    def count(self) -> MeasureSpec:
        """The counted measure, which decides what is withheld."""
        return next(m for m in self.measures if m.kind in COUNTS and m.rho is None)

    @property
    def beside(self) -> tuple[MeasureSpec, ...]:
        """The second count, of the cases of the persons counted, if there is one."""
        return tuple(m for m in self.measures if m.kind in COUNTS and m.rho is not None)

    @property
    def added_up(self) -> tuple[MeasureSpec, ...]:
        """What is estimated for every cell: the count, the one beside it, and the sums."""
        return (self.count, *self.beside, *self.sums)

    @property
    def sums(self) -> tuple[MeasureSpec, ...]:
        """The sums of amounts."""
        return tuple(m for m in self.measures if m.kind == "sum")

    @property
    def quantiles(self) -> tuple[MeasureSpec, ...]:
        """The quantiles that are measured; others are of one of them."""
        return tuple(m for m in self.measures if m.kind == "quantile" and m.candidates)

    @property
    def rho(self) -> Fraction:
        """What one run of the table charges: its counts, its sums and its quantiles; 0 under suppression, and where it
        shares what another table is charged."""
        if isinstance(self.protection, Suppression) or self.protection.together_with:
            return Fraction(0)
        return self.loss

    @property
    def loss(self) -> Fraction:
        """What a person loses by all that one run of the table is made of, shared or not; 0 under suppression."""
        if isinstance(self.protection, Suppression):
            return Fraction(0)
        own = (*self.beside, *self.sums, *self.quantiles)
        return self.protection.rho + sum((m.rho or Fraction(0) for m in own), Fraction(0))
