"""The real areas of Sweden, with invented cases on them: every policy, three ways of placing, cells that are one."""

import re
from pathlib import Path

import numpy as np
import pytest
from homes import NOW, ROOT, put_in_force
from real_country import write_cases_on

from publisher.draft.keys import policy_keys
from publisher.geography.files import load_register
from publisher.geography.imports import ImportRequest, import_geography
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.policy.loader import load_policy
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import Cell, CellStatus, Table
from publisher.settings import load_settings
from publisher.workspace import open_workspace

SCB = Path(__file__).parents[3] / "shared" / "data" / "scb"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SCB.is_dir(), reason="SCB's files (../shared/data/scb) are not here"),
]
POLICIES = tuple(sorted(p.stem for p in (ROOT / "policies").glob("*.yaml")))
ROWS = 400_000


def settings_text(placing: str = "regso", area: str = 'area = "regso"', edition: str = 'edition = "regso-2020"') -> str:
    """The demo's publisher.toml with the imported files in place of the invented ones."""
    text = (ROOT / "publisher" / "demo.toml").read_text(encoding="utf-8")
    folder = "geography/regso-2020"
    text = text.replace('register = "data/areas.csv"', f'register = "{folder}/register.csv"')
    text = re.sub(r"area_types = .*", 'area_types = {2022 = "area_type_2022"}', text)
    text = text.replace('geometry = "data/borders.gpkg"', f'deso_key = "{folder}/deso.csv"\n'
                        f'geometry = "{folder}/borders.gpkg"')  # fmt: skip
    text = text.replace('file = "data/population.csv"', f'file = "{folder}/population_by_sex.csv"')
    text = text.replace('columns = {sex = "sex", age_group = "age_group"}', 'columns = {sex = "sex"}')
    text = re.sub(r"only = \{age_group = .*\n", "", text)
    text = text.replace('edition = "regso-2020"\n', f'placing = "{placing}"\n{edition}\n')
    return text.replace('area = "regso"', area)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("sweden") / "home")
    home.create()
    (home.root / "keys" / "hmac.key").write_bytes(bytes(range(32)))
    request = ImportRequest(
        "regso-2020", register=str(SCB / "regso2020_register.csv"), year=2022,
        deso_key=str(SCB / "koppling-deso2018-regso2020.csv"),
        types=str(SCB / "regso_omradestyp_2022_scb_export.csv"), geometry=str(SCB / "regso2020_wgs84.geojson"),
        population=str(SCB / "TAB5899_population_2022.json-stat2.json"),
    )  # fmt: skip
    import_geography(request, home.root / "geography", at="2026-01-01T00:00:00Z", say=lambda _: None)
    (home.root / "data").mkdir()
    write_cases_on(home.root / "geography" / "regso-2020", home.root / "data" / "cases.parquet", rows=ROWS, seed=1)
    home.settings_file.write_text(settings_text(), encoding="utf-8")
    put_in_force(home, [ROOT / "policies" / f"{name}.yaml" for name in POLICIES])
    return home


def run(home: Home, policy: str, period: str = "2022") -> Table:
    with open_workspace(home, exclusive=True) as work:
        result = run_release(work, RunRequest(policy, Period.parse(period)), now=NOW)
        report = audit_release(work, result.release.id)
        assert (report.passed, report.exact, report.narrow) == (True, 0, 0)
        assert work.store.verified(result.record)[0].id == result.release.id
    return result.release.tables[0]


def cells_of(table: Table, measure: str) -> dict[tuple[str, ...], Cell]:
    return {(c.area, *c.categories): c for c in table.cells if c.measure == measure}


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_runs_on_the_real_register_and_audits_clean(home: Home, policy: str) -> None:
    table = run(home, policy, "2022M06" if policy.endswith("manad") else "2022")
    assert sum(c.status in (CellStatus.PUBLISHED, CellStatus.UNCERTAIN) for c in table.cells) > 0


@pytest.fixture(scope="module")
def by_type(home: Home) -> Table:
    """Cases by municipality and area type beside RegSO: 253 of those cells are one single RegSO."""
    text = (ROOT / "policies" / "fk-familj-bostad.yaml").read_text(encoding="utf-8")
    text = text.replace("fk-familj-bostad", "fk-typ").replace("area_type]", "area_type, kommun_area_type]")
    path = home.root / "fk-typ.yaml"
    path.write_text(text, encoding="utf-8")
    other = Home(home.root.parent / "typed")
    other.create()
    (other.root / "keys" / "hmac.key").write_bytes(bytes(range(32)))
    for name in ("geography", "data"):
        (other.root / name).symlink_to(home.root / name)
    other.settings_file.write_text(settings_text(), encoding="utf-8")
    put_in_force(other, [path])
    return run(other, "fk-typ")


def test_a_municipality_and_type_cell_that_is_one_regso_is_withheld_with_it(home: Home, by_type: Table) -> None:
    types, cells = by_type.area_types["2022"], cells_of(by_type, "cases")
    alone: dict[tuple[str, str], list[str]] = {}
    for code, kind in types.items():
        alone.setdefault((code[:4], kind), []).append(code)
    single = {f"{m}T{k}": codes[0] for (m, k), codes in alone.items() if len(codes) == 1}
    assert len(single) == 253
    codes = {key[1] for key in cells}
    for typed, regso in single.items():
        for code in codes:
            one, other = cells[typed, code], cells[regso, code]
            assert (one.status, one.value) == (other.status, other.value)


def test_a_county_without_a_type_has_no_such_row(home: Home) -> None:
    policy = load_policy(ROOT / "policies" / "fk-ohalsa.yaml").policy
    settings = load_settings(home.settings_file)
    index = load_register(settings.geography["regso-2020"], home.root)
    keys = policy_keys(policy, policy.tables, source=settings.sources["fk-cases"], index=index, type_year=2022)
    rows = {c for c in keys.area_codes if "T" in c and not c.startswith("T")}
    there = {f"{code[:2]}T{kind}" for code, kind in index.types_of(2022).items()}
    assert {r for r in rows if not r.endswith("T0")} == there
    assert len(there) < 5 * len(index.counties)


@pytest.mark.parametrize(
    ("placing", "area", "edition"),
    [("deso", 'area = "deso"', 'edition = "regso-2020"'), ("coordinates", 'east = "east", north = "north"', "")],
)
def test_records_are_placed_alike_by_code_by_deso_and_by_coordinates(
    home: Home, tmp_path: Path, placing: str, area: str, edition: str
) -> None:
    """The same records, placed in three ways, give the same table byte for byte."""
    tables = []
    for way in (("regso", 'area = "regso"', 'edition = "regso-2020"'), (placing, area, edition)):
        other = Home(tmp_path / way[0])
        other.create()
        (other.root / "keys" / "hmac.key").write_bytes(bytes(range(32)))
        for name in ("geography", "data"):
            (other.root / name).symlink_to(home.root / name)
        other.settings_file.write_text(settings_text(*way), encoding="utf-8")
        put_in_force(other, [ROOT / "policies" / "fk-assistans.yaml"])
        tables.append(run(other, "fk-assistans"))
    assert tables[0].cells == tables[1].cells
    shown = np.array([c.value for c in tables[0].cells if c.measure == "persons" and c.value is not None])
    assert shown.sum() > 1000
