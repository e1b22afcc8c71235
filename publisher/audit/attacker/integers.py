"""What an outsider knows who also reasons that counts are whole: intervals that the linear relaxation leaves too wide.

In tables of three or more dimensions a vertex of the relaxation can be a fraction, and the whole numbers inside can
leave a cell narrower.  Asked are unknowns whose range is close to the width that they need, and those whose ends are
proved, for the ends that no whole solution was seen to reach.  A solution in whole
numbers (a vertex that happens to be one, or one that the solver finds) shows how far a cell can move; the solver's
bound proves how far it cannot.  In a small component all of it is asked.  In a large one what lies around the cell,
where equations that lead further hold with the bounds of what is beyond: a proof that the cell is narrow holds for the
whole too.

Undecided in a small component: the cell counts as narrow as whole numbers were seen, since the promise is one of
certainty; of large amounts only whole solutions near a vertex are sought.  In a large one: what the relaxation says
stands.  One worker, a fixed seed, a limit of nodes, not of time: the same table gets the same answer.  The solver is
HiGHS's branch and bound: ortools' CP-SAT cannot be loaded into one process with it, since both bring a library of the
same name in another version.
Source: M. Fischetti, J. J. Salazar, Management Science 47, 2001 (the attacker's programmes, there in whole numbers).
"""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.programme import Floats, Indices, Programme, model_of
from publisher.audit.attacker.reduce import ContradictionError
from publisher.audit.attacker.surroundings import Surroundings
from publisher.opaque import Opaque

CLOSE = 2
"""Asked are unknowns whose range is less than this wider than they need, by one more if they need more than 1."""

_SMALL = 400
"""Components of up to so many unknowns are asked as a whole."""

_NEAR = 150
"""So many unknowns around a cell are asked in a larger one."""

_OPTIONS: dict[str, bool | int | float] = {
    "output_flag": False, "threads": 1, "random_seed": 1, "mip_max_nodes": 500, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-6,
}  # fmt: skip
"""One worker, a fixed seed, and a limit of nodes for one question."""

_BOX = 1000
"""Of large amounts whole solutions are sought so near to a vertex: the solver can tighten large bounds by ones for
ever, and no limit of nodes or time ends that (seen with HiGHS)."""

_FRACTION = 1e-6

_RELATIVE = 1e-9
"""The solver's bound is trusted to this share of the largest number: of large ones it proves the less."""


