"""One system of areas for each subspace of the columns, over the levels that some measured marginal tells of there.

A table measures every marginal at every level, so that all its subspaces have one system.  Several tables planned
together need not: where one has RegSO by benefit and the other municipalities by benefit and sex, what differs between
the sexes is known of municipalities alone, and those are the smallest places of that subspace.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publisher.noise.area_system import AreaCovariance, AreaSystem, FloatArray, area_system
from publisher.noise.subspaces import Subspace, gains, subspaces
from publisher.relations import KeySet

Asked = NDArray[np.bool_]
"""Which query groups are measured, shape (levels, marginals)."""


@dataclass(frozen=True, slots=True, eq=False)
class SubspaceSystem:
    """What is measured of one subspace.

    `number`: of the subspace among all; `levels`: numbers of the levels that tell of it; `gain`: how the precision of
    each marginal counts here; `system`: of those levels.
    """

    number: int
    subspace: Subspace
    levels: tuple[int, ...]
    gain: FloatArray
    system: AreaSystem

    def covariance(self, precisions: FloatArray) -> AreaCovariance:
        """Of the atoms, from the precision of each query group, shape (levels, marginals); 0 where none is measured."""
        return self.system.covariance((precisions @ self.gain)[list(self.levels)])


def subspace_systems(keys: KeySet, asked: Asked) -> tuple[SubspaceSystem, ...]:
    """The system of every subspace that some measured group tells of, in order; the first is over all levels."""
    out, systems = [], dict[tuple[int, ...], AreaSystem]()
    for number, (subspace, gain) in enumerate(zip(subspaces(keys), gains(keys), strict=True)):
        levels = tuple(np.flatnonzero(asked @ (gain > 0)).tolist())
        if levels and levels not in systems:
            systems[levels] = area_system([keys.levels[i] for i in levels])
        if levels:
            out.append(SubspaceSystem(number, subspace, levels, gain, systems[levels]))
    return tuple(out)


def group_numbers(keys: KeySet) -> Mapping[tuple[str, tuple[bool, ...]], tuple[int, int]]:
    """Where each level and marginal stands in an array of shape (levels, marginals)."""
    return {
        (level.level, kept): (i, j) for i, level in enumerate(keys.levels) for j, kept in enumerate(keys.marginals)
    }
