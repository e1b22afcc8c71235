"""Records are read twice, to be checked and to be placed: what the second reading finds otherwise is no record.

Values are overwritten in place and the time of change is put back, so that only the rows themselves can tell.
"""

import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from source_records import CODES, GOOD, INDEX, NAMES, YEAR, declare, opened

from publisher.errors import SourceError
from publisher.geography.borders import Borders
from publisher.geography.places import BY_CODE, Places
from publisher.geography.placing import locate
from publisher.policy.declarations import AmountDeclaration, SourceDeclaration
from publisher.release.model import Text
from publisher.source import Limits, open_cases

NUMBER, EAST, NORTH = 1234.0, 500_050.0, 6_600_050.0
NAN = float("nan")
SQUARES = [shapely.box(500_000 + 100 * n, 6_600_000, 500_100 + 100 * n, 6_600_100) for n in range(4)]
BORDERS = Places({}, Borders(CODES, np.array(SQUARES, dtype=object)))
BY_POINT = declare(placing="coordinates", area="", edition="", east="east", north="north")


def paid(outside: str, by: str = "") -> SourceDeclaration:
    bounds = dict.fromkeys(("a", "b", "c"), (0, 10_000)) if by else {"": (0, 10_000)}
    return declare(amounts=(AmountDeclaration("paid", "paid", Text("b", "b"), Text("kr", "kr"), by, bounds, outside),))


def write(path: Path) -> None:
    """Two records, each value of the doubles below once or twice in the file's bytes, uncompressed."""
    base = {name: [value] * 2 for name, value in zip(NAMES, GOOD, strict=True)} | {"cid": [1, 2]}
    numbers = {"paid": [NUMBER, NUMBER + 1], "east": [EAST, EAST + 1], "north": [NORTH, NORTH + 1]}
    table = pa.table(base | {name: pa.array(values, pa.float64()) for name, values in numbers.items()})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)


def overwrite(path: Path, old: float, new: float) -> None:
    """Another number in the same place, under the same stamp."""
    before, content = path.stat(), path.read_bytes()
    assert content.count(struct.pack("<d", old)) == 1
    with path.open("r+b") as stream:
        stream.write(content.replace(struct.pack("<d", old), struct.pack("<d", new)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


class Passed:
    """Remembers every file as checked."""

    def __init__(self) -> None:
        self.found: dict[str, Mapping[str, bool]] = {}

    def get(self, key: str) -> Mapping[str, bool] | None:
        return self.found.get(key)

    def put(self, key: str, found: Mapping[str, bool]) -> None:
        self.found[key] = found


@pytest.mark.parametrize("remembered", [False, True])
@pytest.mark.parametrize(("declaration", "places", "old", "new"), [
    (paid("clamp"), BY_CODE, NUMBER, NAN), (paid("refuse"), BY_CODE, NUMBER, NAN),
    (paid("clamp", by="benefit"), BY_CODE, NUMBER, float("inf")), (paid("clamp"), BY_CODE, NUMBER, 1e300),
    (BY_POINT, BORDERS, NORTH, NAN), (BY_POINT, BORDERS, NORTH, float("-inf")), (BY_POINT, BORDERS, NORTH, 1e300),
])  # fmt: skip
def test_a_number_that_is_none_in_the_second_reading_is_no_bound_and_no_place(
    tmp_path: Path, declaration: SourceDeclaration, places: Places, old: float, new: float, remembered: bool
) -> None:
    path, memory = tmp_path / "cases.parquet", Passed()
    write(path)
    for _ in range(2 if remembered else 1):  # the second time, the rows are not checked again
        with opened(tmp_path, declaration, checked=memory) as cases:
            located = locate(cases, INDEX, unknown_areas="no-area-stated", places=places, amounts=("paid",))
            assert located.placed.regso == 2
    with opened(tmp_path, declaration, checked=memory if remembered else None) as cases:
        overwrite(path, old, new)
        cases.check_unchanged()
        with pytest.raises(SourceError, match=r"gave other rows when it was read again|gave back missing values"):
            locate(cases, INDEX, unknown_areas="no-area-stated", places=places, amounts=("paid",))


def test_records_beyond_their_bounds_stay_within_them_whatever_the_second_reading_finds(tmp_path: Path) -> None:
    """What a person adds is bounded by what the policy declares, not by what was checked."""
    path, declaration = tmp_path / "cases.parquet", paid("refuse")
    write(path)
    with opened(tmp_path, declaration) as cases:
        overwrite(path, NUMBER, 9e9)
        located = locate(cases, INDEX, unknown_areas="refuse", amounts=("paid",))
        assert cases.engine.rows(f"SELECT a0 FROM {located.table} ORDER BY kase") == [(10_000,), (1235,)]


CHANGES: dict[str, Callable[[Path], None]] = {
    "a byte": lambda path: overwrite(path, NUMBER, NUMBER + 3),
    "the same bytes again": lambda path: path.write_bytes(path.read_bytes()),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_was_checked_is_known_by_its_bytes_and_not_by_its_stamp(tmp_path: Path, case: str) -> None:
    path, memory, declaration = tmp_path / "cases.parquet", Passed(), paid("clamp")
    write(path)
    with opened(tmp_path, declaration, checked=memory):
        assert len(memory.found) == 1
    CHANGES[case](path)
    with opened(tmp_path, declaration, checked=memory):
        assert len(memory.found) == (2 if case == "a byte" else 1)


def test_what_is_remembered_says_nothing_without_the_key(tmp_path: Path) -> None:
    """Else whoever has the marks could try out which records there were."""
    write(tmp_path / "cases.parquet")
    marks: list[str] = []
    for key in (bytes(32), bytes(31) + b"\1"):
        memory = Passed()
        with open_cases(
            declare(), folder=tmp_path, period=YEAR, where=(), spill=tmp_path, limits=Limits(200, 1),
            fingerprint_key=key, checked=memory,
        ):  # fmt: skip
            marks += memory.found
    assert len(set(marks)) == 2
