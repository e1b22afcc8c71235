"""What records may look like, and that the same records in another form are the same records."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from source_records import (
    BENEFIT,
    CODES,
    CSV,
    GOOD,
    INDEX,
    KEY,
    SEX,
    Row,
    declare,
    key_set,
    opened,
    write_csv,
    write_parquet,
)

from publisher.bounding import bound_contributions, collapse
from publisher.cube import count_bounded, count_cases
from publisher.geography.placing import Placed, locate
from publisher.periods import Period
from publisher.policy.declarations import SourceDeclaration
from publisher.policy.model import ContributionBound
from publisher.source.identifiers import IdShape


def cells(folder: Path, declaration: SourceDeclaration | None = None, period: str = "2022") -> dict[str, object]:
    """All that comes out at the end."""
    with opened(folder, declaration, Period.parse(period)) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        cube = count_cases(distinct, keys=key_set(BENEFIT, SEX))
        bound = ContributionBound(1, "last")
        bounded = bound_contributions(distinct, bound=bound, columns=(BENEFIT,), key=KEY)
        noisy = count_bounded(bounded, keys=key_set(BENEFIT))
        return {
            "cases": cube.cases.tolist(), "persons": cube.contributors("persons").tolist(),
            "bounded": noisy.counts.tolist(),
        }


ROWS = [
    Row(f"{n % 7:03}", f"{n % 20:04}", CODES[n % 4], date(2022, 1, 1 + n % 28), "abc"[n % 3], ["man", "woman"][n % 2])
    for n in range(60)
]


def test_ids_are_told_apart_alike_whatever_they_look_like(tmp_path: Path) -> None:
    """Digits, another shape for one person, hyphens, no digits at all: only the choice above the bound may differ."""
    forms = {
        "digits": lambda p: p, "hyphens": lambda p: f"{p}-7", "letters": lambda p: "x" * (1 + int(p)) + "y",
        "mixed": lambda p: p if p != "003" else "other", "long": lambda p: p.rjust(40, "9"), "å": lambda p: f"å{p}",
    }
    found = []
    for form in forms.values():
        write_parquet(tmp_path / "cases.parquet", [r._replace(person=form(str(r.person))) for r in ROWS])
        found.append({k: v for k, v in cells(tmp_path).items() if k != "bounded"})
    assert all(f == found[0] for f in found)


def test_one_shape_or_text_gives_the_same_choice_to_the_same_ids(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", ROWS)
    by_number = cells(tmp_path)
    shapeless = Row("other", "x", "2280R001", date(2021, 1, 1), "a", "man")
    write_parquet(tmp_path / "cases.parquet", [shapeless, *ROWS])
    assert cells(tmp_path) == by_number


def test_integers_are_ids_as_texts_of_their_digits_are(tmp_path: Path) -> None:
    plain = [r._replace(person=str(10 + int(str(r.person))), case=str(100 + int(str(r.case)))) for r in ROWS]
    write_parquet(tmp_path / "cases.parquet", plain)
    text = cells(tmp_path)
    for kind in (pa.int32(), pa.int64(), pa.uint64()):
        numbers = [pa.array([int(str(r[i])) for r in plain], kind) for i in (0, 1)]
        write_parquet(tmp_path / "cases.parquet", plain, pid=numbers[0], cid=numbers[1])
        assert cells(tmp_path) == text


def test_ids_of_sixty_four_bits_are_kept_apart(tmp_path: Path) -> None:
    ids = pa.array([2**64 - 1, 2**64 - 2, 2**53, 2**53 + 1], pa.uint64())
    write_parquet(tmp_path / "cases.parquet", [GOOD] * 4, pid=ids)
    assert cells(tmp_path)["persons"][0][-1][-1] == 4  # type: ignore[index]


def test_leading_zeros_make_another_person(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(person=p) for p in ("1", "01", "001", "1x", "1X")])
    assert cells(tmp_path)["persons"][0][-1][-1] == 5  # type: ignore[index]


def test_files_with_text_and_integer_ids_share_their_persons(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", [GOOD._replace(person="17", case="1")])
    write_parquet(tmp_path / "b.parquet", [GOOD], pid=[17], cid=[2])
    found = cells(tmp_path, declare(files=("a.parquet", "b.parquet")))
    assert found["persons"][0][-1][-1] == 1  # type: ignore[index]
    assert found["cases"] != cells(tmp_path, declare(files=("a.parquet",)))["cases"]


def test_dates_may_be_dates_timestamps_or_text(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", ROWS)
    plain = cells(tmp_path, period="2022M01")
    moments = [datetime(r.day.year, r.day.month, r.day.day, 23, 59) for r in ROWS]  # type: ignore[attr-defined]
    for unit in ("s", "ms", "us", "ns"):
        write_parquet(tmp_path / "cases.parquet", ROWS, day=pa.array(moments, pa.timestamp(unit)))
        assert cells(tmp_path, period="2022M01") == plain
    write_parquet(tmp_path / "cases.parquet", ROWS, day=[str(r.day) for r in ROWS])
    assert cells(tmp_path, period="2022M01") == plain


def test_codes_may_be_integers_or_pandas_categories(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", ROWS)
    plain = cells(tmp_path)
    names = ("pid", "cid", "place", "day", "benefit_col", "sex_col")
    frame = pd.DataFrame(ROWS, columns=names).astype({"benefit_col": "category", "sex_col": "category"})
    frame.to_parquet(tmp_path / "cases.parquet")
    assert cells(tmp_path) == plain


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "cp850"])
def test_csv_in_any_encoding_is_the_same_table(encoding: str, tmp_path: Path) -> None:
    rows = [r._replace(person=f"Å{r.person}") for r in ROWS]
    write_parquet(tmp_path / "cases.parquet", rows)
    write_csv(tmp_path / "cases.csv", rows, encoding)
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    assert cells(tmp_path, replace(CSV, encoding=declared)) == cells(tmp_path)


def test_csv_with_quotes_line_ends_and_other_delimiters_is_the_same_table(tmp_path: Path) -> None:
    write_csv(tmp_path / "cases.csv", ROWS)
    plain = cells(tmp_path, CSV)
    text = (tmp_path / "cases.csv").read_text()
    quoted = "\r\n".join(";".join(f'"{v}"' for v in line.split(",")) for line in text.splitlines())
    (tmp_path / "cases.csv").write_bytes(quoted.encode())
    assert cells(tmp_path, replace(CSV, delimiter=";")) == plain


def test_only_the_rows_of_the_period_and_filter_count(tmp_path: Path) -> None:
    days = [date(2021, 12, 31), date(2022, 1, 1), date(2022, 12, 31), date(2023, 1, 1)]
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(case=n, day=d) for n, d in enumerate(days)])
    with opened(tmp_path) as cases:
        assert cases.rows == 2
    with opened(tmp_path, where=(("benefit", ("b", "c")),)) as cases:
        assert cases.rows == 0
    with opened(tmp_path, where=(("benefit", ("a",)), ("sex", ("man",)))) as cases:
        assert collapse(locate(cases, INDEX, unknown_areas="refuse")).rows == 2


AREAS = {
    "0180R001": "0180R001", "2280R001": "2280R001", "0180": "0180X", "0180X": "0180X", "22": "22X", "22X": "22X",
    "00": "00X", "00X": "00X", "": "00X", "  ": "00X", None: "00X",
}


@pytest.mark.parametrize("area", AREAS)
def test_an_area_code_goes_to_its_leaf(area: str | None, tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(area=area)])
    with opened(tmp_path) as cases:
        cube = count_cases(collapse(locate(cases, INDEX, unknown_areas="refuse")), keys=key_set())
    assert [INDEX.leaves[i] for i in cube.cases.nonzero()[0]] == [AREAS[area]]


@pytest.mark.parametrize("area", ["0180R009", "0199", "99", "0180r001", " 0180R001", "180", "0180T1", "1"])
def test_an_unknown_area_is_counted_and_placed_as_declared(area: str, tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD, GOOD._replace(case=2, area=area)])
    with opened(tmp_path) as cases:
        located = locate(cases, INDEX, unknown_areas="no-area-stated")
        cube = count_cases(collapse(located), keys=key_set())
    assert located.placed == Placed(1, 0, 0, 0, unknown=1, other_edition=0, named=0)
    assert cube.cases[INDEX.leaves.index("00X")] == 1


def test_records_are_counted_by_how_they_were_placed(tmp_path: Path) -> None:
    areas = ["0180R001", "0181R001", "0180", "0181X", "22X", "01", "00", None]
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(case=n, area=a) for n, a in enumerate(areas)])
    with opened(tmp_path) as cases:
        assert locate(cases, INDEX, unknown_areas="refuse").placed == Placed(2, 2, 2, 2, 0, 0, 0)
        with pytest.raises(ValueError, match="unknown_areas"):
            locate(cases, INDEX, unknown_areas="drop")


@pytest.mark.parametrize(("example", "pattern"), [
    ("P000000012", "P[0-9]{9}"), ("19121212-1212", "[0-9]{8}\\-[0-9]{4}"), ("a.1", "a\\.[0-9]{1}"),
])
def test_a_shape_tells_an_id_by_its_digits_and_gives_it_back(example: str, pattern: str) -> None:
    shape = IdShape.of(example)
    assert shape is not None
    assert shape.pattern == pattern
    assert shape.text(int("".join(c for c in example if c.isdigit()))) == example
    assert example not in repr(shape)


@pytest.mark.parametrize("example", [None, 7, "", "abc", " 1", "1 ", "å1", "1\t", "٣", "1" * 19])
def test_an_id_without_a_shape_has_none(example: object) -> None:
    assert IdShape.of(example) is None


@pytest.mark.parametrize(("pattern", "shape"), [
    ("P[0-9]{9}", "P[0-9]{9}"), (r"\d{8}-\d{4}", r"[0-9]{8}\-[0-9]{4}"), (r"AB\d", "AB[0-9]{1}"),
    ("P[0-9]+", None), ("P|Q", None), ("P1[0-9]{3}", None), (r"P\d{1,3}", None), ("P.", None), ("", None),
])
def test_a_plain_pattern_states_a_shape(pattern: str, shape: str | None) -> None:
    found = IdShape.of_pattern(pattern)
    assert (None if found is None else found.pattern) == shape
