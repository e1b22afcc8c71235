"""Weights come from public sizes and a key."""

import numpy as np
import pytest

from publisher.suppression.weights import FLOOR, UNIT, public_weights

KEY = bytes(range(16))


def test_weights_grow_with_public_size_under_most_keys() -> None:
    sizes = np.array([0, 400, 10_000, 10_000_000], dtype=np.int64)
    grown = [np.all(np.diff(public_weights(sizes, key=bytes([k] * 16))) > 0) for k in range(100)]
    assert sum(grown) > 50
    assert all(public_weights(sizes, key=bytes([k] * 16)).min() > 0 for k in range(100))


def test_the_key_decides_between_sizes_that_differ_by_a_quarter() -> None:
    sizes = np.full(50, 30, dtype=np.int64)
    weights = public_weights(sizes, key=KEY)
    assert len(np.unique(weights)) > 25
    base = UNIT * (FLOOR + 30)
    assert base <= weights.min()
    assert weights.max() < 1.25 * base + 256
    assert weights.max() > 1.15 * weights.min()
    assert np.array_equal(weights, public_weights(sizes, key=KEY))
    assert not np.array_equal(weights, public_weights(sizes, key=bytes(16)))


def test_a_short_key_and_a_negative_size_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        public_weights(np.array([1], dtype=np.int64), key=b"short")
    with pytest.raises(ValueError, match="negative"):
        public_weights(np.array([-1], dtype=np.int64), key=KEY)
