"""Which areas a rehearsal names, by public facts, and what it tells of them."""

from dataclasses import replace

import numpy as np
import pytest
from homes import ROOT
from test_rehearsal_figures import NAMES, table

from publisher.errors import RunError
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.loader import load_policy
from publisher.policy.model import Noise
from publisher.rehearsal.effects import MOST, effect_of, map_area
from publisher.rehearsal.expected import Planned
from publisher.rehearsal.noisy_effect import expected_of, map_of
from publisher.rehearsal.places import Place, check_asked, chosen_places, level_of_places, of_one_area
from publisher.relations import Column, KeySet

AREAS = tuple(
    RegisterArea(f"{m}R{n:03d}", f"Area {m} {n}", m, f"Kommun {m}", m[:2], f"Lan {m[:2]}")
    for m, count in (("0101", 2), ("0102", 1), ("0103", 3), ("0201", 1), ("0202", 1))
    for n in range(1, count + 1)
)
INDEX = AreaIndex("e2020", AREAS, {2022: {"0101R001": "1", "0101R002": "1", "0102R001": "2", "0103R001": "3",
                                          "0103R002": "3", "0103R003": "4", "0201R001": "5"}})  # fmt: skip
SIZES = {"0101": 40, "0102": 90, "0103": 10, "0201": 70, "0202": 20}


def sizes() -> np.ndarray:
    """All inhabitants of a municipality in its first area, and some in no stated area of it or of the county."""
    whole = {**{f"{m}R001": n - 1 for m, n in SIZES.items()}, **{f"{m}X": 1 for m in SIZES}, "01X": 500}
    return np.array([whole.get(leaf, 0) for leaf in INDEX.leaves], dtype=np.int64)


def chosen(level: str = "kommun", *asked: str, counted: bool = True) -> dict[str, tuple[str, ...]]:
    return {p.code: p.why for p in chosen_places(INDEX, level, sizes(), counted=counted, asked=asked)}


def test_areas_are_chosen_by_their_place_in_the_order_of_size() -> None:
    assert chosen() == {"0102": ("largest",), "0101": ("middling",), "0202": ("small",), "0103": ("fewest",)}


def test_an_area_that_is_asked_for_stands_once_with_both_reasons() -> None:
    assert chosen("kommun", "0201", "0103")["0103"] == ("fewest", "asked")
    assert chosen("kommun", "0201", "0103")["0201"] == ("asked",)


def test_a_table_of_counties_has_the_counties_of_what_is_asked_for() -> None:
    assert chosen("lan", "0202") == {"01": ("largest",), "02": ("middling", "small", "fewest", "asked")}
    assert chosen("") == {}


def test_inhabitants_are_told_where_they_were_counted() -> None:
    told = {p.code: p.inhabitants for p in chosen_places(INDEX, "kommun", sizes(), counted=True, asked=())}
    assert told["0102"] == 90
    unknown = chosen_places(INDEX, "kommun", sizes(), counted=False, asked=())
    assert {p.inhabitants for p in unknown} == {None}


@pytest.mark.parametrize("asked", [("0199",), ("01",), ("0101R001",), ("0101",) * 9, ("=0101",)])
def test_what_is_no_municipality_cannot_be_asked_for(asked: tuple[str, ...]) -> None:
    with pytest.raises(RunError):
        check_asked(asked, INDEX)
    check_asked(("0101", "0202"), INDEX)


def test_the_finest_named_level_is_that_of_the_map() -> None:
    assert [level_of_places(v) for v in (("riket", "lan", "kommun", "regso"), ("riket", "lan"), ("riket",))] == [
        "kommun", "lan", "",
    ]  # fmt: skip


def test_combinations_that_are_one_area_are_counted_and_areas_without_a_type_left_out() -> None:
    assert of_one_area(INDEX, INDEX.types_of(2022)) == 3  # 0102 type 2, 0103 type 4, 0201 type 5


def test_a_place_without_a_reason_and_a_share_above_all_are_refused() -> None:
    with pytest.raises(ValueError, match="not chosen"):
        Place("0101", "A", (), None)
    with pytest.raises(ValueError, match="more cells"):
        map_area("0101", "A", cells=1, marked=2)


PLACE = Place("0101", "Ostad", ("asked",), 9)


def test_what_is_withheld_of_an_area_is_that_counted_by_hand() -> None:
    (ostad,) = effect_of(table(), NAMES, [PLACE]).examples
    assert (ostad.non_zero, ostad.withheld, ostad.more) == (8, 4, 0)
    assert [(h.categories, h.own, h.withheld, h.non_zero) for h in ostad.hidden] == [
        (("a",), True, 2, 3), (("b",), True, 2, 2),
    ]  # fmt: skip


