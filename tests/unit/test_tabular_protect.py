"""`protect`: every promise asked by a linear program that the test writes itself."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from publisher.errors import SuppressionError
from publisher.tabular.attack import Truth, attack_table
from publisher.tabular.hierarchies import hierarchy_files
from publisher.tabular.leaves import read_leaves
from publisher.tabular.protect import ProtectedTable, protect
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import Spec, load_spec
from publisher.tabular.table import PlainTable, read_table

AREAS = """regso,kommun,lan,area_type
a1,a,x,1
a2,a,x,2
b1,b,x,1
b2,b,x,3
b3,b,x,3
c1,c,y,2
c2,c,y,
"""
PARENTS = {  # every sum of the areas, written by hand
    "00": [["x", "y"], ["a", "b", "c"], ["T1", "T2", "T3", "c2"]],
    "x": [["a", "b"]], "y": [["c"]], "a": [["a1", "a2"]], "b": [["b1", "b2", "b3"]], "c": [["c1", "c2"]],
    "T1": [["a1", "b1"]], "T2": [["a2", "c1"]], "T3": [["b2", "b3"]],
}  # fmt: skip
LEAVES = ("a1", "a2", "b1", "b2", "b3", "c1", "c2")
BENEFITS = ("p", "q", "r")
SPEC = """value: n
dimensions:
  - column: area
    total: "00"
    hierarchies:
      - {file: areas.csv, levels: [regso, kommun, lan]}
      - {file: areas.csv, levels: [regso, area_type]}
  - {column: benefit, total: TOT, codes: [p, q, r]}
rules: [{threshold: 5}]
zeros: published
protection: {level: LEVEL}
forced: [total]
"""


def spec_in(folder: Path, text: str, areas: str = AREAS) -> Spec:
    (folder / "areas.csv").write_text(areas, encoding="utf-8")
    (folder / "SPEC.yaml").write_text(text, encoding="utf-8")
    return load_spec(folder / "SPEC.yaml")


def run(spec: Spec, leaves: str) -> tuple[ProtectedTable, PlainTable]:
    made = protect(read_leaves(CsvFile("LEAVES.csv", leaves.encode()), spec, hierarchy_files(spec)), spec)
    columns = [d.column for d in spec.dimensions]
    return made, read_table(CsvFile("TABLE.csv", made.table_bytes()), columns)


def leaves_text(counts: Sequence[int]) -> str:
    rows = zip(product(LEAVES, BENEFITS), counts, strict=True)
    return "area,benefit,n\n" + "".join(f"{a},{b},{n}\n" for (a, b), n in rows)


def true_cells(counts: Sequence[int]) -> dict[tuple[str, str], int]:
    """Added up over the parents written by hand, from the leaves upwards."""
    cells = dict(zip(product(LEAVES, BENEFITS), counts, strict=True))
    for parent in ("a", "b", "c", "T1", "T2", "T3", "x", "y", "00"):
        cells |= {(parent, k): sum(cells[c, k] for c in PARENTS[parent][0]) for k in BENEFITS}
    return cells | {(a, "TOT"): sum(cells[a, k] for k in BENEFITS) for a in (*LEAVES, *PARENTS)}


def intervals(table: PlainTable, least: int) -> dict[tuple[str, ...], tuple[float, float]]:
    """The feasibility interval of every suppressed cell, where all of those are at least `least`."""
    keys = list(table.cells)
    at = {k: i for i, k in enumerate(keys)}
    rows = []
    for parent, sums in PARENTS.items():
        for children, benefit in product(sums, (*BENEFITS, "TOT")):
            rows.append({(parent, benefit): 1} | {(c, benefit): -1 for c in children})
    rows += [{(a, "TOT"): 1} | {(a, k): -1 for k in BENEFITS} for a in (*LEAVES, *PARENTS)]
    matrix = np.zeros((len(rows), len(keys)))
    for r, row in enumerate(rows):
        for key, value in row.items():
            matrix[r, at[key]] = value
    bounds = [(least, None) if v is None else (v, v) for v in table.cells.values()]
    out = {}
    for key, value in table.cells.items():
        if value is None:
            ends = []
            for sign in (1, -1):
                cost = np.zeros(len(keys))
                cost[at[key]] = sign
                found = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(rows)), bounds=bounds)
                assert found.status in (0, 3), found.message
                ends.append(sign * found.fun if found.status == 0 else np.inf)
            out[key] = ends[0], ends[1]
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tabular")


COUNTS = st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=21, max_size=21)


@pytest.mark.parametrize("level", ["exact", "interval", "ambiguous"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS)
def test_no_outsider_meets_the_level_of_a_linked_table(folder: Path, level: str, counts: list[int]) -> None:
    spec = spec_in(folder, SPEC.replace("LEVEL", level))
    try:
        made, table = run(spec, leaves_text(counts))
    except SuppressionError:
        return  # refused, loudly
    truth = true_cells(counts)
    assert set(table.cells) == set(truth)
    assert all(v in (None, truth[k]) for k, v in table.cells.items())
    sensitive = {k for k, v in truth.items() if 1 <= v < 5}
    assert all(table.cells[k] is None for k in sensitive)
    assert made.pattern.primary_count == len(sensitive)
    a0, a1 = intervals(table, 0), intervals(table, 1)
    for key in a0:
        assert a0[key][1] - a0[key][0] > 1e-6, key
        assert a1[key][1] - a1[key][0] > 1e-6, key
    for key in sensitive:
        if level != "exact":
            assert a0[key][1] - a0[key][0] > 5 - 1e-6, key
        if level == "ambiguous":
            assert a1[key][1] > 5 - 1e-6, key
    report = attack_table(table, spec, hierarchy_files(spec), truth=_truth(spec, counts))
    assert report.reasons == ()
    assert report.exact_a0 == report.exact_a1 == 0


def _truth(spec: Spec, counts: Sequence[int]) -> Truth:
    leaves = CsvFile("LEAVES.csv", leaves_text(counts).encode())
    return Truth.of(read_leaves(leaves, spec, hierarchy_files(spec)), spec)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS, hidden=st.sets(st.integers(0, 100), min_size=2, max_size=30))
def test_the_attack_counts_what_a_second_linear_program_counts(
    folder: Path, counts: list[int], hidden: set[int]
) -> None:
    """Any pattern, also an unsafe one: exact, narrow and known to be small are the same by both programs."""
    spec = spec_in(folder, SPEC.replace("LEVEL", "ambiguous"))
    truth = true_cells(counts)
    chosen = {k for i, k in enumerate(sorted(truth)) if i in hidden and truth[k] > 0}
    table = PlainTable(("area", "benefit"), {k: None if k in chosen else v for k, v in truth.items()})
    report = attack_table(table, spec, hierarchy_files(spec))
    a0, a1 = intervals(table, 0), intervals(table, 1)
    assert report.suppressed == len(chosen)
    assert report.exact_a0 == _exact(a0)
    assert report.exact_a1 == _exact(a1)
    assert report.narrow_a0 == sum(_whole(e)[1] - _whole(e)[0] < 5 for e in a0.values())
    assert report.known_small_a1 == sum(_whole(e)[1] < 5 for e in a1.values())
    assert bool(report.reasons) == bool(report.exact_a1 or report.exact_a0 or report.known_small_a1)


def _whole(ends: tuple[float, float]) -> tuple[float, float]:
    return np.ceil(ends[0] - 1e-6), np.floor(ends[1] + 1e-6)


def _exact(found: Mapping[tuple[str, ...], tuple[float, float]]) -> int:
    return sum(_whole(e)[0] >= _whole(e)[1] for e in found.values())
