"""The register and the public populations, as plain files."""

from pathlib import Path

import numpy as np
import pytest

from publisher.errors import GeographyError
from publisher.geography.codes import county_of, municipality_of
from publisher.geography.files import load_population, load_register
from publisher.policy.declarations import GeographyFiles, PopulationFile
from publisher.relations import Column, KeySet
from publisher.release.model import Text

HEADER = "regso,regso_name,kommun,kommun_name,lan,lan_name,type_2022\n"
ROWS = "0180R001,Norr,0180,Staden,01,Länet,1\n0180R002,Söder,0180,Staden,01,Länet,\n0114R001,By,0114,Byn,01,Länet,5\n"
FILES = GeographyFiles("regso-2020", "areas.csv", {2022: "type_2022"})



def test_a_register_is_read_in_order_of_code_with_its_types(tmp_path: Path) -> None:
    index = load_register(FILES, _written(tmp_path, HEADER + ROWS))
    assert [a.code for a in index.areas] == ["0114R001", "0180R001", "0180R002"]
    assert index.types_of(2022) == {"0180R001": "1", "0114R001": "5"}
    assert index.leaves == ("0114R001", "0180R001", "0180R002", "0114X", "0180X", "01X", "00X")


def _written(folder: Path, text: str) -> Path:
    (folder / "areas.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty, or lacks columns"),
        (HEADER, "empty, or lacks columns"),
        (HEADER.replace("lan,", "county,") + ROWS, "lacks columns: lan"),
        (HEADER + ROWS.replace("0180R001", "180R001"), r"areas\.csv:2: '180R001' is no RegSO code"),
        (HEADER + ROWS + ROWS, "unique and in order"),
        (HEADER + ROWS.replace("Länet,5", "Länet,6"), r"areas\.csv:4: area type '6'"),
        (HEADER + ROWS.replace("Norr,0180", "Norr,0181"), "does not fit the code"),
        (HEADER + ROWS.replace("Norr", "=cmd()"), "spreadsheet formula"),
    ],
)
def test_a_register_that_is_wrong_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GeographyError, match=message):
        load_register(FILES, _written(tmp_path, text))


def test_a_register_that_is_missing_or_of_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match="missing"):
        load_register(FILES, tmp_path)
    (tmp_path / "areas.csv").write_bytes((HEADER + ROWS).encode("latin-1"))
    with pytest.raises(GeographyError, match="not CSV in UTF-8"):
        load_register(FILES, tmp_path)


def test_types_of_a_year_that_is_not_there_are_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match="no area types of 2019; it has 2022"):
        load_register(FILES, _written(tmp_path, HEADER + ROWS)).types_of(2019)


def test_every_row_has_a_text_in_both_languages(tmp_path: Path) -> None:
    index = load_register(FILES, _written(tmp_path, HEADER + ROWS))
    names = ("riket", "lan", "kommun", "regso", "area_type", "lan_area_type")
    texts = {a.code: a.text for v in index.levels(names, 2022) for a in index.describe(v)}
    assert texts["0180X"].sv == "Staden, område ej angivet"
    assert texts["00X"].en == "Sweden, no area stated"
    assert texts["01T5"].en == "Länet: areas with very good socio-economic conditions"
    assert texts["0180R002"].sv == "Söder"


def test_a_leaf_knows_its_municipality_and_county() -> None:
    assert (municipality_of("0180R047"), county_of("0180R047")) == ("0180", "01")
    assert (municipality_of("0180X"), county_of("0180X")) == ("0180", "01")
    assert (municipality_of("01X"), county_of("01X")) == (None, "01")
    assert (municipality_of("00X"), county_of("00X")) == (None, None)


POPULATION = PopulationFile("p", Text("x", "x"), "pop.csv", {"sex": "sex"}, {"sex": ("woman", "man")})


def test_denominators_are_sums_of_the_population(tmp_path: Path) -> None:
    index = load_register(FILES, _written(tmp_path, HEADER + ROWS))
    (tmp_path / "pop.csv").write_text(
        "regso,year,sex,population\n0180R001,2022,woman,10\n0180R001,2022,man,20\n0114R001,2022,woman,5\n"
        "0180R001,2021,woman,99\n0180R001,2022,other,7\n"
    )
    columns = (Column("sex", ("woman", "man"), True), Column("benefit", ("a", "b"), False))
    keys = KeySet(index.leaves, index.levels(("riket", "kommun"), 2022), columns, (True, True))
    people = load_population(POPULATION, tmp_path).denominators(keys, 2022)
    by_area = dict(zip(keys.area_codes, people, strict=True))
    assert by_area["00"][2].tolist() == [35, 35, 35]
    assert by_area["0180"][0].tolist() == [10, 10, 10]
    assert by_area["01X"].sum() == 0
    assert people.shape == keys.shape
    assert people.dtype == np.int64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("regso,year,population\n", "columns are missing: sex"),
        ("regso,year,sex,population\n0180R001,2022,man,-3\n", "no whole number"),
        ("regso,year,sex,population\n0180R001,2022,man,3.5\n", "no whole number"),
        ("", "cannot be read"),
    ],
)
def test_a_population_that_is_wrong_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pop.csv").write_text(text)
    with pytest.raises(GeographyError, match=message):
        load_population(POPULATION, tmp_path)
