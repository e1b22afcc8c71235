"""What outsiders can infer from a published plain table, ours or another program's, and whether that is too much."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from publisher.audit.attacker.plain import (
    Absent,
    Hierarchy,
    Key,
    Labels,
    PlainAlternatives,
    PlainIntervals,
    attack_plain,
    withheld_keys,
)
from publisher.audit.attacker.plain_insiders import attack_plain_insiders
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.tabular.cells import Cells
from publisher.tabular.hierarchies import Files
from publisher.tabular.leaves import Leaves
from publisher.tabular.protect import Demands, make_demands
from publisher.tabular.spec import Spec
from publisher.tabular.table import PlainTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AttackReport:
    """Counts of suppressed cells, and what is wrong, one sentence each.

    `exact_a0`, `exact_a1`: cells that the attacker knows.  `narrow_a0`: those whose interval is narrower than the
    threshold, or ends too near to a sum; `narrow_a1`: those that A1 knows more closely than the threshold less one;
    `known_small_a1`: those that A1 knows to be below the threshold.  With the leaves at hand these three count
    sensitive cells only; they are None for a sum without its leaves, and where they are not asked.  `insider`:
    sensitive cells that somebody who is alone in another cell computes, though not everybody; None without the leaves
    and for sums: it is not asked.  `undecided`: intervals for whose proof the work did not suffice; they are counted as
    narrow as they were seen.  `exact_integer`, `narrow_integer`: of those that the other counts hold, how many only
    whole numbers leave exact, or too narrow, and not the linear relaxation.
    """

    suppressed: int
    exact_a0: int
    narrow_a0: int | None
    exact_a1: int
    narrow_a1: int | None
    known_small_a1: int | None
    insider: int | None
    undecided: int
    exact_integer: int
    narrow_integer: int
    reasons: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int | None]:
        """The counts by name."""
        return {k: v for k, v in asdict(self).items() if k != "reasons"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truth(Opaque):
    """Of every cell of a table, at the place that `at` gives: value, whether it is sensitive, what its rules demand.

    `forced`: it must be published unless it is sensitive.
    """

    at: Mapping[Key, int]
    values: IntArray
    demands: Demands
    forced: BoolArray

    @classmethod
    def of(cls, leaves: Leaves, spec: Spec) -> "Truth":
        """Add the leaves up and apply the rules; the one of counts as it is written here, not as the search has it."""
        cells = Cells.of(leaves.axes)
        values = cells.add_up(leaves.values)
        at = {k: i for i, k in enumerate(product(*(a.codes for a in leaves.axes)))}
        demands = make_demands(leaves, cells, values, spec)
        if not spec.is_sum:
            least = 0 if spec.zeros is Zeros.PROTECTED else 1
            demands = replace(demands, sensitive=(least <= values) & (values < spec.threshold))
        return cls(at, values, demands, cells.at_levels(spec.forced))

    def places(self, keys: Iterable[Key]) -> IntArray:
        """Where the cells are.  AuditFailedError for a cell that the leaves do not have."""
        found = np.array([self.at.get(k, -1) for k in keys], dtype=np.int64)
        if (found < 0).any():
            raise AuditFailedError(f"{int((found < 0).sum())} cells of the table are none of those of the leaves")
        return found


def attack_table(
    table: PlainTable, spec: Spec, files: Files, *, truth: Truth | None = None, absent: Absent = Absent.REFUSED,
    insiders: bool = False, told: PlainAlternatives | None = None, say: Callable[[str], None] = lambda _: None,
) -> AttackReport:  # fmt: skip
    """Attack a published table.  `truth`: from LEAVES.csv, or None; then the sensitive cells are not known.

    `insiders`: whether to ask for them too where the spec does not promise anything about them.  `told`: other numbers
    that fit, from who made the table; they are checked, and what the level does not promise is not asked (None).
    `say`: hears which attacker is asked, of a large table minutes each.

    AuditFailedError where the table cannot be attacked: codes that no hierarchy has, missing cells.
    """
    keys = withheld_keys(table.cells)
    demands = _Withheld.of(keys, spec, truth, _Asked.of(spec, promised=told is not None))
    labels = [_labels(spec, k, files) for k in range(len(spec.dimensions))]
    found = attack_plain(
        labels, table.cells, zeros_published=spec.zeros is Zeros.PUBLISHED, need=demands.need, need_a1=demands.need_a1,
        absent=absent, told=told, say=say,
    )  # fmt: skip
    reasons = list(_against_truth(table, truth) if truth else ())
    if not (found.consistent and found.informed_consistent):
        what = "a withheld cell must be 0, although zeros are published" if found.consistent else "it does not add up"
        said = (*reasons, f"the table contradicts itself: {what}")
        return AttackReport(len(keys), 0, None, 0, None, None, None, 0, 0, 0, said)
    insider = None
    if truth is not None and not spec.is_sum and (insiders or spec.insiders):
        say("insiders, who know the cells that they stand in")
        insider = _insiders(labels, table, spec, (truth, absent, told))
        reasons += [] if insider is not None else ["insiders could not be asked: the leaves do not fit the table"]
    return _judge(found, demands, spec, (reasons, insider))


def _insiders(
    labels: list[Labels], table: PlainTable, spec: Spec, known: tuple[Truth, Absent, PlainAlternatives | None]
) -> int | None:
    """How many sensitive cells some lone contributor computes; None where the leaves are not those of the table."""
    truth, absent, told = known
    targets = {k for k, v in table.cells.items() if v is None and truth.demands.sensitive[truth.at[k]]}
    values = dict(zip(truth.at, truth.values[list(truth.at.values())].tolist(), strict=True))
    zeros = spec.zeros is Zeros.PUBLISHED
    found = attack_plain_insiders(
        labels, table.cells, values, targets=targets, zeros_published=zeros, absent=absent, told=told
    )
    return None if found is None else len(found)


def _labels(spec: Spec, k: int, files: Files) -> Labels:
    dimension = spec.dimensions[k]
    return Labels(
        dimension.total,
        tuple(
            Hierarchy(h.levels, tuple(codes for _, codes in files[h.file].rows(h.levels)))
            for h in dimension.hierarchies
        ),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whether it is asked which counts are too narrow for A0, and which are for A1 or known to be small."""

    narrow: bool
    small: bool

    @classmethod
    def of(cls, spec: Spec, *, promised: bool) -> "_Asked":
        """Everything, or what the level of the spec promises only."""
        return cls(
            narrow=not promised or spec.level is not ProtectionLevel.EXACT,
            small=not promised or spec.level is ProtectionLevel.AMBIGUOUS,
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Withheld(Opaque):
    """Of every withheld cell, in order: the widths that suffice, whether it is sensitive, the ends to reach.

    `known`: which are sensitive is known; otherwise every cell may be.  `asked`: of counts.
    """

    asked: _Asked
    known: bool
    sensitive: BoolArray
    need: Floats
    need_a1: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, keys: tuple[Key, ...], spec: Spec, truth: Truth | None, asked: _Asked) -> "_Withheld":
        """A sensitive count needs the threshold, a sensitive sum proof, any other cell two possible values."""
        at = None if truth is None else truth.places(keys)
        sensitive = np.ones(len(keys), dtype=np.bool_) if truth is None else truth.demands.sensitive[at]
        low, high = np.full(len(keys), np.inf), np.full(len(keys), -np.inf)
        if not spec.is_sum:
            wide = np.where(sensitive & asked.narrow, float(spec.threshold), 1.0)
            above = np.where(sensitive & asked.small, max(spec.threshold - 1.0, 1.0), 1.0)
            return cls(asked, truth is not None, sensitive, wide, above, low, high)
        wide = np.ones(len(keys))
        if truth is not None:
            value, demands = truth.values[at], truth.demands
            low = np.where(sensitive, value - demands.fall[at], low)
            high = np.where(sensitive, value + demands.rise[at], high)
            wide = np.where(sensitive, np.inf, wide)
        return cls(asked, truth is not None, sensitive, wide, wide, low, high)

    def narrow(self, ends: tuple[Floats, Floats], width: int) -> int:
        """How many sensitive cells have an interval less than `width` wide, or one that ends too near to the truth."""
        low, high = ends
        enough = (high - low >= width) & (low <= self.low) & (high >= self.high)
        return int((self.sensitive & ~enough).sum())


