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
