"""`protect` with `insiders: true`, and `attack`: asked by linear programmes over the leaves, that the test writes."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from publisher.errors import SuppressionError
from publisher.tabular.attack import AttackReport, Truth, attack_table
from publisher.tabular.hierarchies import hierarchy_files
from publisher.tabular.leaves import read_leaves
from publisher.tabular.protect import protect
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import Spec, load_spec
from publisher.tabular.table import PlainTable, read_table

AREAS = "place,town,area_type\na1,a,1\na2,a,2\nb1,b,1\nb2,b,3\nb3,b,2\n"
PLACES, KINDS = ("a1", "a2", "b1", "b2", "b3"), ("p", "q", "r")
INSIDE = {"00": PLACES, "a": PLACES[:2], "b": PLACES[2:], "T1": ("a1", "b1"), "T2": ("a2", "b3"), "T3": ("b2",)}
INSIDE |= {p: (p,) for p in PLACES}
KIND = {"TOT": KINDS} | {k: (k,) for k in KINDS}
LEAVES = list(product(PLACES, KINDS))
CELLS = {
    (a, k): np.array([float(p in inside and q in kinds) for p, q in LEAVES])
    for (a, inside), (k, kinds) in product(INSIDE.items(), KIND.items())
}
SPEC = """value: n
dimensions:
  - column: place
    total: "00"
    hierarchies:
      - {file: areas.csv, levels: [place, town]}
      - {file: areas.csv, levels: [place, area_type]}
  - {column: kind, total: TOT, codes: [p, q, r]}
