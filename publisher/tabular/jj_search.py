"""JJ problems solved, audited, and made from a plain table."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import sparse

from publisher.audit.attacker.problem import bound_problem
from publisher.errors import TableError
from publisher.opaque import Opaque
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.pattern import Layer, find_sum_pattern
from publisher.tabular.jj import FIXED, FREE, OTHER_SECONDARY, SECONDARY, SENSITIVE, JJCell, JJProblem
from publisher.tabular.protect import ProtectedTable
from publisher.tabular.spec import Spec


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reach(Opaque):
    """How far the interval of each sensitive cell must fall and rise, and how wide it must be, in whole numbers.

    No further than the bounds, which everybody knows; `capped`: how many cells ask for more.
    """

    fall: IntArray
    rise: IntArray
    width: IntArray
    capped: int

    @classmethod
    def of(cls, problem: JJProblem) -> "Reach":
        """From the protection levels and the bounds."""
        (low, high, wide), (lower, upper), values = problem.levels, problem.bounds, problem.values
        fall, rise = np.minimum(low, values - lower), np.minimum(high, upper - values)
        width = np.minimum(wide, upper - lower)
        return cls(fall, rise, width, int(((fall < low) | (rise < high) | (width < wide)).sum()))


def solve(problem: JJProblem) -> JJProblem:
    """Status `m` for what must be suppressed besides, so that every sensitive cell keeps its protection levels.

    No suppressed cell is a point.  SuppressionError where no pattern was found.
    """
    reach, (lower, upper), values = Reach.of(problem), problem.bounds, problem.values
    layer = Layer(
        values=values, sensitive=problem.has_status(SENSITIVE), withheld=problem.has_status(SECONDARY, OTHER_SECONDARY),
        forced=problem.has_status(FIXED), zeros=np.zeros(len(values), dtype=np.bool_), weights=problem.weights,
        top=upper - values,
    )  # fmt: skip
    system = LinkedSystem(problem.equations.astype(np.float64), np.ones(len(values), dtype=np.bool_))
    found = find_sum_pattern(system, layer, lower=lower, rise=reach.rise, fall=reach.fall, width=reach.width)
    return problem.solved(found.suppressed)


@dataclass(frozen=True, slots=True)
class JJReport:
    """Counts of suppressed cells of a solution: those that are points, and sensitive ones below their levels."""

    suppressed: int
    exact: int
    narrow: int

    @property
    def safe(self) -> bool:
        """Whether every promise is kept."""
        return not (self.exact or self.narrow)


def audit(solution: JJProblem) -> JJReport:
    """Bound every suppressed cell by the equations of the file alone."""
    values, reach = solution.values, Reach.of(solution)
    withheld = solution.has_status(SENSITIVE, SECONDARY, OTHER_SECONDARY)
    sensitive = solution.has_status(SENSITIVE)[withheld]
    need = np.where(sensitive, np.inf, 1.0)
    ends = bound_problem(sparse.csr_matrix(solution.equations), values, withheld, solution.bounds, need=need)
    if ends is None:
        raise TableError("the values of the file lie outside its own bounds")
    low, high = ends
    fall, rise, width = (a[withheld] for a in (reach.fall, reach.rise, reach.width))
    enough = (low <= values[withheld] - fall) & (high >= values[withheld] + rise) & (high - low >= width)
    return JJReport(len(low), int((high <= low).sum()), int((sensitive & ~enough).sum()))


def problem_of(made: ProtectedTable, spec: Spec) -> JJProblem:
    """A plain table as a JJ problem, before its secondary suppression.

    The format knows one attacker.  For a count of level `interval` this is A0; at `exact` and `ambiguous` A1, so that
    lower bounds are 1 where zeros are published and the sliding level, the threshold, asks for a little more than the
    level.  Sums have their levels.  The costs are public sizes as in `protect`.
    """
    layer, demands, values = made.layer, made.demands, made.values
    fixed = layer.forced | layer.zeros
    least = spec.zeros is Zeros.PUBLISHED and (spec.is_sum or spec.level is not ProtectionLevel.INTERVAL)
    width = 0 if spec.is_sum else 1 if spec.level is ProtectionLevel.EXACT else spec.threshold
    most = Fraction(2 * int(values.max(initial=0)) + 2 * spec.threshold + int(demands.rise.max(initial=0)))
    out = []
    for k, value in enumerate(values.tolist()):
        sensitive = bool(demands.sensitive[k])
        fall, rise, wide = (demands.fall[k], demands.rise[k], width) if sensitive else (0, 0, 0)
        out.append(JJCell(
            value=Fraction(value), cost=Fraction(int(layer.weights[k])),
            status=SENSITIVE if sensitive else FIXED if fixed[k] else FREE,
            lower=Fraction(int(least and value > 0)), upper=most,
            levels=(Fraction(int(fall)), Fraction(int(rise)), Fraction(wide)),
        ))  # fmt: skip
    return JJProblem(tuple(out), sparse.csr_array(made.cells.system().equations).astype(np.int64))
