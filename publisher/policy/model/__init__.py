"""What the privacy officer decides.  Frozen values, checked when they are made; nothing here reads a file.

Numbers that decide privacy are `Fraction` or `int`, never float.  Each class refuses what cannot be meant; what
concerns several policies or a source is checked in `publisher.policy.check`.
"""

from publisher.policy.model.measures import (
    COUNTS,
    DERIVED,
    MEASURE_KINDS,
    MOST_CANDIDATES,
    Clamp,
    MeasureSpec,
    check_candidates,
)
from publisher.policy.model.noise import WIDTH_OF_ERROR, ContributionBound, EstimateKind, GroupWeight, Noise, Weights
from publisher.policy.model.policy import Policy
from publisher.policy.model.schedule import RUNS_A_YEAR, WINDOWS, Schedule
from publisher.policy.model.suppression import (
    MOST_CONTRIBUTORS,
    ContributorsRule,
    DominanceRule,
    PPercentRule,
    ProtectionLevel,
    Rule,
    ShareRule,
    Suppression,
    ThresholdRule,
    Zeros,
)
from publisher.policy.model.tables import CategorySpec, JoinedCode, TableSpec

__all__ = [
    "COUNTS", "DERIVED", "MEASURE_KINDS", "MOST_CANDIDATES", "MOST_CONTRIBUTORS", "RUNS_A_YEAR", "WIDTH_OF_ERROR",
    "WINDOWS", "CategorySpec", "Clamp", "ContributionBound", "ContributorsRule", "DominanceRule", "EstimateKind",
    "GroupWeight", "JoinedCode", "MeasureSpec", "Noise", "PPercentRule", "Policy", "ProtectionLevel", "Rule",
    "Schedule", "ShareRule", "Suppression", "TableSpec", "ThresholdRule", "Weights", "Zeros", "check_candidates",
]  # fmt: skip
