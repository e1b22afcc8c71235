"""Whether what others have published about the same records can be held against a policy (MODEL.md)."""

from collections.abc import Iterator

from publisher.policy.declarations import OutsideFile, Settings
from publisher.policy.model import Policy


def check_outside(policy: Policy, settings: Settings) -> Iterator[str]:
    """What is wrong with a policy whose records are in tables published elsewhere; nothing of other policies."""
    for table in tables_about(policy, settings):
        if policy.noise_tables:
            yield (
                f"outside table {table.id} shows exact numbers of records that are protected by noise here: they bound "
                "the noisy ones, and no promise in rho would hold; protect these records by suppression"
            )
        elif _kept(table.where) != _kept(policy.where):
            yield f"outside table {table.id} counts other records (its where differs); it cannot be held against these"
        elif any(t.count.kind != table.kind for t in policy.suppressed_tables):
            yield f"outside table {table.id} shows {table.kind}, the policy another count; what ties them is not known"
        elif policy.schedule.window:
            yield f"outside table {table.id}: numbers published elsewhere cannot be held against rolling years yet"


def tables_about(policy: Policy, settings: Settings) -> Iterator[OutsideFile]:
    """The declared outside tables that may count a record of the policy."""
    own = _kept(policy.where)
    for table in settings.outside.values():
        kept = _kept(table.where)
        apart = any(not codes & kept[column] for column, codes in own.items() if column in kept)
        if table.source == policy.source and not apart:
            yield table


def _kept(where: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, frozenset[str]]:
    return {column: frozenset(codes) for column, codes in where}