def _judge(
    found: PlainIntervals, demands: _Withheld, spec: Spec, known: tuple[list[str], int | None]
) -> AttackReport:
    reasons, insider = known
    exact = [int((high <= low).sum()) for low, high in (found.a0, found.a1)]
    narrow, close, small = _narrow_and_small(found, demands, spec)
    strict, strictest = spec.level is not ProtectionLevel.EXACT, spec.level is ProtectionLevel.AMBIGUOUS
    known_a1 = "for who knows that none of them is 0"
    for count, matters, what in (
        (exact[0], True, "suppressed cells follow from the published ones"),
        (exact[1], True, f"suppressed cells follow {known_a1}"),
        (narrow, demands.known and (strict or spec.is_sum), "sensitive cells lie in too narrow an interval"),
        (close, demands.known and strictest, f"sensitive cells lie in too narrow an interval {known_a1}"),
        (small, strictest, "cells are known to be below the threshold"),
        (insider, spec.insiders, "sensitive cells can be computed by somebody who is alone in another cell"),
    ):
        if count and matters:
            reasons.append(f"{count} {what}")
    points = (found.a0[1] <= found.a0[0]) | (found.a1[1] <= found.a1[0])
    of_whole = int((found.integer & points).sum()), int((found.integer & ~points).sum())
    widths = exact[0], narrow, exact[1], close, small
    return AttackReport(len(found.keys), *widths, insider, found.undecided, *of_whole, tuple(reasons))


