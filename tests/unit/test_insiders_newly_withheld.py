"""Whoever is alone in a cell that is withheld only for insiders' sake knows that one too."""

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from publisher.policy.model import ProtectionLevel
from publisher.relations import LinkedSystem
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, find_pattern

# The whole and its three areas, each with three parts and their total.
VALUES = np.array([5, 14, 8, 27, 0, 2, 5, 7, 5, 6, 1, 12, 0, 6, 2, 8], dtype=np.int64)
ALONE = np.array([2, 1, 0, 0, -1, 0, 1, -1, -1, 2, -1, -1, -1, -1, -1, 0], dtype=np.int64)
WEIGHTS = np.array([19, 21, 43, 28, 43, 39, 26, 29, 12, 3, 19, 20, 39, 40, 36, 3], dtype=np.int64)
RISES = {1: 4, 4: 3, 5: 4, 9: 0, 13: 0, 15: 4}
EQUATIONS = np.concatenate(
    [np.kron([[1, -1, -1, -1]], np.eye(4)), np.kron(np.eye(4), [[-1, -1, -1, 1]])]
).astype(np.int64)


def reach(cell: int, free: np.ndarray, top: np.ndarray) -> int:
    """How far the cell moves both ways together, in whole numbers, where only `free` cells do."""
    ends = [(-(v - 1), None if t == NO_TOP else t) if f else (0, 0) for v, t, f in zip(VALUES, top, free, strict=True)]
    moved = 0
    for sign in (1, -1):
        found = linprog(-sign * np.eye(16)[cell], A_eq=EQUATIONS, b_eq=np.zeros(8), bounds=ends, method="highs")
        assert found.status == 0
        moved += int(np.floor(-found.fun + 1e-6))
    return moved


def test_the_one_contributor_of_a_newly_withheld_cell_is_an_insider_too() -> None:
    nothing, zeros = np.zeros(16, dtype=np.bool_), VALUES == 0
    forced = np.arange(16) == 15
    top = np.full(16, NO_TOP, dtype=np.int64)
    top[list(RISES)] = list(RISES.values())
    sensitive = (VALUES > 0) & (VALUES < 5) & np.isin(np.arange(16), [5, 10, 14])
    layer = Layer(
        values=VALUES, sensitive=sensitive, withheld=nothing, forced=forced, zeros=zeros, weights=WEIGHTS, top=top,
        insiders=ALONE,
    )  # fmt: skip
    terms = CountTerms(ProtectionLevel.EXACT, 5, True, np.zeros(16, dtype=np.int64))
    made = find_pattern(LinkedSystem(sparse.csr_array(EQUATIONS.astype(float)), ~nothing), layer, terms)
    for group in np.unique(ALONE[made.suppressed & (ALONE >= 0)]):
        free = made.suppressed & (group != ALONE)
        known = [int(c) for c in np.flatnonzero(sensitive & (group != ALONE)) if reach(int(c), free, top) < 1]
        assert not known, f"the contributor {group} computes cells {known}"
