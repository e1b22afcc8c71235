"""Codes of other editions, names in place of codes, and what `source check` says of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from homes import CODES as HOME_CODES
from homes import Case, make_home
from hypothesis import given, settings
from hypothesis import strategies as st
from source_records import AREAS, CODES, GOOD, INDEX, NAMES, declare, opened

from publisher.cli.main import publisher
from publisher.errors import SourceError
from publisher.geography.places import BY_CODE, Places
from publisher.geography.placing import locate
from publisher.geography.register import AreaIndex
from publisher.policy.declarations import SourceDeclaration

TEXTS = {
    "0180R001": ("Norr", "Staden"), "0180R002": ("Söder", "Staden"), "0181R001": ("Norr", "Byn"),
    "2280R001": ("Staden", "Härnösand"),
}
COUNTIES = {"01": "Stockholms län", "22": "Västernorrlands län"}
NAMED = AreaIndex("e2020", tuple(
    replace(a, name=TEXTS[a.code][0], municipality_name=TEXTS[a.code][1], county_name=COUNTIES[a.county])
    for a in AREAS
), {})  # fmt: skip
LATER = AreaIndex("e2025", AREAS, {})
BY_DESO = declare(placing="deso")
KEY = Places({f"{code[:4]}A00{n}0": code for n, code in enumerate(CODES, 1)}, None)


def leaves(
    folder: Path, areas: Sequence[str | None], *, declaration: SourceDeclaration | None = None,
    unknown_areas: str = "municipality", index: AreaIndex = NAMED, places: Places = BY_CODE,
    others: Sequence[AreaIndex] = (LATER,),
) -> tuple[list[str], dict[str, int]]:  # fmt: skip
    """The leaf of each record, and the counts that are not 0."""
    base = {name: [value] * len(areas) for name, value in zip(NAMES, GOOD, strict=True)}
    pq.write_table(pa.table({**base, "cid": list(range(len(areas))), "place": areas}), folder / "cases.parquet")
    with opened(folder, declaration) as cases:
        located = locate(cases, index, unknown_areas=unknown_areas, places=places, others=others)
        found = cases.engine.rows(f"SELECT leaf FROM {located.table} ORDER BY kase")
        kinds = {f: getattr(located.placed, f) for f in located.placed.__dataclass_fields__}
        return [index.leaves[row[0]] for row in found], {kind: n for kind, n in kinds.items() if n}


@pytest.mark.parametrize(("name", "leaf"), [
    ("Söder", "0180X"), ("Norr", "00X"), ("Staden (Söder)", "0180X"), ("Staden (Norr)", "0180X"), ("Byn", "0181X"),
    ("Staden", "00X"), ("Härnösand", "2280X"), ("Stockholms län", "00X"), ("Västernorrlands län", "00X"),
])
def test_a_name_is_told_from_a_code_and_goes_to_the_one_municipality_that_has_it(
    tmp_path: Path, name: str, leaf: str
) -> None:
    assert leaves(tmp_path, [name]) == ([leaf], {"named": 1})


@pytest.mark.parametrize(("declaration", "places", "code", "kind", "leaf"), [
    (None, BY_CODE, "0180R001_RegSO2025", "other_edition", "0180X"),
    (None, BY_CODE, "0180R999_RegSO2020", "unknown", "0180X"),
    (None, BY_CODE, "0180R001_RegSO2030", "unknown", "0180X"),
    (None, BY_CODE, "0180R001_DeSO2018", "unknown", "0180X"), (None, BY_CODE, "_RegSO2025", "other_edition", "00X"),
    (BY_DESO, KEY, "0180A0010_DeSO2025", "other_edition", "0180X"),
    (BY_DESO, KEY, "0180A0010_DeSO2020", "unknown", "0180X"),
])  # fmt: skip
def test_a_code_that_names_another_edition_is_of_another_edition_whatever_the_code(
    tmp_path: Path, declaration: SourceDeclaration | None, places: Places, code: str, kind: str, leaf: str
) -> None:
    assert leaves(tmp_path, [code], declaration=declaration, places=places) == ([leaf], {kind: 1})


def test_an_edition_without_a_year_in_its_name_has_codes_without_an_ending(tmp_path: Path) -> None:
    plain = replace(INDEX, edition="current")
    found = leaves(tmp_path, [CODES[0], f"{CODES[0]}_RegSO", ""], declaration=declare(edition="current"), index=plain)
    assert found == ([CODES[0], "0180X", "00X"], {"regso": 1, "unknown": 1, "not_stated": 1})


def test_the_most_telling_kind_is_refused_first_with_its_number_of_rows(tmp_path: Path) -> None:
    areas = [CODES[0], "nowhere", "Söder", "Söder", "0180R001_RegSO2025"]
    with pytest.raises(SourceError, match=r"is the name of an area, not its code \(2 rows\)"):
        leaves(tmp_path, areas, unknown_areas="refuse")
    with pytest.raises(SourceError, match=r"is an area of another edition than e2020 \(1 rows\)"):
        leaves(tmp_path, [a for a in areas if a != "Söder"], unknown_areas="refuse")


@pytest.mark.parametrize("name", ["code", "leaf", "place0", "person", "record", "book", "kase"])
def test_a_column_may_have_any_name(tmp_path: Path, name: str) -> None:
    base = dict(zip(NAMES, ([value] for value in GOOD), strict=True))
    columns = {name: base.pop("place"), **base}
    pq.write_table(pa.table(columns), tmp_path / "cases.parquet")
    with opened(tmp_path, declare(area=name)) as cases:
        assert locate(cases, INDEX, unknown_areas="refuse").placed.regso == 1


texts = st.sampled_from([
    *CODES, "0180", "0180X", "01", "00", None, "", "0180R999", "0180R001_RegSO2020", "0180R001_RegSO2025", "Norr",
    "Söder", "x", "0180A0010",
])  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(st.lists(texts, min_size=2, max_size=6), st.sampled_from(["municipality", "no-area-stated"]))
def test_a_code_goes_where_it_goes_alone(
    tmp_path_factory: pytest.TempPathFactory, areas: list[str | None], unknown_areas: str
) -> None:
    folder = tmp_path_factory.mktemp("codes")
    together = leaves(folder, areas, unknown_areas=unknown_areas)[0]
    assert together == [leaves(folder, [a], unknown_areas=unknown_areas)[0][0] for a in areas]


def test_source_check_counts_rows_by_kind_and_doubled_cases_and_prints_no_value(tmp_path: Path) -> None:
    places = [HOME_CODES[0], "0114", "01", None, "0180R777", "0114R777", "Area 0180R001", "KANARIE7319"]
    rows = [Case(n, f"P{n:09d}", p, date(2022, 1, 2), "vab", "man", "16-24", 9.0) for n, p in enumerate(places)]
    twice = [rows[0], replace(rows[1], regso=HOME_CODES[1])]
    home = make_home(tmp_path / "home", [*rows, *twice], policies=())
    text = home.settings_file.read_text(encoding="utf-8")
    text = text.replace('unknown_areas = "refuse"', 'unknown_areas = "no-area-stated"')
    later = '\n[geography.regso-2025]\nregister = "data/later.csv"\nfirst_year = 2024\n'
    home.settings_file.write_text(text + later, encoding="utf-8")
    register = (home.root / "data" / "areas.csv").read_text(encoding="utf-8")
    (home.root / "data" / "later.csv").write_text(register.replace("0180R001", "0180R777"), encoding="utf-8")

    command = ["source", "check", "fk-cases", "--period", "2022", "--home", str(home.root)]
    said = CliRunner().invoke(publisher, [*command, "--json"])
    assert said.exit_code == 0
    found = json.loads(said.stdout)
    assert found["placed"] == {
        "regso": 3, "municipality": 1, "county": 1, "not_stated": 1, "unknown": 2, "other_edition": 1, "named": 1,
    }  # fmt: skip
    assert found["duplicates"] == {"same case again": 2, "of those in another place": 1}
    assert (found["rows"], found["edition"]) == (10, "regso-2020")
    plain = CliRunner().invoke(publisher, command).output
    assert "  other_edition: 1" in plain
    assert not [value for value in ("KANARIE", "R777", "P0000") if value in plain + said.output]
