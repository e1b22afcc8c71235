"""OpenDP with exact counts in: a discrete Gaussian on each query group, rho in equal parts.

The vector measurement that its documentation gives for histograms with a known key set, at the true L2 sensitivity
(2 where the benefit is kept, 4 for totals, times the unit); no post-processing, as the library has none for
hierarchies.  Intervals are those of its `accuracy` helper at 95 %.
"""

from collections.abc import Iterator

import contract
import opendp.prelude as dp

dp.enable_features("contrib")


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """Each query group once, for an equal part of rho."""
    rho = work.rho / len(work.groups)
    for group, counts in contract.exact_counts(work).items():
        scale = dp.binary_search_param(_gaussian, d_in=work.sensitivity(group[1]), d_out=rho)
        half = dp.discrete_gaussian_scale_to_accuracy(scale=scale, alpha=0.05)
        yield from contract.cells_of(work, group, _gaussian(scale)(counts), half_width=half)


def _gaussian(scale: float) -> dp.Measurement:
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return space >> dp.m.then_gaussian(scale=scale)


if __name__ == "__main__":
    contract.run(estimate)
