"""Where unknowns stand: places of a table (areas, or the codes of its longest dimension), and which lie in which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from publisher.audit.attacker.equations import NOWHERE, Ints


@dataclass(frozen=True, eq=False)
class Places:
    """`of`: the place of each unknown, from 0, or NOWHERE; `kind`: which others are of its kind, at other places.

    `above`: for each place those that it is a part of, the one with the fewest parts first.
    """

    of: Ints
    kind: Ints
    above: tuple[tuple[int, ...], ...]

    @classmethod
    def of_equations(cls, matrix: sparse.csr_matrix, of: Ints, kind: Ints) -> "Places":
        """A place whose number is the sum of those of other places has them as its parts.

        `matrix`: totals less their parts, over cells at the places `of`.
        """
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        here, total = of[matrix.indices], matrix.data > 0
        whole = np.full(matrix.shape[0], NOWHERE)
        whole[row[total]] = here[total]
        alone = np.bincount(row[total], minlength=matrix.shape[0]) == 1
        part = ~total & alone[row] & (here != NOWHERE) & (whole[row] != NOWHERE) & (here != whole[row])
        pairs = np.unique(np.stack([here[part], whole[row[part]]]), axis=1)
        size = np.bincount(pairs[1], minlength=int(of.max(initial=NOWHERE)) + 1)
        above = [list[int]() for _ in size]
        for below, over in pairs.T[np.argsort(size[pairs[1]], kind="stable")].tolist():
            above[below].append(over)
        return cls(of, kind, tuple(map(tuple, above)))

    def at(self, unknowns: Ints) -> "Places":
        """Those of some unknowns, in their order."""
        return Places(self.of[unknowns], self.kind[unknowns], self.above)

    def way_up(self, place: int) -> frozenset[int]:
        """The place and all that hold it."""
        found, left = {place}, [*self.above[place]]
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left += self.above[one]
        return frozenset(found)

    def innermost(self) -> list[int]:
        """Places without parts at which unknowns stand; neighbours lie in the same larger places."""
        whole = {w for places in self.above for w in places}
        used = [p for p in np.unique(self.of[self.of != NOWHERE]).tolist() if p not in whole]
        return sorted(used, key=lambda place: (self._path(place), place))

    def _path(self, place: int) -> tuple[int, ...]:
        """The largest place that holds it, and so on down, each being the first of those above the next."""
        path = list[int]()
        while self.above[place] and self.above[place][0] not in path:
            place = self.above[place][0]
            path.append(place)
        return tuple(path[::-1])

    @cached_property
    def depth(self) -> Ints:
        """In how many others each place lies; the last entry is that of NOWHERE."""
        return np.array([*(len(self.way_up(place)) - 1 for place in range(len(self.above))), NOWHERE])

    @cached_property
    def counts(self) -> Ints:
        """How many unknowns stand at each place."""
        return np.bincount(self.of[self.of != NOWHERE], minlength=len(self.above))

    @cached_property
    def _by_place(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.of, kind="stable")
        return order, np.searchsorted(self.of[order], np.arange(len(self.above) + 1))

    def unknowns(self, places: Iterable[int]) -> Ints:
        """All that stand at these places, sorted."""
        order, start = self._by_place
        parts = [order[start[p] : start[p + 1]] for p in sorted(set(places))]
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *parts]))

    def groups(self, innermost: Sequence[int], most: int) -> list[list[int]]:
        """Neighbours in the same larger place, together up to so many unknowns."""
        found, size = list[list[int]](), 0
        for place in innermost:
            more = int(self.counts[place])
            apart = not found or self.above[place][:1] != self.above[found[-1][-1]][:1]
            if apart or size + more > most:
                found.append([])
                size = 0
            found[-1].append(place)
            size += more
        return found
