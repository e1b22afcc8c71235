"""GLOP, another solver than HiGHS, in a process of its own: ortools and highspy bring two versions of one library, so
that one process can load only one of them.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

import numpy as np

Ends = tuple[float | None, float | None]


@dataclass
class Glop:
    """Linear programs over unknowns that are at least 0."""

    process: "subprocess.Popen[str]" = field(init=False)

    def __enter__(self) -> "Glop":
        command = [sys.executable, __file__]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def ends(self, rows: Sequence[tuple[np.ndarray, float, float | None]], asked: Sequence[np.ndarray]) -> list[Ends]:
        """Least and greatest of each of `asked`, None where there is none; rows: with their least and greatest."""
        if not asked:
            return []
        program = {
            "rows": [[_entries(row), float(low), None if high is None else float(high)] for row, low, high in rows],
            "asked": [_entries(row) for row in asked],
            "size": len(asked[0]),
        }  # fmt: skip
        self._stream(self.process.stdin).write(json.dumps(program) + "\n")
        self._stream(self.process.stdin).flush()
        return [(low, high) for low, high in json.loads(self._stream(self.process.stdout).readline())]

    @staticmethod
    def _stream(stream: TextIO | Any) -> TextIO:
        assert stream is not None
        return stream


def _entries(row: np.ndarray) -> list[list[float]]:
    return [[int(at), float(row[at])] for at in np.flatnonzero(row)]


def serve() -> None:
    """Answer one program a line."""
    for line in sys.stdin:
        print(json.dumps(_solve(json.loads(line))), flush=True)


def _solve(program: dict[str, Any]) -> list[list[float | None]]:
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    unknowns = [solver.NumVar(0, solver.infinity(), "") for _ in range(program["size"])]
    for entries, low, high in program["rows"]:
        rule = solver.Constraint(low, solver.infinity() if high is None else high)
        for at, value in entries:
            rule.SetCoefficient(unknowns[at], value)
    if solver.Solve() != solver.OPTIMAL:
        raise AssertionError("nothing fits the rows")
    return [[_end(solver, unknowns, row, least) for least in (True, False)] for row in program["asked"]]


def _end(solver: Any, unknowns: list[Any], row: list[list[float]], least: bool) -> float | None:
    objective = solver.Objective()
    objective.Clear()
    for at, value in row:
        objective.SetCoefficient(unknowns[at], value)
    objective.SetOptimizationDirection(not least)  # True: greatest
    status = solver.Solve()
    if status == solver.OPTIMAL:
        return float(objective.Value())
    if status in (solver.UNBOUNDED, solver.INFEASIBLE):
        return None  # something fits, so that a presolve that says "infeasible or unbounded" means the latter
    raise AssertionError(f"GLOP ended with status {status}")


if __name__ == "__main__":
    serve()
