"""The command `geography import`, and cases drawn on what it imported."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from real_country import write_cases_on
from scb_files import CODES, Imports, boxes, collection, register

from publisher.cli.main import publisher
from publisher.errors import GeographyError
from publisher.geography.borders import load_borders
from publisher.settings import load_settings

PEOPLE = '"region","kön","2022"\n'
PEOPLE += "".join(f'"{c}","totalt",{n}\n' for c, n in zip(CODES, (0, 10, 30, 60), strict=True))
KEY = "deso,regso\n" + "".join(f"{c[:4]}C{n}0{i}0,{c}\n" for i, c in enumerate(CODES) for n in (1, 2))


def test_several_files_are_imported_in_one_call_and_told_as_json(tmp_path: Path) -> None:
    imports, home = Imports(tmp_path), tmp_path / "home"
    given = ["--register", imports.file("r", register()), "--population", imports.file("p", PEOPLE)]
    call = ["geography", "import", "--edition", "regso-2020", *given, "--home", str(home)]
    answer = CliRunner().invoke(publisher, [*call, "--json"])
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert [i["kind"] for i in told["inputs"]] == ["register", "population"]
    assert told["changed"] == ["population 2022: 100, new"]
    assert "reading register" in answer.stderr
    words = CliRunner().invoke(publisher, call).stdout
    assert "regso-2020: 4 areas" in words
    assert sorted(p.name for p in (home / "geography" / "regso-2020").iterdir()) == [
        "import.json", "population.csv", "register.csv",
    ]  # fmt: skip


def test_the_lines_for_the_settings_are_settings_that_load(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    report = imports.run(register=register(), population=PEOPLE, deso_key=KEY, geometry=collection(boxes()))
    (tmp_path / "publisher.toml").write_text(report.settings, encoding="utf-8")
    loaded = load_settings(tmp_path / "publisher.toml")
    files = loaded.geography["regso-2020"]
    for name in (files.register, files.deso_key, files.geometry, loaded.populations["population"].file):
        assert (tmp_path / name).is_file()
    assert loaded.everyone == "population"


def test_what_is_refused_is_said_and_nothing_is_there(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    call = ["--home", str(tmp_path / "home"), "geography", "import", "--edition", "regso-2020"]
    answer = CliRunner().invoke(publisher, [*call, "--register", imports.file("r", "a,b\n")])
    assert isinstance(answer.exception, GeographyError)
    assert not (tmp_path / "home" / "geography").exists()
    assert isinstance(CliRunner().invoke(publisher, call).exception, GeographyError)


def test_cases_lie_in_their_areas_in_proportion_to_who_lives_there(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    imports.run(register=register(), population=PEOPLE, deso_key=KEY, geometry=collection(boxes()))
    folder = imports.folder / "regso-2020"
    for name in ("a", "b"):
        write_cases_on(folder, tmp_path / name, rows=2000, seed=7)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    cases = pq.read_table(tmp_path / "a")
    regso = np.array(cases["regso"].to_pylist())
    shares = [float((regso == code).mean()) for code in CODES]
    assert shares == [0.0, pytest.approx(0.1, abs=0.04), pytest.approx(0.3, abs=0.05), pytest.approx(0.6, abs=0.05)]
    assert [d[:4] for d in cases["deso"].to_pylist()] == [c[:4] for c in regso]
    borders = load_borders(folder / "borders.gpkg")
    found = borders.find(cases["east"].to_numpy(), cases["north"].to_numpy())
    assert (np.array(borders.codes)[found] == regso).all()
    assert len(set(cases["case_id"].to_pylist())) == 2000
