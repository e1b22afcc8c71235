"""Reference periods, coded as SCB writes them: `2022`, `2022K1`, `2022M01`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_CODE = re.compile(r"(?P<year>(?:19|20)\d\d)(?:K(?P<quarter>[1-4])|M(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar year, quarter or month.  `first` is its first day, `end` the first day after it."""

    first: date
    end: date
    code: str

    @classmethod
    def parse(cls, code: str) -> "Period":
        """The period with that code; ValueError for anything else."""
        match = _CODE.fullmatch(code)
        if re.fullmatch(r"\d{4}M\d\dR\d\d", code):
            raise ValueError(f"{code!r} is a rolling window; none are published yet (docs/limits.md)")
        if match is None:
            raise ValueError(f"{code!r} is no period; write 2022, 2022K1 or 2022M01")
        year, months = int(match["year"]), 12
        start = 1
        if match["quarter"]:
            start, months = 3 * int(match["quarter"]) - 2, 3
        elif match["month"]:
            start, months = int(match["month"]), 1
        after = start + months
        return cls(date(year, start, 1), date(year + (after > 12), (after - 1) % 12 + 1, 1), code)

    @classmethod
    def containing(cls, day: date, grain: str) -> "Period":
        """The year, quarter or month that a day lies in."""
        part = {"year": "", "quarter": f"K{(day.month + 2) // 3}", "month": f"M{day.month:02d}"}[grain]
        return cls.parse(f"{day.year}{part}")

    @property
    def before(self) -> "Period":
        """The period of the same grain that ends where this one begins."""
        return Period.containing(self.first - timedelta(days=1), self.grain)

    @property
    def year(self) -> int:
        """The reference year that the period belongs to."""
        return self.first.year

    def overlaps(self, other: "Period") -> bool:
        """Whether a day lies in both."""
        return self.first < other.end and other.first < self.end

    @property
    def grain(self) -> str:
        """`year`, `quarter` or `month`."""
        return {4: "year", 6: "quarter", 7: "month"}[len(self.code)]
