"""LEAVES.csv: one row a leaf cell; cells that are not listed are zero."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.tabular.hierarchies import Axis, Files, make_axis
from publisher.tabular.rows import CsvFile, Row
from publisher.tabular.spec import Spec

_LARGEST = 2**53
"""Sums stay exact in every solver below it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Leaves(Opaque):
    """The leaf cells of a table.  Shapes: the leaves of each axis; `largest` has one axis more, descending.

    `contributors`: how many are known to contribute: those of the columns, and one more where they do not make the
    whole.  `sizes`: public sizes, or None where no column is declared for them.
    """

    axes: tuple[Axis, ...]
    values: IntArray
    largest: IntArray
    contributors: IntArray
    sizes: IntArray | None


def read_leaves(file: CsvFile, spec: Spec, files: Files) -> Leaves:
    """Read LEAVES.csv; TableError names the line of a wrong code, a wrong number or a doubled cell."""
    contributors = spec.contributors if spec.is_sum else ()
    numbers = (spec.value, *contributors, *filter(None, [spec.size]))
    wide = len(spec.dimensions)
    rows = list(file.rows((*(d.column for d in spec.dimensions), *numbers)))
    axes = tuple(
        make_axis(d, files, found=sorted({r[1][k] for r in rows} - {""})) for k, d in enumerate(spec.dimensions)
    )
    out = np.zeros((len(numbers), *(len(a.leaves) for a in axes)), dtype=np.int64)
    for at, (line, row) in _placed(file, rows, axes):
        found = [file.number(line, c, t) for c, t in zip(numbers, row[wide:], strict=True)]
        if contributors:
            _check_contributions(file, line, found[: len(contributors) + 1])
        index: tuple[slice | int, ...] = (slice(None), *at)
        out[index] = found
    for column, numbers_of in zip(numbers, out, strict=True):
        if sum(map(int, numbers_of.ravel())) >= _LARGEST:
            raise file.fail(1, f"column {column} adds up to 2^53 or more; write it in larger units")
    top = np.moveaxis(out[1 : 1 + len(contributors)], 0, -1)
    known = (top > 0).sum(axis=-1) + (top.sum(axis=-1) < out[0])
    return Leaves(axes, out[0], top, known, out[-1] if spec.size else None)


def _placed(file: CsvFile, rows: list[Row], axes: tuple[Axis, ...]) -> Iterator[tuple[list[int], Row]]:
    """Each row with the positions of its codes."""
    positions = [{c: i for i, c in enumerate(a.leaves)} for a in axes]
    seen: dict[tuple[int, ...], int] = {}
    for line, row in rows:
        at = [p.get(code, -1) for p, code in zip(positions, row, strict=False)]
        if -1 in at:
            axis = axes[at.index(-1)]
            finest = axis.levels[-1].level
            raise file.fail(line, f"column {axis.column}: the code is none of its finest level, {finest}")
        first = seen.setdefault(tuple(at), line)
        if first != line:
            raise file.fail(line, f"the same cell stands on line {first}; one row is one leaf cell")
        yield at, (line, row)


def _check_contributions(file: CsvFile, line: int, found: list[int]) -> None:
    """The columns hold the largest contributions, descending; they make the whole, or others contribute too."""
    value, *top = found
    if top != sorted(top, reverse=True) or sum(top) > value:
        raise file.fail(line, "the contributions must stand largest first, and be no more than the value together")
    if sum(top) < value and not top[-1]:
        raise file.fail(line, "the contributions are less than the value, and yet no further one is there")
