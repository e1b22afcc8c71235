"""Where records are put: codes, DeSO and coordinates, and everything that is no place of the edition."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from source_records import AREAS, CANARY, CODES, GOOD, INDEX, NAMES, YEAR, declare, everything_said, key_set, opened

from publisher.bounding import collapse
from publisher.cube import count_cases
from publisher.errors import GeographyError, SourceError
from publisher.geography.borders import Borders
from publisher.geography.places import BY_CODE, Places, load_places
from publisher.geography.placing import Placed, locate
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.declarations import AmountDeclaration, GeographyFiles, SourceDeclaration
from publisher.release.model import Text

X, Y = 500_000.0, 6_600_000.0
NEW = RegisterArea("0180R077", "0180R077", "0180", "0180", "01", "01")
OTHER = AreaIndex("e2025", tuple(sorted((*AREAS, NEW), key=lambda a: a.code)), {})
NAMES_OF = dict(zip(CODES, ("Norr", "Söder", "Norr", "Ö"), strict=True))
NAMED = AreaIndex("e2020", tuple(replace(a, name=NAMES_OF[a.code]) for a in AREAS), {})
KEY = {"0180A0010": CODES[0], "0180C0020": CODES[1], "0181A0010": CODES[2], "2280B0030": CODES[3]}
BY_DESO = declare(placing="deso")
BY_POINT = declare(placing="coordinates", area="", edition="", east="east", north="north")


def square(west: float, south: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + west + 100, Y + south + 100)


# Four squares in a row, each touching the next.
BORDERS = Borders(CODES, np.array([square(100 * i, 0) for i in range(4)], dtype=object))


def write(folder: Path, **columns: Sequence[object]) -> None:
    """One good record for each value of the columns given."""
    n = len(next(iter(columns.values())))
    base = {name: [value] * n for name, value in zip(NAMES, GOOD, strict=True)} | {"cid": list(range(n))}
    pq.write_table(pa.table({**base, **columns}), folder / "cases.parquet")


def leaves(
    folder: Path, declaration: SourceDeclaration | None = None, *, index: AreaIndex = INDEX,
    unknown_areas: str = "no-area-stated", places: Places = BY_CODE, others: Sequence[AreaIndex] = (),
) -> tuple[list[str], Placed]:  # fmt: skip
    """The leaves of the records, in order of their number, and how they were placed."""
    with opened(folder, declaration) as cases:
        located = locate(cases, index, unknown_areas=unknown_areas, places=places, others=others)
        cube = count_cases(collapse(located), keys=key_set()).cases
        found = [index.leaves[i] for i in np.repeat(np.arange(len(cube)), cube.ravel())]
    return found, located.placed


@pytest.mark.parametrize(("code", "leaf"), [
    ("0180R001_RegSO2020", "0180R001"), ("0180R001_RegSO2025", "0180X"), ("0180R001_", "0180X"),
])
def test_a_code_may_name_its_own_edition_and_no_other(tmp_path: Path, code: str, leaf: str) -> None:
    write(tmp_path, place=[code])
    assert leaves(tmp_path, unknown_areas="municipality")[0] == [leaf]


@pytest.mark.parametrize(("code", "kind", "leaf"), [
    ("0180R077", "other_edition", "0180X"), ("Söder", "named", "0180X"), ("Norr", "named", "00X"),
    ("0180R999", "unknown", "0180X"), ("0180C9999", "unknown", "0180X"), ("9999R001", "unknown", "00X"),
    ("0180", "municipality", "0180X"), ("nowhere", "unknown", "00X"), ("0180RX", "unknown", "00X"),
])
def test_what_is_no_area_of_the_edition_is_counted_by_kind_and_put_where_declared(
    tmp_path: Path, code: str, kind: str, leaf: str
) -> None:
    write(tmp_path, place=[code])
    found, placed = leaves(tmp_path, index=NAMED, unknown_areas="municipality", others=[OTHER])
    assert (found, getattr(placed, kind)) == ([leaf], 1)
    if kind != "municipality":
        assert leaves(tmp_path, index=NAMED, others=[OTHER])[0] == ["00X"]


@pytest.mark.parametrize(("code", "rule"), [
    ("0180R077", "is an area of another edition than e2020"), ("Söder", "is the name of an area, not its code"),
    (CANARY, "is no area of edition e2020"),
])
def test_a_place_that_the_edition_does_not_have_is_refused_without_being_said(
    tmp_path: Path, code: str, rule: str
) -> None:
    write(tmp_path, place=[CODES[0], code, code])
    with pytest.raises(SourceError) as caught:
        leaves(tmp_path, index=NAMED, unknown_areas="refuse", others=[OTHER])
    assert str(caught.value) == f"cases.parquet: column place: {rule} (2 rows)"
    assert CANARY not in everything_said(caught.value)


@pytest.mark.parametrize(("code", "leaf"), [
    ("0180A0010", CODES[0]), ("2280B0030", CODES[3]), ("2280B0030_DeSO2018", CODES[3]), ("0180", "0180X"),
    ("01", "01X"), (None, "00X"), ("0180C9999", "0180X"), (CODES[0], "0180X"),
])
def test_a_deso_goes_to_the_regso_that_it_lies_in(tmp_path: Path, code: str | None, leaf: str) -> None:
    write(tmp_path, place=[code])
    assert leaves(tmp_path, BY_DESO, unknown_areas="municipality", places=Places(KEY, None))[0] == [leaf]


@pytest.mark.parametrize(("east", "north", "leaf"), [
    (50.0, 50.0, CODES[0]), (350.0, 1.0, CODES[3]), (100.0, 50.0, CODES[0]), (300.0, 50.0, CODES[2]),
    (0.0, 0.0, CODES[0]), (400.0, 100.0, CODES[3]), (50.0, 100.001, "00X"), (-0.001, 50.0, "00X"),
])
def test_a_point_goes_to_the_area_it_lies_in_and_on_a_border_to_the_first_code(
    tmp_path: Path, east: float, north: float, leaf: str
) -> None:
    write(tmp_path, east=[X + east, X + 50], north=[Y + north, Y + 50])
    found, placed = leaves(tmp_path, BY_POINT, places=Places({}, BORDERS))
    assert sorted(found) == sorted([leaf, CODES[0]])
    assert placed.unknown == (leaf == "00X")


def test_a_record_without_coordinates_states_no_place(tmp_path: Path) -> None:
    write(tmp_path, east=[None, X + 50], north=[None, Y + 50])
    assert leaves(tmp_path, BY_POINT, unknown_areas="refuse", places=Places({}, BORDERS))[0] == [CODES[0], "00X"]


def test_coordinates_may_be_text_or_whole_numbers(tmp_path: Path) -> None:
    write(tmp_path, east=[f"{X + 50}", f"{X + 150}", ""], north=[f"{Y + 50}", f"{Y + 50}", " "])
    assert leaves(tmp_path, BY_POINT, places=Places({}, BORDERS))[0] == [CODES[0], CODES[1], "00X"]
    write(tmp_path, east=[int(X) + 50], north=[int(Y) + 50])
    assert leaves(tmp_path, BY_POINT, places=Places({}, BORDERS))[0] == [CODES[0]]


@pytest.mark.parametrize(("east", "north", "column", "rule"), [
    (X, None, "north", "is missing where the other coordinate is not"),
    (None, Y, "north", "is missing where the other coordinate is not"),
    (float("nan"), Y, "east", "is no plain finite number"), (X, float("inf"), "north", "is no plain finite number"),
])
def test_half_a_point_or_none_at_all_is_refused(
    tmp_path: Path, east: float | None, north: float | None, column: str, rule: str
) -> None:
    write(tmp_path, east=[X, east], north=[Y, north])
    with pytest.raises(SourceError) as caught:
        leaves(tmp_path, BY_POINT, places=Places({}, BORDERS))
    assert str(caught.value) == f"cases.parquet: column {column}: {rule} (1 rows)"


def test_points_in_the_sea_are_refused_and_swapped_axes_are_asked_about(tmp_path: Path) -> None:
    write(tmp_path, east=[X + 50, X + 50, X + 5000], north=[Y + 50, Y + 50, Y])
    with pytest.raises(SourceError, match=r"column east: lies in no area \(1 rows\)"):
        leaves(tmp_path, BY_POINT, unknown_areas="refuse", places=Places({}, BORDERS))
    write(tmp_path, east=[Y + 50, Y + 60], north=[X + 50, X + 50])
    with pytest.raises(SourceError, match="are east and north swapped"):
        leaves(tmp_path, BY_POINT, unknown_areas="refuse", places=Places({}, BORDERS))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 450), st.integers(-50, 150)), min_size=2, max_size=8))
def test_where_a_record_goes_depends_on_no_other_record(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("points")
    places, alone = Places({}, BORDERS), []
    for east, north in points:
        write(folder, east=[X + east], north=[Y + north])
        alone += leaves(folder, BY_POINT, places=places)[0]
    write(folder, east=[X + e for e, _ in points], north=[Y + n for _, n in points])
    assert sorted(leaves(folder, BY_POINT, places=places)[0]) == sorted(alone)


@pytest.mark.parametrize(("declaration", "files", "message"), [
    (BY_DESO, {}, "declares no deso_key"), (BY_POINT, {}, "declares no geometry"),
    (BY_DESO, {"deso_key": "gone.csv"}, "gone.csv: the file is missing"),
    (BY_POINT, {"geometry": "gone.gpkg"}, "gone.gpkg: the file is missing"),
])
def test_what_records_are_placed_by_must_be_there(
    tmp_path: Path, declaration: SourceDeclaration, files: dict[str, str], message: str
) -> None:
    with pytest.raises(GeographyError, match=message):
        load_places(declaration, GeographyFiles("e2020", "register.csv", {}, **files), tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(("lines", "message"), [
    (["0180A0010,0180R001", "0180A0010,0180R002"], "key.csv:3: 0180A0010 stands twice"),
    (["0180A0010,0181R001"], "key.csv:2: not a DeSO and the RegSO"), (["180A10,0180R001"], "key.csv:2: not a DeSO"),
])
def test_a_key_of_deso_that_contradicts_itself_is_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    (tmp_path / "key.csv").write_text("\n".join(["deso,regso", *lines]), encoding="utf-8")
    with pytest.raises(GeographyError, match=message):
        load_places(BY_DESO, GeographyFiles("e2020", "register.csv", {}, deso_key="key.csv"), tmp_path)


# Amounts.


def with_amounts(
    outside: str = "clamp", by: str = "", bounds: dict[str, tuple[int, int]] | None = None
) -> SourceDeclaration:
    paid = AmountDeclaration("paid", "paid", Text("b", "b"), Text("kr", "kr"), by, bounds or {"": (0, 100)}, outside)
    return declare(amounts=(paid,))


def total(folder: Path, declaration: SourceDeclaration) -> int:
    with opened(folder, declaration) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse", amounts=("paid",))
        return int(count_cases(collapse(located), keys=key_set(), amounts=("paid",)).sums["paid"].sum())


@pytest.mark.parametrize(("values", "expected"), [
    ([2.5], 3), ([2.49], 2), ([0], 0), (["12.50"], 13), (["7"], 7), ([101.0, 5.0], 105), ([-3, 4], 4),
])
def test_amounts_are_whole_units_within_their_bounds(tmp_path: Path, values: list[object], expected: int) -> None:
    write(tmp_path, paid=values)
    assert total(tmp_path, with_amounts()) == expected


def test_bounds_may_go_by_a_category(tmp_path: Path) -> None:
    write(tmp_path, paid=[500, 500, -500], benefit_col=["a", "b", "c"])
    bounds = {"a": (0, 10), "b": (0, 200), "c": (-40, 0)}
    assert total(tmp_path, with_amounts(by="benefit", bounds=bounds)) == 170


@pytest.mark.parametrize(("value", "rule"), [
    (None, "has no value, or none that is a plain finite number"), (float("nan"), "plain finite number"),
    (float("inf"), "plain finite number"), (1e308, "plain finite number"), ("1e3", "plain finite number"),
    ("1 000", "plain finite number"), ("NaN", "plain finite number"), (100.6, "lies outside its declared bounds"),
    (-0.6, "lies outside its declared bounds"),
])
def test_an_amount_that_cannot_be_is_refused_without_being_said(tmp_path: Path, value: object, rule: str) -> None:
    write(tmp_path, paid=["5", value] if isinstance(value, str) else [5.0, value])
    with pytest.raises(SourceError) as caught:
        total(tmp_path, with_amounts("refuse"))
    assert rule in str(caught.value)
    assert "(1 rows)" in str(caught.value)
    assert "cases.parquet: column paid" in str(caught.value)


def test_a_column_that_cannot_hold_amounts_is_refused(tmp_path: Path) -> None:
    write(tmp_path, paid=[True])
    with pytest.raises(SourceError, match="must be a number or text, and is BOOLEAN"):
        total(tmp_path, with_amounts())


# Files that were checked before.


class Remembering:
    """What CheckedFiles does, and how often it was asked."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, bool]] = {}
        self.hits = 0

    def get(self, key: str) -> dict[str, bool] | None:
        self.hits += key in self.found
        return self.found.get(key)

    def put(self, key: str, found: dict[str, bool]) -> None:
        self.found[key] = dict(found)


