"""The parts of a table's unknowns that no equation ties to each other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.bodies import LEAST_SUM
from publisher.audit.attacker.equations import NO_UPPER, Ints
from publisher.audit.attacker.programme import Floats, Indices, Programme
from publisher.audit.attacker.propagate import EXACT
from publisher.audit.attacker.reduce import Reduced
from publisher.errors import AuditFailedError


def components(reduced: Reduced) -> Iterator[tuple[Indices, Programme]]:
    """The unknowns of each connected component, with its programme.

    AuditFailedError where a number is too large to be exact as a float.
    """
    if any((np.abs(x[np.isfinite(x)]) >= EXACT).any() for x in (*bounds_of(reduced.lower, reduced.upper), reduced.rhs)):
        raise AuditFailedError("numbers of 2^53 and more are not added exactly; nothing is decided")
    matrix = reduced.matrix.astype(np.float64)
    n_rows, size = matrix.shape[0], sum(matrix.shape)
    row_of = np.repeat(np.arange(n_rows), np.diff(matrix.indptr))
    graph = sparse.csr_matrix((np.ones(len(row_of)), (row_of, matrix.indices + n_rows)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    by_row, by_column = (np.argsort(x, kind="stable") for x in (label[:n_rows], label[n_rows:]))
    for k in np.unique(label[n_rows:]):
        rows = _run_of(label[:n_rows], by_row, k)
        columns = _run_of(label[n_rows:], by_column, k).astype(np.int32)
        part = sparse.csr_matrix(matrix[rows][:, columns])
        lower, upper = bounds_of(reduced.lower[columns], reduced.upper[columns])
        yield columns, Programme(part, reduced.rhs[rows].astype(np.float64), lower, upper)


def bounds_of(lower: Ints, upper: Ints) -> tuple[Floats, Floats]:
    """Bounds as the solver takes them: where there is none, infinite."""
    low, high = lower.astype(np.float64), upper.astype(np.float64)
    return np.where(lower <= LEAST_SUM, -np.inf, low), np.where(upper >= NO_UPPER, np.inf, high)


def _run_of(labels: NDArray[np.int32], order: Ints, k: int) -> Ints:
    ordered = labels[order]
    found: Ints = order[np.searchsorted(ordered, k) : np.searchsorted(ordered, k, side="right")]
    return found
