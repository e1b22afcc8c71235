"""Neighbourhoods of a few areas, for tables so sparse that those of steps from cell to cell are of no use.

Where nearly everything small is withheld, a cell is often the only one of its kind in a municipality, and can move only
if the municipality's own cell does: with another municipality's, and with all that stands below and beside both.  Few
steps do not reach that far, many reach everything.  Two areas that withhold the same categories do what is wanted: one
takes on what the other gives away, and so do all areas above one of them that are not above both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray, Graph
from publisher.suppression.evidence import A0, A1
from publisher.suppression.parallel import in_parts
from publisher.suppression.search import Search

FEWEST, MOST = 2, 6
"""Areas of one kind (beside the cell's own; elsewhere) that a neighbourhood takes in."""

ENOUGH = 2
"""What they can give away together: so many times what the cell needs, if there are enough of them."""

PARTS = (16, 0), (8, 1), (2, 4)
"""Parts, at most, that are protected apart from each other, and what is still open then in fewer; and how freely
(`around`)."""

LEAST = 8000
"""Cells to protect that a part has at least, unless it is the only one: together, less is withheld."""

GIVING = 3.0
"""What a unit that an area can give away is worth, in categories that it withholds as the cell's own area does."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheets:
    """The areas of a system whose cells stand area by area, `across` to each.

    `above[a]`: the areas that a is a part of, the smallest first; `below[a]`: its parts.  `rows`: the categories
    that add up to another one in every area.
    """

    across: int
    above: tuple[tuple[int, ...], ...]
    below: tuple[tuple[int, ...], ...]
    rows: tuple[IntArray, ...]

    @classmethod
    def of(cls, graph: Graph, across: int) -> "Sheets | None":
        """The areas of a system; None where it is not known how its cells stand, or they have one category only."""
        if across < 2:
            return None
        areas = graph.by_row.shape[1] // across
        above, below = [list[int]() for _ in range(areas)], [list[int]() for _ in range(areas)]
        rows = list[IntArray]()
        for start, end in pairwise(graph.by_row.indptr):
            cells, signs = graph.by_row.indices[start:end], graph.by_row.data[start:end]
            total = cells[signs > 0]
            if len(cells) and cells.max() < across:
                rows.append(cells[signs < 0].astype(np.int64))
            if len(total) == 1 and total[0] % across == 0 and (cells < areas * across).all():
                whole = int(total[0]) // across
                parts = [int(c) // across for c in cells[signs < 0] if int(c) // across != whole]
                below[whole] += parts
                for part in parts:
                    above[part].append(whole)
        smallest_first = [tuple(sorted(set(a), key=lambda w: (len(below[w]), w))) for a in above]
        return cls(across, tuple(smallest_first), tuple(tuple(sorted(set(b))) for b in below), tuple(rows))

    def all_above(self, area: int) -> set[int]:
        """The areas that hold `area`, itself left out."""
        return _closure(self.above, area)

    def all_below(self, area: int) -> set[int]:
        """The areas that lie in `area`, itself left out."""
        return _closure(self.below, area)


def _closure(steps: tuple[tuple[int, ...], ...], area: int) -> set[int]:
    found, left = set[int](), [*steps[area]]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += steps[one]
    return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Around(Opaque):
    """What `around` looks at; arrays of shape (areas, categories)."""

    sheets: Sheets
    hidden: BoolArray
    movable: BoolArray
    room: IntArray
    freely: int

    def neighbourhoods(self, seed: int, far: int) -> Iterator[IntArray]:
        """First with the areas beside the cell's own, then with others in the same larger area, then with any."""
        area, category = divmod(seed, self.sheets.across)
        own = self._down(area, category)
        leaf = own[-1]
        beside = {x for whole in self.sheets.above[leaf][:1] for x in self.sheets.below[whole]} - {leaf}
        near = self._partners(leaf, category, np.array(sorted(beside), dtype=np.int64), far)
        if self.freely:
            near += self._roomiest(beside - {*near})
        if near:
            yield self._cells([*own, *near], [*own, *self.sheets.above[leaf][:1], *near[:1]])
        for whole in [w for p in self.sheets.above[leaf][:1] for w in self.sheets.above[p][:1]]:
            yield self._with(own, near, self._away(leaf, category, far, self.sheets.all_below(whole) - beside))
        yield self._with(own, near, self._away(leaf, category, far, {*range(len(self.sheets.above))} - beside))

    def _away(self, leaf: int, category: int, far: int, among: set[int]) -> list[int]:
        leaves = np.array([x for x in sorted(among) if x != leaf and not self.sheets.below[x]], dtype=np.int64)
        found = self._partners(leaf, category, leaves, far)
        if self.freely and np.minimum(self.room[found, category], far).sum() < far:
            found += self._instead(category, leaves, far)
        return found

    def _instead(self, category: int, leaves: IntArray, far: int) -> list[int]:
        """Where areas cannot give away enough in the category: for each total of which it is a part as many areas as
        give away what is needed in its other parts, and some where what moves then can be made up for; those that have
        most of what few have."""
        moves = self.movable[leaves]
        worth = moves @ (1 / moves.sum(axis=0).clip(min=1))
        found = [int(x) for x in leaves[np.argsort(-worth, kind="stable")[: FEWEST * self.freely]]]
        for row in [r for r in self.sheets.rows if category in r]:
            others = row[row != category]
            gives = np.minimum((self.room[leaves][:, others] * moves[:, others]).sum(axis=1), far)
            order = np.argsort(np.where(gives > 0, -worth, 1), kind="stable")[: int((gives > 0).sum())]
            enough = int(np.searchsorted(np.cumsum(gives[order]), far * self.freely)) + 1
            found += [int(x) for x in leaves[order][: min(enough, MOST * self.freely)]]
        return found

    def _with(self, own: list[int], near: list[int], away: list[int]) -> IntArray:
        first = [p for one in (own[-1], *away[:1]) for p in (one, *self.sheets.above[one][:1])]
        return self._cells([*own, *near, *away], [*own, *near[:1], *first])

    def _down(self, area: int, category: int) -> list[int]:
        """`area`, and the way down to one that has no parts: each time the part that is most like it."""
        way = [area]
        while parts := [p for p in self.sheets.below[way[-1]] if self.movable[p, category]]:
            alike = (self.hidden[parts] & self.hidden[way[-1]]).sum(axis=1)
            way.append(parts[int(np.argmax(alike))])
        return way

    def _partners(self, leaf: int, category: int, areas: IntArray, far: int) -> list[int]:
        """The areas that withhold most of what `leaf` does (and their wholes what its whole does), and that can move in
        the category; as many as it takes to give away twice what is needed."""
        areas = areas[self.movable[areas, category]]
        alike = (self.hidden[areas] & self.hidden[leaf]).sum(axis=1).astype(np.float64)
        for whole in self.sheets.above[leaf][:1]:
            wholes = np.array([self.sheets.above[x][0] if self.sheets.above[x] else x for x in areas], dtype=np.int64)
            alike += (self.hidden[wholes] & self.hidden[whole]).sum(axis=1)
        gives = np.minimum(self.room[areas, category], far)
        order = np.lexsort((areas, -(alike + GIVING * gives), bool(self.freely) & (gives == 0)))
        enough = int(np.searchsorted(np.cumsum(gives[order]), ENOUGH * far)) + 1
        return [int(x) for x in areas[order][: min(max(enough, FEWEST), MOST * max(self.freely, 1))]]

    def _roomiest(self, areas: set[int]) -> list[int]:
        """The area in which most categories can fall: what rises elsewhere can be made up for there."""
        return sorted(areas, key=lambda a: (-int((self.movable[a] & (self.room[a] > 0)).sum()), a))[:1]

    def _cells(self, areas: list[int], opened: list[int]) -> IntArray:
        """The cells of `areas` and all above them that are withheld, and those of `opened` that could be."""
        every = np.array(sorted({*areas, *(w for a in areas for w in self.sheets.all_above(a))}), dtype=np.int64)
        kept = self.hidden[every] | (self.movable[every] & (bool(self.freely) | np.isin(every, opened))[:, None])
        return np.asarray((every[:, None] * self.sheets.across + np.arange(self.sheets.across))[kept])


def around(
    sheets: Sheets, cells: tuple[BoolArray, BoolArray, IntArray], seed: int, far: int, *, freely: int = 0
) -> Iterator[IntArray]:
    """Cells to look among for what moves the cell `seed` as `far` as it must: ever more, sorted.

    `cells`: of every cell of the system, whether it is withheld and may move, whether it may move, how far it can fall.
    `freely`: more than 0 and cells of every area taken in could be withheld besides, not only those of the nearest; so
    many times as many areas are taken in.
    """
    within = len(sheets.above) * sheets.across
    hidden, movable, room = cells
    shape = (-1, sheets.across)
    looked_at = (hidden[:within].reshape(shape), movable[:within].reshape(shape), room[:within].reshape(shape))
    yield from _Around(sheets, *looked_at, freely).neighbourhoods(seed, far)


def protect_in_sheets(search: Search, sheets: Sheets) -> None:
    """Protect what a few areas are enough for, by cells that stand near each other in the areas' order, in parts."""
    for most, freely in PARTS:
        seeds = in_order(sheets, np.flatnonzero(search.unmet(A0) | search.unmet(A1)))
        in_parts(search, shared_out(seeds, most), partial(_protect, sheets=sheets, freely=freely))


def shared_out(seeds: IntArray, most: int) -> list[IntArray]:
    """Parts of the cells, in their order: at most so many, and of at least LEAST cells each unless it is the only one.
    """
    return np.array_split(seeds, min(max(len(seeds) // LEAST, 1), most))


def in_order(sheets: Sheets, seeds: IntArray) -> IntArray:
    """Cells by the first of the smallest areas that stand under the cell's own."""
    first = list(range(len(sheets.below)))
    for area in reversed(first):
        while sheets.below[first[area]]:
            first[area] = sheets.below[first[area]][0]
    seeds = seeds[seeds < len(first) * sheets.across]
    return seeds[np.lexsort((seeds, np.array(first)[seeds // sheets.across]))]


def _protect(search: Search, seeds: IntArray, *, sheets: Sheets, freely: int) -> None:
    ours = set(seeds.tolist())
    for attacker in search.needs.order:
        for seed in search.pending(attacker):
            if seed in ours and search.needs_more(seed, attacker):
                _protect_one(search, (sheets, freely), seed, attacker)


def look_around(search: Search, where: tuple[Sheets, int], seed: int, attacker: int) -> Iterator[IntArray]:
    """The same, for what the cell needs as things stand.  `where`: the sheets, and how freely."""
    now = search.hidden & search.allowed, search.allowed, search.evidence.room[attacker]
    return around(where[0], now, seed, search.need(seed, attacker).largest, freely=where[1])


def _protect_one(search: Search, where: tuple[Sheets, int], seed: int, attacker: int) -> None:
    for cells in look_around(search, where, seed, attacker):
        _protect_among(search, cells, seed, attacker)
        if not search.needs_more(seed, attacker):
            return


def _protect_among(search: Search, cells: IntArray, seed: int, attacker: int) -> None:
    block = search.graph.block(cells)
    position = block.position(seed)
    if position is not None:
        search.protect(search.programme(block, attacker), block, position, attacker)
