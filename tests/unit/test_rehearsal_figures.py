"""What a rehearsal tells of a table, held against numbers that were counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from publisher.rehearsal.cells import TableCells
from publisher.rehearsal.figures import AreaHit, Totals, figures_of
from publisher.rehearsal.holes import Holes, holes_of
from publisher.rehearsal.shares import group_of, per_cent, value_per_cent

NAMES = {"01": "First", "0101": "Ostad", "0102": "Vestad"}

ROWS = [  # level, area, then total, a, b
    ("riket", "00", 40, 30, 10),
    ("lan", "01", 40, 30, 10),
    ("kommun", "0101", 28, 26, 2),
    ("kommun", "0102", 12, 4, 8),
    ("regso", "0101R001", 20, 20, 0),
    ("regso", "0101R002", 8, 6, 2),
    ("regso", "0102R001", 9, 1, 8),
    ("regso", "0102X", 3, 3, 0),
]
CODES = (("TOT",), ("a",), ("b",))
SENSITIVE = {("0101", 2), ("0102", 1), ("0101R002", 2), ("0102R001", 1), ("0102X", 0), ("0102X", 1)}
SECONDARY = {("0101", 1), ("0102", 2), ("0101R002", 1), ("0102R001", 0), ("0102R001", 2)}


def mask(cells: set[tuple[str, int]]) -> np.ndarray:
    return np.array([[(row[1], k) in cells for k in range(3)] for row in ROWS])


def table(**changes: object) -> TableCells:
    values = np.array([row[2:] for row in ROWS], dtype=np.int64)
    made = TableCells(
        "t", tuple(r[0] for r in ROWS), tuple(r[1] for r in ROWS), categories=CODES,
        total=np.array([True, False, False]), count="n",
        values={"n": values, "paid": values * 100},
        withheld=mask(SENSITIVE | SECONDARY), sensitive=mask(SENSITIVE), alone=mask({("0102R001", 1)}),
        reasons={
            "n": {"threshold": mask(SENSITIVE)},
            "paid": {"threshold": mask(SENSITIVE), "dominance": mask({("0101", 2), ("00", 0)})},
        },
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def told(cells: TableCells | None = None, *, forced: tuple[str, ...] = ("riket",), insiders: bool = False) -> object:
    return figures_of(cells or table(), NAMES, forced=forced, insiders=insiders, derived={})


def test_cells_by_level_are_those_counted_by_hand() -> None:
    by_level = told().by_level
    assert {v: (g.cells, g.non_zero, g.published, g.primary, g.secondary) for v, g in by_level.items()} == {
        "riket": (3, 3, 3, 0, 0), "lan": (3, 3, 3, 0, 0), "kommun": (6, 6, 2, 2, 2), "regso": (12, 10, 3, 4, 3),
    }  # fmt: skip
    assert by_level["regso"].cells_per_cent == 58.3  # 7 of 12
    assert by_level["regso"].non_zero_per_cent == 70.0  # 7 of 10
    assert told().group == replace(told().group, cells=24, non_zero=22, published=11, primary=6, secondary=5)


def test_value_by_level_and_rule_is_that_counted_by_hand() -> None:
    count, paid = told().measures
    assert count.by_level["kommun"].value_per_cent == 50  # 26 + 2 + 4 + 8 of 80
    assert count.by_level["regso"].value_per_cent == 40  # 2 + 6 + 9 + 1 + 8 + 3 + 3 of 80
    assert count.by_level["riket"].value_per_cent == 0
    assert count.by_level["regso"].reasons["threshold"].value_per_cent == 11  # 2 + 1 + 3 + 3 of 80
    assert count.by_level["regso"].reasons["secondary"].value_per_cent == 29  # 6 + 9 + 8 of 80
    assert count.overall.reasons["threshold"].cells == 6
    assert count.overall.reasons["threshold"].cells_per_cent == 25.0
    assert set(count.overall.reasons) == {"threshold", "secondary"}
    assert paid.overall.value_per_cent == count.overall.value_per_cent == 23  # 72 of 320: a half upwards


def test_a_cell_under_two_rules_counts_for_both_and_one_that_is_shown_for_none() -> None:
    reasons = told().measures[1].overall.reasons
    assert (reasons["threshold"].cells, reasons["dominance"].cells, reasons["secondary"].cells) == (6, 1, 5)


def test_no_share_of_value_is_told_of_one_or_two_numbers() -> None:
    values = np.array([5, 7, 9, 0, 79], dtype=np.int64)
    cases = {(): 0, (0,): None, (0, 1): None, (0, 1, 3): None, (0, 1, 2): 21, (3,): 0}
    for gone, share in cases.items():
        assert value_per_cent(values, np.isin(np.arange(5), gone)) == share
    assert told().measures[1].overall.reasons["dominance"].value_per_cent is None


def test_negative_amounts_count_by_their_size() -> None:
    values = np.array([-10, 10, -10, 10], dtype=np.int64)
    assert value_per_cent(values, np.array([True, True, True, False])) == 75


def test_category_totals_are_counted_with_those_that_are_sensitive_themselves() -> None:
    assert told().totals == {"riket": Totals(1, 0, 0), "lan": Totals(1, 0, 0), "kommun": Totals(2, 0, 0)}
    of_totals = table(withheld=mask(SENSITIVE | SECONDARY | {("0101", 0), ("01", 0)}),
                      sensitive=mask(SENSITIVE | {("0101", 0)}))  # fmt: skip
    assert told(of_totals).totals == {"riket": Totals(1, 0, 0), "lan": Totals(1, 0, 1), "kommun": Totals(2, 1, 0)}


def test_areas_hit_hardest_have_all_rows_that_lie_in_them() -> None:
    areas = told().areas
    assert (areas["kommun"].areas, areas["kommun"].touched, areas["kommun"].silent) == (2, 2, 0)
    assert areas["kommun"].hardest == (
        AreaHit("0102", "Vestad", 8, 7, 87.5, 75),  # 4 + 8 + 9 + 1 + 8 + 3 + 3 of 48
        AreaHit("0101", "Ostad", 8, 4, 50.0, 32),  # 26 + 2 + 6 + 2 of 112
    )
    assert [(h.code, h.non_zero, h.withheld) for h in areas["lan"].hardest] == [("01", 19, 11)]


def test_an_area_without_anything_withheld_is_not_named_and_one_that_shows_nothing_is_silent() -> None:
    west = {("0102", k) for k in range(3)} | {("0102R001", k) for k in range(3)} | {("0102X", 0), ("0102X", 1)}
    areas = told(table(withheld=mask(west), sensitive=mask(set()))).areas["kommun"]
    assert [h.code for h in areas.hardest] == ["0102"]
    assert (areas.touched, areas.silent) == (1, 1)


def test_forced_cells_and_those_with_one_person_are_counted_where_the_rule_asks() -> None:
    assert (told().forced, told().alone) == (3, None)
    assert told(forced=(), insiders=True).forced == 0
    assert told(insiders=True).alone == 1


def test_more_than_half_of_the_finest_cells_withheld_is_a_table_of_holes() -> None:
    assert holes_of(table()) == Holes(True, "regso", 62.5, 2, 1)  # Vestad shows its total alone
    half = {("0101R001", 0), ("0101R001", 1), ("0101R002", 0), ("0101R002", 1)}
    assert holes_of(table(withheld=mask(half), sensitive=mask(set()))) == Holes(False, "regso", 50.0, 2, 2)
    more = half | {("0102R001", 1)}
    assert holes_of(table(withheld=mask(more), sensitive=mask(set()))).mostly
    unstated = half | {("0102X", 0), ("0102X", 1)}
    assert not holes_of(table(withheld=mask(unstated), sensitive=mask(set()))).mostly


def test_fewer_than_half_of_the_municipalities_with_more_than_their_total_is_a_table_of_holes() -> None:
    of_places = table().rows(np.array([r[0] != "regso" for r in ROWS]))
    silent = {("0101", 1), ("0101", 2)}
    one = replace(of_places, withheld=mask(silent)[:4], sensitive=mask(set())[:4])
    assert holes_of(one) == Holes(False, "kommun", 33.3, 2, 1)
    none = replace(of_places, withheld=mask(silent | {("0102", 1), ("0102", 2)})[:4], sensitive=mask(set())[:4])
    assert holes_of(none) == Holes(True, "kommun", 66.7, 2, 0)


def test_a_table_of_totals_only_has_its_totals_looked_at() -> None:
    kept = table().rows(np.array([r[0] != "regso" for r in ROWS]))
    totals = TableCells(
        "t", kept.levels, kept.areas, (("TOT",),), np.array([True]), "n", values={"n": kept.values["n"][:, :1]},
        withheld=mask({("0101", 0)})[:4, :1], sensitive=mask(set())[:4, :1], alone=mask(set())[:4, :1],
        reasons={"n": {}},
    )  # fmt: skip
    assert holes_of(totals) == Holes(False, "kommun", 50.0, 2, 1)


def test_a_table_without_municipalities_is_judged_by_its_cells_alone() -> None:
    nation = table().rows(np.array([r[0] in ("riket", "lan") for r in ROWS]))
    assert holes_of(nation) == Holes(False, "lan", 0.0, None, None)


def test_shares_are_rounded_a_half_upwards() -> None:
    assert [per_cent(n, 2000) for n in (0, 1, 2, 2000)] == [0.0, 0.1, 0.1, 100.0]
    assert per_cent(0, 0) == 0.0


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        table(withheld=mask(SENSITIVE)[:3])
    with pytest.raises(ValueError, match="do not belong together"):
        table(levels=("riket",))
    group = group_of(np.array([1, 2]), np.array([True, False]), np.array([True, False]))
    with pytest.raises(ValueError, match="more cells"):
        replace(group, secondary=5)
    with pytest.raises(ValueError, match="more cells"):
        replace(group, published=3)
