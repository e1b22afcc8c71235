"""What a policy of rolling years must be like: windows that overlap are protected jointly, and that has limits."""

from collections.abc import Iterator

from publisher.policy.declarations import REFERENCE_YEAR
from publisher.policy.model import Policy, Suppression, TableSpec, Zeros

_TOGETHER = ("cases", "events", "persons")


def check_rolling(policy: Policy) -> Iterator[str]:
    """What is wrong with a policy whose schedule has a window; nothing of others."""
    if not policy.schedule.window:
        return
    if policy.noise_tables:
        yield (
            "schedule.window: rolling years are not published by noise: each would charge every reference year that it "
            "touches; publish months, or calendar years"
        )
    yield from _areas(policy)
    for table in policy.suppressed_tables:
        yield from (f"table {table.id}: {message}" for message in _table(table, table.protection))


def _areas(policy: Policy) -> Iterator[str]:
    """Windows that overlap have the same areas, so that each cell is the same in all of them."""
    if policy.edition == REFERENCE_YEAR:
        yield "geography: rolling years need one edition of areas, since windows of two would share time"
    if policy.uses_types and policy.type_year is None:
        yield 'geography: rolling years need one type_year, such as "2022": an area may not change its type in between'


def _table(table: TableSpec, rule: object) -> Iterator[str]:
    if not isinstance(rule, Suppression):
        return
    if table.count.kind not in _TOGETHER:
        yield f"rolling years show {', '.join(_TOGETHER)}: different persons of a window do not add up"
    if table.sums:
        yield "rolling years of sums cannot be protected jointly yet; leave sums out"
    if rule.share_rule:
        yield "the rule share is not available for rolling years"
    if rule.zeros is Zeros.PROTECTED:
        yield "rolling years need zeros: published"
    if rule.insiders:
        yield "insiders are not protected from each other over several rolling years yet: write insiders: false"