def _narrow_and_small(
    found: PlainIntervals, demands: _Withheld, spec: Spec
) -> tuple[int | None, int | None, int | None]:
    """Too narrow for A0, and for A1, and known to be small.

    None where it is not asked, as for a sum whose sensitive cells are not known: how wide its intervals must be is not
    known either.
    """
    if not spec.is_sum:
        asked, small = demands.asked, int((demands.sensitive & (found.a1[1] < spec.threshold)).sum())
        narrow, close = demands.narrow(found.a0, spec.threshold), demands.narrow(found.a1, spec.threshold - 1)
        return narrow if asked.narrow else None, close if asked.small else None, small if asked.small else None
    if not demands.known:
        return None, None, None
    return demands.narrow(found.a1, 0), 0, 0  # what A1 leaves open A0 does too


def _against_truth(table: PlainTable, truth: Truth) -> Iterator[str]:
    """What is published is true, no sensitive cell is, and what must be is."""
    shown = {k: v for k, v in table.cells.items() if v is not None}
    at = truth.places(shown)
    wrong = int((truth.values[at] != np.fromiter(shown.values(), dtype=np.int64, count=len(shown))).sum())
    if wrong:
        yield f"{wrong} published numbers are not those of the leaves"
    if truth.demands.sensitive[at].any():
        yield f"{int(truth.demands.sensitive[at].sum())} sensitive cells are published"
    held = truth.places(k for k, v in table.cells.items() if v is None)
    spared = ~truth.demands.sensitive[held]
    if (spared & truth.forced[held]).any():
        yield f"{int((spared & truth.forced[held]).sum())} cells that must be published are suppressed"
    zeros = int((spared & (truth.values[held] == 0)).sum())
    if zeros:
        yield f"{zeros} zeros are suppressed, although zeros are published"
