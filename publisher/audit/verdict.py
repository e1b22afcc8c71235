"""Whether the suppressed tables of a release keep the promise of their policy."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from publisher.audit.attacker import AttackResult, CellKey, FeasibilityInterval, attack
from publisher.audit.form import cells_of, check_small_counts, check_structure, check_suppressed_cells
from publisher.audit.report import AuditReport, Finding, make_report
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import TOTAL, Cell, CellStatus, Release, SuppressionFacts, Table

_ADDS_UP = "the tables do not add up"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionPromise:
    """What a policy promises of withheld counts: its level, the minimum frequency, and whether zeros are shown.

    `counted`: what the frequency rule counts; None where that is not compared with what the table states.
    """

    level: ProtectionLevel
    threshold: int
    zeros: Zeros
    counted: str | None = None

    def __post_init__(self) -> None:
        if self.threshold < 2:
            raise ValueError("a threshold below 2 protects nobody; use 2 or more")


def audit_suppressed(
    release: Release,
    *,
    period: str,
    promise: SuppressionPromise,
    sensitive: Collection[CellKey],
    truth: Mapping[CellKey, int] | None,
) -> AuditReport:
    """Attack the suppressed tables of a release in one period, and judge what the attackers know.

    `sensitive`: keys of the cells that a rule withholds; `truth`: the exact counts of every cell of these tables, or
    None where there are none to compare.  Raises AuditFailedError where the tables cannot be attacked at all, and
    ValueError where the release has no suppressed table.
    """
    tables = [t for t in release.tables if isinstance(t.protection, SuppressionFacts)]
    if not tables:
        raise ValueError(f"release {release.id} has no suppressed table to audit")
    findings = [f for t in tables for f in _check_table(t, period, promise)]
    findings += _check_common_mask(tables, period)
    withheld = _withheld(tables, period)
    findings += [Finding("a sensitive cell is not withheld", *k) for k in sorted(set(sensitive) - withheld)]
    ids = [t.id for t in tables]
    if findings:
        # An ill-formed table is refused as it is; the attack would judge another table than the published one.
        return make_report(findings, suppressed=len(withheld), checked_jointly_with=ids)
    judge = _Judge(promise, frozenset(sensitive))
    for kind in ("cases", "persons"):
        group = [t for t in tables if any(m.kind == kind for m in t.measures)]
        if group:
            result = _attack(group, period, judge)
            findings += judge.findings(result, small_matters=_small_matters(group, kind))
            findings += _check_truth(group, period, promise, result, truth) if truth is not None else ()
    return make_report(
        findings, suppressed=len(withheld), exact=judge.exact, narrow=judge.narrow, checked_jointly_with=ids
    )


def _check_table(table: Table, period: str, promise: SuppressionPromise) -> Iterator[Finding]:
    yield from check_structure(table, period)
    yield from check_suppressed_cells(table, period)
    yield from check_small_counts(table, period, promise.threshold)
    facts = table.protection
    stated = None
    if isinstance(facts, SuppressionFacts):
        stated = (facts.threshold, facts.zeros, facts.level, facts.counted)
    counted = promise.counted or (stated[-1] if stated else "")
    if stated != (promise.threshold, promise.zeros.value, promise.level.value, counted):
        yield Finding("the table states another promise than its policy", table.id)


def _check_common_mask(tables: Sequence[Table], period: str) -> Iterator[Finding]:
    """One cell of several tables (an absent dimension is its total) is withheld in all or none, whatever it counts."""
    masks: dict[tuple[str, frozenset[tuple[str, str]]], set[bool]] = {}
    first: dict[tuple[str, frozenset[tuple[str, str]]], tuple[str, Cell]] = {}
    for table in tables:
        ids = [d.id for d in table.dimensions]
        for cell in cells_of(table, period):
            if cell.status in (CellStatus.PUBLISHED, CellStatus.SUPPRESSED):
                pairs = zip(ids, cell.categories, strict=False)
                key = (cell.area, frozenset((d, c) for d, c in pairs if c != TOTAL))
                masks.setdefault(key, set()).add(cell.status is CellStatus.SUPPRESSED)
                first.setdefault(key, (table.id, cell))
    for key, mask in masks.items():
        if len(mask) > 1:
            table_id, cell = first[key]
            yield Finding("a cell withheld in one place is shown in another", table_id, cell.area, cell.categories)


def _withheld(tables: Sequence[Table], period: str) -> set[CellKey]:
    return {
        (t.id, c.area, c.categories) for t in tables for c in cells_of(t, period) if c.status is CellStatus.SUPPRESSED
    }


def _small_matters(tables: Sequence[Table], kind: str) -> bool:
    """Whether a small count of this kind is sensitive: few cases are few persons, but not the other way round."""
    counted = {t.protection.counted for t in tables if isinstance(t.protection, SuppressionFacts)}
    return kind == "cases" or "persons" in counted


def _attack(tables: Sequence[Table], period: str, judge: "_Judge") -> AttackResult:
    return attack(
        tables,
        period=period,
        zeros_published=judge.promise.zeros is Zeros.PUBLISHED,
        need=judge.need(ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS),
        need_a1=judge.need(ProtectionLevel.AMBIGUOUS),
    )


class _Judge:
    """Counts and findings of one promise, over all attacks of an audit."""

    def __init__(self, promise: SuppressionPromise, sensitive: frozenset[CellKey]) -> None:
        self.promise, self.sensitive = promise, sensitive
        self.exact = self.narrow = 0

    def need(self, *levels: ProtectionLevel) -> dict[CellKey, int]:
        """The width that settles a sensitive cell at these levels; any cell is settled by two possible counts."""
        return dict.fromkeys(self.sensitive, self.promise.threshold) if self.promise.level in levels else {}

    def findings(self, result: AttackResult, *, small_matters: bool) -> Iterator[Finding]:
        """What the attackers may not know."""
        if not result.consistent:
            yield Finding(_ADDS_UP)
            return
        if not result.informed_consistent:
            yield Finding("the withheld cells cannot all be at least one, although zeros are shown")
            return
        for a0, a1 in zip(result.a0, result.a1, strict=True):
            if a0.exact or a1.exact:
                self.exact += 1
                yield Finding("a withheld cell can be computed", *a0.key)
            elif a0.key in self.sensitive and not self._wide(a0, a1):
                self.narrow += 1
                yield Finding("a sensitive cell lies in too narrow an interval", *a0.key)
        for cell in result.derived:
            if small_matters and cell.lower < self.promise.threshold:
                yield Finding("a count below the threshold that no table shows can be computed", *cell.key)

    def _wide(self, a0: FeasibilityInterval, a1: FeasibilityInterval) -> bool:
        threshold, level = self.promise.threshold, self.promise.level
        if level is ProtectionLevel.EXACT:
            return True
        if level is ProtectionLevel.INTERVAL:
            return a0.at_least(threshold)
        # A1's upper bound then is at least the threshold: its lower bound is one, or its interval is that of A0.
        return a0.at_least(threshold) and a1.at_least(threshold - 1)


def _check_truth(
    tables: Sequence[Table],
    period: str,
    promise: SuppressionPromise,
    result: AttackResult,
    truth: Mapping[CellKey, int],
) -> Iterator[Finding]:
    """The exact counts are what is shown, add up, and are possible for every attacker."""
    counted = {t.id: {m.id for m in t.measures if m.kind != "rate"} for t in tables}
    for table in tables:
        for cell in cells_of(table, period):
            if cell.measure in counted[table.id]:
                yield from _check_true_cell((table.id, cell.area, cell.categories), cell, promise, truth)
    full = [_with_truth(t, period, counted[t.id], truth) for t in tables]
    if not attack(full, period=period, zeros_published=False).consistent:
        yield Finding("the exact counts do not add up")
    for interval in (*result.a0, *result.a1):
        if interval.certified and not _contains(interval, truth.get(interval.key)):
            yield Finding("an exact count lies outside the interval of its cell", *interval.key)


def _check_true_cell(
    key: CellKey, cell: Cell, promise: SuppressionPromise, truth: Mapping[CellKey, int]
) -> Iterator[Finding]:
    exact = truth.get(key)
    if exact is None:
        yield Finding("a cell has no exact count to compare with", *key)
    elif cell.value is not None and cell.value != exact:
        yield Finding("a shown count is not the exact one", *key)
    elif cell.value is None and exact == 0 and promise.zeros is Zeros.PUBLISHED:
        yield Finding("a zero is withheld, although zeros are shown", *key)


def _with_truth(table: Table, period: str, measures: Collection[str], truth: Mapping[CellKey, int]) -> Table:
    """The table with nothing withheld; it never leaves the audit."""
    cells = (c for c in cells_of(table, period) if c.measure in measures)
    exact = ((c, truth.get((table.id, c.area, c.categories), -1)) for c in cells)
    return replace(table, cells=tuple(c._replace(value=n, status=CellStatus.PUBLISHED) for c, n in exact))


def _contains(interval: FeasibilityInterval, exact: int | None) -> bool:
    if exact is None:
        return True
    return interval.lower <= exact and (interval.upper is None or exact <= interval.upper)
