"""`protect`, `attack` and `jj` as commands: the example of the documentation, exit codes, and what is written when."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from publisher.cli.main import publisher
from publisher.errors import AuditFailedError, SuppressionError, TableError
from publisher.tabular.table import write_table

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/plain-table"
PROTECTED = ("cells", "primary", "secondary", "secondary_value", "lower_bound_secondary", "seconds", "verdict")
ATTACKED = (
    "suppressed", "exact_a0", "narrow_a0", "exact_a1", "narrow_a1", "known_small_a1", "insider", "undecided",
    "exact_integer", "narrow_integer", "seconds",
)  # fmt: skip


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(publisher, [str(a) for a in args])


def spec(folder: Path, before: str = "", after: str = "") -> Path:
    text = (EXAMPLE / "SPEC.yaml").read_text(encoding="utf-8")
    assert before in text
    path = folder / "SPEC.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    (folder / "areas.csv").write_bytes((EXAMPLE / "areas.csv").read_bytes())
    return path


def test_the_example_is_protected_attacked_and_solved_as_a_jj_problem(tmp_path: Path) -> None:
    table, problem = tmp_path / "TABLE.csv", tmp_path / "p.jj"
    options = ("--spec", EXAMPLE / "SPEC.yaml", "-o", table, "--jj-out", problem, "--json")
    made = call("protect", EXAMPLE / "LEAVES.csv", *options)
    assert made.exit_code == 0, made.output
    result = json.loads(made.stdout)
    assert tuple(result) == PROTECTED
    assert (result["cells"], result["primary"], result["verdict"]) == (84, 3, "safe")
    bytes_before = table.read_bytes()
    assert call("protect", EXAMPLE / "LEAVES.csv", *options).exit_code == 0
    assert table.read_bytes() == bytes_before
    for leaves in ((), ("--leaves", EXAMPLE / "LEAVES.csv")):
        attacked = call("attack", table, "--spec", EXAMPLE / "SPEC.yaml", *leaves, "--json")
        assert attacked.exit_code == 0
        asked = [line.split(",")[0] for line in attacked.stderr.splitlines()]
        assert asked == ["an outsider", "an outsider", *["insiders"] * bool(leaves)], "each is named in its turn"
        found = json.loads(attacked.stdout)
        assert tuple(found) == ATTACKED
        assert found["suppressed"] == result["primary"] + result["secondary"]
        assert found["exact_a0"] == found["exact_a1"] == found["narrow_a1"] == found["known_small_a1"] == 0
    solved = call("jj", "protect", problem, "-o", tmp_path / "s.jj", "--json")
    assert json.loads(solved.stdout)["verdict"] == "safe"
    assert call("jj", "attack", tmp_path / "s.jj").exit_code == 0
    assert isinstance(call("jj", "attack", problem).exception, AuditFailedError)
    assert problem.stat().st_mode & 0o077 == 0


def test_the_lower_bound_is_proved_where_it_is_asked_for(tmp_path: Path) -> None:
    options = ("--spec", EXAMPLE / "SPEC.yaml", "-o", tmp_path / "TABLE.csv")
    without = json.loads(call("protect", EXAMPLE / "LEAVES.csv", *options, "--json").stdout)
    assert without["lower_bound_secondary"] is None
    proved = json.loads(call("protect", EXAMPLE / "LEAVES.csv", *options, "--lower-bound", "--json").stdout)
    assert 3 <= proved["lower_bound_secondary"] <= proved["secondary"] == without["secondary"]
    words = call("protect", EXAMPLE / "LEAVES.csv", *options, "--lower-bound").stdout
    assert f"at least {proved['lower_bound_secondary']} by any pattern" in words


def test_the_published_example_is_safe_and_true() -> None:
    options = ("--spec", EXAMPLE / "SPEC.yaml", "--leaves", EXAMPLE / "LEAVES.csv")
    assert call("attack", EXAMPLE / "TABLE.csv", *options).exit_code == 0


def test_the_form_of_a_table_is_fixed_to_the_byte() -> None:
    hidden = np.array([False, False, True, False])
    made = write_table(["area", "sort"], [["00", "Å,1"], ["TOT", "a"]], np.array([9, 0, 3, 6]), hidden)
    assert made == (
        'area,sort,value,status\n00,TOT,9,published\n00,a,0,published\n"Å,1",TOT,,suppressed\n"Å,1",a,6,published\n'
    ).encode()


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def write_rows(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return path


def test_a_table_that_shows_one_secondary_cell_too_many_fails_its_attack(tmp_path: Path) -> None:
    rows = rows_of(EXAMPLE / "TABLE.csv")
    truth = {tuple(r[:2]): r[2] for r in rows_of(EXAMPLE / "LEAVES.csv")[1:]}
    shown = 0
    for k, row in enumerate(rows):
        if row[3] == "suppressed" and int(truth.get((row[0], row[1]), "0")) >= 5:
            changed = [*rows[:k], [*row[:2], truth[row[0], row[1]], "published"], *rows[k + 1 :]]
            path = write_rows(tmp_path / "TABLE.csv", changed)
            assert isinstance(call("attack", path, "--spec", EXAMPLE / "SPEC.yaml").exception, AuditFailedError)
            shown += 1
    assert shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:-1], "the table lacks 1 of its 84 cells"),
        (lambda rows: [*rows, ["0999R001", "vab", "7", "published"]], "1 cells have a code in column 1"),
        (lambda rows: [rows[0], ["00", "TOT", "1", "published"], *rows[2:]], "it does not add up"),
    ],
)
def test_a_table_that_is_no_whole_of_its_spec_is_refused(tmp_path: Path, change, message: str) -> None:
    path = write_rows(tmp_path / "TABLE.csv", change(rows_of(EXAMPLE / "TABLE.csv")))
    refused = call("attack", path, "--spec", EXAMPLE / "SPEC.yaml")
    assert isinstance(refused.exception, AuditFailedError)
    assert message in str(refused.exception)


def test_what_a_missing_cell_means_is_said_by_the_caller(tmp_path: Path) -> None:
    rows = rows_of(EXAMPLE / "TABLE.csv")
    zeros = write_rows(tmp_path / "TABLE.csv", [r for r in rows if r[2] != "0"])
    assert len(rows) > len(rows_of(zeros))
    for meaning in ("zero", "unknown"):
        assert call("attack", zeros, "--spec", EXAMPLE / "SPEC.yaml", "--missing", meaning).exit_code == 0


def test_a_published_number_that_is_not_true_and_a_published_sensitive_cell_are_told(tmp_path: Path) -> None:
    rows = rows_of(EXAMPLE / "TABLE.csv")
    options = ("--spec", EXAMPLE / "SPEC.yaml", "--leaves", tmp_path / "LEAVES.csv")
    leaves = rows_of(EXAMPLE / "LEAVES.csv")
    (tmp_path / "LEAVES.csv").write_bytes((EXAMPLE / "LEAVES.csv").read_bytes())
    open_ = [[a, b, "3" if (a, b, s) == ("0180R001", "aktivitetsersattning", "suppressed") else v, "published"]
             if (a, b) == ("0180R001", "aktivitetsersattning") else [a, b, v, s] for a, b, v, s in rows]  # fmt: skip
    told = call("attack", write_rows(tmp_path / "T.csv", open_), *options)
    assert "1 sensitive cells are published" in str(told.exception)
    write_rows(tmp_path / "LEAVES.csv", [[a, b, "45" if (a, b, n) == ("0180R002", "vab", "44") else n]
                                         for a, b, n in leaves])  # fmt: skip
    told = call("attack", EXAMPLE / "TABLE.csv", *options)
    assert "published numbers are not those of the leaves" in str(told.exception)


@pytest.mark.parametrize(
    ("before", "after", "kind", "message"),
    [
        ("total: \"00\"", "total: 00", TableError, "SPEC.yaml:4: quote"),
        ('["total", {regso: kommun, benefit: total}]', "[benefit, {benefit: total}]", SuppressionError, "cannot be"),
    ],
)  # fmt: skip
def test_what_is_refused_writes_no_table(tmp_path: Path, before: str, after: str, kind: type, message: str) -> None:
    table = tmp_path / "TABLE.csv"
    refused = call("protect", EXAMPLE / "LEAVES.csv", "--spec", spec(tmp_path, before, after), "-o", table)
    assert isinstance(refused.exception, kind)
    assert message in str(refused.exception)
    assert not table.exists()


def test_an_unsafe_table_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit, not the search, has the last word: a search that forgets one cell is found out."""
    real = write_table

    def forgetful(columns, codes, values, suppressed):
        first = np.flatnonzero(suppressed & (values >= 5))[:1]
        return real(columns, codes, values, suppressed & ~np.isin(np.arange(len(values)), first))

    monkeypatch.setattr("publisher.tabular.protect.write_table", forgetful)
    table = tmp_path / "TABLE.csv"
    answer = call("protect", EXAMPLE / "LEAVES.csv", "--spec", EXAMPLE / "SPEC.yaml", "-o", table, "--json")
    assert isinstance(answer.exception, AuditFailedError)
    assert json.loads(answer.stdout)["verdict"] == "unsafe"
    assert not table.exists()