def test_the_map_has_every_area_with_its_share() -> None:
    effect = effect_of(table(), NAMES, [])
    assert effect.level == "kommun"
    assert [(a.code, a.cells, a.marked, a.per_cent) for a in effect.areas] == [
        ("0101", 8, 4, 50.0), ("0102", 8, 7, 87.5),
    ]  # fmt: skip


def test_a_withheld_zero_is_no_cell_of_the_map() -> None:
    hidden = table().withheld.copy()
    hidden[4, 2] = True
    effect = effect_of(table(withheld=hidden), NAMES, [PLACE])
    assert effect.areas[0].marked == effect.examples[0].withheld == 4


def test_an_area_without_cells_has_no_share() -> None:
    empty = table(values={"n": np.zeros((8, 3), dtype=np.int64), "paid": np.zeros((8, 3), dtype=np.int64)})
    assert {a.per_cent for a in effect_of(empty, NAMES, []).areas} == {None}


def test_no_more_than_a_dozen_combinations_are_named_those_of_the_own_number_first() -> None:
    wide = MOST + 3
    many = replace(
        table(), categories=tuple((str(i),) for i in range(wide)), total=np.zeros(wide, dtype=np.bool_),
        values={k: np.ones((8, wide), dtype=np.int64) for k in ("n", "paid")},
        withheld=np.ones((8, wide), dtype=np.bool_) & (np.arange(8)[:, None] != 2),
        sensitive=np.zeros((8, wide), dtype=np.bool_), alone=np.zeros((8, wide), dtype=np.bool_),
        reasons={"n": {}, "paid": {}},
    )  # fmt: skip
    (one,) = effect_of(many, NAMES, [PLACE]).examples
    assert (len(one.hidden), one.more) == (MOST, 3)
    assert {h.own for h in one.hidden} == {False}, "the own row (2) is shown"
    assert {h.withheld for h in one.hidden} == {2}


def test_a_table_without_named_areas_has_no_map() -> None:
    nation = table().rows(np.array([True, *[False] * 7]))
    assert effect_of(nation, NAMES, []) == effect_of(nation, NAMES, [PLACE])
    assert effect_of(nation, NAMES, []).level == ""


def planned() -> Planned:
    """Every cell of nation and municipalities with a standard error of 2; uncertain below 6.67, withheld below 5."""
    noise = load_policy(ROOT / "policies" / "fk-ohalsa.yaml").policy.tables[0].protection
    assert isinstance(noise, Noise)
    columns = (Column("sex", ("w", "m"), True),)
    keys = KeySet(INDEX.leaves, INDEX.levels(("riket", "kommun"), 2022), columns, (True,))
    return Planned(keys, np.full(keys.shape, 4.0), noise)


def sized(area: str, *sizes: float) -> np.ndarray:
    """100 in every cell but those of one area: women, men, total."""
    out = np.full(planned().keys.shape, 100.0)
    out[planned().keys.area_codes.index(area)] = sizes
    return out


def test_under_noise_the_map_marks_what_would_be_uncertain_or_withheld() -> None:
    on_map = {a.code: a for a in map_of(planned(), sized("0102", 6, 3, 9), "kommun", INDEX.municipalities)}
    assert (on_map["0102"].cells, on_map["0102"].marked, on_map["0102"].per_cent) == (3, 2, 66.7)
    assert {a.marked for code, a in on_map.items() if code != "0102"} == {0}
    unknown = map_of(planned(), sized("0102", np.nan, np.nan, 9), "kommun", INDEX.municipalities)
    assert {(a.cells, a.marked) for a in unknown if a.code == "0102"} == {(1, 0)}


def test_the_error_to_expect_stands_beside_the_size_of_the_own_numbers() -> None:
    by_sex, total = expected_of(planned(), sized("0102", 6, 3, 9), Place("0102", "Vestad", ("asked",), None))
    assert by_sex == {"attributes": ["sex"], "cells": 2, "expected_error": 2.0, "size": 4.5, "uncertain": 1,
                      "withheld": 1}  # fmt: skip
    assert (total["attributes"], total["size"], total["uncertain"], total["withheld"]) == ([], 9.0, 0, 0)
    none = expected_of(planned(), sized("0102", np.nan, -np.inf, 9), Place("0102", "Vestad", ("asked",), None))[0]
    assert (none["size"], none["withheld"]) == (None, 1)
