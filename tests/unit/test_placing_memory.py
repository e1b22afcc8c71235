"""Files that were checked before: the row checks are left out, and nothing else is."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from source_records import BENEFIT, GOOD, INDEX, KEY, Row, Where, declare, key_set, opened, write_parquet

from publisher.bounding import bound_contributions, collapse
from publisher.cube import count_bounded
from publisher.errors import SourceError
from publisher.geography.placing import locate
from publisher.periods import Period
from publisher.policy.declarations import SourceDeclaration
from publisher.policy.model import ContributionBound
from publisher.source import cases as cases_module


class Memory:
    """Remembers what it is given."""

    def __init__(self) -> None:
        self.found: dict[str, Mapping[str, bool]] = {}

    def get(self, key: str) -> Mapping[str, bool] | None:
        return self.found.get(key)

    def put(self, key: str, found: Mapping[str, bool]) -> None:
        self.found[key] = dict(found)


def rows_of(persons: list[str]) -> list[Row]:
    """A case of each benefit for every person, so that the bound chooses by the persons' ids."""
    return [
        Row(person, 10 * n + k, "0180R001", date(2022, 1 + k, 1), benefit, "man")
        for n, person in enumerate(persons) for k, benefit in enumerate("abc")
    ]  # fmt: skip


def counted(
    folder: Path, memory: Memory | None, period: str = "2022", where: Where = (),
    declaration: SourceDeclaration | None = None,
) -> tuple[int, list[int]]:  # fmt: skip
    """The number of rows of the period, and the bounded cube."""
    with opened(folder, declaration, Period.parse(period), where, checked=memory) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        bounded = bound_contributions(distinct, bound=ContributionBound(1, "last"), columns=(BENEFIT,), key=KEY)
        return cases.rows, count_bounded(bounded, keys=key_set(BENEFIT)).counts.ravel().tolist()


def refuse_to_check(*given: object) -> None:
    raise ValueError("rows are checked")


FORMS = {
    "one shape": ["P01", "P02", "P03"], "two shapes": ["P01", "P2", "P03"], "no shape": ["anna", "bo", "P03"],
    "stated": ["P01", "P02", "P03"],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_what_was_checked_is_not_checked_again_and_bounds_the_same_contributions(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declaration = declare(person_pattern="P[0-9]{2}") if form == "stated" else None
    write_parquet(tmp_path / "cases.parquet", rows_of(FORMS[form]))
    memory = Memory()
    plain = counted(tmp_path, None, declaration=declaration)
    assert counted(tmp_path, memory, declaration=declaration) == plain
    monkeypatch.setattr(cases_module, "check_file", refuse_to_check)
    assert counted(tmp_path, memory, declaration=declaration) == plain
    assert counted(tmp_path, memory, "2022M02", declaration=declaration)[0] == 3
    assert counted(tmp_path, memory, where=(("benefit", ("a", "b")),), declaration=declaration)[0] == 6


def test_another_version_of_the_checks_or_a_broken_memory_checks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(tmp_path / "cases.parquet", rows_of(["P01"]))
    memory = Memory()
    counted(tmp_path, memory)
    (mark,) = memory.found
    monkeypatch.setattr(cases_module, "check_file", refuse_to_check)
    for broken in ({}, {"person": True}, {"person": True, "case": True, "more": True}):
        memory.found[mark] = broken
        with pytest.raises(ValueError, match="rows are checked"):
            counted(tmp_path, memory)
    memory.found[mark] = {"person": True, "case": True}
    monkeypatch.setattr(cases_module, "_CHECKS", "stricter")
    with pytest.raises(ValueError, match="rows are checked"):
        counted(tmp_path, memory)


def test_the_mark_of_a_file_is_keyed_and_tells_nothing_without_the_key(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    memory = Memory()
    counted(tmp_path, memory)
    other = Memory()
    with cases_module.open_cases(
        declare(), folder=tmp_path, period=Period.parse("2022"), where=(), spill=tmp_path / "spill",
        limits=cases_module.Limits(200, 1), fingerprint_key=KEY[::-1], checked=other,
    ):
        pass
    assert memory.found.keys().isdisjoint(other.found)


def test_a_file_that_lost_rows_between_the_readings_is_noticed_without_checks_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(tmp_path / "cases.parquet", rows_of(["P01", "P02"]))
    memory = Memory()
    counted(tmp_path, memory)
    monkeypatch.setattr(cases_module, "count_selected", lambda *given: 7)
    with pytest.raises(SourceError, match="gave other rows when it was read again"):
        counted(tmp_path, memory)
