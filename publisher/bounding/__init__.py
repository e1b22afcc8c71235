"""Bounds what one person can add, by that person's own records only.

Adding or removing somebody changes nothing about anybody else, so that the distance between neighbouring data is what
NOISE.md says: one leaf, one value of each personal category, at most k combinations of the others.
"""

from publisher.bounding.contributions import BoundedCases, bound_contributions
from publisher.bounding.distinct import DistinctCases, DistinctEvents, Units, collapse, distinct_events

__all__ = [
    "BoundedCases", "DistinctCases", "DistinctEvents", "Units", "bound_contributions", "collapse", "distinct_events",
]  # fmt: skip
