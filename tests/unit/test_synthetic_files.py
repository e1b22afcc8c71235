"""The files of the synthetic country."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
import shapely
from pyarrow import parquet

from publisher.synthetic import files, write_country
from publisher.synthetic.cases import Oddities
from publisher.synthetic.country import CountryShape
from publisher.synthetic.files import CASE_SCHEMA, whole, write_outline_geojson
from publisher.synthetic.outline import County
from publisher.synthetic.write import CountrySummary, Recipe, write_recipe

SMALL = CountryShape(
    counties=(County("01", "Första län", (12.0, 60.0), 5, 3.0), County("09", "Andra län", (15.0, 60.2), 3)),
    outline=shapely.box(11.0, 59.0, 17.0, 61.0),
    areas=40,
    repeated_names=2,
)
RECIPE = Recipe(0.5, 11, range(2020, 2023), (2021, 2022), SMALL, Oddities())
KINDS = ("areas.csv", "population.csv", "regso.geojson", "outline.geojson", "cases.parquet", "cases.csv")


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("country") / "made" / "here"
    write_recipe(out, RECIPE, lambda step: None, csv=True)
    return out


@pytest.fixture(scope="module")
def cases(home: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.execute(f"select *, year(date) as year from '{home / 'cases.parquet'}'")
        return pd.DataFrame(connection.df())


@pytest.fixture(scope="module")
def areas(home: Path) -> list[dict[str, str]]:
    with (home / "areas.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_two_calls_write_the_same_bytes(home: Path, tmp_path: Path) -> None:
    write_recipe(tmp_path, RECIPE, lambda step: None, csv=True)
    assert set(digests(home)) == set(KINDS)
    assert digests(tmp_path) == digests(home)


def test_another_seed_writes_other_bytes(home: Path, tmp_path: Path) -> None:
    write_recipe(tmp_path, replace(RECIPE, seed=12), lambda step: None)
    same = digests(tmp_path).items() & digests(home).items()
    assert {name for name, _ in same} == {"outline.geojson"}


def test_scale_changes_the_people_and_not_the_places(home: Path, tmp_path: Path) -> None:
    write_recipe(tmp_path, replace(RECIPE, scale=0.25), lambda step: None)
    same = digests(tmp_path).items() & digests(home).items()
    assert {name for name, _ in same} == {"outline.geojson", "regso.geojson"}


def test_progress_tells_steps_and_summary_tells_counts(tmp_path: Path) -> None:
    steps: list[str] = []
    summary = write_recipe(tmp_path, RECIPE, steps.append)
    assert [s.split()[-1] for s in steps] == ["drawn", "written", "drawn", "written"]
    assert (summary.areas, summary.municipalities) == (40, 8)
    assert summary.files == KINDS[:5]
    persons = parquet.read_table(tmp_path / "cases.parquet")["person_id"].to_pylist()
    assert (len(persons), len(set(persons))) == (summary.rows, summary.persons)


def test_areas_have_the_declared_columns(areas: list[dict[str, str]]) -> None:
    expected = "regso regso_name kommun kommun_name lan lan_name area_type area_type_2021 area_type_2022 population"
    assert list(areas[0]) == expected.split()
    assert all(a["regso"][:4] == a["kommun"] and a["kommun"][:2] == a["lan"] for a in areas)
    assert all(a["area_type"] == a["area_type_2022"] for a in areas)
    assert any(a["area_type_2021"] != a["area_type_2022"] for a in areas)
    assert {a["lan"]: a["lan_name"] for a in areas} == {"01": "Första län", "09": "Andra län"}


def test_population_file_is_whole_and_adds_up_to_the_areas(home: Path, areas: list[dict[str, str]]) -> None:
    frame = pd.read_csv(home / "population.csv", dtype={"regso": str})
    assert list(frame.columns) == ["regso", "year", "sex", "age_group", "population"]
    assert len(frame) == 40 * 3 * 2 * 7
    assert set(frame.sex) == {"woman", "man"}
    assert list(frame.age_group[:7]) == ["0-15", "16-24", "25-34", "35-44", "45-54", "55-66", "67-"]
    last = frame[frame.year == 2022].groupby("regso").population.sum()
    assert last.to_dict() == {a["regso"]: int(a["population"]) for a in areas}


def test_cases_have_the_declared_columns_and_types(home: Path) -> None:
    assert parquet.read_schema(home / "cases.parquet").equals(CASE_SCHEMA)
    columns = "case_id person_id regso date benefit sex age_group amount_sek"
    assert columns.split() == CASE_SCHEMA.names
    assert CASE_SCHEMA.field("date").type == pa.date32()


def test_texts_of_the_cases_are_the_declared_ones(cases: pd.DataFrame, areas: list[dict[str, str]]) -> None:
    assert cases.person_id.str.fullmatch(r"P\d{9}").all()
    known = {a["regso"] for a in areas} | {a["kommun"] for a in areas} | {a["lan"] for a in areas}
    assert set(cases.regso.dropna()) <= known
    assert 0 < cases.regso.isna().mean() < 0.02
    assert cases.benefit.nunique() == 8
    assert set(cases.sex) == {"woman", "man"}
    assert set(cases.age_group) == {"16-24", "25-34", "35-44", "45-54", "55-66"}
    assert (cases.year.min(), cases.year.max()) == (2020, 2022)


def test_person_has_one_sex_and_one_age_group_a_year(cases: pd.DataFrame) -> None:
    assert cases.groupby("person_id").sex.nunique().max() == 1
    assert cases.groupby(["person_id", "year"]).age_group.nunique().max() == 1


def test_few_persons_enter_the_next_age_group_between_years(cases: pd.DataFrame) -> None:
    order = ["16-24", "25-34", "35-44", "45-54", "55-66"]
    rank = cases.assign(rank=cases.age_group.map(order.index)).groupby(["person_id", "year"])["rank"].first()
    step = rank.groupby("person_id").diff().dropna()
    assert set(step) == {0, 1}
    assert 0.01 < step.mean() < 0.06


def test_persons_live_where_the_population_is(cases: pd.DataFrame, home: Path, areas: list[dict[str, str]]) -> None:
    frame = pd.read_csv(home / "population.csv", dtype={"regso": str})
    working = frame[~frame.age_group.isin(["0-15", "67-"])].groupby(["regso", "sex"]).population.sum()
    number = cases[cases.regso.str.len() == 8].groupby(["regso", "sex"]).size()
    assert np.corrcoef(working.sort_index(), number.sort_index())[0, 1] > 0.8


def test_csv_holds_the_same_rows_in_the_same_order(home: Path, cases: pd.DataFrame) -> None:
    text = pd.read_csv(home / "cases.csv", dtype={"regso": str}, parse_dates=["date"])
    same = cases.drop(columns="year")
    assert list(text.columns) == list(same.columns)
    assert (text.case_id == same.case_id).all()
    assert (text.regso.fillna("") == same.regso.fillna("")).all()
    assert (text.amount_sek == same.amount_sek).all()
    assert (text.date == same.date).all()


def test_row_groups_do_not_change_the_rows(
    home: Path, cases: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS_A_GROUP", 1000)
    write_recipe(tmp_path, RECIPE, lambda step: None)
    assert parquet.ParquetFile(tmp_path / "cases.parquet").num_row_groups > 10
    again = parquet.read_table(tmp_path / "cases.parquet")
    assert again.equals(parquet.read_table(home / "cases.parquet"))


def test_geojson_holds_the_polygon_of_every_area(home: Path, areas: list[dict[str, str]]) -> None:
    document = json.loads((home / "regso.geojson").read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection"
    expected = [{k: a[k] for k in ("regso", "kommun", "lan")} for a in areas]
    assert [f["properties"] for f in document["features"]] == expected
    polygons = np.array([shapely.from_geojson(json.dumps(f["geometry"])) for f in document["features"]])
    assert shapely.coverage_is_valid(polygons)
    assert shapely.area(polygons).sum() == pytest.approx(12.0)
    assert shapely.is_ccw(shapely.get_exterior_ring(polygons)).all()


def test_outline_of_several_parts_with_a_lake_keeps_them(tmp_path: Path) -> None:
    lake = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    place = shapely.MultiPolygon([lake, shapely.box(5, 5, 6, 6)])
    write_outline_geojson(tmp_path / "outline.geojson", place)
    document = json.loads((tmp_path / "outline.geojson").read_text(encoding="utf-8"))
    assert shapely.from_geojson(json.dumps(document["features"][0]["geometry"])).equals(place)


def test_interrupted_writing_leaves_the_earlier_file_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("earlier")

    def write() -> None:
        with whole(tmp_path / "a.csv") as beside:
            beside.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write()
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "earlier"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scale": 0.0}, "scale"),
        ({"scale": 1.5}, "scale"),
        ({"seed": -1}, "seed"),
        ({"years": range(2022, 2022)}, "years"),
        ({"years": range(2018, 2023, 2)}, "years"),
        ({"years": range(1800, 1802)}, "years"),
        ({"type_years": ()}, "type_years"),
        ({"type_years": (2021, 2021)}, "type_years"),
    ],
)
def test_arguments_out_of_range_are_refused_before_anything_is_written(
    change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    given: dict[str, object] = {"scale": 0.1, "seed": 1, "years": range(2021, 2023), "type_years": (2022,)} | change
    with pytest.raises(ValueError, match=reason):
        write_country(tmp_path / "out", progress=lambda step: None, **given)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_summary_that_cannot_be_is_refused() -> None:
    for change in ({"rows": -1}, {"files": ()}):
        with pytest.raises(ValueError, match="summary"):
            replace(CountrySummary(1, 1, 1, 1, 1, ("a",)), **change)


@pytest.mark.slow
def test_whole_country_at_a_hundredth_has_the_right_rates(tmp_path: Path) -> None:
    summary = write_country(
        tmp_path,
        scale=0.01,
        seed=20220428,
        years=range(2019, 2023),
        type_years=(2021, 2022),
        progress=lambda step: None,
    )
    assert summary.areas == 3363
    assert summary.inhabitants == pytest.approx(105_200, rel=0.02)
    assert 0.9 < (summary.rows - 6000) / 98_800 < 1.1
