"""Amounts that are large by what is known of them beforehand: no end is missed, and every question ends."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from publisher.audit.attacker import bounds, integers
from publisher.audit.attacker.equations import NO_UPPER, SHOWN, WITHHELD, System
from publisher.audit.attacker.problem import NO_GRID, ranges_of
from publisher.audit.attacker.ranges import Ranges, Work
from publisher.errors import AuditFailedError

AMOUNT = 694_151_761_824
HALF, MOST = 500_000_000_000, 845_531_765_461

# With these bounds of withheld amounts the solver's branch and bound tightens by ones, a million million times.
CYCLES = [
    [0, 0, -1, -2, -1, 0, -1, 0, 1, 0, 0, 0, 0, 0], [0, 0, -1, -1, 0, 0, -1, -1, -1, 1, 0, 0, 0, 0],
    [0, 0, 0, -1, 0, -1, 0, -1, -1, 0, 1, 0, 0, 0], [0, 0, -1, 0, 0, 0, 0, 0, 0, -1, 0, 1, 0, 0],
    [0, 0, -1, 0, 0, -1, 0, -1, 0, 0, -1, 0, 1, 0], [0, 0, 0, 0, -1, 0, -1, 0, 0, 0, 0, -2, 0, 1],
]  # fmt: skip
AMOUNTS = [
    6, None, None, None, None, 999999999994, None, None, None, None, None, 3217764737376, None, 7435529474757,
]  # fmt: skip
LEAST = [0, 0, 0, 1, 0, 517450710042, 0, 0, 1405921579134, 2811843158257, 0, 3217764737373, 0, 7435529474754]
UPPER = [
    6, 149055698062, 831778121071, 8, 503019730171, 1579993905672, NO_UPPER, 0, 1405921579135, 2811843158259, NO_UPPER,
    NO_UPPER, 4786527894465, 7435529474758,
]  # fmt: skip


def known(
    rows: Sequence[Sequence[int]], values: Sequence[int | None], least: Sequence[int], most: Sequence[int],
) -> Ranges:  # fmt: skip
    """What an outsider proves of the withheld cells (None), in whole numbers too."""
    state = np.array([WITHHELD if v is None else SHOWN for v in values], dtype=np.int8)
    shown, lower, upper = (np.array(x, dtype=np.int64) for x in ([v or 0 for v in values], least, most))
    matrix = sparse.csr_matrix(np.array(rows, dtype=np.int64))
    at = np.flatnonzero(state == WITHHELD)
    found = ranges_of(
        System(NO_GRID, matrix, state, shown, lower, upper, agree=True), least=0, at=at,
        need=np.full(len(at), np.inf), work=Work(integers=True),
    )  # fmt: skip
    assert found is not None
    return found


def test_an_amount_with_a_known_upper_bound_has_an_end_although_no_large_number_is_shown() -> None:
    """The differences that are shown are small; the bounds are not."""
    rows = [
        [-1, -1, 0, 1, 0, 0, 0, 0], [-2, -1, -1, -1, 1, 0, 0, -1], [0, 0, 0, -1, -1, 1, 0, -1],
        [0, -1, 0, 0, 0, 0, 1, -1],
    ]  # fmt: skip
    least = [0, AMOUNT, 0, AMOUNT, 2 * AMOUNT, 3 * AMOUNT, AMOUNT, 0]
    most = [HALF, NO_UPPER, MOST, *[NO_UPPER] * 5]
    low, high = known(rows, [*[None] * 7, 5], least, most).whole()
    assert (low[0], high[0], low[2], high[2]) == (0, HALF, 0, MOST)


@pytest.mark.parametrize("total", [10**12, 5 * 10**15])
def test_numbers_too_large_to_be_added_exactly_do_not_hide_an_end(total: int) -> None:
    """All but three of a total are known to be in one part."""
    low, high = known([[1, -1, -1]], [total, None, None], [0, 0, total - 3], [NO_UPPER] * 3).whole()
    assert (low[1], high[1]) == (0, 3)


def test_numbers_that_are_not_exact_as_floats_are_refused() -> None:
    with pytest.raises(AuditFailedError, match="nothing is decided"):
        known([[1, -1, -1]], [10**16 + 1, None, None], [0, 0, 10**16 - 2], [NO_UPPER] * 3)


def _ends(small: int) -> None:
    """All that is withheld is answered, in components of up to `small` unknowns as a whole."""
    integers._SMALL = integers._NEAR = bounds._SMALL = bounds._NEAR = small
    found = known(CYCLES, AMOUNTS, LEAST, UPPER)
    low, high = found.whole()
    assert (low <= high).all()


@pytest.mark.parametrize("small", [400, 5])
def test_questions_about_whole_amounts_come_to_an_end(small: int) -> None:
    """In a process of its own: what hangs in the solver cannot be interrupted."""
    here = Path(__file__)
    code = f"import sys; sys.path.insert(0, {str(here.parent)!r}); import {here.stem} as t; t._ends({small})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
