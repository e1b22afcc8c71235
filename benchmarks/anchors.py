"""How strongly totals are held while cells are made non-negative: the trial that chose the anchors.

Usage: python benchmarks/anchors.py FOLDER [--draws N] [--work D1 D2]

FOLDER as of benchmarks/noise.py: synthetic records, never an agency's.  For each power p of the number of atoms in a
cell that its level's weight is multiplied by (0: plain non-negative least squares), with raking and without, over the
same seeded draws: summed squared error against the unbiased estimate's, and of each level the root mean squared error
against the unbiased one's, the worst marginal.  Before rounding.
"""

import argparse
from pathlib import Path

import numpy as np
from noise import BOUND, TERMS, charge_for, columns_of, counts_of, keys_of, spec_of

from publisher.cube import BoundedCube
from publisher.cube.bounded import _MINT
from publisher.noise import nonnegative
from publisher.noise.mechanism import measure
from publisher.noise.parts import parts_of, plan_of
from publisher.noise.postprocess import Unbiased, estimate, group_means
from publisher.noise.subspaces import Marginal
from publisher.relations import fill_totals
from publisher.threads import one_thread

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
SEED = 20220428
ROUNDS = nonnegative._ROUNDS


def drawn(folder: Path, work: str, draws: int) -> tuple[list[Unbiased], np.ndarray]:
    """Seeded draws of a work, and its bounded truth."""
    keys = keys_of(folder, columns_of(work))
    spec = spec_of(work, keys)
    (part,) = parts_of(spec, keys)
    counts = counts_of(folder, spec, keys, "year(date) = 2022")[part.name]
    cube, rng = BoundedCube(_MINT, keys, counts, BOUND, part.quantity), np.random.default_rng(SEED)
    strategy = plan_of(part, TERMS)

    def source(exact: np.ndarray, scale: float) -> np.ndarray:
        return exact + np.rint(rng.normal(0, scale, exact.shape)).astype(np.int64)

    measured = [measure(cube, part, strategy=strategy, charge=charge_for([part]), noise=source) for _ in range(draws)]
    return [estimate(m) for m in measured], fill_totals(counts, keys)


def squares(found: list[Unbiased], truth: np.ndarray, cut: bool) -> dict[tuple[str, Marginal], float]:
    """The mean squared error of each level and marginal, over all draws."""
    total = np.zeros(truth.shape)
    with one_thread():
        for one in found:
            total += ((one.cells(nonnegative.nonnegative(one)) if cut else one.values) - truth) ** 2
    return group_means(total / len(found), found[0].keys) | {("all", ()): float(total.sum() / len(found))}


def main() -> None:
    """Print one line a setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--work", nargs="+", choices=["D1", "D2"], default=["D1", "D2"])
    options = parser.parse_args()
    for work in options.work:
        found, truth = drawn(options.folder, work, options.draws)
        plain = squares(found, truth, cut=False)
        for rounds in (ROUNDS, 0):
            for power in POWERS:
                nonnegative._ANCHOR, nonnegative._ROUNDS = power, rounds
                ratios = {group: square / plain[group] for group, square in squares(found, truth, cut=True).items()}
                levels = dict.fromkeys(level for level, _ in ratios if level != "all")
                worst = {v: max(r for (level, _), r in ratios.items() if level == v) ** 0.5 for v in levels}
                shown = ", ".join(f"{level} {ratio:.3f}" for level, ratio in worst.items())
                raked = "raked" if rounds else "not raked"
                print(f"{work} power {power}, {raked}: {ratios['all', ()]:.4f} of the error; {shown}", flush=True)


if __name__ == "__main__":
    main()
