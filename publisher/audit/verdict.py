"""Whether the suppressed tables of a release keep the promise of their policy."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from publisher.audit.attacker import (
    AttackResult,
    CellKey,
    FeasibilityInterval,
    InsiderQuestion,
    Limits,
    Means,
    ValueKey,
    attack,
)
from publisher.audit.earlier import NO_PAST, Past, check_kept
from publisher.audit.form import cells_of, check_small_counts, check_structure, check_suppressed_cells
from publisher.audit.inside import Secrets, check_insiders
from publisher.audit.outside import told_elsewhere
from publisher.audit.report import AuditReport, Finding, make_report
from publisher.audit.truth import check_truth
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import TOTAL, Cell, CellStatus, Release, SuppressionFacts, Table

_ADDS_UP = "the tables do not add up"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionPromise:
    """What a policy promises of withheld counts: its level, the minimum frequency, and whether zeros are shown.

    `counted`: what the frequency rule counts, `rules`: the rules beside it as a table states them, `insiders`: whether
    it holds against whoever is alone in a cell; None where that is not compared.  `forced`: area levels of which every
    cell must be published, unless an earlier release withheld it.
    """

    level: ProtectionLevel
    threshold: int
    zeros: Zeros
    counted: str | None = None
    rules: tuple[str, ...] | None = None
    insiders: bool | None = None
    forced: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.threshold < 2:
            raise ValueError("a threshold below 2 protects nobody; use 2 or more")


def audit_suppressed(
    release: Release,
    *,
    period: str,
    promise: SuppressionPromise,
    secrets: Secrets,
    limits: Limits | None = None,
    past: Past = NO_PAST,
) -> AuditReport:
    """Attack the suppressed tables of a release in one period, and judge what the attackers know.

    `limits`: what everybody knows of cells before the tables.  `past`: what earlier versions of the period tell; a
    number that they told as it is cannot be protected and is not judged.
    Raises AuditFailedError where the tables cannot be attacked at all, and ValueError where the release has no
    suppressed table.
    """
    tables = [t for t in release.tables if isinstance(t.protection, SuppressionFacts)]
    if not tables:
        raise ValueError(f"release {release.id} has no suppressed table to audit")
    findings = [f for t in tables for f in _check_table(t, period, promise)]
    findings += _check_common_mask(tables, period)
    withheld = _withheld(tables, period)
    findings += [Finding("a sensitive cell is not withheld", *k) for k in sorted(set(secrets.sensitive) - withheld)]
    findings += check_kept(past, withheld)
    findings += _check_forced(tables, promise, withheld - past.withheld)
    past = replace(past, told={**past.told, **told_elsewhere(tables, past.outside, period, secrets.sensitive)})
    ids, limits = [*(t.id for t in (*tables, *past.outside)), *past.releases], past.limits(limits)
    if findings:
        # An ill-formed table is refused as it is; the attack would judge another table than the published one.
        return make_report(findings, suppressed=len(withheld), checked_jointly_with=ids)
    judge = Judge(promise, frozenset(secrets.sensitive), secrets.reaches, _sums(tables), past)
    result = attack(
        [*tables, *past.outside], period=period, zeros_published=promise.zeros is Zeros.PUBLISHED, limits=limits,
        kept=past.withheld, means=Means(integers=True, told=secrets.told),
        need=judge.need(ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS),
        need_a1=judge.need(ProtectionLevel.AMBIGUOUS, informed=True),
    )  # fmt: skip
    findings += judge.findings(result, secrets.truth, small_matters=_small_matters(tables))
    if result.consistent and result.informed_consistent:
        findings += check_insiders(
            [*tables, *past.outside], secrets, judge.question(limits), past.told, period=period,
            promised=bool(promise.insiders),
        )  # fmt: skip
    if secrets.truth is not None:
        findings += check_truth(tables, period, (promise.zeros, past), (result, limits), secrets.truth)
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
        stated = (facts.threshold, facts.zeros, facts.level, facts.counted, facts.rules, facts.insiders)
    counted = promise.counted or (stated[3] if stated else "")
    rules = promise.rules if promise.rules is not None or stated is None else stated[4]
    insiders = promise.insiders if promise.insiders is not None or stated is None else stated[5]
    if stated != (promise.threshold, promise.zeros.value, promise.level.value, counted, rules, insiders):
        yield Finding("the table states another promise than its policy", table.id)


def _check_common_mask(tables: Sequence[Table], period: str) -> Iterator[Finding]:
    """One cell of several tables (an absent dimension is its total) is withheld in all or none, whatever it counts."""
    masks: dict[tuple[str, frozenset[tuple[str, str]]], set[bool]] = {}
    first: dict[tuple[str, frozenset[tuple[str, str]]], tuple[str, Cell]] = {}
    for table in tables:
        ids, derived = [d.id for d in table.dimensions], {m.id for m in table.measures if m.derived}
        for cell in cells_of(table, period):
            if cell.measure not in derived and cell.status in (CellStatus.PUBLISHED, CellStatus.SUPPRESSED):
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


def _check_forced(
    tables: Sequence[Table], promise: SuppressionPromise, withheld: Collection[CellKey]
) -> Iterator[Finding]:
    """Withheld though it must be published, a cell would tell that it is sensitive."""
    forced = {(t.id, a.code) for t in tables for a in t.areas if a.level in promise.forced}
    for key in sorted(withheld):
        if key[:2] in forced:
            yield Finding("a cell that must be published is withheld", *key)


def _small_matters(tables: Sequence[Table]) -> bool:
    """Whether a small count is sensitive: few cases are few persons, but not the other way round."""
    counted = {t.protection.counted for t in tables if isinstance(t.protection, SuppressionFacts)}
    return "persons" in counted or any(t.count.kind in ("cases", "events") for t in tables)


def _sums(tables: Sequence[Table]) -> frozenset[tuple[str, str]]:
    return frozenset((t.id, m.id) for t in tables for m in t.measures if m.kind == "sum")


class Judge:
    """Counts and findings of one promise, over all attacks of an audit."""

    def __init__(
        self, promise: SuppressionPromise, sensitive: frozenset[CellKey], reaches: Mapping[ValueKey, tuple[int, int]],
        sums: frozenset[tuple[str, str]], past: Past,
    ) -> None:  # fmt: skip
        self.promise, self.sensitive, self.reaches, self.sums, self.past = promise, sensitive, reaches, sums, past
        self.exact = self.narrow = 0

    def need(self, *levels: ProtectionLevel, informed: bool = False) -> "_Needs":
        """The width that settles a number: any by two possible values, a sensitive count by what its level asks for.

        Where the interval must reach to certain ends only proof settles it.  `informed`: for A1, who knows that a cell
        is no zero unless it was withheld before: one less, and the upper bound follows.
        """
        return _Needs(self.sensitive if self.promise.level in levels else frozenset(), self, informed=informed)

    def question(self, limits: Limits | None) -> InsiderQuestion:
        """What insiders are asked: the sensitive cells, and how far the sums among them must reach."""
        reaches = {key: ends for key, ends in self.reaches.items() if self.is_sum(key)}
        return InsiderQuestion(
            targets=self.sensitive, reaches=reaches, limits=limits or {}, kept=self.past.withheld,
            zeros_published=self.promise.zeros is Zeros.PUBLISHED,
        )  # fmt: skip

    def findings(
        self, result: AttackResult, truth: Mapping[ValueKey, int] | None, *, small_matters: bool
    ) -> Iterator[Finding]:
        """What the attackers may not know."""
        if not result.consistent:
            yield Finding(_ADDS_UP)
            return
        if not result.informed_consistent:
            yield Finding("the withheld cells cannot all be at least one, although zeros are shown")
            return
        judged = [(i, j) for i, j in zip(result.a0, result.a1, strict=True) if i.value_key not in self.past.told]
        for a0, a1 in judged:
            safe = not (a0.exact or a1.exact) and self._wide(a0, a1) and self._reaches(a0, a1, truth)
            if not safe and (_undecided(a0) or _undecided(a1)):
                self.narrow += 1
                yield Finding("it is not decided whether whole numbers leave a withheld cell wide enough", *a0.key)
            elif a0.exact or a1.exact:
                self.exact += 1
                yield Finding("a withheld cell can be computed", *a0.key)
            elif not self._wide(a0, a1):
                self.narrow += 1
                yield Finding("a sensitive cell lies in too narrow an interval", *a0.key)
            elif not self._reaches(a0, a1, truth):
                self.narrow += 1
                yield Finding("the interval of a sensitive number ends too near to it", *a0.key)
        for cell in result.derived:
            if small_matters and (cell.lower or 0) < self.promise.threshold:
                yield Finding("a count below the threshold that no table shows can be computed", *cell.key)

    def _reaches(
        self, a0: FeasibilityInterval, a1: FeasibilityInterval, truth: Mapping[ValueKey, int] | None
    ) -> bool:
        """Without the truth at hand: whether the interval is as wide as both ways together."""
        key = a0.value_key
        if key not in self.reaches:
            return True
        down, up = self.reaches[key]
        if truth is None:
            return a0.at_least(down + up) and a1.at_least(down + up)
        exact = truth.get(key)
        return exact is None or all(i.holds(exact - down, exact + up) for i in (a0, a1))

    def _wide(self, a0: FeasibilityInterval, a1: FeasibilityInterval) -> bool:
        threshold, level = self.promise.threshold, self.promise.level
        if level is ProtectionLevel.EXACT or a0.key not in self.sensitive or self.is_sum(a0.value_key):
            return True
        if level is ProtectionLevel.INTERVAL:
            return a0.at_least(threshold)
        # The upper bound follows from the width, but for a cell that may be 0 because it was withheld before.
        high = a1.upper is None or a1.upper >= threshold
        return a0.at_least(threshold) and a1.at_least(threshold - 1) and high

    def is_sum(self, key: ValueKey) -> bool:
        """Whether a number is a sum, which its rules protect and not the level."""
        return key[:2] in self.sums


class _Needs(Mapping[ValueKey, float]):
    """Widths by number, made when they are asked for."""

    def __init__(self, sensitive: frozenset[CellKey], judge: Judge, *, informed: bool) -> None:
        self._sensitive, self._judge, self._informed = sensitive, judge, informed

    def __getitem__(self, key: ValueKey) -> float:
        cell, judge = (key[0], *key[2:]), self._judge
        if any(judge.reaches.get(key, (0, 0))):
            return float("inf")
        if cell in self._sensitive and not judge.is_sum(key):
            return judge.promise.threshold - (self._informed and cell not in judge.past.withheld)
        return 1

    def __iter__(self) -> Iterator[ValueKey]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _undecided(interval: FeasibilityInterval) -> bool:
    return interval.integer and not interval.certified
