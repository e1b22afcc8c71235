"""Reference periods as SCB codes them: `2022`, `2022K1`, `2022M01`; `2022M12R12`, twelve months that end in one."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_CODE = re.compile(r"(?P<year>(?:19|20)\d\d)(?:K(?P<quarter>[1-4])|M(?P<month>0[1-9]|1[0-2])(?P<rolling>R12)?)?")
_GRAINS = {4: "year", 6: "quarter", 7: "month", 10: "rolling-year"}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar year, quarter or month, or twelve months.  `first` is its first day, `end` the first day after it."""

    first: date
    end: date
    code: str

    @classmethod
    def parse(cls, code: str) -> "Period":
        """The period with that code; ValueError for anything else."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise ValueError(f"{code!r} is no period; write 2022, 2022K1, 2022M01 or 2022M12R12")
        year, first, last = int(match["year"]), 1, 12
        if match["quarter"]:
            first, last = 3 * int(match["quarter"]) - 2, 3 * int(match["quarter"])
        elif match["month"]:
            first = last = int(match["month"])
        if match["rolling"]:
            first = last - 11
        return cls(_month(year, first), _month(year, last + 1), code)

    @classmethod
    def containing(cls, day: date, grain: str) -> "Period":
        """The year, quarter or month that a day lies in; of rolling years the one that ends in the day's month."""
        month = f"M{day.month:02d}"
        part = {"year": "", "quarter": f"K{(day.month + 2) // 3}", "month": month, "rolling-year": f"{month}R12"}[grain]
        return cls.parse(f"{day.year}{part}")

    @property
    def before(self) -> "Period":
        """The period of the same grain that ends where this one begins; of rolling years the one a month earlier."""
        begin = self._last_day.replace(day=1) if self.grain == "rolling-year" else self.first
        return Period.containing(begin - timedelta(days=1), self.grain)

    @property
    def year(self) -> int:
        """The reference year that the period belongs to: the one that it ends in."""
        return self._last_day.year

    @property
    def _last_day(self) -> date:
        return self.end - timedelta(days=1)

    def overlaps(self, other: "Period") -> bool:
        """Whether a day lies in both."""
        return self.first < other.end and other.first < self.end

    @property
    def grain(self) -> str:
        """`year`, `quarter`, `month` or `rolling-year`."""
        return _GRAINS[len(self.code)]


def _month(year: int, month: int) -> date:
    """The first day of a month, which may be counted from another year: 0 is the December before."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
