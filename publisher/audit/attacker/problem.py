"""The attack on cells that are tied by given equations, whatever table they come from."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.bounds import bound
from publisher.audit.attacker.equations import SHOWN, WITHHELD, Grid, Ints, System
from publisher.audit.attacker.programme import Floats
from publisher.audit.attacker.ranges import Ranges, Work, known, unseen
from publisher.audit.attacker.reduce import ContradictionError, reduce_system

NO_GRID = Grid((), {}, (), ())
"""Of a system whose cells have no names here."""


def bound_problem(
    matrix: sparse.csr_matrix, values: Ints, withheld: NDArray[np.bool_], bounds: tuple[Ints, Ints], *, need: Floats
) -> tuple[Floats, Floats] | None:
    """Least and greatest whole numbers that each withheld cell can hold; None where no numbers fit.

    `matrix @ values = 0`; `bounds`: what everybody knows of each cell.  `need`: for each withheld cell the width that
    suffices, infinite where the ends must be proved.
    """
    at, system = np.flatnonzero(withheld), given_system(matrix, values, withheld, bounds)
    found = ranges_of(system, least=int(bounds[0].min(initial=0)), at=at, need=need)
    if found is None:
        return None
    low, high = found.whole()
    return low[at], high[at]


def given_system(
    matrix: sparse.csr_matrix, values: Ints, withheld: NDArray[np.bool_], bounds: tuple[Ints, Ints], across: int = 0
) -> System:
    """The system of `bound_problem`, in which what is withheld is not known.

    `across`: the cells stand place by place, so many to each (0: they do not, or it is not known).
    """
    state = np.where(withheld, WITHHELD, SHOWN).astype(np.int8)
    standing = np.divmod(np.arange(len(values)), across) if across else None
    return System(NO_GRID, matrix, state, np.where(withheld, 0, values), *bounds, True, standing)


def ranges_of(
    system: System, *, least: int, at: Ints, need: Floats, seen: Ranges | None = None,
    work: Work | None = None, told: Alternatives | None = None,
) -> Ranges | None:  # fmt: skip
    """Ranges of all cells where withheld ones (numbered `at`) are at least `least`; None where no numbers fit.

    `need`: for each of `at`, as in `bound_problem`.  `seen`: what an attacker who knows more was seen to leave open.
    `work`, `told`: as `bound` has them.
    """
    try:
        reduced = reduce_system(system, least=least)
        free = reduced.column >= 0
        cells, columns = reduced.unknowns[free], reduced.column[free]
        needs = np.ones(system.size)
        needs[at] = need
        wanted = np.ones(len(reduced.lower))
        np.maximum.at(wanted, columns, needs[cells])
        ranges = unseen(len(reduced.lower))
        if seen is not None:
            ranges.start_from(columns, seen, cells)
        bound(reduced, ranges, need=wanted, work=work, told=told)
    except ContradictionError:
        return None
    values = system.values.astype(np.float64)
    values[reduced.unknowns] = reduced.fixed
    spread = known(values)
    spread.take(cells, ranges, columns)
    return spread
