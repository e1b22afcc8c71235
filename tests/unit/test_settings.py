"""`publisher.toml`: what is unknown, missing or of another type is refused by the path of its key."""

from pathlib import Path

import pytest

from publisher.errors import SettingsError
from publisher.settings import load_settings

DEMO = (Path(__file__).parents[2] / "publisher" / "demo.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("memory_mb = 500", 'memory_mb = "500"', r"limits\.memory_mb must be of type int"),
        ("threads = 2", "thread = 2", "unknown thread"),
        ('cap = "0.125"', 'cap = "0.3"', "needs cap_reason"),
        ('cap = "0.125"', 'cap = "0.6"', "at most 0.5"),
        ('agency = "forsakringskassan"', 'agency = "fk"', "no agency fk is declared"),
        ('edition = "regso-2020"', 'edition = "regso-2025"', "no such geography"),
        ('format = "parquet"', 'format = "xls"', "format must be parquet or csv"),
        ('unknown_areas = "refuse"', 'unknown_areas = "drop"', "unknown_areas must be"),
        ('code = "vab"', 'code = "sjukpenning"', "codes must be different"),
        ('code = "vab"', 'code = "TOT"', "not TOT"),
        ('date = "date", ', "", r"columns\.date is missing"),
        ('date = "date"', 'date = "case_id"', "stands for two things"),
        ('personal = false\n', "", "personal is missing"),
        ("[limits]", "[limits", "not TOML"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in DEMO
    path = tmp_path / "publisher.toml"
    path.write_text(DEMO.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        load_settings(path)


def test_a_missing_file_says_where_there_is_an_example(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"docs/own-records\.md"):
        load_settings(tmp_path / "publisher.toml")


def test_a_cap_above_the_default_is_allowed_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "publisher.toml"
    text = DEMO.replace('cap = "0.125"', 'cap = "0.3"\ncap_reason = "decision of the board"')
    path.write_text(text, encoding="utf-8")
    assert load_settings(path).agencies["forsakringskassan"].cap_reason == "decision of the board"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('outside = "clamp"', 'outside = "drop"', "outside must be refuse or clamp"),
        ("vab = [0, 31000]\n", "", "needs bounds for every code of benefit"),
        ("vab = [0, 31000]", "vab = [31000, 0]", "lower < upper"),
        ("vab = [0, 31000]", "vab = [0, 31000.5]", "two whole numbers"),
        ("vab = [0, 31000]", "vab = 31000", "two whole numbers"),
        ('column = "amount_sek"', 'column = "benefit"', "stands for two things"),
        ('area = "regso"}', 'area = "regso", east = "e", north = "n"}', "coordinates need columns east and north"),
        ('area = "regso"}', 'east = "e", north = "n"}', "codes need column area"),
        ('unknown_areas = "refuse"', 'unknown_areas = "refuse"\nplacing = "coordinates"', "coordinates need columns"),
        ('unknown_areas = "refuse"', 'unknown_areas = "refuse"\nplacing = "map"', "placing must be"),
        ("last_year = 2023", "last_year = 1800", "first_year and last_year"),
        ("[populations.population-16-66]", '[geography.e2]\nregister = "r.csv"\nfirst_year = 2023\n\n'
         "[populations.population-16-66]", "valid in the same years"),
        ('only = {age_group', 'everyone = true\nonly = {age_group', "not everyone"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_amounts_places_and_editions_is_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in DEMO
    path = tmp_path / "publisher.toml"
    path.write_text(DEMO.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        load_settings(path)


TWO_EDITIONS = DEMO.replace(
    "[populations.population]",
    '[geography.regso-2025]\nregister = "r.csv"\nfirst_year = 2024\n\n[populations.population]',
)


def test_the_reference_year_decides_the_edition(tmp_path: Path) -> None:
    path = tmp_path / "publisher.toml"
    path.write_text(TWO_EDITIONS, encoding="utf-8")
    settings = load_settings(path)
    assert [settings.edition_of("reference-year", y) for y in (2022, 2023, 2024)] == [
        "regso-2020", "regso-2020", "regso-2025",
    ]  # fmt: skip
    with pytest.raises(SettingsError, match="regso-2020 is not valid in 2024"):
        settings.edition_of("regso-2020", 2024)


def test_an_edition_serves_other_years_where_publisher_toml_says_why(tmp_path: Path) -> None:
    path = tmp_path / "publisher.toml"
    path.write_text(DEMO.replace("last_year = 2023", 'last_year = 2023\noutside = "one series"'), encoding="utf-8")
    assert load_settings(path).edition_of("regso-2020", 2024) == "regso-2020"


def test_a_year_without_an_edition_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "publisher.toml"
    path.write_text(DEMO, encoding="utf-8")
    with pytest.raises(SettingsError, match="no edition of areas is declared as valid in 2024"):
        load_settings(path).edition_of("reference-year", 2024)
