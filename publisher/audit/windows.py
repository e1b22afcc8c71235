"""Whether several windows that share time keep their promises together, for whoever has them all (P4 of SAFETY.md)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from publisher.audit.attacker import CellKey, Means, ValueKey
from publisher.audit.attacker.joint import WindowView, attack_windows
from publisher.audit.earlier import NO_PAST, Past
from publisher.audit.report import AuditReport, Finding, make_report
from publisher.audit.truth import check_possible
from publisher.audit.verdict import Judge, SuppressionPromise
from publisher.opaque import Opaque
from publisher.policy.model import ProtectionLevel, Zeros


@dataclass(frozen=True, slots=True, repr=False)
class JudgedWindow(Opaque):
    """A window as outsiders see it, and what was promised of it.

    `sensitive`: cells that a rule withholds, by key.  `truth`: its exact counts, or None where they are not at hand.
    """

    view: WindowView
    promise: SuppressionPromise
    sensitive: frozenset[CellKey]
    truth: Mapping[ValueKey, int] | None

    def told(
        self, parts: frozenset[int], changed: Mapping[ValueKey, int], truth: Mapping[ValueKey, int] | None
    ) -> "JudgedWindow":
        """The window with what outsiders are told of it besides its tables."""
        return replace(self, view=replace(self.view, parts=parts, changed=changed), truth=truth)

    @property
    def judge(self) -> Judge:
        """What judges its cells."""
        return Judge(self.promise, self.sensitive, {}, frozenset(), replace(NO_PAST, withheld=self.view.kept))


@dataclass(frozen=True, slots=True, repr=False)
class JointView(Opaque):
    """Windows that share time, the new one first.

    `silent`: of each part of time, numbers that everybody knows to be 0 in it.
    """

    windows: tuple[JudgedWindow, ...]
    silent: tuple[frozenset[ValueKey], ...]


def audit_windows(joint: JointView) -> AuditReport:
    """Attack all windows together, and judge each by its own promise; `checked_jointly_with` names the releases.

    AuditFailedError where the windows cannot be attacked together.
    """
    judged = [*_judged(joint)]
    return make_report(
        [f for _, _, found in judged for f in found],
        exact=sum(j.exact for _, j, _ in judged), narrow=sum(j.narrow for _, j, _ in judged),
        checked_jointly_with=[w.view.release for w, _, _ in judged],
    )  # fmt: skip


def broken_cells(joint: JointView | None) -> frozenset[tuple[str, CellKey]]:
    """The cells of which an outsider with all windows knows too much: release and key.  For the search to mend."""
    judged = [] if joint is None else [*_judged(joint)]
    return frozenset((w.view.release, (f.table, f.area, f.categories)) for w, _, found in judged for f in found)


def _judged(joint: JointView) -> Iterator[tuple[JudgedWindow, Judge, list[Finding]]]:
    """Each window with its judge and what was found of it."""
    windows = joint.windows
    judges = [w.judge for w in windows]
    zeros = all(w.promise.zeros is Zeros.PUBLISHED for w in windows)
    needs = [
        _NeedsOfAll(windows, [j.need(ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS) for j in judges]),
        _NeedsOfAll(windows, [j.need(ProtectionLevel.AMBIGUOUS, informed=True) for j in judges]),
    ]
    results = attack_windows(
        [w.view for w in windows], silent=joint.silent, zeros_published=zeros, need=needs[0], need_a1=needs[1],
        means=Means(integers=True),
    )  # fmt: skip
    for window, judge, result in zip(windows, judges, results, strict=True):
        found = [*judge.findings(result, window.truth, small_matters=True), *check_possible(result, window.truth or {})]
        yield window, judge, found


def past_of_windows(joint: JointView) -> Past:
    """What the other windows withhold, the new one withholds too, and nobody knows that it is no zero there."""
    return Past(tuple(w.view.release for w in joint.windows[1:]), joint.windows[0].view.kept, {})


class _NeedsOfAll(Mapping[ValueKey, float]):
    """Widths by number, where a table is named together with its window."""

    def __init__(self, windows: Sequence[JudgedWindow], needs: Sequence[Mapping[ValueKey, float]]) -> None:
        self._of = {w.view.name(t.id): (t.id, n) for w, n in zip(windows, needs, strict=True) for t in w.view.tables}

    def __getitem__(self, key: ValueKey) -> float:
        table, needs = self._of[key[0]]
        return needs[table, key[1], key[2], key[3]]

    def __iter__(self) -> Iterator[ValueKey]:
        return iter(())

    def __len__(self) -> int:
        return 0
