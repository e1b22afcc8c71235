"""Noisy values, their scale and their rho: the safe side of the line.

Nothing here depends on records but through noise, so that everything computed from a measurement is post-processing
and costs nothing.  The measured values are still not published as such: the estimate is better.
"""

from dataclasses import InitVar, dataclass, field

import numpy as np
from numpy.typing import NDArray

from publisher.noise.parts import Part
from publisher.noise.strategy import QueryGroup, Strategy
from publisher.opaque import require_mint

_MINT = object()


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredGroup:
    """One query group's noisy numbers: int64, shape (cells of the level, codes of each kept column).

    `scale`: of the discrete Gaussian, in the units of the part.
    """

    group: QueryGroup
    values: NDArray[np.int64] = field(repr=False)
    scale: float

    def __post_init__(self) -> None:
        if self.values.dtype != np.int64 or self.values.size != self.group.cells:
            raise ValueError(f"measured group at {self.group.level}: values do not have the group's shape")
        if self.group.sigma2 > self.scale_squared:
            raise ValueError(f"measured group at {self.group.level}: less noise than its rho asks for")

    @property
    def scale_squared(self) -> float:
        """The variance of the continuous Gaussian of that scale; the discrete one's is never larger."""
        return self.scale**2


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Everything that was drawn for one part of a table.  Receipt of `publisher.noise.mechanism.measure`, its maker;
    `publisher.noise.simulation` makes the like for rehearsals, which nothing that publishes may import.

    (Canonne, Kamath and Steinke 2020: the discrete Gaussian has the privacy of the continuous one, and at most its
    variance.)
    """

    mint: InitVar[object]
    part: Part
    strategy: Strategy
    groups: tuple[MeasuredGroup, ...]

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "Measurement")
        if tuple(m.group for m in self.groups) != self.strategy.groups:
            raise ValueError("a measurement holds every query group of its strategy, in order")
