"""Exact values over declared keys, zeros included: of whole records for suppression, of bounded persons for noise.

The two are different types, and no function turns one into the other: noise on a `Cube` would promise a sensitivity
that it does not have, and suppression of a `BoundedCube` would protect numbers that nobody publishes.
"""

from publisher.cube.bounded import BoundedCube, count_bounded
from publisher.cube.exact import Cube, count_cases
from publisher.cube.placed import placed_persons
from publisher.cube.values import count_values
from publisher.cube.windows import Presence, count_presence

__all__ = [
    "BoundedCube", "Cube", "Presence", "count_bounded", "count_cases", "count_presence", "count_values",
    "placed_persons",
]  # fmt: skip
