"""The areas of a system whose cells stand area by area, and what is looked at around a cell."""

import numpy as np

from publisher.geography.register import AreaIndex, RegisterArea
from publisher.relations import Column, KeySet, LinkedSystem, linked_system
from publisher.suppression.blocks import Graph
from publisher.suppression.sheets import Sheets, around, shared_out

CODES = ("0110R001", "0110R002", "0120R001", "0210R001", "0210R002")


def keys() -> KeySet:
    areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in CODES)
    index = AreaIndex("test", areas, {2022: dict(zip(CODES, "12112", strict=True))})
    columns = (Column("benefit", ("a", "b"), False),)
    return KeySet(index.leaves, index.levels(("lan", "kommun", "regso", "area_type"), 2022), columns, (True,))


KEYS = keys()
SYSTEM = linked_system(KEYS)
ACROSS = 3


def named(areas: tuple[int, ...]) -> set[str]:
    return {KEYS.area_codes[a] for a in areas if a < len(KEYS.area_codes)}


def sheets() -> Sheets:
    found = Sheets.of(Graph.of(SYSTEM.equations), SYSTEM.across)
    assert found is not None
    return found


def test_every_area_knows_what_it_is_a_part_of_the_smallest_first() -> None:
    found, at = sheets(), KEYS.area_codes.index
    assert named(found.above[at("0110R001")]) >= {"0110"}
    assert KEYS.area_codes[found.above[at("0110R001")][0]] == "0110"
    assert named(found.below[at("0110")]) == {"0110R001", "0110R002", "0110X"}
    assert {"0110", "01"} <= named(tuple(found.all_above(at("0110R002"))))


def test_a_system_that_does_not_say_how_its_cells_stand_has_no_areas() -> None:
    plain = LinkedSystem(SYSTEM.equations, SYSTEM.shown)
    assert Sheets.of(Graph.of(plain.equations), plain.across) is None


