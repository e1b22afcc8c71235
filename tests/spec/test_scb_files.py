"""The real files of SCB, read as SCB gives them: what is known to hold in them."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from source_records import declare

from publisher.errors import GeographyError
from publisher.geography.borders import load_borders
from publisher.geography.files import load_population, load_register
from publisher.geography.imports import ImportReport, ImportRequest, import_geography
from publisher.geography.places import load_places
from publisher.geography.register import AreaIndex
from publisher.policy.declarations import GeographyFiles, PopulationFile
from publisher.release.model import Text

SCB = Path(__file__).parents[3] / "shared" / "data" / "scb"
pytestmark = pytest.mark.skipif(not SCB.is_dir(), reason="SCB's files (../shared/data/scb) are not here")

AT = "2026-01-01T00:00:00Z"


def scb(name: str) -> str:
    return str(SCB / name)


def say(_: str) -> None:
    """Nothing."""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    """Everything that is there of edition 2020, in one import."""
    folder = tmp_path_factory.mktemp("geography") / "geography"
    request = ImportRequest(
        "regso-2020", register=scb("regso2020_register.csv"), deso_key=scb("koppling-deso2018-regso2020.csv"),
        types=scb("regso_omradestyp_2022_scb_export.csv"), year=2022,
        population=scb("TAB5899_population_2022.json-stat2.json"), geometry=scb("regso2020_wgs84.geojson"),
    )  # fmt: skip
    return folder / "regso-2020", import_geography(request, folder, at=AT, say=say)


def index_of(folder: Path) -> AreaIndex:
    files = GeographyFiles("regso-2020", "register.csv", {2022: "area_type_2022"})
    return load_register(files, folder)


def test_the_register_has_the_areas_municipalities_and_counties_of_sweden(imported: tuple[Path, ImportReport]) -> None:
    index = index_of(imported[0])
    assert (len(index.areas), len(index.municipalities), len(index.counties)) == (3363, 290, 21)
    assert imported[1].areas == 3363
    names = Counter(a.name for a in index.areas)
    assert sum(n > 1 for n in names.values()) == 16


def test_the_types_of_2022_are_those_that_were_published(imported: tuple[Path, ImportReport]) -> None:
    types = index_of(imported[0]).types_of(2022)
    counts = Counter(types.values())
    lines = (SCB / "omradestyp_counts_2011_2022.csv").read_text(encoding="utf-8").splitlines()
    published = next(line for line in lines if line.startswith("2022,")).split(",")[1:]
    assert [counts[k] for k in "12345"] == [160, 289, 855, 1770, 289] == list(map(int, published))


def test_municipality_and_type_cells_are_as_few_as_is_known(imported: tuple[Path, ImportReport]) -> None:
    index = index_of(imported[0])
    types = index.types_of(2022)
    cells = Counter((code[:4], kind) for code, kind in types.items())
    assert (len(cells), sum(n == 1 for n in cells.values()), sum(n == 2 for n in cells.values())) == (843, 253, 172)
    codes = {v.level: v.codes for v in index.levels(("kommun_area_type", "lan_area_type"), 2022)}
    assert sum(c[-1] in "12345" for c in codes["kommun_area_type"]) == 843
    lacking = {(c, k) for c in index.counties for k in "12345"} - {(c[:2], c[-1]) for c in codes["lan_area_type"]}
    assert lacking  # some counties have no area of some type


def test_the_population_of_2022_adds_up_by_type(imported: tuple[Path, ImportReport]) -> None:
    declared = PopulationFile("p", Text("p", "p"), "population_by_sex.csv", {"sex": "sex"}, {}, everyone=True)
    people = load_population(declared, imported[0])
    rows = people.rows[people.rows["year"] == "2022"]
    types = index_of(imported[0]).types_of(2022)
    totals = rows["population"].astype(int).groupby(rows["regso"].map(types)).sum()
    assert totals.tolist() == [568542, 845321, 2343940, 5759066, 1004687]
    assert int(totals.sum()) == 10521556
    assert set(rows["sex"]) == {"man", "woman"}


def test_the_key_of_deso_is_whole_in_both_of_its_forms(imported: tuple[Path, ImportReport], tmp_path: Path) -> None:
    deso = declare(placing="deso")
    key = load_places(deso, GeographyFiles("regso-2020", "register.csv", {}, deso_key="deso.csv"), imported[0]).deso
    assert len(key) == 5984
    assert sum(n == 1 for n in Counter(key.values()).values()) == 1754
    request = ImportRequest(
        "regso-2020", register=scb("regso2020_register.csv"), deso_key=scb("kopplingstabell-deso_regso-2018_v2.xlsx")
    )
    import_geography(request, tmp_path, at=AT, say=say)
    assert (tmp_path / "regso-2020" / "deso.csv").read_bytes() == (imported[0] / "deso.csv").read_bytes()


def test_the_export_in_latin_1_gives_the_same_people(imported: tuple[Path, ImportReport], tmp_path: Path) -> None:
    register = ImportRequest("regso-2020", register=scb("regso2020_register.csv"))
    import_geography(register, tmp_path, at=AT, say=say)
    latin = ImportRequest("regso-2020", population=scb("regso_population_2022_latin1.csv"))
    report = import_geography(latin, tmp_path, at=AT, say=say)
    assert report.inputs[0].notes == ("2022: 10521556 people",)
    assert report.inputs[0].matched == 3363


def test_the_borders_are_those_of_every_area_in_metres(imported: tuple[Path, ImportReport]) -> None:
    borders = load_borders(imported[0] / "borders.gpkg")
    assert borders.codes == tuple(a.code for a in index_of(imported[0]).areas)
    stockholm = borders.find(np.array([674032.0]), np.array([6580822.0]))
    assert borders.codes[int(stockholm[0])].startswith("0180R")


def test_a_register_can_be_made_from_the_borders_of_the_next_edition(tmp_path: Path) -> None:
    request = ImportRequest("regso-2025", geometry=scb("RegSO_2025_goteborg.geojson"))
    report = import_geography(request, tmp_path, at=AT, say=say)
    index = load_register(GeographyFiles("regso-2025", "register.csv", {}), tmp_path / "regso-2025")
    assert report.areas == len(index.areas) == 147
    assert index.municipalities == {"1480": "Göteborg"}
    assert index.counties == {"14": "Västra Götalands län"}


def test_the_change_file_says_which_codes_can_be_compared(tmp_path: Path) -> None:
    import_geography(ImportRequest("regso-2020", register=scb("regso2020_register.csv")), tmp_path, at=AT, say=say)
    request = ImportRequest("regso-2020", changes=scb("regso_changes_sample.csv"))
    report = import_geography(request, tmp_path, at=AT, say=say)
    assert report.inputs[0].rows == 12
    with (tmp_path / "regso-2020" / "changes.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    comparable = {r["new_code"] for r in rows if r["comparable"] == "yes"}
    assert comparable == {"0160R009", "2510R001", "2510R002", "0120R012"}


def test_types_matched_by_name_are_those_that_the_register_has_by_code(
    imported: tuple[Path, ImportReport], tmp_path: Path
) -> None:
    import_geography(ImportRequest("regso-2020", register=scb("regso2020_register.csv")), tmp_path, at=AT, say=say)
    assert (tmp_path / "regso-2020" / "register.csv").read_bytes() == (imported[0] / "register.csv").read_bytes()
    types = ImportRequest("regso-2020", types=scb("regso_omradestyp_2022_scb_export.csv"), year=2022)
    report = import_geography(types, tmp_path, at=AT, say=say)
    assert report.changed == ()
    assert (report.inputs[0].rows, report.inputs[0].unmatched_count) == (3363, 0)


def test_json_stat_by_name_gives_what_it_gives_by_code(imported: tuple[Path, ImportReport], tmp_path: Path) -> None:
    import_geography(ImportRequest("regso-2020", register=scb("regso2020_register.csv")), tmp_path, at=AT, say=say)
    data = json.loads((SCB / "TAB5899_population_2022.json-stat2.json").read_bytes())
    region = data["dimension"]["Region"]["category"]
    names = [region["label"][code] for code in sorted(region["index"], key=region["index"].get)]
    data["dimension"]["Region"]["category"] = {"index": names}
    (tmp_path / "names.json").write_text(json.dumps(data), encoding="utf-8")
    request = ImportRequest("regso-2020", population=str(tmp_path / "names.json"))
    import_geography(request, tmp_path, at=AT, say=say)
    for name in ("population.csv", "population_by_sex.csv"):
        assert (tmp_path / "regso-2020" / name).read_bytes() == (imported[0] / name).read_bytes()


def test_the_register_knows_the_people_of_four_years(imported: tuple[Path, ImportReport]) -> None:
    declared = PopulationFile("p", Text("p", "p"), "population.csv", {}, {}, everyone=True)
    rows = load_population(declared, imported[0]).rows
    totals = rows["population"].astype(int).groupby(rows["year"]).sum()
    assert totals.to_dict() == {"2020": 10379295, "2021": 10452326, "2022": 10521556, "2023": 10551707}


def test_borders_of_another_edition_are_refused(tmp_path: Path) -> None:
    import_geography(ImportRequest("regso-2020", register=scb("regso2020_register.csv")), tmp_path, at=AT, say=say)
    request = ImportRequest("regso-2020", geometry=scb("RegSO_2025_goteborg.geojson"))
    with pytest.raises(GeographyError, match="version says 2025, which is not edition regso-2020"):
        import_geography(request, tmp_path, at=AT, say=say)


def test_importing_the_same_borders_again_changes_nothing(imported: tuple[Path, ImportReport]) -> None:
    before = (imported[0] / "borders.gpkg").read_bytes()
    request = ImportRequest("regso-2020", geometry=scb("regso2020_wgs84.geojson"))
    report = import_geography(request, imported[0].parent, at=AT, say=say)
    assert report.changed == ()
    assert (imported[0] / "borders.gpkg").read_bytes() == before
