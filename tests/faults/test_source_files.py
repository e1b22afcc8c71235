"""Files that are broken, of another encoding, missing, or changed while they are read."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_records import (
    CANARY,
    CSV,
    GOOD,
    INDEX,
    KEY,
    NAMES,
    YEAR,
    declare,
    everything_said,
    opened,
    refusal,
    write_csv,
    write_parquet,
)

from publisher.errors import SettingsError, SourceError
from publisher.geography.placing import locate
from publisher.source import Limits, open_cases
from publisher.source import cases as cases_module
from publisher.source.files import keyed_digest, stamp_of


def good_parquet() -> bytes:
    """A Parquet file of some size."""
    sink = pa.BufferOutputStream()
    rows = [GOOD._replace(case=n, person=f"{CANARY}{n}") for n in range(5000)]
    pq.write_table(pa.table({name: [r[i] for r in rows] for i, name in enumerate(NAMES)}), sink)
    return bytes(sink.getvalue().to_pybytes())


def footer(content: bytes) -> int:
    """Length of the footer, which stands in front of the last four bytes."""
    return int.from_bytes(content[-8:-4], "little")


PARQUET_BYTES = {
    "empty": (lambda b: b"", "is empty"),
    "half-written": (lambda b: b[: len(b) // 2], "is no readable Parquet file"),
    "no footer": (lambda b: b[:-300] + b[-8:], "is no readable Parquet file"),
    "footer overwritten": (lambda b: b[: -8 - footer(b)] + bytes(footer(b)) + b[-8:], "is no readable Parquet file"),
    "hole in the middle": (lambda b: b[:5000] + bytes(9000) + b[14000:], "cannot be read to its end"),
    "CSV": (lambda b: b"pid,cid\n1,2\n", "is no readable Parquet file"),
}


@pytest.mark.parametrize("case", PARQUET_BYTES)
def test_a_broken_parquet_file_is_refused(case: str, tmp_path: Path) -> None:
    change, rule = PARQUET_BYTES[case]
    (tmp_path / "cases.parquet").write_bytes(change(good_parquet()))
    assert refusal(tmp_path).rule.startswith(rule)


LINE = "P01,1,0180R001,2022-05-01,a,man"
NAMED = f"{','.join(NAMES)}\n"
NOT_TEXT = "is not text in the declared encoding"
CSV_BYTES: dict[str, tuple[bytes, str, str, int | None]] = {
    "empty": (b"", "utf-8", "is empty", None),
    "names only": (NAMED.encode(), "utf-8", "has no rows", None),
    "too few": (f"{NAMED}{LINE}\n{CANARY},2\n{LINE}\n".encode(), "utf-8", "has rows with too few columns", 1),
    "too many": (f"{NAMED}{LINE},{CANARY}\n".encode(), "utf-8", "has rows with too many columns", 1),
    "cut off": (f"{NAMED}{LINE}\nP02,{CANARY}".encode(), "utf-8", "has rows with too few columns", 1),
    "open quote": (
        f"{NAMED}\"{CANARY},1,0180R001,2022-05-01,a,man\n".encode(), "utf-8",
        "has rows with a quote that is not closed, or stands inside a value", 1,
    ),
    "latin-1 as utf-8": (
        f"{NAMED}Å{LINE}{CANARY}\n".encode("latin-1"), "utf-8", f"{NOT_TEXT} utf-8", None,
    ),
    "utf-16 as utf-8": (
        f"{NAMED}{LINE}{CANARY}\n".encode("utf-16"), "utf-8", f"{NOT_TEXT} utf-8", None,
    ),
    "half a character": (
        f"{NAMED}{LINE}\n".encode("utf-16") + b"\0", "utf-16", f"{NOT_TEXT} utf-16", None,
    ),
    "ascii": (f"{NAMED}Å{LINE}\n".encode(), "ascii", f"{NOT_TEXT} ascii", None),
    "NUL": (f"{NAMED}{LINE}\0{CANARY}\n".encode(), "utf-8", "holds NUL characters", None),
    "NUL in latin-1": (f"{NAMED}{LINE}\0{CANARY}\n".encode(), "latin-1", "holds NUL characters", None),
    "blank first line": (f"\n{LINE}\n".encode(), "utf-8", "has no readable first line of column names", None),
}


@pytest.mark.parametrize("case", CSV_BYTES)
def test_a_broken_csv_file_is_refused(case: str, tmp_path: Path) -> None:
    content, encoding, rule, rows = CSV_BYTES[case]
    (tmp_path / "cases.csv").write_bytes(content)
    error = refusal(tmp_path, replace(CSV, encoding=encoding))
    assert (error.rule, error.rows) == (rule, rows)


def test_a_bad_row_of_the_second_file_is_told_by_its_name(tmp_path: Path) -> None:
    write_csv(tmp_path / "one.csv", [GOOD])
    for lines in ([LINE, CANARY], [CANARY, LINE]):
        (tmp_path / "two.csv").write_text("\n".join([",".join(NAMES), *lines, ""]))
        error = refusal(tmp_path, replace(CSV, files=("one.csv", "two.csv")))
        assert (error.file, error.rows) == ("two.csv", 1)


def test_a_parquet_file_without_rows_is_refused(tmp_path: Path) -> None:
    schema = pq.read_schema(pa.BufferReader(good_parquet()))
    pq.write_table(schema.empty_table(), tmp_path / "cases.parquet")
    assert refusal(tmp_path).rule == "has no rows"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^cases.parquet: is missing or cannot be read$"), opened(tmp_path):
        pass
    (tmp_path / "cases.parquet").mkdir()
    with pytest.raises(SourceError, match="is no plain file"), opened(tmp_path):
        pass


def test_a_name_that_would_read_several_files_is_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases1.parquet", [GOOD])
    with pytest.raises(SourceError, match="may not contain"), opened(tmp_path, declare(files=("cases*.parquet",))):
        pass


@pytest.mark.parametrize(("changes", "message"), [
    ({"encoding": "no-such"}, "is not known"),
    ({"encoding": "hex"}, "is not an encoding of text"),
    ({"delimiter": ";;"}, "a delimiter is one character"),
    ({"person_pattern": "(P"}, "is no regular expression"),
])
def test_settings_that_cannot_be_used_are_refused(changes: dict[str, str], message: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "cases.csv", [GOOD])
    with pytest.raises(SettingsError, match=message) as caught, opened(tmp_path, replace(CSV, **changes)):  # type: ignore[arg-type]
        pass
    assert "P01" not in everything_said(caught.value)


CHANGED = r"was changed while it was read|is missing"
CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": lambda p: p.write_bytes(p.read_bytes() + b"x"),
    "same length": lambda p: (p.write_bytes(p.read_bytes()), os.utime(p, ns=(1, 1))),
    "replaced": lambda p: (p.with_suffix(".new").write_bytes(p.read_bytes()), p.with_suffix(".new").replace(p)),
    "gone": lambda p: p.unlink(),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_file_that_changes_after_it_was_opened_is_noticed(case: str, tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with opened(tmp_path) as cases:
        cases.check_unchanged()
        CHANGES[case](tmp_path / "cases.parquet")
        with pytest.raises(SourceError, match=CHANGED):
            cases.check_unchanged()


@pytest.mark.parametrize("case", CHANGES)
def test_a_file_that_changes_while_it_is_checked_is_noticed(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    check = cases_module._check_files

    def checked_then_changed(*given: object) -> object:
        found = check(*given)  # type: ignore[arg-type]
        CHANGES[case](tmp_path / "cases.parquet")
        return found

    monkeypatch.setattr(cases_module, "_check_files", checked_then_changed)
    with pytest.raises(SourceError, match=CHANGED), opened(tmp_path):
        pytest.fail("was opened")


def test_rows_that_change_before_they_are_placed_are_noticed(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with opened(tmp_path) as cases:
        write_parquet(tmp_path / "cases.parquet", [GOOD, GOOD])
        with pytest.raises(SourceError, match="was changed while it was read"):
            locate(cases, INDEX, unknown_areas="refuse")


def test_other_values_under_the_same_stamp_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    write_parquet(path, [GOOD])
    with opened(tmp_path) as cases:
        before = path.stat()
        write_parquet(path, [GOOD._replace(benefit="z")])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        cases.check_unchanged()
        with pytest.raises(SourceError, match="gave other rows when it was read again"):
            locate(cases, INDEX, unknown_areas="refuse")


def test_nothing_stays_in_the_spill_folder(tmp_path: Path) -> None:
    write_csv(tmp_path / "cases.csv", [GOOD], "latin-1")
    with opened(tmp_path, replace(CSV, encoding="latin-1")):
        work = next((tmp_path / "spill").iterdir())
        assert (work / "transcoded0.csv").exists()
        assert work.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "spill").iterdir()) == []


def test_the_snapshot_is_keyed_and_depends_on_every_byte_and_on_the_order_of_files(tmp_path: Path) -> None:
    def digest(files: tuple[str, ...], key: bytes = KEY) -> str:
        with open_cases(
            declare(files=files), folder=tmp_path, period=YEAR, where=(), spill=tmp_path,
            limits=Limits(200, 1), fingerprint_key=key,
        ) as cases:
            return cases.snapshot_hmac

    write_parquet(tmp_path / "a.parquet", [GOOD])
    write_parquet(tmp_path / "b.parquet", [GOOD._replace(case=2)])
    found = {digest(("a.parquet", "b.parquet")), digest(("b.parquet", "a.parquet")), digest(("a.parquet",)),
             digest(("a.parquet",), KEY[::-1])}
    assert len(found) == 4
    assert digest(("a.parquet",)) == digest(("a.parquet",))
    with pytest.raises(ValueError, match="16 bytes"):
        digest(("a.parquet",), b"short")


def test_the_snapshot_tells_where_one_file_ends_and_the_next_begins(tmp_path: Path) -> None:
    def digest(*contents: str) -> str:
        paths = [tmp_path / f"{i}" for i in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_text(content)
        names = [path.name for path in paths]
        return keyed_digest(paths, names, list(map(stamp_of, paths, names)), KEY)

    assert digest("ab", "c") != digest("a", "bc")
