"""The equations hold for every table of leaf counts, and nothing that ties cells is left out."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.geography.register import AreaIndex, RegisterArea
from publisher.relations import AreaLevel, Column, KeySet, all_cells, area_equations, fill_totals, linked_system
from publisher.release.model import AREA_LEVELS

CODES = ("0114R001", "0114R002", "0180R001", "0180R002", "0201R001", "0302R001", "0302R002")


def register(types: dict[str, str]) -> AreaIndex:
    areas = tuple(RegisterArea(c, c, c[:4], f"K{c[:4]}", c[:2], f"L{c[:2]}") for c in CODES)
    return AreaIndex("regso-2020", areas, {2022: types})


TYPES = st.fixed_dictionaries({}, optional={c: st.sampled_from("12345") for c in CODES})
LEVELS = st.sets(st.sampled_from(AREA_LEVELS), min_size=1).map(tuple)


def keys_of(types: dict[str, str], names: tuple[str, ...], totals: tuple[bool, bool] = (True, True)) -> KeySet:
    index = register(types)
    columns = (Column("sex", ("woman", "man"), True), Column("benefit", ("a", "b", "c"), False))
    return KeySet(index.leaves, index.levels(names, 2022), columns, totals)


@given(TYPES, LEVELS, st.integers(0, 2**32 - 1))
def test_every_equation_holds_for_any_counts(types: dict[str, str], names: tuple[str, ...], seed: int) -> None:
    keys = keys_of(types, names)
    counts = np.random.default_rng(seed).integers(0, 9, (len(keys.leaves), 2, 3))
    system = linked_system(keys)
    assert not np.any(system.equations @ all_cells(counts, keys))
    assert system.shown.sum() == np.prod(keys.shape)


@settings(max_examples=200)
@given(TYPES, LEVELS)
def test_no_relation_between_cells_is_missing(types: dict[str, str], names: tuple[str, ...]) -> None:
    """What the equations leave free to the published area cells is exactly what the leaf counts leave free.

    Categories multiply this by a Kronecker product, and are left out here.
    """
    index = register(types)
    keys = KeySet(index.leaves, index.levels(names, 2022), (), ())
    images = np.array([all_cells(leaf, keys) for leaf in np.eye(len(keys.leaves), dtype=np.int64)])
    system = linked_system(keys)
    published = images[:, : keys.shape[0]]
    assert _published_freedom(system.equations.toarray(), keys.shape[0]) == np.linalg.matrix_rank(published)


def _published_freedom(equations: np.ndarray, shown: int) -> int:
    """Dimension of what the shown cells can be, once the latent ones are free."""
    kernel = _kernel(equations)
    return int(np.linalg.matrix_rank(kernel[:shown])) if kernel.size else 0


def _kernel(matrix: np.ndarray) -> np.ndarray:
    _, s, vt = np.linalg.svd(matrix)
    return vt[int((s > 1e-9).sum()) :].T


def test_totals_are_sums_over_both_hierarchies() -> None:
    keys = keys_of(dict.fromkeys(CODES, "3"), ("riket", "lan", "area_type"))
    counts = np.ones((len(keys.leaves), 2, 3), dtype=np.int64)
    full = fill_totals(counts, keys)
    cell = dict(zip(keys.area_codes, full[:, 2, 3], strict=True))
    assert cell["00"] == len(keys.leaves) * 6
    assert cell["T3"] == len(CODES) * 6
    assert cell["T0"] == (len(keys.leaves) - len(CODES)) * 6


def test_a_place_without_a_stated_area_stands_at_the_level_below_it() -> None:
    keys = keys_of({}, ("riket", "lan", "kommun", "regso"))
    levels = {v.level: v.codes for v in keys.levels}
    assert "00X" in levels["lan"]
    assert "01X" in levels["kommun"]
    assert "0180X" in levels["regso"]


def test_every_place_has_the_type_none_whatever_the_records_hold() -> None:
    keys = keys_of(dict.fromkeys(CODES, "1"), ("lan_area_type",))
    assert {"01T0", "01T1", "02T0"} <= set(keys.area_codes)
    assert "01T2" not in keys.area_codes


def _bad_values() -> Iterator[object]:
    member = np.array([0, 1])
    yield lambda: AreaLevel("lan", ("01",), member)
    yield lambda: Column("sex", ("a", "a"), True)
    yield lambda: Column("sex", ("TOT",), True)
    level = AreaLevel("lan", ("01", "02"), member)
    yield lambda: KeySet(("x", "y"), (level, level), (), ())
    yield lambda: KeySet(("x",), (level,), (), ())


@pytest.mark.parametrize("make", list(_bad_values()))
def test_values_that_cannot_be_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match=r"outside|different|two levels|belong together"):
        make()  # type: ignore[operator]


def test_area_equations_name_their_latent_cells() -> None:
    keys = keys_of({}, ("riket", "regso"))
    equations, latent = area_equations(keys.levels)
    assert equations.shape == (1, len(keys.area_codes) + 1)
    assert {keys.leaves[i] for i in latent[0]} == {"01X", "02X", "03X", "00X"}
