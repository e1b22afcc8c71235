"""The whole way on a million cases that everybody can make: both policies, audited, verified, fetched, tabulated."""

import csv
import io
import runpy
import socket
import subprocess
import sys
import time
import urllib.request

import pyarrow.parquet as pq
import pytest
from homes import AGES, NOW, ROOT, Case, put_in_force
from tabulator import people_in_cells, spread, tabulate

from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import CellStatus
from publisher.scheduler.publish import publish_due
from publisher.workspace import open_workspace

MAKER = ROOT.parent / "shared" / "bench" / "make_cases.py"
FAMILY = ("foraldrapenning", "vab", "bostadsbidrag")
ILLNESS = ("sjukpenning", "sjukersattning", "aktivitetsersattning")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MAKER.exists(), reason="shared/bench/make_cases.py is not beside the project"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("shared") / "home")
    made.create()
    data = made.root / "data"
    argv, sys.argv = sys.argv, [str(MAKER), str(data), "--scale", "0.1"]
    try:
        runpy.run_path(str(MAKER), run_name="__main__")
    finally:
        sys.argv = argv
    with (data / "population.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["regso", "year", "sex", "age_group", "population"])
        for area in areas(made):
            for sex in ("woman", "man"):
                for age in ("0-15", *AGES, "67-"):
                    out.writerow([area["regso"], 2022, sex, age, int(area["population"]) // 14])
    text = (ROOT / "publisher" / "demo.toml").read_text(encoding="utf-8")
    years = 'area_types = {2021 = "area_type_2021", 2022 = "area_type_2022"}'
    assert years in text
    made.settings_file.write_text(text.replace(years, 'area_types = {2022 = "area_type"}'), encoding="utf-8")
    put_in_force(made, sorted((ROOT / "policies").glob("*.yaml")))
    return made


def areas(home: Home) -> list[dict[str, str]]:
    with (home.root / "data" / "areas.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def rows(home: Home) -> list[Case]:
    table = pq.read_table(home.root / "data" / "cases.parquet")
    return [Case(**r) for r in table.to_pylist() if r["date"].year == 2022]


@pytest.fixture(scope="module")
def released(home: Home) -> Home:
    with open_workspace(home, exclusive=True) as work:
        for policy in ("fk-ohalsa", "fk-familj-bostad"):
            request = RunRequest(policy, Period.parse("2022"))
            run_release(work, request, now=NOW, noise=lambda values, scale: values)
        assert [o.error for o in publish_due(work, now=NOW)] == ["", ""]
    return home


def cells(home: Home, policy: str, table: str) -> dict[tuple[str, ...], tuple[str, str]]:
    data = (home.public / "releases" / f"{policy}.2022.v1" / "tables" / table / "data.csv").read_bytes().decode()
    names = {"fk-ohalsa": ("sex", "age_group"), "fk-familj-bostad": ("benefit",)}[policy]
    rows = csv.DictReader(io.StringIO(data))
    return {(r["area"], *(r[n] for n in names)): (r["value"], r["status"]) for r in rows if r["measure"] != "rate"}


def test_without_noise_every_cell_is_the_plain_tabulation(released: Home, rows: list[Case]) -> None:
    kinds = {a["regso"]: f"T{a['area_type']}" for a in areas(released)}
    levels = ("riket", "lan", "area_type", "lan_area_type")
    expected = spread(tabulate(rows, 2022, ILLNESS, "persons"), kinds.__getitem__, levels)
    shown = cells(released, "fk-ohalsa", "fk-ohalsa-omradestyp")
    assert len(shown) > 2_000
    for key, (value, status) in shown.items():
        assert value == ("" if expected[key] < 5 else str(expected[key]))
        assert (status == "suppressed") == (expected[key] < 5)


def test_every_shown_count_is_exact_and_every_small_one_hidden(released: Home, rows: list[Case]) -> None:
    kinds = {a["regso"]: f"T{a['area_type']}" for a in areas(released)}
    levels = ("riket", "lan", "kommun", "regso", "area_type")
    expected = spread(tabulate(rows, 2022, FAMILY, "cases"), kinds.__getitem__, levels)
    persons = people_in_cells(rows, 2022, FAMILY, kinds.__getitem__, levels)
    shown = cells(released, "fk-familj-bostad", "fk-familj-bostad-regso")
    small = [k for k in shown if 0 < persons[k] < 5]
    assert len(small) > 1_000
    assert all(shown[k] == ("", CellStatus.SUPPRESSED) for k in small)
    assert all(value == str(expected[k]) for k, (value, status) in shown.items() if not status)


def test_both_releases_keep_their_promise_and_are_whole(released: Home) -> None:
    with open_workspace(released, exclusive=False) as work:
        for record in work.store.records():
            assert audit_release(work, record.release).passed
            work.store.check_against_ledger(record)


def test_the_csv_is_fetched_from_the_site_as_it_was_sealed(released: Home) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web.public", "--public", str(released.public), "--port", str(port)]
    site = subprocess.Popen(command, cwd=ROOT)
    try:
        table = "fk-familj-bostad-regso"
        fetched = fetch(f"http://127.0.0.1:{port}/data/{table}/latest.csv")
        sealed = released.public / "releases" / "fk-familj-bostad.2022.v1" / "tables" / table / "data.csv"
        assert fetched == sealed.read_bytes()
    finally:
        site.terminate()
        site.wait(timeout=30)


def fetch(address: str) -> bytes:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the site did not answer")


