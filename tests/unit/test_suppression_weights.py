"""Weights come from public sizes and a key."""

import numpy as np
import pytest

from publisher.suppression.weights import UNIT, public_weights

KEY = bytes(range(16))


def test_weights_grow_with_public_size_whatever_the_tie_break() -> None:
    sizes = np.array([0, 9, 400, 10_000, 10_000_000], dtype=np.int64)
    weights = public_weights(sizes, key=KEY)
    assert np.all(np.diff(weights) > 0)
    assert np.all(weights > 0)


def test_two_small_cells_cost_less_than_one_of_a_hundred_times_their_size() -> None:
    small, large = public_weights(np.array([20, 2000], dtype=np.int64), key=KEY)
    assert 2 * small < large


def test_ties_are_broken_by_the_key_and_by_nothing_else() -> None:
    sizes = np.full(50, 30, dtype=np.int64)
    weights = public_weights(sizes, key=KEY)
    assert len(np.unique(weights)) > 25
    assert int(weights.max() - weights.min()) < UNIT
    assert np.array_equal(weights, public_weights(sizes, key=KEY))
    assert not np.array_equal(weights, public_weights(sizes, key=bytes(16)))


def test_a_short_key_and_a_negative_size_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        public_weights(np.array([1], dtype=np.int64), key=b"short")
    with pytest.raises(ValueError, match="negative"):
        public_weights(np.array([-1], dtype=np.int64), key=KEY)