rules: [{threshold: 5}]
zeros: ZEROS
protection: {level: LEVEL}
insiders: INSIDERS
"""
Key = tuple[str, str]


def spec_in(folder: Path, *, level: str = "exact", zeros: str = "published", insiders: bool = True) -> Spec:
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    text = SPEC.replace("LEVEL", level).replace("ZEROS", zeros).replace("INSIDERS", str(insiders).lower())
    (folder / "SPEC.yaml").write_text(text, encoding="utf-8")
    return load_spec(folder / "SPEC.yaml")


def leaves_of(spec: Spec, counts: Sequence[int]):
    rows = "".join(f"{p},{k},{n}\n" for (p, k), n in zip(LEAVES, counts, strict=True))
    return read_leaves(CsvFile("LEAVES.csv", f"place,kind,n\n{rows}".encode()), spec, hierarchy_files(spec))


def protected(spec: Spec, counts: Sequence[int]) -> PlainTable:
    made = protect(leaves_of(spec, counts), spec)
    return read_table(CsvFile("TABLE.csv", made.table_bytes()), ["place", "kind"])


def attacked(spec: Spec, counts: Sequence[int], table: PlainTable) -> AttackReport:
    truth = Truth.of(leaves_of(spec, counts), spec)
    return attack_table(table, spec, hierarchy_files(spec), truth=truth, insiders=True)


def computed(counts: Sequence[int], table: PlainTable, least: int) -> set[Key]:
    """Sensitive cells that the one unit of some other cell computes, by programmes over the leaves, and not everybody.

    A count of 1 is the unit of one leaf cell; who that is knows every cell that has no other unit."""
    n = np.array(counts)
    hidden = [k for k, v in table.cells.items() if v is None]
    ones: dict[int, list[Key]] = {}
    for key in hidden:
        if CELLS[key] @ n == 1:
            ones.setdefault(int(np.flatnonzero(CELLS[key] * n)[0]), []).append(key)
    found = set()
    for own in ones.values():
        for target in (k for k in hidden if k not in own and least <= CELLS[k] @ n < 5):
            if fixed(n, table, hidden, own, target, least) and not fixed(n, table, hidden, [], target, least):
                found.add(target)
    return found


def fixed(
    n: np.ndarray, table: PlainTable, hidden: Sequence[Key], own: Sequence[Key], target: Key, least: int
) -> bool:
    known = [k for k in table.cells if table.cells[k] is not None or k in own]
    program: Mapping[str, object] = {
        "A_eq": np.array([CELLS[k] for k in known]).reshape(-1, len(n)),
        "b_eq": np.array([CELLS[k] @ n for k in known]),
        "A_ub": -np.array([CELLS[k] for k in hidden]), "b_ub": np.full(len(hidden), -float(least)),
        "bounds": (0, None), "method": "highs",
    }  # fmt: skip
    ends = [linprog(sign * CELLS[target], **program) for sign in (1, -1)]
    assert ends[0].status == 0
    return ends[1].status == 0 and np.floor(-ends[1].fun + 1e-6) <= np.ceil(ends[0].fun - 1e-6)


few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
COUNTS = st.lists(st.sampled_from([0, 1, 1, 2, 4, 9, 20]), min_size=15, max_size=15)


@few
@given(COUNTS, st.sampled_from(["exact", "ambiguous"]), st.sampled_from(["published", "protected"]))
def test_nobody_who_is_the_one_unit_of_a_cell_computes_anothers(
    tmp_path: Path, counts: list[int], level: str, zeros: str
) -> None:
    spec = spec_in(tmp_path, level=level, zeros=zeros)
    try:
        table = protected(spec, counts)
    except SuppressionError:
        return  # refused, loudly
    assert computed(counts, table, int(zeros == "published")) == set()
    report = attacked(spec, counts, table)
    assert (report.insider, report.reasons) == (0, ())


@few
@given(COUNTS, st.sets(st.sampled_from(list(CELLS)), min_size=8), st.sampled_from(["published", "protected"]))
def test_attack_counts_the_cells_that_programmes_over_the_leaves_find(
    tmp_path: Path, counts: list[int], hidden: set[Key], zeros: str
) -> None:
    """Of any pattern, a good one or not: a withheld zero where zeros are published apart."""
    spec, n, least = spec_in(tmp_path, zeros=zeros), np.array(counts), int(zeros == "published")
    cells = {k: int(row @ n) for k, row in CELLS.items()}
    table = PlainTable(("place", "kind"), {k: None if k in hidden and v >= least else v for k, v in cells.items()})
    assert attacked(spec, counts, table).insider == len(computed(counts, table, least))


PAIR = [1, 20, 20, 4, 30, 30, *[9] * 9]
"""a1 x p has one unit, a2 x p four."""


def ring(counts: Sequence[int]) -> PlainTable:
    """Eight cells that move together or not at all: two places of each town and of each type, two kinds."""
    hidden = list(product(("a1", "a2", "b1", "b3"), ("p", "q")))
    cells = {k: int(row @ np.array(counts)) for k, row in CELLS.items()}
    return PlainTable(("place", "kind"), {k: None if k in hidden else v for k, v in cells.items()})


def test_cells_that_move_together_protect_each_other_from_all_but_the_one_who_is_alone_in_one(tmp_path: Path) -> None:
    table = ring(PAIR)
    assert computed(PAIR, table, 1) == {("a2", "p")}
    report = attacked(spec_in(tmp_path, insiders=False), PAIR, table)
    assert (report.insider, report.reasons) == (1, ())
    promised = attacked(spec_in(tmp_path), PAIR, table)
    assert promised.reasons == ("1 sensitive cells can be computed by somebody who is alone in another cell",)


def test_insiders_are_asked_with_the_leaves_only(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    table = protected(spec, PAIR)
    assert attack_table(table, spec, hierarchy_files(spec)).insider is None
    assert attacked(spec, PAIR, table).insider == 0


def test_one_unit_in_several_cells_knows_all_of_them(tmp_path: Path) -> None:
    """a1 x p, T1 x p and 00 x p hold the same unit: told apart by cell, nobody would know two of them."""
    counts = [1, 1, 4, 0, 20, 20, 0, 20, 20, *[9] * 6]
    spec = spec_in(tmp_path)
    hidden = [("a1", "p"), ("a", "p"), ("a1", "q"), ("a1", "r"), ("a2", "q"), ("a2", "r")]
    cells = {k: int(row @ np.array(counts)) for k, row in CELLS.items()}
    table = PlainTable(("place", "kind"), {k: None if k in hidden else v for k, v in cells.items()})
    assert attacked(spec, counts, table).insider == len(computed(counts, table, 1))


def test_leaves_that_the_table_does_not_fit_are_no_pass(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    table = protected(spec, PAIR)
    other = [0, *PAIR[1:]]
    report = attacked(spec, other, table)
    assert "insiders could not be asked: the leaves do not fit the table" in report.reasons
