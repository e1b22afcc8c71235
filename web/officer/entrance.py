"""Who is let in: the limits on attempts in front of the two factors."""

from dataclasses import dataclass, field
from datetime import datetime

from publisher.desk.accounts import Account, Accounts
from publisher.desk.throttle import Limit, Throttle, of_account, of_address, of_device
from publisher.errors import AccountError


class TooManyError(AccountError):
    """Too many attempts: `seconds` to wait until the next one."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many attempts; wait {seconds} seconds")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody gave who wants in.  `device`: of a browser that has signed this account in before, else empty."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str
    device: str = ""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What the attempt counts under: a known browser has a count of its own, so that others do not lock it out."""
        return (of_device(self.device),) if self.device else (of_account(self.name), of_address(self.address))


def let_in(attempt: Attempt, *, accounts: Accounts, throttle: Throttle, now: datetime) -> Account:
    """The account of who has shown both factors; TooManyError, or AccountError with the same words for all else."""
    if wait := throttle.take(attempt.limits, now=now):
        raise TooManyError(wait)
    account = accounts.sign_in(attempt.name, password=attempt.password, code=attempt.code, now=now)
    for limit in attempt.limits:
        if limit.kind == "address":  # else who has one account would have guesses at others from its address
            throttle.give_back(limit)
        else:
            throttle.forget(limit)
    return account
