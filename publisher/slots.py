"""When things of a period happen: the day and month of its policy's schedule, after the period's end."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from publisher.periods import Period
from publisher.policy.model import Schedule


def slot(schedule: Schedule, period: Period, clock: str) -> datetime:
    """The first day (and month) of the schedule that is not before the period's end, at `clock` (HH:MM) local time."""
    hour, minute = map(int, clock.split(":"))
    day = date(period.end.year, schedule.month or period.end.month, schedule.day)
    if day < period.end:
        day = day.replace(year=day.year + 1)
    return datetime.combine(day, time(hour, minute), ZoneInfo(schedule.timezone))


def run_time(schedule: Schedule, period: Period) -> datetime:
    """When a period is due to be run."""
    return slot(schedule, period, schedule.at)


def publication_time(schedule: Schedule, period: Period, now: datetime) -> datetime:
    """When a period sealed at `now` becomes public: its slot, or at once where that has passed."""
    return max(slot(schedule, period, schedule.publish_at), now)


def next_period(schedule: Schedule, now: datetime) -> Period:
    """The first period whose slot has not come."""
    return Period.containing(last_period(schedule, now).end, schedule.grain)


def last_period(schedule: Schedule, now: datetime) -> Period:
    """The latest period whose slot has come."""
    today = now.astimezone(ZoneInfo(schedule.timezone)).date()
    period = Period.containing(today, schedule.grain).before
    while run_time(schedule, period) > now:
        period = period.before
    return period
