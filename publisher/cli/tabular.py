"""`protect` and `attack`: suppression of any table, and the audit of any published one."""

import time
from collections.abc import Callable
from pathlib import Path

import click

from publisher.audit.attacker.plain import Absent
from publisher.cli.common import Progress, answer, json_option
from publisher.errors import AuditFailedError, TableError
from publisher.files import write_atomically
from publisher.tabular.attack import Truth, attack_table
from publisher.tabular.hierarchies import hierarchy_files
from publisher.tabular.jj import OTHER_SECONDARY, SECONDARY, SENSITIVE, JJProblem, read_jj, write_jj
from publisher.tabular.jj_search import Reach, audit, problem_of, solve
from publisher.tabular.leaves import read_leaves
from publisher.tabular.protect import PUBLIC_KEY, ProtectedTable, bound_secondary
from publisher.tabular.protect import protect as protect_leaves
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import Spec, load_spec
from publisher.tabular.table import read_table

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("leaves_path", metavar="LEAVES.csv", type=_FILE)
@click.option("--spec", "spec_path", metavar="SPEC.yaml", type=_FILE, required=True)
@click.option("-o", "--output", metavar="TABLE.csv", type=_FILE, required=True)
@click.option("--jj-out", metavar="FILE.jj", type=_FILE, help="Write the problem, with its true values, in JJ format.")
@click.option("--key-file", type=_FILE, help="Secret bytes (16 or more) that break ties; a public key otherwise.")
@click.option("--lower-bound", "bounded", is_flag=True, help="Prove how many more cells any pattern withholds.")
@json_option
def protect(
    leaves_path: Path, spec_path: Path, output: Path, jj_out: Path | None, key_file: Path | None, bounded: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Suppress LEAVES.csv, audit the result, and write it if it is safe."""
    start = time.monotonic()
    with Progress() as progress:
        spec = load_spec(spec_path)
        files = hierarchy_files(spec)
        leaves = read_leaves(CsvFile.read(leaves_path), spec, files)
        progress("search")
        made = protect_leaves(leaves, spec, key=_key(key_file))
        if jj_out is not None:
            write_atomically(jj_out, write_jj(problem_of(made, spec)), mode=0o600)
        data = made.table_bytes()
        progress("audit")
        table = read_table(CsvFile(output.name, data), [d.column for d in spec.dimensions])
        truth = Truth.of(leaves, spec)
        report = attack_table(table, spec, files, truth=truth, told=made.alternatives, say=progress)
        seconds = time.monotonic() - start
        least = _least(made, spec, progress) if bounded else None
    result = _summary(made, least, seconds, not report.reasons)
    if not report.reasons:
        write_atomically(output, data)
    answer(as_json, result, _protected_in_words(result))
    if report.reasons:
        raise AuditFailedError(f"{output.name} is not written: {'; '.join(report.reasons)}")


def _key(path: Path | None) -> bytes:
    if path is None:
        return PUBLIC_KEY
    try:
        key = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path.name}: the key cannot be read: {error.strerror}") from None
    if len(key) < 16:
        raise TableError(f"{path.name}: a key has at least 16 bytes")
    return key


def _least(made: ProtectedTable, spec: Spec, progress: Callable[[str], None]) -> int:
    progress("lower bound")
    return bound_secondary(made, spec).secondary


def _summary(made: ProtectedTable, least: int | None, seconds: float, safe: bool) -> dict[str, object]:
    return {
        "cells": len(made.values),
        "primary": made.pattern.primary_count,
        "secondary": made.pattern.secondary_count,
        "secondary_value": made.secondary_value,
        "lower_bound_secondary": least,
        "seconds": round(seconds, 2),
        "verdict": "safe" if safe else "unsafe",
    }


def _protected_in_words(result: dict[str, object]) -> str:
    least = result["lower_bound_secondary"]
    proved = "" if least is None else f", at least {least} by any pattern"
    return (
        f"{result['cells']} cells: {result['primary']} sensitive, {result['secondary']} more withheld "
        f"(value {result['secondary_value']}){proved}; audit: {result['verdict']}"
    )


@click.command()
@click.argument("table_path", metavar="TABLE.csv", type=_FILE)
@click.option("--spec", "spec_path", metavar="SPEC.yaml", type=_FILE, required=True)
@click.option("--leaves", "leaves_path", metavar="LEAVES.csv", type=_FILE, help="The truth, for its owner.")
@click.option(
    "--missing", type=click.Choice([a.value for a in Absent]), default=Absent.REFUSED.value, show_default=True,
    help="What it means that a cell is not in the table.",
)  # fmt: skip
@json_option
def attack(table_path: Path, spec_path: Path, leaves_path: Path | None, missing: str, as_json: bool) -> None:
    """Attack a published table as outsiders can; exit 1 if it gives something away."""
    start = time.monotonic()
    with Progress() as progress:
        spec = load_spec(spec_path)
        files = hierarchy_files(spec)
        table = read_table(CsvFile.read(table_path), [d.column for d in spec.dimensions])
        truth = None
        if leaves_path is not None:
            truth = Truth.of(read_leaves(CsvFile.read(leaves_path), spec, files), spec)
        report = attack_table(table, spec, files, truth=truth, absent=Absent(missing), insiders=True, say=progress)
    result = report.counts | {"seconds": round(time.monotonic() - start, 2)}
    answer(as_json, result, ", ".join(f"{k} {v}" for k, v in result.items()))
    if report.reasons:
        raise AuditFailedError(f"{table_path.name}: {'; '.join(report.reasons)}")


@click.group()
def jj() -> None:
    """Problems in the JJ format of tau-ARGUS and sdcTable."""


@jj.command("protect")
@click.argument("problem_path", metavar="PROBLEM.jj", type=_FILE)
@click.option("-o", "--output", metavar="SOLUTION.jj", type=_FILE, required=True)
@json_option
def jj_protect(problem_path: Path, output: Path, as_json: bool) -> None:
    """Suppress a problem, audit the result, and write it, with status m for secondary cells, if it is safe."""
    start = time.monotonic()
    with Progress() as progress:
        problem = read_jj(CsvFile.read(problem_path))
        progress("search")
        data = write_jj(solve(problem))
        progress("audit")
        result = _jj_summary(read_jj(CsvFile(output.name, data)), start)
    if result["verdict"] == "safe":
        write_atomically(output, data, mode=0o600)
    _jj_answer(as_json, result, f"{output.name} is not written: ")


@jj.command("attack")
@click.argument("solution_path", metavar="SOLUTION.jj", type=_FILE)
@json_option
def jj_attack(solution_path: Path, as_json: bool) -> None:
    """Ask of every suppressed cell of a solution what its equations and bounds tell."""
    start = time.monotonic()
    with Progress() as progress:
        progress("attack")
        result = _jj_summary(read_jj(CsvFile.read(solution_path)), start)
    _jj_answer(as_json, result, f"{solution_path.name}: ")


def _jj_summary(solution: JJProblem, start: float) -> dict[str, object]:
    report, primary = audit(solution), int(solution.has_status(SENSITIVE).sum())
    secondary = solution.has_status(SECONDARY, OTHER_SECONDARY)
    return {
        "cells": len(solution.cells),
        "primary": primary,
        "secondary": int(secondary.sum()),
        "secondary_value": float(solution.values[secondary].sum() / solution.scale),
        "exact": report.exact,
        "narrow": report.narrow,
        "capped": Reach.of(solution).capped,
        "seconds": round(time.monotonic() - start, 2),
        "verdict": "safe" if report.safe else "unsafe",
    }


def _jj_answer(as_json: bool, result: dict[str, object], what: str) -> None:
    answer(as_json, result, ", ".join(f"{k} {v}" for k, v in result.items()))
    if result["verdict"] != "safe":
        raise AuditFailedError(f"{what}{result['exact']} suppressed cells are points, {result['narrow']} too narrow")
