"""A small country, its declaration, and records written to files: shared by the tests of source, bounding and cube."""

import hashlib
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publisher.errors import SourceError
from publisher.geography.placing import locate
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.periods import Period
from publisher.policy.declarations import CategoryDeclaration, SourceDeclaration
from publisher.relations import Column, KeySet
from publisher.release.model import Category, Text
from publisher.source import CaseTable, Limits, open_cases
from publisher.source.cases import CheckMemory

Where = tuple[tuple[str, tuple[str, ...]], ...]

KEY = bytes(range(32))
YEAR = Period.parse("2022")
CODES = ("0180R001", "0180R002", "0181R001", "2280R001")
BENEFITS, SEXES = ("a", "b", "c"), ("man", "woman")
AREAS = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in CODES)
INDEX = AreaIndex("e2020", AREAS, {2022: {CODES[0]: "1"}})
BENEFIT, SEX = Column("benefit", BENEFITS, personal=False), Column("sex", SEXES, personal=True)
LEVELS = ("riket", "lan", "kommun", "regso", "area_type")


class Row(NamedTuple):
    """One record, as a file has it."""

    person: object
    case: object
    area: object
    day: object
    benefit: object
    sex: object


NAMES = ("pid", "cid", "place", "day", "benefit_col", "sex_col")
GOOD = Row("P01", 1, "0180R001", date(2022, 5, 1), "a", "man")


def declare(**changes: object) -> SourceDeclaration:
    """The declaration of the records below, with changes."""

    def category(name: str, codes: Sequence[str], personal: bool) -> CategoryDeclaration:
        texts = tuple(Category(c, Text(c, c)) for c in codes)
        return CategoryDeclaration(name, f"{name}_col", Text(name, name), personal, texts)

    plain = SourceDeclaration(
        id="s", agency="a", files=("cases.parquet",), format="parquet", encoding="utf-8", delimiter=",",
        case_id="cid", person_id="pid", person_pattern="", date="day", area="place", edition="e2020",
        unknown_areas="refuse",
        categories=(category("benefit", BENEFITS, personal=False), category("sex", SEXES, personal=True)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def write_parquet(path: Path, rows: Sequence[Row], **columns: object) -> None:
    """Write rows; `columns` replace whole columns by values of another type."""
    values = {name: [r[i] for r in rows] for i, name in enumerate(NAMES)} | columns
    pq.write_table(pa.table(values), path)


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8", delimiter: str = ",") -> None:
    """Write rows, with a line of names."""
    lines = [delimiter.join(NAMES), *(delimiter.join("" if v is None else str(v) for v in r) for r in rows)]
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))


@contextmanager
def opened(
    folder: Path, declaration: SourceDeclaration | None = None, period: Period = YEAR,
    where: Where = (), checked: CheckMemory | None = None,
) -> Iterator[CaseTable]:
    """Open what lies in `folder`."""
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    with open_cases(
        declaration or declare(), folder=folder, period=period, where=where, spill=spill,
        limits=Limits(200, 1), fingerprint_key=KEY, checked=checked,
    ) as cases:
        yield cases


def key_set(*columns: Column, total: bool = True) -> KeySet:
    """Keys over all levels of the small country."""
    return KeySet(INDEX.leaves, INDEX.levels(LEVELS, 2022), columns, (total,) * len(columns))


def leaf_of(row: Row) -> int:
    """The leaf of a row whose area is a known one."""
    code = str(row.area or "00")
    return INDEX.leaves.index(code if code in INDEX.leaves else f"{code}X")


def distinct_rows(rows: Sequence[Row]) -> list[Row]:
    """The reference for `collapse`: of each person and case the latest row, then the smallest values."""
    best: dict[tuple[object, object], Row] = {}
    for row in sorted(rows, key=lambda r: (-r.day.toordinal(), leaf_of(r), BENEFITS.index(r.benefit), r.sex)):  # type: ignore[attr-defined]
        best.setdefault((row.person, row.case), row)
    return list(best.values())


def keyed_hash(text: str) -> bytes:
    """The order of combinations."""
    return hashlib.blake2b(text.encode(), key=KEY, digest_size=16).digest()


def bounded_cells(rows: Sequence[Row], most: int) -> Counter[tuple[int, str, str]]:
    """The reference for bounding: (leaf, benefit, sex) -> persons."""
    cells: Counter[tuple[int, str, str]] = Counter()
    distinct = distinct_rows(rows)
    for person in {r.person for r in distinct}:
        own = [r for r in distinct if r.person == person]
        last = max(own, key=lambda r: (r.day, leaf_of(r), r.sex))
        benefits = {str(r.benefit) for r in own}
        ranked = sorted((keyed_hash(f"{person}\0{b}"), b) for b in benefits)
        cells.update((leaf_of(last), b, str(last.sex)) for _, b in ranked[:most])
    return cells


CANARY = "KANARIE7319"
CSV = declare(files=("cases.csv",), format="csv")


def everything_said(error: BaseException) -> str:
    """All that an error and what hangs on it can print, suppressed contexts included."""
    seen: list[str] = []
    chain: list[BaseException | None] = [error]
    while chain:
        one = chain.pop()
        if one is not None:
            seen += [str(one), repr(one), repr(vars(one)), *map(repr, one.args), *traceback.format_exception(one)]
            chain += [one.__cause__, one.__context__]
    return "\n".join(seen)


def refusal(folder: Path, declaration: SourceDeclaration | None = None, *, place: bool = False) -> SourceError:
    """The error that the folder's records are refused with, seen to keep the canary."""
    with pytest.raises(SourceError) as caught, opened(folder, declaration) as cases:  # noqa: PT012
        if place:
            locate(cases, INDEX, unknown_areas="refuse")
    assert CANARY not in everything_said(caught.value)
    assert list((folder / "spill").iterdir()) == []
    return caught.value


def with_canary(field: str, value: object) -> list[Row]:
    """Two good rows, and two that hold `value`."""
    return [GOOD, *(GOOD._replace(case=n)._replace(**{field: value}) for n in (2, 3)), GOOD._replace(case=4)]


def named_after_first_cells(persons: Sequence[set[str]]) -> list[int]:
    """Of the persons in each cell: the first cell where the one who is alone there is alone, or -1."""
    first: dict[str, int] = {}
    for cell, inside in enumerate(persons):
        if len(inside) == 1:
            first.setdefault(min(inside), cell)
    return [first[min(inside)] if len(inside) == 1 else -1 for inside in persons]
