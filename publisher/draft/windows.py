"""Windows that overlap: a new one is protected jointly with every earlier one that it shares time with (P4).

What lies between two neighbouring ends of windows is a *part*.  Nobody outside sees the number of a part, but everybody
knows that it is no less than 0, satisfies the equations of the tables, and that the parts of a window add up to it.
Where records have changed since an earlier window was counted they do not: then the difference is taken to be known.

That alone seldom tells anything: what two windows share could always be nothing.  But in small cells one month brings
mostly nothing, and who guesses so has the same number in both windows.  So the outsider is told, of each two windows
that share time, in which cells nothing happened outside of what they share: there both are the same cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from scipy import sparse

from publisher.opaque import Opaque
from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, SuppressionPattern, find_pattern


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Window(Opaque):
    """One window of an additive count.  Arrays over the cells of the one system that all windows have.

    `parts`: which parts it is made of (indexes).  `values`: its counts, latent cells too.  `withheld`: what it
    withholds (an earlier one), or must (the new one); `sensitive`: what of that a rule makes sensitive.  `top`: how far
    each cell of an earlier one can rise by public knowledge (`Layer`; None: without end).
    """

    parts: tuple[int, ...]
    values: IntArray
    withheld: BoolArray
    sensitive: BoolArray
    top: IntArray | None = None

    def __post_init__(self) -> None:
        if not self.parts or np.any(self.sensitive & ~self.withheld):
            raise ValueError("a window needs parts, and withholds what is sensitive")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Joint(Opaque):
    """All windows and parts as one system: the new window's cells first, then each earlier one's, the parts', and what
    has changed, which is known.  `values`: over all cells of `system`; `size`: cells of one window."""

    system: LinkedSystem
    values: IntArray
    size: int

    def padded(self, arrays: Sequence[BoolArray]) -> BoolArray:
        """Masks of the first windows over the whole system, False beyond them."""
        found = np.concatenate(arrays)
        return np.concatenate([found, np.zeros(self.system.size - len(found), dtype=np.bool_)])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NewCells(Opaque):
    """What is settled of the new window's cells before the search (`Layer`), over the cells of one window."""

    forced: BoolArray
    zeros: BoolArray
    weights: IntArray
    top: IntArray


def join_windows(system: LinkedSystem, windows: Sequence[Window], parts: Sequence[IntArray]) -> Joint:
    """One system of all windows, the new one first.  `parts`: the count of each part, over the cells of one window.

    ValueError where a count does not satisfy the equations of the tables.
    """
    n, k = system.size, len(windows)
    for counts in (*parts, *(w.values for w in windows)):
        if np.any(system.equations @ counts) or np.any(counts < 0):
            raise ValueError("a count of a window or part is negative, or does not satisfy the equations")
    changed = np.concatenate([w.values - sum(parts[p] for p in w.parts) for w in windows])
    at = np.flatnonzero(changed)
    made_of = np.array([[p in w.parts for p in range(len(parts))] for w in windows], dtype=np.int64)
    ones = np.ones(len(at), dtype=np.int64)
    change = sparse.csr_array((np.sign(changed[at]), (at, np.arange(len(at)))), shape=(n * k, len(at)))
    every = sparse.kron(sparse.eye_array(k + len(parts)), system.equations)
    links = sparse.hstack([
        sparse.eye_array(n * k), -sparse.kron(made_of, sparse.eye_array(n)), -change
    ])  # fmt: skip
    beyond = sparse.csr_array((every.shape[0], len(at)))
    equations = sparse.csr_array(sparse.vstack([sparse.hstack([every, beyond]), links]))
    told = nothing_happened([w.parts for w in windows], parts).ravel()
    shown = np.concatenate([*[system.shown] * k, told, ones > 0])
    values = np.concatenate([*(w.values for w in windows), *parts, np.abs(changed[at])]).astype(np.int64)
    return Joint(LinkedSystem(equations, shown, system.across), values, n)


def nothing_happened(windows: Sequence[tuple[int, ...]], parts: Sequence[IntArray]) -> BoolArray:
    """Shape (parts, cells): of two windows that share time, cells that are 0 in all parts that only one of them has."""
    out = np.zeros((len(parts), len(parts[0])), dtype=np.bool_)
    for one, other in combinations(windows, 2):
        apart = sorted(set(one) ^ set(other))
        if set(one) & set(other) and apart:
            out[apart] |= np.all([parts[p] == 0 for p in apart], axis=0)
    return out


def protect_window(
    system: LinkedSystem, windows: Sequence[Window], parts: Sequence[IntArray], new: NewCells,
    *, level: ProtectionLevel, threshold: int, known_zeros: bool, targets: Sequence[BoolArray] = (),
) -> SuppressionPattern:  # fmt: skip
    """The pattern of the new window (the first) over `join_windows`, under which all windows keep their promise.

    A cell that an earlier window withholds is withheld in the new one; what an earlier one shows is known.  `targets`:
    cells of each window, where only those are to be protected; all others that are withheld are hidden from everybody
    as they are, not in the pattern, and taken to be known not to be 0.
    SuppressionError where there is no such pattern.
    """
    joint = join_windows(system, windows, parts)
    first, earlier = windows[0], windows[1:]
    kept = np.any([w.withheld for w in windows], axis=0) & system.shown
    sensitive = joint.padded([w.sensitive for w in windows])
    withheld = joint.padded([kept, *(w.withheld for w in earlier)])
    known = joint.padded([new.forced, *(system.shown & ~w.withheld for w in earlier)])
    beyond = joint.system.size - joint.size
    least = np.zeros_like(joint.values)
    if targets:
        rest = (sensitive | withheld) & ~joint.padded(targets)
        joint = replace(joint, system=replace(joint.system, shown=joint.system.shown & ~rest))
        sensitive, withheld, least = sensitive & ~rest, withheld & ~rest, (rest & (joint.values > 0)).astype(np.int64)
    layer = Layer(
        values=joint.values, sensitive=sensitive, withheld=withheld & ~sensitive,
        forced=known | (joint.system.shown & (np.arange(joint.system.size) >= joint.size * len(windows))),
        zeros=joint.padded([new.zeros & (first.values == 0) & ~kept]),
        weights=np.concatenate([new.weights, np.ones(beyond, dtype=np.int64)]),
        top=_tops(new, earlier, joint.system.size),
    )  # fmt: skip
    terms = CountTerms(level, threshold, known_zeros, np.zeros_like(joint.values), least)
    return find_pattern(joint.system, layer, terms)


def _tops(new: NewCells, earlier: Sequence[Window], size: int) -> IntArray:
    """How far each cell of the joint system can rise by public knowledge; nothing is known of parts."""
    cells = len(new.top)
    out = np.full(size, NO_TOP, dtype=np.int64)
    for k, top in enumerate((new.top, *(w.top for w in earlier))):
        out[k * cells : (k + 1) * cells] = NO_TOP if top is None else top
    return out


def parts_between(ends: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The parts of windows, given as (first, end) in any unit of time: the stretches between neighbouring ends."""
    cuts = sorted({t for pair in ends for t in pair})
    return tuple((a, b) for a, b in pairwise(cuts) if any(first <= a and b <= end for first, end in ends))


def parts_of_window(window: tuple[int, int], parts: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The indexes of the parts that a window is made of."""
    return tuple(i for i, (a, b) in enumerate(parts) if window[0] <= a and b <= window[1])