def test_a_key_that_is_too_short_or_missing_is_refused(tmp_path: Path) -> None:
    options = ("--spec", EXAMPLE / "SPEC.yaml", "-o", tmp_path / "T.csv", "--key-file", tmp_path / "key")
    assert "cannot be read" in str(call("protect", EXAMPLE / "LEAVES.csv", *options).exception)
    (tmp_path / "key").write_bytes(b"short")
    assert "at least 16 bytes" in str(call("protect", EXAMPLE / "LEAVES.csv", *options).exception)
    (tmp_path / "key").write_bytes(b"0123456789abcdef")
    assert call("protect", EXAMPLE / "LEAVES.csv", *options).exit_code == 0


def test_the_process_answers_with_json_alone_and_the_exit_codes_of_the_contract(tmp_path: Path) -> None:
    def process(*args: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "publisher", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    good = process("attack", EXAMPLE / "TABLE.csv", "--spec", EXAMPLE / "SPEC.yaml", "--json")
    assert (good.returncode, tuple(json.loads(good.stdout))) == (0, ATTACKED)
    bad = process("attack", tmp_path / "none.csv", "--spec", EXAMPLE / "SPEC.yaml", "--json")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.strip().endswith("error: none.csv: the file cannot be read: No such file or directory")
    assert process("protect", EXAMPLE / "LEAVES.csv").returncode == 2
