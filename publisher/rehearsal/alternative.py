"""An alternative of a policy: a derived policy, its name, and what it is in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from publisher.periods import Period
from publisher.policy.model import GroupWeight, Noise, Policy, TableSpec
from publisher.release.model import Text


class Kind(StrEnum):
    """What an alternative changes."""

    THRESHOLD = "threshold"
    CATEGORIES = "categories"
    PERIOD = "period"
    AREAS = "areas"
    LEVEL = "level"
    INSIDERS = "insiders"
    RHO = "rho"
    BOUND = "bound"
    WEIGHTS = "weights"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A derived policy, its name and what it is in a sentence.

    `weaker`: it promises less than the policy does.  The derived policy has no digest: nothing can be sealed by it.
    `refused`: why there is none, where there cannot be; `policy` is then the one that was given.
    """

    name: str
    kind: Kind
    text: Text
    weaker: bool
    policy: Policy
    refused: str = ""

    def __post_init__(self) -> None:
        if self.policy.digest:
            raise ValueError(f"alternative {self.name}: a derived policy has no digest")

    def period(self, period: Period) -> Period:
        """The period that stands in place of `period`."""
        return Period.parse(str(period.year)) if self.kind is Kind.PERIOD else period


def made(name: str, kind: Kind, sentences: tuple[str, str], policy: Policy, *, weaker: bool = False) -> Alternative:
    """An alternative by a policy that nothing can be sealed by."""
    return Alternative(name, kind, Text(*sentences), weaker, replace(policy, digest=""))


def not_possible(
    name: str, kind: Kind, sentences: tuple[str, str], policy: Policy, *, refused: str
) -> Alternative:
    """An alternative of `policy` that there cannot be, with the reason."""
    return replace(made(name, kind, sentences, policy), refused=refused)


def without_columns(policy: Policy) -> Iterator[Alternative]:
    """One alternative for each category column: all tables without it."""
    for column in dict.fromkeys(c.column for t in policy.tables for c in t.categories):
        words = f"Utan uppdelning efter {column}, bara totalen.", f"Not divided by {column}, only its total."
        tables = tuple(_without_column(t, column) for t in policy.tables)
        yield made(f"without-{column}", Kind.CATEGORIES, words, replace(policy, tables=tables))


def _without_column(table: TableSpec, column: str) -> TableSpec:
    """The table without a column, and without the shares and weights that name it."""
    noise = table.protection
    if isinstance(noise, Noise):
        kept: dict[tuple[str, frozenset[str]], GroupWeight] = {}
        for t in noise.times:
            left = tuple(c for c in t.categories if c != column)
            kept.setdefault((t.area, frozenset(left)), replace(t, categories=left))
        noise = replace(noise, times=tuple(kept.values()))
    return replace(
        table,
        protection=noise,
        categories=tuple(c for c in table.categories if c.column != column),
        measures=tuple(m for m in table.measures if m.within != column),
    )
