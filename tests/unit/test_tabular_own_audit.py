"""`protect` attacks the bytes that it is about to write, with the leaves at hand: what is wrong is not written."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from publisher.cli.main import publisher
from publisher.errors import AuditFailedError
from publisher.tabular.protect import ProtectedTable
from publisher.tabular.table import write_table

SPEC = """value: n
dimensions:
  - {column: row, total: R, codes: [a, b, c]}
  - {column: col, total: C, codes: [p, q, r]}
rules: [{threshold: 4}]
zeros: published
protection: {level: exact}
insiders: true
"""
LEAVES = "row,col,n\na,p,1\na,q,3\na,r,20\nb,p,20\nb,q,20\nb,r,20\nc,p,20\nc,q,20\nc,r,20\n"


def protected(folder: Path, zeros: str) -> Result:
    (folder / "SPEC.yaml").write_text(SPEC.replace("zeros: published", f"zeros: {zeros}"), encoding="utf-8")
    leaves = LEAVES.replace("a,p,1\na,q,3\n", "") if zeros == "protected" else LEAVES
    (folder / "LEAVES.csv").write_text(leaves, encoding="utf-8")
    args = [folder / "LEAVES.csv", "--spec", folder / "SPEC.yaml", "-o", folder / "TABLE.csv"]
    return CliRunner().invoke(publisher, ["protect", *map(str, args)])


@pytest.mark.parametrize("zeros", ["published", "protected"])
def test_what_is_found_safe_is_written(tmp_path: Path, zeros: str) -> None:
    assert protected(tmp_path, zeros).exit_code == 0
    assert (tmp_path / "TABLE.csv").exists()


def bytes_of(made: ProtectedTable, times: int, withheld: np.ndarray) -> bytes:
    axes = made.cells.axes
    return write_table([a.column for a in axes], [a.codes for a in axes], made.values * times, withheld)


FAULTS = {
    "sensitive cells are published": lambda made: bytes_of(made, 1, np.zeros_like(made.pattern.suppressed)),
    "published numbers are not those of the leaves": lambda made: bytes_of(made, 2, made.pattern.suppressed),
    "suppressed cells follow from the published ones": lambda made: bytes_of(made, 1, made.pattern.sensitive),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_table_that_is_not_what_was_searched_for_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(ProtectedTable, "table_bytes", FAULTS[fault])
    _refused(tmp_path, fault)


def test_a_table_whose_search_forgot_insiders_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is the 1 knows the 3 beside it, if nothing else of the row is withheld."""
    monkeypatch.setattr("publisher.tabular.protect.single_units", lambda _, values: np.full_like(values, -1))
    _refused(tmp_path, "can be computed by somebody who is alone in another cell")


@pytest.mark.parametrize("zeros", ["published", "protected"])
def test_a_table_whose_search_had_another_rule_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zeros: str
) -> None:
    """It holds a 2 for too few, and neither a 3 nor, where they are protected, a 0."""
    monkeypatch.setattr("publisher.tabular.protect.sensitive_cells", lambda values, **_: values == 2)
    _refused(tmp_path, "sensitive cells are published", zeros)


def _refused(folder: Path, why: str, zeros: str = "published") -> None:
    called = protected(folder, zeros)
    assert isinstance(called.exception, AuditFailedError)
    assert why in str(called.exception)
    assert not (folder / "TABLE.csv").exists()
