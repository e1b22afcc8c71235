"""What the tests of known breaks share: one small table, and how to attack and audit it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tables import PERIOD, Country, Key, country, release_of, true_cells

from publisher.audit.attacker import AttackResult, CellKey, FeasibilityInterval, Insiders, ValueKey, attack
from publisher.audit.earlier import NO_PAST, Past
from publisher.audit.inside import Secrets
from publisher.audit.report import AuditReport
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import Table

ROW = country(["0101R001", "0101R002"], benefit=("a", "b", "c"))
ROW_COUNTS: Mapping[Key, int] = {
    (r, (b,)): n
    for r, numbers in {"0101R001": (9, 12, 20), "0101R002": (7, 11, 30)}.items()
    for b, n in zip("abc", numbers, strict=True)
}
ALL = ("riket", "lan", "kommun", "regso")


def known(result: AttackResult, area: str, categories: tuple[str, ...] = ()) -> tuple[FeasibilityInterval, ...]:
    """What A0 and A1 know of one cell of the first table that has it."""
    both = (next(i for i in r if (i.area, i.categories) == (area, categories)) for r in (result.a0, result.a1))
    return tuple(both)


def ends(intervals: Sequence[FeasibilityInterval]) -> list[tuple[int, int | None]]:
    return [(i.lower, i.upper) for i in intervals]


def attacked(*tables: Table, zeros: bool = True) -> AttackResult:
    return attack(tables, period=PERIOD, zeros_published=zeros)


def audited(
    *tables: Table,
    sensitive: Collection[CellKey] = (),
    level: ProtectionLevel = ProtectionLevel.EXACT,
    threshold: int = 5,
    truth: Mapping[ValueKey, int] | None = None,
    zeros: Zeros = Zeros.PUBLISHED,
    past: Past = NO_PAST,
    insiders: Insiders | None = None,
) -> AuditReport:
    promise, release = SuppressionPromise(level=level, threshold=threshold, zeros=zeros), release_of(*tables)
    secrets = Secrets(sensitive=sensitive, truth=truth, insiders=insiders)
    return audit_suppressed(release, period=PERIOD, promise=promise, secrets=secrets, past=past)


def rules(report: AuditReport) -> set[str]:
    return {f.rule for f in report.findings}


def truth_of(where: Country, counts: Mapping[Key, int], levels: Sequence[str]) -> dict[ValueKey, int]:
    dims = list(where.dimensions)
    cells = true_cells(where, counts, levels, [True] * len(dims), dims)
    return {("table", "persons", *key): n for key, n in cells.items()}


SQUARE = [(r, (b,)) for r in ("0101R001", "0101R002") for b in "ab"]


def edit_facts(table: Table, **changes: object) -> Table:
    facts = replace(table.protection, **changes)
    return replace(table, protection=facts)


def edit_area(table: Table, code: str, new: str) -> Table:
    rows = tuple(type(a)(a.level, new if a.code == code else a.code, a.text) for a in table.areas)
    return replace(table, areas=rows)
