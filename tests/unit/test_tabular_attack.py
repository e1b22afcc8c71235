"""`attack` on tables small enough to reason out by hand: each thing that it judges, and what it only reports."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from publisher.tabular.attack import AttackReport, Truth, attack_table
from publisher.tabular.leaves import read_leaves
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import load_spec
from publisher.tabular.table import PlainTable

SPEC = """value: n
dimensions:
  - {column: row, total: R, codes: [a, b]}
  - {column: col, total: C, codes: [p, q]}
contributors: [largest, second]
rules: [RULES]
zeros: published
protection: {level: LEVEL}
"""
INNER = (("a", "p"), ("a", "q"), ("b", "p"), ("b", "q"))


def attacked(
    folder: Path, values: Sequence[int], *, hidden: Sequence[tuple[str, str]] = INNER, level: str = "ambiguous",
    known: bool = False, rules: str = "{threshold: 5}", top: Sequence[tuple[int, int]] = (), zeros: str = "published",
) -> AttackReport:  # fmt: skip
    """A 2 x 2 table with totals; `known`: the attacker's owner has the leaves; `top`: two largest contributions."""
    path = folder / "SPEC.yaml"
    text = SPEC.replace("LEVEL", level).replace("RULES", rules).replace("zeros: published", f"zeros: {zeros}")
    path.write_text(text, encoding="utf-8")
    spec, files = load_spec(path), {}
    a, b, c, d = values
    cells = dict(zip(INNER, values, strict=True))
    cells |= {("a", "C"): a + b, ("b", "C"): c + d, ("R", "p"): a + c, ("R", "q"): b + d, ("R", "C"): a + b + c + d}
    table = PlainTable(("row", "col"), {k: None if k in hidden else v for k, v in cells.items()})
    pairs = top or [(v, 0) for v in values]
    rows = [f"{r},{k},{v},{x},{y}\n" for (r, k), v, (x, y) in zip(INNER, values, pairs, strict=True)]
    data = ("row,col,n,largest,second\n" + "".join(rows)).encode()
    truth = Truth.of(read_leaves(CsvFile("LEAVES.csv", data), spec, files), spec) if known else None
    return attack_table(table, spec, files, truth=truth)


@pytest.mark.parametrize("level", ["exact", "interval", "ambiguous"])
def test_a_single_suppressed_cell_is_known_to_everybody(tmp_path: Path, level: str) -> None:
    found = attacked(tmp_path, [30, 30, 30, 7], hidden=[("b", "q")], level=level)
    assert (found.exact_a0, found.exact_a1, found.known_small_a1) == (1, 1, 0)
    assert "1 suppressed cells follow from the published ones" in found.reasons


@pytest.mark.parametrize("level", ["exact", "interval", "ambiguous"])
def test_ones_in_rows_of_two_are_known_to_who_knows_that_none_is_zero(tmp_path: Path, level: str) -> None:
    """Four ones: 0 to 2 for who knows nothing, 1 for who knows the rule."""
    found = attacked(tmp_path, [1, 1, 1, 1], level=level)
    assert (found.exact_a0, found.exact_a1) == (0, 4)
    assert found.reasons[0] == "4 suppressed cells follow for who knows that none of them is 0"


def test_where_zeros_are_protected_both_attackers_know_the_same(tmp_path: Path) -> None:
    found = attacked(tmp_path, [1, 1, 1, 1], level="exact", zeros="protected")
    assert (found.exact_a0, found.exact_a1, found.reasons) == (0, 0, ())


def test_a_zero_that_must_be_withheld_contradicts_published_zeros(tmp_path: Path) -> None:
    found = attacked(tmp_path, [0, 30, 0, 30], level="exact")
    assert found.reasons == ("the table contradicts itself: a withheld cell must be 0, although zeros are published",)