@dataclass(slots=True, repr=False)
class Witness(Opaque):
    """How far each unknown of a component was seen to move by solutions in whole numbers."""

    low: Floats
    high: Floats

    @classmethod
    def none(cls, size: int) -> "Witness":
        """Nothing seen yet."""
        return cls(np.full(size, np.inf), np.full(size, -np.inf))

    def at(self, columns: Indices) -> "Witness":
        """Of some unknowns."""
        return Witness(self.low[columns], self.high[columns])

    def see(self, programme: Programme, point: Floats) -> bool:
        """Count a solution of the relaxation where, rounded, it is one in whole numbers; whether it is."""
        near = np.rint(point)
        inside = ((near >= programme.lower) & (near <= programme.upper)).all()
        whole = bool(inside and (programme.matrix @ near == programme.rhs).all())
        if whole:
            self.low, self.high = np.minimum(self.low, near), np.maximum(self.high, near)
        return whole


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole numbers that an unknown can hold lie in `low`..`high`; `proved`: no others, else at least these."""

    at: int
    low: float
    high: float
    proved: bool


def ask(
    programme: Programme, witness: Witness, asked: NDArray[np.int64], ends: tuple[Floats, Floats], need: Floats
) -> list[Answer]:
    """Those of the unknowns `asked` that whole numbers leave narrower than `need`, and all whose need is proof.

    `ends`, `need`: what no solution goes beyond, as far as is proved, and width (infinite: proof), one for each of
    `asked`.  ContradictionError where a small component has no solution in whole numbers.
    """
    if not np.isfinite(programme.lower).all() or not np.isfinite(programme.upper).all():
        return []
    if is_small(programme):
        return _ask_whole(programme, witness, asked, ends, need)
    each = zip(asked.tolist(), *(x.tolist() for x in (*ends, need)), strict=True)
    found = (_ask_near(programme, at, (low, high), wanted) for at, low, high, wanted in each)
    return [a for a in found if a is not None]


def is_small(programme: Programme) -> bool:
    """Whether a component is asked as a whole."""
    return programme.size <= _SMALL


def _ask_whole(
    programme: Programme, witness: Witness, asked: NDArray[np.int64], ends: tuple[Floats, Floats], need: Floats
) -> list[Answer]:
    extreme, out = _search(programme), []
    for at, *outer, wanted in zip(asked.tolist(), *(x.tolist() for x in (*ends, need)), strict=True):
        for k, sign in enumerate((1, -1)):
            seen = float(witness.low[at]), float(witness.high[at])
            if seen[1] - seen[0] < wanted and sign * seen[k] > sign * outer[k]:
                end, point = extreme(at, sign)
                outer[k] = sign * max(sign * outer[k], sign * end)
                _see(witness, programme, point)
        seen = float(witness.low[at]), float(witness.high[at])
        if seen[1] - seen[0] < wanted:
            out.append(_narrow(at, (outer[0], outer[1]), seen))
    return out


def _search(programme: Programme) -> Callable[[int, int], tuple[float, Floats | None]]:
    """How a small component is asked for an end, as `_Model.extreme` answers."""
    if programme.scale == 1:
        return _Model(programme.matrix, programme.rhs, (programme.lower, programme.upper)).extreme
    return lambda at, sign: (-sign * np.inf, _near_vertex(programme, at, sign))


def _near_vertex(programme: Programme, at: int, sign: int) -> Floats | None:
    """The best whole solution near the vertex of an end, in small numbers: where it stops proves nothing."""
    vertex = programme.extreme(np.array([at], dtype=np.int32), np.array([float(sign)]))
    if vertex is None:
        return None
    near = np.clip(np.rint(vertex), programme.lower, programme.upper)
    box = np.maximum(programme.lower - near, -_BOX), np.minimum(programme.upper - near, _BOX)
    try:
        step = _Model(programme.matrix, programme.rhs - programme.matrix @ near, box).extreme(at, sign)[1]
    except ContradictionError:
        return None
    return None if step is None else near + np.rint(step)


def _see(witness: Witness, programme: Programme, point: Floats | None) -> None:
    if point is not None:
        witness.see(programme, point)


def _narrow(at: int, outer: tuple[float, float], seen: tuple[float, float]) -> Answer:
    if seen[0] > seen[1]:  # no solution was found, and none was excluded: as if everything were known
        return Answer(at, outer[0], outer[0], False)
    return Answer(at, *seen, seen == outer)


def _ask_near(programme: Programme, at: int, ends: tuple[float, float], need: float) -> Answer | None:
    """What the surroundings of a cell prove: an interval that is too narrow or, where need is proof, closer ends.

    Nothing of large amounts with coefficients other than 1: where these make cycles the solver does not come to an end.
    """
    if programme.scale > 1 and (np.abs(programme.matrix.data) != 1).any():
        return None
    around = Surroundings.of(programme, at, _NEAR)
    model = _Model(around.matrix, around.rhs, (around.lower, around.upper), around.beyond)
    low, high = max(ends[0], model.extreme(around.at, 1)[0]), min(ends[1], model.extreme(around.at, -1)[0])
    enough = ends[1] - ends[0] if np.isinf(need) else need
    return Answer(at, low, high, True) if high - low < enough else None


class _Model(Opaque):
    """`matrix @ x + y = rhs` in whole numbers, where y lies within `beyond` (0 without)."""

    def __init__(
        self, matrix: sparse.csr_matrix, rhs: Floats, bounds: tuple[Floats, Floats],
        beyond: tuple[Floats, Floats] | None = None,
    ) -> None:  # fmt: skip
        self.size = len(bounds[0])
        self._slop = max(_FRACTION, _RELATIVE * float(np.abs(rhs).max(initial=0.0)))
        model = model_of(matrix, rhs, *bounds)
        if beyond is not None:
            model.row_lower_, model.row_upper_ = rhs - beyond[1], rhs - beyond[0]
        model.integrality_ = [highspy.HighsVarType.kInteger] * self.size
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in _OPTIONS.items():
            self._solver.setOptionValue(option, value)
        self._solver.passModel(model)

    def extreme(self, at: int, sign: int) -> tuple[float, Floats | None]:
        """The least (sign 1) or greatest (-1) value that is not excluded, and the best solution found, if any.

        ContradictionError where no whole numbers satisfy the equations.
        """
        costs = np.zeros(self.size)
        costs[at] = sign
        self._solver.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), costs)
        self._solver.run()
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            raise ContradictionError
        info = self._solver.getInfo()
        point = np.asarray(self._solver.getSolution().col_value, dtype=np.float64)
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return sign * float(np.ceil(info.mip_dual_bound - self._slop)), point if found else None