def placed_with(folder: Path, memory: Remembering, declaration: SourceDeclaration | None = None) -> list[int]:
    with opened(folder, declaration, period=YEAR, checked=memory) as cases:
        return count_cases(collapse(locate(cases, INDEX, unknown_areas="refuse")), keys=key_set()).cases.tolist()


@pytest.mark.parametrize("persons", [["P01", "P02"], ["P01", "Anna"], ["19121212-1212", "x"]])
def test_the_same_bytes_are_checked_once_and_counted_alike(tmp_path: Path, persons: list[str]) -> None:
    write(tmp_path, pid=persons)
    memory = Remembering()
    first = placed_with(tmp_path, memory)
    assert (placed_with(tmp_path, memory), memory.hits) == (first, 1)


def test_other_bytes_or_another_declaration_are_checked_again(tmp_path: Path) -> None:
    memory = Remembering()
    write(tmp_path, pid=["P01"])
    placed_with(tmp_path, memory)
    placed_with(tmp_path, memory, declare(unknown_areas="municipality"))
    write(tmp_path, pid=["P02"])
    placed_with(tmp_path, memory)
    assert (memory.hits, len(memory.found)) == (0, 3)
    write(tmp_path, pid=["P01"], benefit_col=["undeclared"])
    with pytest.raises(SourceError, match="not declared"):
        placed_with(tmp_path, memory)
    with pytest.raises(SourceError, match="not declared"):  # a refusal is not remembered as a pass
        placed_with(tmp_path, memory)