@pytest.mark.parametrize(
    ("level", "known", "reasons"),
    [
        ("exact", True, []),
        ("interval", False, []),
        ("interval", True, ["4 sensitive cells lie in too narrow an interval"]),
        ("ambiguous", False, ["4 cells are known to be below the threshold"]),
        ("ambiguous", True, [
            "4 sensitive cells lie in too narrow an interval",
            "4 sensitive cells lie in too narrow an interval for who knows that none of them is 0",
            "4 cells are known to be below the threshold",
        ]),
    ],
)  # fmt: skip
def test_what_a_level_does_not_promise_is_reported_and_not_judged(
    tmp_path: Path, level: str, known: bool, reasons: list[str]
) -> None:
    """Four twos: 0 to 4 for who knows nothing, 1 to 3 for who knows the rule.  The totals of 4 are shown by mistake."""
    found = attacked(tmp_path, [2, 2, 2, 2], level=level, known=known)
    assert (found.exact_a0, found.exact_a1, found.narrow_a0, found.known_small_a1) == (0, 0, 4, 4)
    assert list(found.reasons) == ["4 sensitive cells are published"] * known + reasons


def test_with_the_leaves_only_sensitive_cells_are_narrow(tmp_path: Path) -> None:
    """2 | 9 over 9 | 9: the 2 lies between 0 and 11, and a 9 between 0 and 11; hidden in a row of 3 it is narrow."""
    wide = attacked(tmp_path, [2, 9, 9, 9], known=True)
    assert (wide.narrow_a0, wide.known_small_a1, wide.reasons) == (0, 0, ())
    secondary = attacked(tmp_path, [2, 1, 9, 9], level="interval")
    known = attacked(tmp_path, [2, 1, 9, 9], level="interval", known=True)
    assert (secondary.narrow_a0, known.narrow_a0) == (4, 2)


@pytest.mark.parametrize(("second", "narrow"), [(12, 0), (9, 1)])
def test_a_sum_must_reach_as_far_as_its_rule(tmp_path: Path, second: int, narrow: int) -> None:
    """p 10 %: 100 of 104 with a second of 4 must reach 10 up, 10 down; its row and column let it rise by `second`."""
    values = [104, second, 300, 400]
    top = [(100, 4), (second, 0), (100, 100), (100, 100)]
    found = attacked(tmp_path, values, rules='{p_percent: "10"}', known=True, top=top)
    assert found.narrow_a0 is not None
    assert found.narrow_a0 >= narrow
    assert ("sensitive cells lie in too narrow an interval" in " ".join(found.reasons)) == bool(narrow)
    unknown = attacked(tmp_path, values, rules='{p_percent: "10"}')
    assert (unknown.narrow_a0, unknown.known_small_a1, unknown.reasons) == (None, None, ())


@pytest.mark.parametrize(("beside", "narrow"), [(3, 0), (2, 1)])
def test_a_sum_must_reach_far_enough_for_who_knows_that_none_is_zero(tmp_path: Path, beside: int, narrow: int) -> None:
    """9 of 10 dominate (75 %): 2 to either side.  The 10 falls with the cell across, which is at least 1."""
    top = [(9, 1), (10, 10), (10, 10), (1, 1)]
    rule = '{dominance: {n: 1, k: "75"}}'
    found = attacked(tmp_path, [10, 50, 50, beside], rules=rule, known=True, top=top)
    assert found.narrow_a0 == narrow


@pytest.mark.parametrize("level", ["exact", "interval", "ambiguous"])
def test_a_withheld_zero_is_found_by_who_has_the_leaves(tmp_path: Path, level: str) -> None:
    """0 | 30 over 30 | 30: an outsider only learns something wrong, that the zero is at least 1."""
    found = attacked(tmp_path, [0, 30, 30, 30], known=True, level=level)
    assert found.reasons == ("1 zeros are suppressed, although zeros are published",)
    assert attacked(tmp_path, [0, 30, 30, 30], level=level).reasons == ()
    assert attacked(tmp_path, [30, 30, 30, 30], known=True, level=level).reasons == ()
