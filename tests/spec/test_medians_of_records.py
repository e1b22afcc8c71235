"""Medians from case records to a sealed, audited release, against plain counting."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from homes import NOW, ROOT, Case, area_type, make_cases, make_home, put_in_force
from tabulator import cells_of_leaf, leaf
from valuetables import quantile_of

from publisher.ledger import Account
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import CellStatus, NoiseFacts
from publisher.workspace import Workspace, open_workspace

ILLNESS = ("sjukpenning", "sjukersattning", "aktivitetsersattning")
LEVELS = ("riket", "lan", "area_type")
CANDIDATES = range(0, 60001, 500)
MEASURES = """      - {id: persons, kind: persons_distinct}
      - {id: median, kind: quantile, of: amount, q: "0.5", candidates: {from: 0, to: 60000, step: 500}, rho: "0.08"}
      - {id: high, kind: quantile, of: median, q: "0.9"}
"""
POLICY = (
    (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
    .replace("fk-ohalsa", "fk-median")
    .replace("      - {id: persons, kind: persons}\n", MEASURES)
    .replace("      - {column: age_group, total: true}\n", "      - {column: benefit, total: true}\n")
    .replace("areas: [riket, lan, area_type, lan_area_type]", "areas: [riket, lan, area_type]")
    .replace('rho: "0.05"', 'rho: "0.04"')
)  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases(persons=6000)


@pytest.fixture(scope="module")
def work(rows: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("median")
    home = make_home(folder / "home", rows, policies=())
    (folder / "fk-median.yaml").write_text(POLICY, encoding="utf-8")
    put_in_force(home, [folder / "fk-median.yaml"])
    with open_workspace(home, exclusive=True) as opened:
        yield opened


def no_noise(values: np.ndarray, scale: float) -> np.ndarray:
    return values


@pytest.fixture(scope="module")
def result(work: Workspace) -> RunResult:
    return run_release(work, RunRequest("fk-median", Period.parse("2022")), now=NOW, noise=no_noise)


def amounts(rows: list[Case]) -> dict[tuple[str, str, str], list[int]]:
    """(area, sex, benefit), totals too -> what each person there has altogether."""
    own: dict[str, dict[int, Case]] = defaultdict(dict)
    for r in rows:
        if r.date.year == 2022 and r.benefit in ILLNESS:
            own[r.person_id][r.case_id] = r
    out: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for cases in own.values():
        last = max(cases.values(), key=lambda r: (r.date, leaf(r)))
        held: dict[str, int] = defaultdict(int)
        for r in cases.values():
            most = {"sjukpenning": 310_000, "sjukersattning": 1_180_000, "aktivitetsersattning": 960_000}[r.benefit]
            for benefit in (r.benefit, "TOT"):
                held[benefit] += min(int(r.amount_sek + 0.5), most)
        for area in cells_of_leaf(leaf(last), lambda code: f"T{area_type(code, 2022)}", LEVELS):
            for benefit, n in held.items():
                for sex in (last.sex, "TOT"):
                    out[area, sex, benefit].append(n)
    return out


def test_without_noise_a_sealed_median_is_the_plain_one_wherever_it_is_shown(
    work: Workspace, result: RunResult, rows: list[Case]
) -> None:
    expected, table = amounts(rows), result.release.tables[0]
    assert audit_release(work, result.release.id).passed
    for measure, q in (("median", Fraction(1, 2)), ("high", Fraction(9, 10))):
        cells = [c for c in table.cells if c.measure == measure]
        shown = [c for c in cells if c.value is not None]
        assert len(cells) == len(table.areas) * 3 * 4
        assert len(shown) > 20
        for c in shown:
            assert c.value == CANDIDATES[quantile_of(expected[(c.area, *c.categories)], CANDIDATES, q)]
        assert any(c.status is CellStatus.PUBLISHED for c in shown)
        assert any(c.status is CellStatus.UNCERTAIN and c.value is None for c in cells)


def test_the_release_says_what_a_median_is_and_what_it_cost(work: Workspace, result: RunResult) -> None:
    table = result.release.tables[0]
    median, high = table.measure("median"), table.measure("high")
    assert not median.additive
    assert (median.text.sv, median.unit.sv) == ("Utbetalt belopp per person, median", "kronor")
    assert (high.text.en, high.q, high.of) == ("Amount paid per person, 90th percentile", "0.9", "median")
    assert any("121 amounts set in advance from 0 to 60\u202f000" in n.en for n in table.notes)
    assert isinstance(table.protection, NoiseFacts)
    assert table.protection.rho == "0.12"
    assert table.protection.bound.en.endswith("; median: one amount a person in each of at most 4 cells")
    assert "quantiles are read from noisy counts" in table.protection.postprocessing.en
    assert work.ledger.spent(Account("forsakringskassan", 2022)) == 120_000_000
    assert sorted(work.ledger.parts(result.release.id)) == [
        f"fk-median-omradestyp/{m}/{p}" for m in ("median", "persons") for p in ("TOT", "benefit")
    ]


def test_the_csv_has_medians_with_their_intervals(work: Workspace, result: RunResult) -> None:
    data = work.store.folder(result.record) / "tables" / "fk-median-omradestyp" / "data.csv"
    with data.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if (r["area"], r["measure"]) == ("00", "median")]
    assert len(rows) == 12
    assert all(int(r["lower"]) <= int(r["value"]) <= int(r["upper"]) for r in rows if r["value"])
    assert any(r["value"] for r in rows)


def test_another_level_or_kind_of_the_same_measure_needs_a_new_table(
    work: Workspace, result: RunResult, tmp_path: Path
) -> None:
    from publisher.continuity import check_continues
    from publisher.errors import RunError
    from publisher.policy.loader import load_policy
    from publisher.preparation import prepare

    path = tmp_path / "fk-median.yaml"
    path.write_text(POLICY.replace('q: "0.9"', 'q: "0.8"'), encoding="utf-8")
    prepared = prepare(work, load_policy(path).policy, Period.parse("2022"))
    with pytest.raises(RunError, match="its measures changed"):
        check_continues(prepared, result.release)
