"""A request that takes a process of its own, carried out: from the queue to its end, whatever happens between.

Only messages of our own errors are shown: others may quote a record.
"""

from collections.abc import Callable
from datetime import datetime

from publisher.desk.folder import Desk
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.errors import PublisherError, RequestError
from publisher.log import utc


def carry_out(
    desk: Desk, number: int, kind: Kind, do: Callable[[Request], str], *, clock: Callable[[], datetime]
) -> Stand:
    """Do what request `number` asks for, and say how it ended; `do` returns what is to be noted of it.

    RequestError where the request is of another kind, or has ended.
    """
    with desk.open() as db:
        request = Requests(db).get(number)
        if request.kind is not kind or request.ended_at:
            raise RequestError(f"request {number} is no {kind} that is still to be done")
        Requests(db).set(number, Stand.RUNNING)
    try:
        stand, note = Stand.DONE, do(request)
    except PublisherError as error:
        stand, note = Stand.REFUSED, str(error)
    except Exception as error:
        stand, note = Stand.FAILED, type(error).__name__
    with desk.open() as db:
        Requests(db).set(number, stand, at=utc(clock()), note=note)
    return stand
