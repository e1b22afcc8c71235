"""Rolling years that share time: the sealed ones that a new one is protected with, and what is remembered of it (P4).

A window counts for ever, withdrawn or not, published yet or not.  A new one is protected jointly with every sealed one
that shares a day with it; those among them that share none with each other are in the same joint system.
"""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from publisher.audit.attacker import CellKey, ValueKey
from publisher.audit.attacker.joint import WindowView
from publisher.audit.periods import of_period
from publisher.audit.report import AuditReport, Finding, make_report
from publisher.audit.verdict import SuppressionPromise
from publisher.audit.windows import JointView, JudgedWindow, audit_windows
from publisher.counting import Counted
from publisher.draft.joint import SealedWindow, WindowGroup, leaf_counts
from publisher.draft.keys import joined_otherwise
from publisher.errors import ReleaseError, RunError
from publisher.files import write_atomically
from publisher.memory import Remembered, recall
from publisher.periods import Period
from publisher.preparation import Prepared
from publisher.relations import IntArray, KeySet
from publisher.release.model import Table
from publisher.release.reader import read_release
from publisher.sealed import ReleaseRecord
from publisher.versions import check_promise
from publisher.workspace import Workspace

_GRAIN = "rolling-year"


def sealed_windows(prepared: Prepared) -> tuple[SealedWindow, ...]:
    """Every sealed window of the policy that shares time with the period, the latest sealed first; none of others.

    RunError where one is of other areas than the policy has now, or promised more.
    """
    if prepared.policy.schedule.grain != _GRAIN:
        return ()
    own = prepared.period
    found = [r for r in prepared.work.store.records() if r.policy == prepared.policy.id and r.period != own.code]
    found = [r for r in found if Period.parse(r.period).overlaps(own)]
    return tuple(_sealed_window(prepared, record) for record in reversed(found))


def _sealed_window(prepared: Prepared, record: ReleaseRecord) -> SealedWindow:
    work, keys = prepared.work, prepared.linked_keys
    check_promise(prepared, record.release)
    tables, known = _tables(work, record), recall(work.home, work.keys, record.release)
    content = _recall(work, record.release)
    types = prepared.index.types_of(prepared.type_year) if prepared.uses_types else {}
    if changed := joined_otherwise(tables, keys):
        raise RunError(
            f"{record.release} shares time with {prepared.period.code}, and its table {changed[0]} joins other codes "
            f"of column {changed[1]}; windows that overlap are protected jointly and need the same"
        )
    for table in tables:
        if table.editions[record.period] != prepared.edition or dict(table.area_types.get(record.period, {})) != types:
            raise RunError(
                f"{record.release} shares time with {prepared.period.code} and has other areas or area types; windows "
                "that overlap are protected jointly and need the same"
            )
    return SealedWindow(
        record.release, Period.parse(record.period), tables, _leaves(content["leaves"], keys), _promise(known),
        known.sensitive, known.limits, _cells(content["kept"]),
    )  # fmt: skip


def _tables(work: Workspace, record: ReleaseRecord) -> tuple[Table, ...]:
    """The tables of a release, of its own period only."""
    return of_period(read_release(work.store.folder(record), work.keys.public_pem), record.period)[0].tables


def _promise(known: Remembered) -> SuppressionPromise:
    return SuppressionPromise(level=known.level, threshold=known.threshold, zeros=known.zeros)


def group_of(prepared: Prepared, windows: tuple[SealedWindow, ...], counted: Counted) -> WindowGroup | None:
    """The period with the windows that share time with it, or None where there are none."""
    return WindowGroup(prepared.period, windows, counted.presence) if counted.presence is not None else None


def remember_window(prepared: Prepared, release: str, counted: Counted, joint: JointView | None) -> None:
    """Write what later windows and audits need of this one, before it is sealed, under an HMAC of its own.

    Nothing where the policy has no rolling years.
    """
    if prepared.policy.schedule.grain != _GRAIN or counted.whole is None:
        return
    work, tables, cube = prepared.work, prepared.policy.suppressed_tables, counted.whole
    kinds = {"cases": cube.cases, "persons": cube.persons, "events": cube.events}
    windows = joint.windows if joint else ()
    order = _in_order(windows[0].view.tables, prepared.period.code) if windows else []
    content = {
        "leaves": _sparse(leaf_counts(kinds, tables), cube.keys),
        "kept": sorted([t, a, list(c)] for t, a, c in windows[0].view.kept) if windows else [],
        "windows": [_window_content(w) for w in windows],
        "silent": [_packed(keys, order) for keys in joint.silent] if joint else [],
    }
    data = json.dumps(content, sort_keys=True).encode()
    mark = work.keys.hmac(f"windows {release}", data).encode()
    write_atomically(work.home.memory / f"{release}.windows.json", mark + b"\n" + data, mode=0o600)


def _window_content(window: JudgedWindow) -> dict[str, object]:
    view = window.view
    return {
        "release": view.release, "parts": sorted(view.parts),
        "changed": [[*key, n] for key, n in sorted(view.changed.items())],
    }  # fmt: skip


