"""When a period is run and published."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a period is run and published: local times in `timezone`.

    `every` year: on `day` of `month`, first after the period's end; every quarter or month: on `day` of the month after
    its end, and `month` is None.  `window`: `rolling-year` where each month's period is the twelve months that end in
    it; else empty.
    """

    every: str
    month: int | None
    day: int
    at: str
    publish_at: str
    timezone: str
    window: str = ""

    def __post_init__(self) -> None:
        if self.window not in ("", *WINDOWS) or (self.window and self.every != "month"):
            raise ValueError(f"schedule.window must be {', '.join(WINDOWS)}, and belongs to every: month")
        if self.every not in RUNS_A_YEAR:
            raise ValueError(f"schedule.every must be {', '.join(RUNS_A_YEAR)}")
        if (self.every == "year") != (self.month is not None):
            raise ValueError("schedule.month belongs to every: year, which needs it")
        if not (1 <= (self.month or 1) <= 12 and 1 <= self.day <= 28):
            raise ValueError("schedule.month must be 1-12 and schedule.day 1-28")
        for name, clock in (("at", self.at), ("publish_at", self.publish_at)):
            if _clock(name, clock)[0] == 2:
                raise ValueError(f"schedule.{name} must not lie between 02:00 and 03:00, which summer time moves")

    @property
    def runs_a_year(self) -> int:
        """How many periods of a reference year are run."""
        return RUNS_A_YEAR[self.every]

    @property
    def grain(self) -> str:
        """What kind of period is run: `year`, `quarter`, `month` or `rolling-year`."""
        return self.window or self.every


RUNS_A_YEAR = {"year": 1, "quarter": 4, "month": 12}
WINDOWS = ("rolling-year",)


def _clock(name: str, text: str) -> tuple[int, int]:
    parts = text.split(":")
    well_formed = len(parts) == 2 and all(len(p) == 2 and p.isdecimal() for p in parts)
    if not well_formed or int(parts[0]) > 23 or int(parts[1]) > 59:
        raise ValueError(f"schedule.{name} must be HH:MM")
    return int(parts[0]), int(parts[1])
