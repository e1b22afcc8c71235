"""Who is in which of several windows, against a count by hand of the same records."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from homes import ROOT, Case, make_cases, make_home, put_in_force

from publisher.activation import active_policy
from publisher.counting import count
from publisher.draft.joint import window_sets
from publisher.home import Home
from publisher.periods import Period
from publisher.preparation import Prepared, prepare
from publisher.workspace import open_workspace

POLICY = "fk-familj-bostad"
KEPT = ("foraldrapenning", "vab", "bostadsbidrag")
WINDOWS = [Period.parse(f"2022M{m:02d}R12") for m in (12, 9, 3)]


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    """Cases, many of which have a second record at a later date, at another place or of another benefit."""
    first = make_cases(persons=300)
    moved = [replace(r, date=r.date + timedelta(days=37 + i % 500), regso=first[i // 2].regso)
             for i, r in enumerate(first[:200])]  # fmt: skip
    return first + moved + [replace(r, benefit=KEPT[i % 3]) for i, r in enumerate(moved[::3])]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, rows: Sequence[Case]) -> Home:
    return make_home(tmp_path_factory.mktemp("presence") / "home", rows, policies=[])


def prepared(home: Home, folder: Path, kind: str) -> Iterator[Prepared]:
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8").replace("kind: cases", f"kind: {kind}")
    (folder / f"{POLICY}.yaml").write_text(text.replace("type_year: same", 'type_year: "2022"'), "utf-8")
    put_in_force(home, [folder / f"{POLICY}.yaml"])
    with open_workspace(home, exclusive=True) as work:
        policy = active_policy(work.home, work.log, POLICY, work.settings).policy
        yield prepare(work, policy, WINDOWS[0])


def leaf(row: Case) -> str:
    return "00X" if row.regso is None else row.regso if "R" in row.regso else f"{row.regso}X"


def units(rows: Sequence[Case], window: Period, kind: str, leaves: Sequence[str]) -> set[tuple[object, ...]]:
    """Each unit together with its leaf and benefit."""
    own = {r for r in rows if window.first <= r.date < window.end and r.benefit in KEPT}
    if kind == "events":
        return {(r, leaf(r), r.benefit) for r in own}
    last: dict[object, Case] = {}
    codes = list(KEPT)
    order = ["sjukpenning", "sjukersattning", *codes]
    for r in sorted(own, key=lambda r: (r.date, -leaves.index(leaf(r)), -order.index(r.benefit))):
        last[r.person_id, r.case_id] = r
    if kind == "cases":
        return {(key, leaf(r), r.benefit) for key, r in last.items()}
    return {(key[0], leaf(r), r.benefit) for key, r in last.items()}  # type: ignore[index]


@pytest.mark.parametrize("kind", ["cases", "persons", "events"])
def test_presence_is_what_a_count_by_hand_gives(home: Home, rows: list[Case], tmp_path: Path, kind: str) -> None:
    for ready in prepared(home, tmp_path, kind):
        counted = count(ready, WINDOWS[1:])
        keys = ready.keys(ready.policy.suppressed_tables)
        windows = [units(rows, w, kind, keys.leaves) for w in WINDOWS]
        expected: dict[frozenset[int], Counter[tuple[str, str]]] = {}
        for unit in set.union(*windows):
            members = frozenset(i for i, own in enumerate(windows) if unit in own)
            expected.setdefault(members, Counter())[unit[1], unit[2]] += 1  # type: ignore[index]
        assert counted.presence is not None
        assert counted.presence.counts.keys() == expected.keys()
        for members, counts in counted.presence.counts.items():
            found = {(keys.leaves[i], keys.columns[0].codes[j]): int(counts[i, j]) for i, j in np.argwhere(counts)}
            assert found == expected[members]
        if kind == "persons":
            assert not expected.keys() <= set(window_sets(WINDOWS))  # somebody is away and comes back
        assert counted.whole is not None
        own = {"cases": counted.whole.cases, "persons": counted.whole.persons, "events": counted.whole.events}[kind]
        assert np.all(sum(c for members, c in counted.presence.counts.items() if 0 in members) == own)


def test_windows_make_parts_by_the_stretches_of_time_that_they_hold() -> None:
    sets = [sorted(s) for s in window_sets(WINDOWS)]
    assert sets == [[2], [1, 2], [0, 1, 2], [0, 1], [0]]
    year, months = Period.parse("2022"), [Period.parse("2022M02"), Period.parse("2022M04")]
    assert [sorted(s) for s in window_sets([year, *months])] == [[0], [0, 1], [0, 2]]
