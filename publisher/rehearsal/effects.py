"""What suppression does to areas by name: which of their numbers are withheld, and how much of each on a map.

Numbers of cells and names of categories; never a value, nor which cells are sensitive themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from publisher.rehearsal.cells import TableCells
from publisher.rehearsal.places import Place, inside, level_of_places
from publisher.rehearsal.shares import per_cent

MOST = 12
"""Combinations of categories told of one area; those with most withheld cells."""


@dataclass(frozen=True, slots=True)
class MapArea:
    """An area on the map: its cells that count, how many of them are marked, and the share (None of no cells).

    Of suppression: cells that are not zero, and the withheld ones.  Of noise: all cells whose size is known or assumed,
    and those marked uncertain or withheld.
    """

    code: str
    name: str
    cells: int
    marked: int
    per_cent: float | None

    def __post_init__(self) -> None:
        if not 0 <= self.marked <= self.cells:
            raise ValueError(f"area {self.code}: more cells are marked than there are")


@dataclass(frozen=True, slots=True)
class Hidden:
    """One combination of categories in one area, all rows within it together.

    `own`: the area's own number is withheld; `withheld` of `non_zero` cells that are not zero.
    """

    categories: tuple[str, ...]
    own: bool
    withheld: int
    non_zero: int


@dataclass(frozen=True, slots=True)
class AreaEffect:
    """What is withheld of one area; `more`: combinations with something withheld beside those in `hidden`."""

    place: Place
    non_zero: int
    withheld: int
    hidden: tuple[Hidden, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Effect:
    """`level`: of the areas on the map, `kommun` or `lan`; empty where a table shows neither."""

    level: str
    areas: tuple[MapArea, ...]
    examples: tuple[AreaEffect, ...]


def map_area(code: str, name: str, *, cells: int, marked: int) -> MapArea:
    """An area on the map with its share."""
    return MapArea(code, name, cells, marked, per_cent(marked, cells) if cells else None)


def effect_of(cells: TableCells, names: Mapping[str, str], places: Sequence[Place]) -> Effect:
    """The areas of a table's finest named level, and what happens to some of them.  `names`: by code."""
    level = level_of_places(cells.levels)
    if not level:
        return Effect("", (), ())
    within = inside(cells.levels, cells.areas, level)
    codes = sorted({str(code) for code in within} & set(names))
    return Effect(
        level,
        tuple(_on_map(cells.rows(within == code), code, names[code]) for code in codes),
        tuple(_on_area(cells.rows(within == place.code), place) for place in places),
    )


def _on_map(part: TableCells, code: str, name: str) -> MapArea:
    there = part.values[part.count] != 0
    return map_area(code, name, cells=int(there.sum()), marked=int((there & part.withheld).sum()))


def _on_area(part: TableCells, place: Place) -> AreaEffect:
    there = part.values[part.count] != 0
    gone, own = there & part.withheld, np.array([area == place.code for area in part.areas], dtype=np.bool_)
    every = [
        Hidden(codes, bool(part.withheld[own, i].any()), int(gone[:, i].sum()), int(there[:, i].sum()))
        for i, codes in enumerate(part.categories)
        if part.withheld[:, i].any()
    ]
    most = sorted(every, key=lambda h: (not h.own, -h.withheld))
    return AreaEffect(place, int(there.sum()), int(gone.sum()), tuple(most[:MOST]), len(most[MOST:]))
