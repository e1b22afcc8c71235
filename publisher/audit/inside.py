"""What the secret side tells an audit, and whether whoever is alone in a cell learns of another from the tables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.audit.attacker import (
    CellKey,
    InsiderQuestion,
    Insiders,
    NamedAlternatives,
    ValueKey,
    attack_insiders,
)
from publisher.audit.report import Finding
from publisher.opaque import Opaque
from publisher.release.model import SuppressionFacts, Table


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets(Opaque):
    """What no outsider knows.

    `sensitive`: keys of the cells that a rule withholds; `truth`: the exact counts and sums of every cell of the
    tables, or None where there are none to compare.  `reaches`: numbers whose interval must go so far below and above
    the truth (sums by their rules).  `insiders`: who is alone in withheld cells, or None where that is not known.
    `told`: other counts that fit, which the search holds for its proof; the audit checks them.
    """

    sensitive: Collection[CellKey]
    truth: Mapping[ValueKey, int] | None = None
    reaches: Mapping[ValueKey, tuple[int, int]] = field(default_factory=dict)
    insiders: Insiders | None = None
    told: NamedAlternatives | None = None


def check_insiders(
    tables: Sequence[Table], secrets: Secrets, question: InsiderQuestion, told: Collection[ValueKey], *, period: str,
    promised: bool,
) -> Iterator[Finding]:  # fmt: skip
    """Whoever is alone in a cell computes no sensitive cell of others, where a table or the policy promises that.

    `told`: numbers that an earlier version told, which nothing protects.
    """
    stated = any(t.protection.insiders for t in tables if isinstance(t.protection, SuppressionFacts))
    if not (stated or promised):
        return
    if secrets.insiders is None:
        yield Finding("insiders were not asked, although the tables promise it: who is alone in a cell is not known")
        return
    computed = attack_insiders(tables, secrets.insiders, question, period=period, told=secrets.told)
    if computed is None:
        yield Finding("insiders could not be asked: the exact numbers do not fit the tables")
        return
    for key in computed:
        if key not in told:
            yield Finding("whoever is alone in a cell can compute another sensitive cell", key[0], *key[2:])
