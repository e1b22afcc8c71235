"""Which cells must be unknowns so that the equations lose nothing, and yet stay few.

Each table and area level is a margin of one unpublished joint table: the leaves crossed with every category.  To
write that joint table out is complete but large.  Where the margins, seen as sets of attributes, form an acyclic
hypergraph, consistent non-negative margins always extend to a joint table (N. N. Vorob'ev, Theory of Probability and
its Applications 7, 1962; S. L. Lauritzen, Graphical Models, 1996, chapter 2), so that the margins and what they share
are enough.  Where they do not, their graph is made chordal by the rule of least fill-in, and its maximal cliques take
the place of the margins.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

from publisher.audit.attacker.labels import COUNTY, MUNICIPALITY, REGSO, TYPE, attributes_of
from publisher.release.model import Table

Resolution = frozenset[str]
"""Attributes that a margin distinguishes: those of the area, and the ids of category dimensions."""

AREA_ATTRIBUTES = frozenset({COUNTY, MUNICIPALITY, REGSO, TYPE})


def cliques_with_margins(tables: Sequence[Table]) -> list[list[Resolution]]:
    """For each maximal clique the resolutions whose cells it ties together, the finest (the clique itself) last.

    Among them: every published resolution within the clique, and what it shares with its neighbours in a junction
    tree.
    """
    published = _published(tables)
    # The leaves are structure too: a municipality has only the types that its RegSOs have.
    structure = frozenset(chain.from_iterable(published)) & AREA_ATTRIBUTES
    cliques = _maximal_cliques(published | {structure})
    members = [{r for r in published if r <= c} | {c} for c in cliques]
    for i, j in _junction_tree(cliques):
        shared = cliques[i] & cliques[j]
        members[i].add(shared)
        members[j].add(shared)
    return [sorted(m, key=_by_size) for m in members]


def covers(resolutions: Sequence[Resolution], coarse: Resolution) -> list[Resolution]:
    """The resolutions that are finer than `coarse` with none in between: its children."""
    finer = [r for r in resolutions if coarse < r]
    return [f for f in finer if not any(g < f for g in finer)]


def _published(tables: Sequence[Table]) -> set[Resolution]:
    typed = any(a.level.endswith("area_type") for t in tables for a in t.areas)
    dropped = frozenset() if typed else frozenset({TYPE})
    found: set[Resolution] = set()
    for table in tables:
        always = {d.id for d in table.dimensions if not d.has_total}
        optional = [d.id for d in table.dimensions if d.has_total]
        for level in {a.level for a in table.areas}:
            base = (attributes_of(level) - dropped) | always
            found |= {base | frozenset(extra) for extra in _subsets(optional)}
    return found


def _subsets(items: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(items, n) for n in range(len(items) + 1))


def _maximal_cliques(margins: Iterable[Resolution]) -> list[Resolution]:
    """Maximal cliques of a chordal graph in which every margin is a clique (least fill-in, ties by name)."""
    near: dict[str, set[str]] = {}
    for margin in margins:
        for attribute in margin:
            near.setdefault(attribute, set()).update(margin - {attribute})
    found: list[Resolution] = []
    while near:
        chosen = min(sorted(near), key=lambda a: _fill_in(near, a))
        neighbours = near.pop(chosen)
        found.append(frozenset(neighbours | {chosen}))
        for n in neighbours:
            near[n] = (near[n] | neighbours) - {n, chosen}
    found = found or [frozenset()]
    return sorted((c for c in found if not any(c < d for d in found)), key=_by_size)


def _fill_in(near: dict[str, set[str]], attribute: str) -> int:
    return sum(1 for a, b in combinations(near[attribute], 2) if b not in near[a])


def _junction_tree(cliques: Sequence[Resolution]) -> list[tuple[int, int]]:
    """Edges of a spanning tree of greatest total overlap, which is a junction tree of a chordal graph's cliques."""
    edges: list[tuple[int, int]] = []
    inside = {0}
    while len(inside) < len(cliques):
        rest = [j for j in range(len(cliques)) if j not in inside]
        edge = max(((i, j) for i in sorted(inside) for j in rest), key=lambda e: len(cliques[e[0]] & cliques[e[1]]))
        edges.append(edge)
        inside.add(edge[1])
    return edges


def _by_size(resolution: Resolution) -> tuple[int, list[str]]:
    return len(resolution), sorted(resolution)
