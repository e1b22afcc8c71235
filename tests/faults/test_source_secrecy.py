"""Nothing of a record gets out: not by an error, not by what hangs on it, not by a receipt."""

import gc
import logging
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from source_records import (
    CANARY,
    GOOD,
    INDEX,
    everything_said,
    opened,
    refusal,
    with_canary,
    write_parquet,
)

from publisher.errors import PublisherError, SourceError
from publisher.geography.placing import locate


def test_the_engine_itself_would_show_the_record() -> None:
    """Why its errors never get out: this is what they say."""
    with pytest.raises(duckdb.Error, match=CANARY):
        duckdb.connect().execute(f"SELECT '{CANARY}'::DATE")


def test_a_failure_of_the_engine_shows_no_record_and_keeps_no_context(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(person=CANARY)])
    with opened(tmp_path) as cases:
        with pytest.raises(SourceError) as caught:
            cases.engine.rows(f"SELECT pid::DATE FROM {cases.files[0].relation}")
        assert CANARY not in everything_said(caught.value)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None


def test_too_little_memory_is_said_plainly(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with opened(tmp_path) as cases, pytest.raises(SourceError, match="needs more memory or spill space"):
        cases.engine.rows("SELECT list(i || repeat('x', 1000)) FROM range(1000000) t(i)")


def test_the_engine_can_open_no_other_file(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    write_parquet(tmp_path / "other.parquet", [GOOD])
    with opened(tmp_path) as cases, pytest.raises(SourceError, match="PermissionException"):
        cases.engine.rows(f"SELECT * FROM read_parquet('{tmp_path / 'other.parquet'}')")


def test_receipts_neither_print_nor_pickle_nor_can_be_made_elsewhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(person=CANARY)])
    with opened(tmp_path) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse")
        for receipt in (cases, located, cases.engine):
            logging.getLogger("test").warning("%s %r", receipt, receipt)
            print(f"{receipt}", file=sys.stderr)
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(receipt)
        for receipt in (cases, located):
            with pytest.raises((TypeError, ValueError)):
                replace(receipt, rows=1)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="receipt"):
            type(located)(object(), cases.engine, "t", located.layout, 1, located.placed)
    assert CANARY not in caplog.text + capsys.readouterr().err


def test_no_record_is_left_behind_in_errors_that_are_kept(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", with_canary("benefit", CANARY))
    kept: list[PublisherError] = [refusal(tmp_path)]
    gc.collect()
    assert CANARY not in repr([vars(e) for e in kept])


@pytest.mark.parametrize("value", ["NULL::INTEGER", "1::HUGEINT", "0.5::DOUBLE"])
def test_arrays_are_whole_and_exact_or_nothing(value: str, tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with opened(tmp_path) as cases, pytest.raises(SourceError, match="missing values, or floats"):
        cases.engine.arrays(f"SELECT {value} AS n")
