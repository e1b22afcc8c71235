"""The dimensions of a table: leaf codes, and cells level by level, from SPEC.yaml and the files that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from publisher.errors import TableError
from publisher.relations import AreaLevel, IntArray
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import TOTAL_LEVEL, DimensionSpec, HierarchySpec, Spec

AREA_TYPE, TYPES = "area_type", frozenset("12345")
"""A level of this name whose codes are 1 to 5 has the codes T1 to T5, so that no type looks like another code."""

_FORMULA = tuple("=+-@\t\r")

Files = Mapping[str, CsvFile]
"""The files of the hierarchies, by the name that SPEC.yaml gives them."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One dimension.  `levels`: the total first, then coarse to fine; the last one holds a cell for each leaf.

    `sizes`: public size of each leaf, shape (leaves,), 1 where none is declared.
    """

    column: str
    levels: tuple[AreaLevel, ...]
    sizes: IntArray

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes of the leaves."""
        return self.levels[-1].codes

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, level by level."""
        return tuple(c for v in self.levels for c in v.codes)

    @property
    def level_of(self) -> tuple[str, ...]:
        """The level of every code."""
        return tuple(v.level for v in self.levels for _ in v.codes)


def hierarchy_files(spec: Spec) -> Files:
    """Read every file that the hierarchies of a spec stand in."""
    names = dict.fromkeys(h.file for d in spec.dimensions for h in d.hierarchies)
    return {name: CsvFile.read(spec.folder / name) for name in names}


def make_axis(dimension: DimensionSpec, files: Files, *, found: Sequence[str]) -> Axis:
    """The axis of a dimension.  `found`: the codes of a flat one whose codes SPEC.yaml does not list.

    TableError where a file does not give one hierarchy, or a code stands at two levels.
    """
    if dimension.hierarchies:
        levels, sizes = _linked(dimension, files)
    else:
        codes = dimension.codes or tuple(sorted(found))
        levels = [_identity(dimension.column, codes)]
        sizes = np.ones(len(codes), dtype=np.int64)
    if not levels[-1].codes:
        raise TableError(f"dimension {dimension.column} has no code")
    total = AreaLevel(TOTAL_LEVEL, (dimension.total,), np.zeros(len(levels[-1].codes), dtype=np.int64))
    axis = Axis(dimension.column, (total, *levels), sizes)
    _check_codes(axis)
    return axis


def _identity(level: str, codes: tuple[str, ...]) -> AreaLevel:
    return AreaLevel(level, codes, np.arange(len(codes)))


def _check_codes(axis: Axis) -> None:
    """Each code is one cell, and none is taken for a formula by whoever opens the table in a spreadsheet."""
    seen: dict[str, str] = {}
    for level, code in zip(axis.level_of, axis.codes, strict=True):
        if code.startswith(_FORMULA):
            raise TableError(f"dimension {axis.column}: a code begins like a spreadsheet formula; give it another")
        if code in seen:
            raise TableError(
                f"dimension {axis.column}: code {code} stands at level {seen[code]} and at level {level}; "
                "a code is one cell of its dimension"
            )
        seen[code] = level


def _linked(dimension: DimensionSpec, files: Files) -> tuple[list[AreaLevel], IntArray]:
    """All levels of all hierarchies, coarse to fine, each once; and the sizes of the leaves."""
    first = dimension.hierarchies[0]
    leaves = tuple(sorted(_labels(first, files[first.file])))
    levels: dict[str, AreaLevel] = {}
    for hierarchy in dimension.hierarchies:
        for level in _levels(hierarchy, files[hierarchy.file], leaves):
            other = levels.setdefault(level.level, level)
            if other.codes != level.codes or np.any(other.member != level.member):
                raise TableError(f"{hierarchy.file}: level {level.level} is another one in another file")
    return [*levels.values(), _identity(first.levels[0], leaves)], _sizes(dimension, files[first.file], leaves)


def _labels(hierarchy: HierarchySpec, file: CsvFile) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Line and codes (finest first) of every leaf; an empty code: the leaf is in no cell of that level."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for line, codes in file.rows(hierarchy.levels):
        if not codes[0]:
            raise file.fail(line, f"column {hierarchy.levels[0]} is empty")
        if codes[0] in found:
            raise file.fail(line, f"{hierarchy.levels[0]} {codes[0]} stands on line {found[codes[0]][0]} too")
        found[codes[0]] = line, codes
    return found


def _levels(hierarchy: HierarchySpec, file: CsvFile, leaves: tuple[str, ...]) -> list[AreaLevel]:
    """The levels above the leaves, coarse to fine.  TableError where they do not lie within each other."""
    labels = _labels(hierarchy, file)
    if set(labels) != set(leaves):
        raise TableError(f"{file.name}: column {hierarchy.levels[0]} has other codes than the first hierarchy")
    _check_nested(hierarchy, file, labels)
    out = []
    for k in range(len(hierarchy.levels) - 1, 0, -1):
        column = _typed(hierarchy.levels[k], [labels[leaf][1][k] for leaf in leaves])
        codes = tuple(sorted({c for c in column if c}))
        at = {c: i for i, c in enumerate(codes)} | {"": -1}
        out.append(AreaLevel(hierarchy.levels[k], codes, np.array([at[c] for c in column], dtype=np.int64)))
    return out


def _typed(level: str, column: list[str]) -> list[str]:
    if level != AREA_TYPE or not set(filter(None, column)) <= TYPES:
        return column
    return [c and f"T{c}" for c in column]


def _check_nested(hierarchy: HierarchySpec, file: CsvFile, labels: Mapping[str, tuple[int, tuple[str, ...]]]) -> None:
    above: dict[tuple[int, str], str] = {}
    for line, codes in labels.values():
        for k in range(1, len(codes) - 1):
            if codes[k] and above.setdefault((k, codes[k]), codes[k + 1]) != codes[k + 1]:
                raise file.fail(line, f"{hierarchy.levels[k]} {codes[k]} lies in two of {hierarchy.levels[k + 1]}")


def _sizes(dimension: DimensionSpec, file: CsvFile, leaves: tuple[str, ...]) -> IntArray:
    if not dimension.size:
        return np.ones(len(leaves), dtype=np.int64)
    first = dimension.hierarchies[0].levels[0]
    found = {code: file.number(line, dimension.size, size) for line, (code, size) in file.rows((first, dimension.size))}
    return np.array([found[leaf] for leaf in leaves], dtype=np.int64)