def _recall(work: Workspace, release: str) -> dict[str, Any]:
    """What was written; ReleaseError where it is not there, or not what was written."""
    try:
        mark, _, data = (work.home.memory / f"{release}.windows.json").read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise ReleaseError(f"release {release}: nothing is remembered of its window; restore the backup") from None
    if not hmac.compare_digest(mark, work.keys.hmac(f"windows {release}", data).encode()):
        raise ReleaseError(f"release {release}: what is remembered of its window was changed; restore the backup")
    content: dict[str, Any] = json.loads(data)
    return content


def kept_before(work: Workspace, release: str) -> frozenset[CellKey]:
    """Cells of a sealed window that one before it had withheld."""
    return _cells(_recall(work, release)["kept"])


def audit_joint(work: Workspace, policy: str, periods: frozenset[str]) -> Iterator[AuditReport]:
    """Ask again what was asked jointly when windows were sealed: of every window of `periods`, and of every later one
    that was sealed together with one of them.  What a larger group asks is not asked twice."""
    records = [r for r in work.store.records() if r.policy == policy and Period.parse(r.period).grain == _GRAIN]
    contents = {r.release: _recall(work, r.release) for r in records}
    groups = {r: frozenset(w["release"] for w in c["windows"]) for r, c in contents.items()}
    own = {r.release for r in records if r.period in periods}
    yield make_report(_left_out(records, groups))
    wanted = {r: g for r, g in groups.items() if g & own}
    for release, group in wanted.items():
        if not any(group < other for other in wanted.values()):
            yield audit_windows(_joint_view(work, contents, release))


def _left_out(records: Sequence[ReleaseRecord], groups: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Windows that share time and were never attacked together."""
    for one, other in combinations(records, 2):
        share = Period.parse(one.period).overlaps(Period.parse(other.period))
        if share and not any({one.release, other.release} <= group for group in groups.values()):
            yield Finding("a window was not checked with one that it shares time with", other.release)


def _joint_view(work: Workspace, contents: Mapping[str, dict[str, Any]], release: str) -> JointView:
    content, windows = contents[release], []
    for entry in content["windows"]:
        record, known = work.store.record(entry["release"]), recall(work.home, work.keys, entry["release"])
        changed = {(t, m, a, tuple(c)): n for t, m, a, c, n in entry["changed"]}
        view = WindowView(
            record.release, record.period, _tables(work, record), frozenset(entry["parts"]),
            _cells(contents[record.release]["kept"]), changed, known.limits,
        )  # fmt: skip
        windows.append(JudgedWindow(view, _promise(known), known.sensitive, None))
    order = _in_order(windows[0].view.tables, windows[0].view.period)
    return JointView(tuple(windows), tuple(_unpacked(text, order) for text in content["silent"]))


def _cells(listed: list[list[Any]]) -> frozenset[CellKey]:
    return frozenset((t, a, tuple(c)) for t, a, c in listed)


def _in_order(tables: tuple[Table, ...], period: str) -> list[ValueKey]:
    """The counts of all tables in an order that depends on nothing else."""
    return sorted(
        (t.id, c.measure, c.area, c.categories)
        for t in tables for c in t.cells if c.period == period and c.measure == t.count.id
    )  # fmt: skip


def _packed(keys: frozenset[ValueKey], order: list[ValueKey]) -> str:
    """Which of the ordered counts are among `keys`, one bit each."""
    return base64.b64encode(np.packbits([key in keys for key in order]).tobytes()).decode()


def _unpacked(text: str, order: list[ValueKey]) -> frozenset[ValueKey]:
    bits = np.unpackbits(np.frombuffer(base64.b64decode(text), dtype=np.uint8), count=len(order))
    return frozenset(key for key, bit in zip(order, bits.tolist(), strict=True) if bit)


def _sparse(leaves: IntArray, keys: KeySet) -> list[list[object]]:
    """Leaf, codes and count of every leaf cell that is not zero."""
    out: list[list[object]] = []
    for at in np.argwhere(leaves).tolist():
        codes = [c.codes[i] for c, i in zip(keys.columns, at[1:], strict=True)]
        out.append([keys.leaves[at[0]], codes, int(leaves[tuple(at)])])
    return out


def _leaves(listed: list[list[Any]], keys: KeySet) -> IntArray:
    """`_sparse` undone; RunError where a leaf or code is none of the keys'."""
    places = [{code: i for i, code in enumerate(codes)} for codes in (keys.leaves, *(c.codes for c in keys.columns))]
    out = np.zeros([len(p) for p in places], dtype=np.int64)
    for leaf, codes, n in listed:
        try:
            out[tuple(p[c] for p, c in zip(places, (leaf, *codes), strict=True))] = n
        except KeyError as error:
            raise RunError(f"code {error} of an earlier window is declared no more, and its numbers need it") from None
    return out
