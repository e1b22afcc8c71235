"""The scheduler process: one a home, woken by APScheduler, ended by a signal."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from publisher.errors import PublisherError
from publisher.home import Home
from publisher.locks import locked
from publisher.scheduler.children import launcher
from publisher.scheduler.conductor import Conductor

TICK, REREAD = timedelta(seconds=1), timedelta(seconds=5)
SETTINGS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
"""Of every job: one that is late is still done, and once, whatever was missed."""


def arrange(
    scheduler: BaseScheduler, conductor: Conductor, *, tick: timedelta = TICK, reread: timedelta = REREAD
) -> None:
    """Give a scheduler its jobs: a step every second, the policies every five, and one at each publication's minute."""

    def step(do: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                do()
            except Exception as error:
                conductor.fail(error)
                if not isinstance(error, PublisherError):
                    raise  # a fault of ours: the process's own log says where

        return guarded

    def look() -> None:
        conductor.reread()
        for release, at in conductor.publications():
            when = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            scheduler.add_job(
                step(conductor.publish), DateTrigger(when), id=f"publish {release}", replace_existing=True
            )  # where the minute is over, it is done at once

    scheduler.add_job(step(look), IntervalTrigger(seconds=int(reread.total_seconds())), id="reread")
    scheduler.add_job(step(conductor.tick), IntervalTrigger(seconds=int(tick.total_seconds())), id="tick")


def only_one(home: Home) -> AbstractContextManager[None]:
    """The lock of the scheduler process; RunError where another one lives."""
    return locked(home.scheduler_lock, refusal="another scheduler process works on this home; one is enough")


def run_process(home: Home, *, clock: Callable[[], datetime], say: Callable[[str], None]) -> None:
    """Run until SIGTERM or Ctrl-C; the child is ended too.  RunError where another scheduler lives."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a step that takes longer than a second is no news
    with only_one(home):
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _n, _f: ended.set())
        conductor = Conductor(home, clock=clock, launch=launcher(home))
        conductor.recover()
        conductor.tick()
        conductor.reread()
        conductor.draw_maps()
        # One thread, so that no two steps are at work at once.
        scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(1)}, job_defaults=SETTINGS
        )
        arrange(scheduler, conductor)
        scheduler.start()
        say("The scheduler works; stop with Ctrl-C.")
        ended.wait()
        scheduler.shutdown(wait=True)
        conductor.stop()
