"""Imports of registers, keys, types and changes: what is matched, what is refused, and what stays."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scb_files import AREAS, CODES, HEADER, NAMES, Imports, boxes, collection, register

from publisher.errors import GeographyError
from publisher.geography.changes import load_breaks
from publisher.geography.files import load_register
from publisher.geography.imports import ImportRequest, import_geography
from publisher.geography.imports.report import as_object, in_words
from publisher.policy.declarations import GeographyFiles

TYPES = ",2022\n" + "".join(f"{name},{i}\n" for i, name in enumerate(NAMES, 1))
KEY = "Kommun,DeSO_2018,RegSO_2020,RegSOkod_2020\n"
KEY += "".join(f"{c[:4]},{c[:4]}C10{i}0,x,{c}\n" for i, c in enumerate(CODES))
CHANGES = "old_code,new_code,change,date\n"


@pytest.fixture
def imports(tmp_path: Path) -> Imports:
    return Imports(tmp_path)


@pytest.fixture
def known(imports: Imports) -> Imports:
    """The register is there."""
    imports.run(register=register())
    return imports


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


# the register


def test_a_register_becomes_a_file_that_the_publisher_reads(known: Imports) -> None:
    index = load_register(GeographyFiles("regso-2020", "register.csv", {}), known.folder / "regso-2020")
    assert [a.code for a in index.areas] == list(CODES)
    assert index.municipalities["2480"] == "Umeå"
    assert index.counties == {"01": "Stockholms län", "24": "Västerbottens län"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_encodings_and_separators_are_recognised(imports: Imports, encoding: str, mark: str) -> None:
    imports.run(register=register().replace(",", mark).encode(encoding))
    assert imports.lines("register.csv")[3] == AREAS[3]


def test_a_register_in_a_workbook_is_the_same_as_in_csv(imports: Imports, known: Imports) -> None:
    before = known.everything()["register.csv"]
    rows = [["Titel"], [], *csv.reader(register().splitlines())]
    imports.run(register=workbook(rows))
    assert imports.everything()["register.csv"] == before


def test_types_and_population_beside_the_areas_are_taken(imports: Imports) -> None:
    more = ("1,10,4,6", "..,20,9,11", "5,30,15,15", ",40,20,20")
    header = f"{HEADER},omradestyp_2022,befolkning_2022,befolkning_2022_män,befolkning_2022_kvinnor"
    imports.run(register=register(*(f"{a},{m}" for a, m in zip(AREAS, more, strict=True)), header=header))
    assert [line[-1:] for line in imports.lines("register.csv")] == ["1", ",", "5", ","]
    assert imports.lines("population.csv")[0] == "0114R001,2022,10"
    assert imports.lines("population_by_sex.csv")[:2] == ["0114R001,2022,man,4", "0114R001,2022,woman,6"]


def test_the_suffix_of_the_own_edition_is_stripped_everywhere_in_a_register(imports: Imports) -> None:
    rows = [f"{a},3,7".replace(a[:8], f"{a[:8]}_RegSO2025", 1) for a in AREAS]
    header = f"{HEADER},omradestyp_2022,befolkning_2022"
    imports.run("regso-2025", register=register(*rows, header=header))
    assert imports.lines("register.csv", "regso-2025")[0] == f"{AREAS[0]},3"
    assert imports.lines("population.csv", "regso-2025")[0] == "0114R001,2022,7"


@pytest.mark.parametrize(("row", "rule"), [
    ("0114R001_RegSO2025,A,0114,Upplands Väsby,01,Stockholms län", "another edition"),
    ("114R001,A,0114,Upplands Väsby,01,Stockholms län", "no RegSO code"),
    ("0114R009,A,114,Upplands Väsby,01,Stockholms län", "codes are text"),
    ("0114R009,A,0114,Upplands Väsby,03,Stockholms län", "does not fit the code"),
    ("0114R001,A,0114,Upplands Väsby,01,Stockholms län", "stands twice"),
    ("0114R009,=HYPERLINK(1),0114,Upplands Väsby,01,Stockholms län", "like a spreadsheet formula"),
    ("0114R009,+A,0114,Upplands Väsby,01,Stockholms län", "like a spreadsheet formula"),
    ("0114R009,-A,0114,Upplands Väsby,01,Stockholms län", "like a spreadsheet formula"),
    ("0114R009,@A,0114,Upplands Väsby,01,Stockholms län", "like a spreadsheet formula"),
    ('0114R009,"\tA",0114,Upplands Väsby,01,Stockholms län', "like a spreadsheet formula"),
    ('0114R009,"\rA",0114,Upplands Väsby,01,Stockholms län', "like a spreadsheet formula"),
    ('0114R009,"A\nB",0114,Upplands Väsby,01,Stockholms län', "control characters"),
    ("0114R009,,0114,Upplands Väsby,01,Stockholms län", "a name is empty"),
    ("0114R009,A,0114,Väsby,01,Stockholms län", "0114 has two names"),
])  # fmt: skip
def test_a_row_that_is_wrong_is_refused_and_nothing_is_written(imports: Imports, row: str, rule: str) -> None:
    with pytest.raises(GeographyError, match=rule):
        imports.run(register=register(*AREAS, row))
    assert not imports.folder.exists()


def test_an_error_names_the_file_and_the_line(imports: Imports) -> None:
    with pytest.raises(GeographyError, match=r"^register\.given:6: "):
        imports.run(register=register(*AREAS, "114R001,A,0114,Upplands Väsby,01,Stockholms län"))


def test_a_code_that_a_workbook_made_a_number_is_refused_and_never_padded(imports: Imports) -> None:
    rows: list[list[Any]] = [HEADER.split(","), ["0114R001", "A", 114, "Väsby", 1, "Stockholms län"]]
    with pytest.raises(GeographyError, match="codes are text: 0114, not 114"):
        imports.run(register=workbook(rows))
    with pytest.raises(GeographyError, match="no RegSO code"):
        imports.run(register=workbook([HEADER.split(","), [114001, "A", "0114", "Väsby", "01", "Stockholms län"]]))


NO_REGISTERS = ("", "a,b\n1,2\n", f"{HEADER}\n", 'regsokod,"x\n', b"PK\x03\x04rubbish", b"\x00\x01,")


@pytest.mark.parametrize("content", NO_REGISTERS)
def test_what_is_no_register_is_refused(imports: Imports, content: str | bytes) -> None:
    with pytest.raises(GeographyError, match=r"register\.given"):
        imports.run(register=content)


def test_a_column_twice_is_refused(imports: Imports) -> None:
    with pytest.raises(GeographyError, match="a column stands twice"):
        imports.run(register=register(*(f"{a},x" for a in AREAS), header=f"{HEADER},regsonamn"))


def test_names_that_swapped_are_told_apart_from_new_names(known: Imports) -> None:
    names = (("Centrum", "Norra"), ("Norra", "Centrum"), ("Centrum", "City"))
    rows = [area.replace(*pair) for area, pair in zip(AREAS[:3], names, strict=True)]
    report = known.run(register=register(*rows, "1480R001,A,1480,Göteborg,14,Västra Götalands län"))
    assert report.changed == (
        "areas added: 1 (1480R001)", "areas removed: 1 (2480R001)",
        "names that swapped between areas: 2 (0114R001, 0114R002)", "areas renamed: 1 (0180R001)",
    )  # fmt: skip


# area types


def test_types_are_matched_by_municipality_and_name(known: Imports) -> None:
    report = known.run(types=TYPES, year=2022)
    assert [line[-1] for line in known.lines("register.csv")] == ["1", "2", "3", "4"]
    assert (report.inputs[0].rows, report.inputs[0].matched, report.inputs[0].unmatched_count) == (4, 4, 0)


def test_footnotes_below_the_types_are_passed_over(known: Imports) -> None:
    notes = '"Områdestyp 1 – områden (med stora utmaningar)\nOmrådestyp 2",\n,\nKälla:,\nSCB,\n'
    assert known.run(types=TYPES + notes, year=2022).inputs[0].rows == 4


def test_missing_types_are_reported_and_are_no_type(known: Imports) -> None:
    report = known.run(types=TYPES.replace("(Norra),2", "(Norra),..").replace("Stockholm (Centrum),3\n", ""), year=2022)
    assert report.inputs[0].unmatched == ("0114R002", "0180R001")
    assert [line[-2:] for line in known.lines("register.csv")] == [",1", "n,", "n,", ",4"]


@pytest.mark.parametrize(("text", "rule"), [
    (TYPES + "Umeå (Okänd),3\nLund (Norr),2\n", r"2 areas are not in the register of regso-2020: Umeå \(Okänd\), Lund"),
    (TYPES + "Stockholm (Centrum),3\n", "0180R001 stands twice"),
    (TYPES + "0180R001,3\n", "0180R001 stands twice"),
    (TYPES.replace(",4", ",6"), "'6' is not one of 1-5"),
    (TYPES.replace(",4", ",4.0"), "'4.0' is not one of 1-5"),
    (TYPES.replace("2022", "2021"), "has no header with 2022"),
    (",2022\n0180R001_RegSO2025,3\n", "another edition"),
    (",2022\nKälla: SCB,\n", "has no area type of 2022"),
])  # fmt: skip
def test_types_that_do_not_fit_are_refused(known: Imports, text: str, rule: str) -> None:
    before = known.everything()
    with pytest.raises(GeographyError, match=rule):
        known.run(types=text, year=2022)
    assert known.everything() == before


def test_a_name_that_two_areas_of_a_municipality_have_is_refused(imports: Imports) -> None:
    imports.run(register=register(*AREAS, "0180R002,Centrum,0180,Stockholm,01,Stockholms län"))
    with pytest.raises(GeographyError, match="is the name of 2 areas: give codes"):
        imports.run(types=TYPES, year=2022)


def test_types_need_a_register_first(imports: Imports) -> None:
    with pytest.raises(GeographyError, match="import its register, or its geometry, first"):
        imports.run(types=TYPES, year=2022)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_types_follow_their_areas_in_any_order(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    imports = Imports(tmp_path_factory.mktemp("types"))
    kinds = data.draw(st.lists(st.sampled_from(["1", "2", "3", "4", "5", "..", ""]), min_size=4, max_size=4))
    rows = data.draw(st.permutations([f"{name},{kind}" for name, kind in zip(NAMES, kinds, strict=True)]))
    if not set(kinds) - {"..", ""}:
        return
    imports.run(register=register(), types="\n".join([",2022", *rows]), year=2022)
    assert [line.rpartition(",")[2] for line in imports.lines("register.csv")] == [k.replace("..", "") for k in kinds]


# the key of DeSO


def test_a_key_in_csv_and_in_a_workbook_is_the_same(known: Imports) -> None:
    known.run(deso_key=KEY)
    first = known.everything()["deso.csv"]
    assert first.decode().splitlines()[:2] == ["deso,regso", "0114C1000,0114R001"]
    known.run(deso_key=workbook([["Nyckel"], [], [], *csv.reader(KEY.splitlines())]))
    assert known.everything()["deso.csv"] == first


@pytest.mark.parametrize(("text", "rule"), [
    (KEY + "0114,0114C1000,x,0114R002\n", "0114C1000 lies in two RegSO"),
    (KEY + "0114,0114C1090,x,0180R001\n", "of another municipality"),
    (KEY + "0114,0114C1090,x,0114R077\n", "1 areas are not in the register: 0114R077"),
    (KEY.replace("0114,0114C1010,x,0114R002\n", ""), "1 areas of the register have no DeSO: 0114R002"),
    (KEY + "0114,0114D1090,x,0114R001\n", "no DeSO code"),
    (KEY + "0114,0114C1090_DeSO2025,x,0114R001\n", "another edition"),
])  # fmt: skip
def test_a_key_that_does_not_fit_is_refused(known: Imports, text: str, rule: str) -> None:
    with pytest.raises(GeographyError, match=rule):
        known.run(deso_key=text)
    assert "deso.csv" not in known.everything()


# changes


def test_only_names_and_water_leave_a_code_comparable(known: Imports) -> None:
    rows = (
        "0114R001,0114R001,Namnändrad (ej kodändrad),2026-01-01",
        "0114R002,0114R002,Utvidgas till territorialvattnet,2025-01-01",
        "0180R001,0180R001,Utvidgas,2025-01-01",
        "0180R009_RegSO2020,0180R001,Namnändrad (ej kodändrad),2025-01-01",
        "2480R001,2480R001,Något nytt ord,2025-01-01",
        "2480R001,,Upphör,2025-01-01",
    )
    known.run(changes=CHANGES + "\n".join(rows))
    assert [line[-3:] for line in known.lines("changes.csv")] == ["yes", "yes", ",no", ",no", ",no", ",no"]
    files = GeographyFiles("regso-2020", "register.csv", {}, changes="changes.csv")
    assert load_breaks(files, known.folder / "regso-2020") == ("0180R001", "2480R001")


@pytest.mark.parametrize(("row", "rule"), [
    ("0114R001,0114R088,Utvidgas,2025-01-01", "1 areas are not in the register of regso-2020: 0114R088"),
    ("0114R001,0114R001_RegSO2025,Utvidgas,2025-01-01", "another edition"),
    ("114R001,0114R001,Utvidgas,2025-01-01", "no RegSO code"),
    ("0114R001,0114R001,=Utvidgas,2025-01-01", "like a spreadsheet formula"),
    ("0114R001,0114R001,Utvidgas,2025", "a date is not written"),
])  # fmt: skip
def test_changes_that_do_not_fit_are_refused(known: Imports, row: str, rule: str) -> None:
    with pytest.raises(GeographyError, match=rule):
        known.run(changes=CHANGES + row)


# the import as a whole


def test_what_an_import_does_not_bring_stays_as_it_was(known: Imports) -> None:
    known.run(deso_key=KEY, types=TYPES, year=2022, geometry=collection(boxes()))
    before = known.everything()
    known.run(changes=CHANGES + "0180R001,0180R001,Utvidgas,2025-01-01\n")
    after = known.everything()
    assert {n: d for n, d in after.items() if n not in ("changes.csv", "import.json")} == {
        n: d for n, d in before.items() if n != "import.json"
    }


def test_the_same_import_gives_the_same_bytes(known: Imports, tmp_path: Path) -> None:
    other = Imports(tmp_path / "other")
    known.run(deso_key=KEY, geometry=collection(boxes()))
    other.run(register=register(), deso_key=KEY, geometry=collection(boxes()))
    assert {n: d for n, d in known.everything().items() if n != "import.json"} == {
        n: d for n, d in other.everything().items() if n != "import.json"
    }


def test_a_new_register_must_fit_what_was_imported_before(known: Imports) -> None:
    known.run(deso_key=KEY, types=TYPES, year=2022)
    with pytest.raises(GeographyError, match="area types has 1 areas that the register has not: 2480R001"):
        known.run(register=register(*AREAS[:3]))
    with pytest.raises(GeographyError, match="1 areas have no DeSO: 0180R002"):
        known.run(register=register(*AREAS, "0180R002,Norr,0180,Stockholm,01,Stockholms län"))


def test_one_input_that_is_wrong_stops_all_the_others(known: Imports) -> None:
    before = known.everything()
    with pytest.raises(GeographyError):
        known.run(deso_key=KEY, types=TYPES.replace(",4", ",9"), year=2022)
    assert known.everything() == before


def test_the_record_of_imports_keeps_every_one_of_them(known: Imports) -> None:
    known.run(deso_key=KEY)
    record = json.loads(known.text("import.json"))
    assert [[i["kind"] for i in one["inputs"]] for one in record["imports"]] == [["register"], ["deso_key"]]
    assert all(len(i["sha256"]) == 64 and i["file"] for one in record["imports"] for i in one["inputs"])
    assert record["imports"][0]["at"] == "2026-01-01T00:00:00Z"


def test_the_report_gives_the_lines_of_the_settings(known: Imports) -> None:
    report = known.run(deso_key=KEY, types=TYPES, year=2022)
    assert 'area_types = {2022 = "area_type_2022"}' in report.settings
    assert 'deso_key = "geography/regso-2020/deso.csv"' in report.settings
    assert "geometry" not in report.settings
    assert report.settings in in_words(report)
    assert json.loads(json.dumps(as_object(report)))["inputs"][0]["kind"] == "deso_key"


def test_a_folder_made_by_hand_is_left_alone(imports: Imports) -> None:
    (imports.folder / "regso-2020").mkdir(parents=True)
    with pytest.raises(GeographyError, match="made by hand"):
        imports.run(register=register())


@pytest.mark.parametrize("edition", ["../etc", "RegSO", "a/b", "", ".x", "a.b", "regso_2020"])
def test_an_edition_is_a_plain_name(edition: str) -> None:
    with pytest.raises(GeographyError, match="an edition is named by"):
        ImportRequest(edition, register="x")


def test_an_import_of_nothing_or_of_types_without_a_year_is_refused() -> None:
    with pytest.raises(GeographyError, match="nothing to import"):
        ImportRequest("regso-2020")
    with pytest.raises(GeographyError, match="belong together"):
        ImportRequest("regso-2020", types="x")
    with pytest.raises(GeographyError, match="belong together"):
        ImportRequest("regso-2020", register="x", year=2022)


def test_a_file_that_is_not_there_is_refused(imports: Imports) -> None:
    request = ImportRequest("regso-2020", register=str(imports.given / "nothing"))
    with pytest.raises(GeographyError, match="nothing: cannot be read"):
        import_geography(request, imports.folder, at="", say=lambda _: None)