def test_around_a_cell_stand_the_areas_that_withhold_what_it_does_and_all_above_them() -> None:
    found, at = sheets(), KEYS.area_codes.index
    hidden = np.zeros(SYSTEM.size, dtype=np.bool_)
    for code in ("0110R001", "0110R002", "0210R001", "0110", "0210"):
        hidden[at(code) * ACROSS] = True
    hidden[at("0210R002") * ACROSS + 1] = True
    everything, room = np.ones(SYSTEM.size, dtype=np.bool_), np.full(SYSTEM.size, 3)
    first, *_, second = around(found, (hidden, everything, room), at("0110R001") * ACROSS, far=5)
    assert named(tuple(np.unique(first // ACROSS))) == {"0110R001", "0110R002", "0110"}
    assert {"0210R001", "0210"} <= named(tuple(np.unique(second // ACROSS)))
    opened = named(tuple(np.unique(first[~hidden[first]] // ACROSS)))
    assert opened <= {"0110R001", "0110R002", "0110"}, "elsewhere only what is withheld already may move"


FAR = tuple(f"{county}{place}R00{k}" for county in ("01", "02", "03") for place in ("10", "20") for k in (1, 2))


def far_and_wide() -> tuple[KeySet, LinkedSystem, Sheets]:
    """Three counties of two municipalities of two areas; benefit x sex with totals, nine cells each."""
    areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in FAR)
    index = AreaIndex("test", areas, {2022: dict.fromkeys(FAR, "1")})
    columns = (Column("benefit", ("a", "b"), False), Column("sex", ("f", "m"), True))
    made = KeySet(index.leaves, index.levels(("riket", "lan", "kommun", "regso"), 2022), columns, (True, True))
    system = linked_system(made)
    found = Sheets.of(Graph.of(system.equations), system.across)
    assert found is not None
    return made, system, found


def looked_at_last(
    room: dict[tuple[str, int], int], *, freely: int, hidden_at: tuple[str, ...] = FAR, far: int = 1,
    still: bool = False,
) -> set[str]:  # fmt: skip
    """The areas of the widest neighbourhood of the first area's first cell, where all that can fall is `room`.

    `still`: the cell's own category moves nowhere else.
    """
    made, system, found = far_and_wide()
    at = made.area_codes.index
    falls, hidden = np.zeros(system.size, dtype=np.int64), np.zeros(system.size, dtype=np.bool_)
    for (code, category), steps in room.items():
        falls[at(code) * 9 + category] = steps
    for code in hidden_at:
        hidden[at(code) * 9 :][:9] = True
    movable = np.ones(system.size, dtype=np.bool_)
    movable[[at(code) * 9 for code in FAR[1:] if still]] = False
    cells = hidden, movable, falls
    *_, widest = around(found, cells, at(FAR[0]) * 9, far=far, freely=freely)
    return {made.area_codes[a] for a in np.unique(widest // 9) if a < len(made.area_codes)}


def test_an_area_that_can_give_something_away_comes_before_those_that_withhold_the_same_and_cannot() -> None:
    giver = FAR[-1]
    assert giver in looked_at_last({(giver, 0): 3}, freely=True, hidden_at=FAR[:-1])
    assert giver not in looked_at_last({(FAR[-2], 0): 3}, freely=True, hidden_at=FAR[:-1])


def test_where_no_area_can_give_anything_away_one_is_looked_at_that_can_in_another_part_of_each_total() -> None:
    of_other_sex, of_other_benefit = {(FAR[-1], 1): 2}, {(FAR[-1], 3): 2}
    for room in (of_other_sex, of_other_benefit):
        assert FAR[-1] in looked_at_last(room, freely=True)
        assert FAR[-1] not in looked_at_last(room, freely=False)
    assert FAR[-1] not in looked_at_last({(FAR[-1], 2): 2}, freely=True), "a total that can fall is no other part"


def test_where_areas_can_give_away_too_little_others_are_looked_at_that_can_in_another_part() -> None:
    """As one of few cases of a kind: they are given away quickly, and all that stands beside them is not."""
    other, own = {(FAR[-1], 1): 4}, (FAR[-3], 0)
    assert {FAR[-1], FAR[-3]} <= looked_at_last({**other, own: 1}, freely=True, far=4)
    assert FAR[-1] not in looked_at_last({**other, own: 4}, freely=True, far=4)


def test_where_each_area_can_give_away_little_as_many_are_looked_at_as_are_needed() -> None:
    givers = {*FAR[-4:]}
    room = {(code, 1): 1 for code in givers}
    assert givers <= looked_at_last(room, freely=True, far=4)
    assert not givers <= looked_at_last(room, freely=True, far=1)
    assert not givers <= looked_at_last(dict.fromkeys(room, 4), freely=True, far=4)


def test_the_more_freely_the_more_areas_are_looked_at() -> None:
    givers = {*FAR[-8:]}
    for category in (0, 1):  # the cell's own, and another sex
        room = {(code, category): 1 for code in givers}
        assert givers <= looked_at_last(room, freely=2, far=8)
        assert not givers <= looked_at_last(room, freely=1, far=8)
    others = {(code, 1): 1 for code in givers}
    assert givers <= looked_at_last(others, freely=2, far=8, still=True), "not only areas that have the category itself"


def test_where_all_else_failed_the_area_beside_in_which_most_can_fall_is_looked_at_too() -> None:
    """It has nothing of the category itself; what rises in another one can be made up for there."""
    made, system, found = far_and_wide()
    beside = made.area_codes.index(FAR[1])
    falls, movable = np.full(system.size, 2, dtype=np.int64), np.ones(system.size, dtype=np.bool_)
    movable[beside * 9] = False
    cells = np.zeros(system.size, dtype=np.bool_), movable, falls
    seed = made.area_codes.index(FAR[0]) * 9
    for freely in (True, False):
        looked_at = np.concatenate(list(around(found, cells, seed, far=1, freely=freely)))
        assert (beside in looked_at // 9) is freely


def test_few_cells_are_protected_together_and_many_in_parts_of_no_less_than_eight_thousand() -> None:
    def parts(number: int) -> list[int]:
        shared = shared_out(np.arange(number), 16)
        assert np.concatenate(shared).tolist() == list(range(number))
        return [len(part) for part in shared]

    assert parts(0) == [0]
    assert parts(15_999) == [15_999]
    assert parts(16_001) == [8_001, 8_000]
    assert len(parts(900_000)) == 16
