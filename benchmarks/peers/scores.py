"""The figures of a peer on one work, seen against the bounded truth."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

import contract
import numpy as np
import with_publisher
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""One number a cell, shape (areas of all levels, codes + total of each column)."""


@dataclass
class Seen:
    """Sums over the draws of one peer; `means`: of each draw the mean squared error by level and part; `rounded`: the
    same of its numbers rounded, where they are not whole."""

    squares: Array
    means: list[dict[str, float]] = field(default_factory=list)
    rounded: list[dict[str, float]] = field(default_factory=list)
    draws: int = 0
    negative: float = 0.0
    covered: float | None = None
    cpu: float = 0.0
    peak: float = 0.0
    gaps: dict[str, float] = field(default_factory=dict)


class Scores:
    """What is told of every peer on a work.  Squared errors of sums are in clamps, without totals over benefits."""

    def __init__(self, work: contract.Work) -> None:
        self.work, self.limit = work, with_publisher.limit_for(work)
        areas = [(level, area) for level in contract.LEVELS for area in work.areas(level)]
        self.rows = {area: i for i, area in enumerate(areas)}
        self.codes = [{c: i for i, c in enumerate((*own, contract.TOTAL))} for own in work.columns.values()]
        counts = contract.exact_counts(work)
        cells = (c[:4] for group, values in counts.items() for c in contract.cells_of(work, group, values))
        self.truth = self.array_of(cells)

    def array_of(self, cells: Iterable[tuple[str, str, tuple[str, ...], float]]) -> Array:
        """All cells; ValueError where one is missing, given twice or unknown."""
        out, given = np.full((len(self.rows), *map(len, self.codes)), np.nan), 0
        for level, area, codes, value in cells:
            out[self.rows[level, area], *(at[c] for at, c in zip(self.codes, codes, strict=True))] = value
            given += 1
        if given != out.size or np.isnan(out).any():
            raise ValueError(f"{given} numbers for {out.size} cells")
        return out

    def add(self, seen: Seen, lines: list[list[str]], cost: dict[str, float]) -> None:
        """One draw of a peer, as it stands in its files."""
        columns = len(self.codes)
        names = [(line[0], line[1], tuple(line[2 : 2 + columns])) for line in lines]
        values, lower, upper = (
            self.array_of((*name, float(line[at] or missing)) for name, line in zip(names, lines, strict=True))
            for at, missing in ((-3, "nan"), (-2, "inf"), (-1, "inf"))
        )
        squares = (values - self.truth) ** 2
        seen.squares += squares
        seen.means.append(self._means(squares))
        if (values != np.rint(values)).any():
            seen.rounded.append(self._means((np.rint(values) - self.truth) ** 2))
        seen.negative += float((values < 0).mean())
        told = np.isfinite(lower)
        if told.any():
            held = (lower <= self.truth) & (self.truth <= upper)
            seen.covered = (seen.covered or 0.0) + float(held[told].mean())
        seen.gaps = {k: max(v, seen.gaps.get(k, 0.0)) for k, v in self.gaps_of(values).items()}
        seen.draws += 1
        seen.cpu += cost["cpu_seconds"]
        seen.peak = max(seen.peak, cost["peak_mib"])

    def gaps_of(self, values: Array) -> dict[str, float]:
        """The largest distance of a total from the sum of its parts: along areas, along area types, over codes."""
        leaves, out = values[self._rows_of("regso")], {"areas": 0.0, "area_types": 0.0, "codes": 0.0}
        order = {code: i for i, code in enumerate(self.work.areas("regso"))}
        own = [order[leaf[contract.LEVELS.index("regso")]] for leaf in self.work.leaves]
        for at, level in enumerate(contract.LEVELS):
            place = {code: i for i, code in enumerate(self.work.areas(level))}
            sums = np.zeros((len(place), *values.shape[1:]))
            np.add.at(sums, [place[leaf[at]] for leaf in self.work.leaves], leaves[own])
            which = "area_types" if level == "area_type" else "areas"
            out[which] = max(out[which], float(np.abs(sums - values[self._rows_of(level)]).max()))
        for axis in range(1, values.ndim):
            parts, total = np.split(values, [-1], axis=axis)
            out["codes"] = max(out["codes"], float(np.abs(parts.sum(axis=axis, keepdims=True) - total).max()))
        return out

    def figures(self, seen: Seen) -> dict[str, object]:
        """What is told."""
        mean = seen.squares / seen.draws
        by_draw = _by_group(seen.means)
        rmse = {group: float(np.sqrt(m.mean())) for group, m in by_draw.items()}
        if self.work.clamps:
            mean = mean[:, :-1] / np.array(self.work.clamps, dtype=np.float64) ** 2
        error = float(mean.sum())
        return {
            "draws": seen.draws,
            "rmse": {group: round(error, 2) for group, error in rmse.items()},
            "rmse_rounded": {g: round(float(np.sqrt(m.mean())), 2) for g, m in _by_group(seen.rounded).items()},
            "standard_error": {group: round(_error_of_mean(m) / (2 * rmse[group]), 2) for group, m in by_draw.items()},
            "squared_error": float(f"{error:.7g}"),
            "ratio_to_limit": round(error / self.limit, 3),
            "negative": round(seen.negative / seen.draws, 4),
            "largest_gap": {k: float(f"{v:.3g}") for k, v in seen.gaps.items()},
            "covered": None if seen.covered is None else round(seen.covered / seen.draws, 4),
            "cpu_seconds": round(seen.cpu / seen.draws, 2),
            "peak_mib": round(seen.peak),
        }

    def _means(self, squares: Array) -> dict[str, float]:
        """By level, of the finest division and of the totals over all categories."""
        parts = (("cells", slice(None, -1)), ("total", slice(-1, None)))
        return {
            f"{level} x {part}": float(squares[(self._rows_of(level), *[at] * len(self.codes))].mean())
            for level, (part, at) in product(contract.LEVELS, parts)
        }

    def _rows_of(self, level: str) -> slice:
        places = [i for (own, _), i in self.rows.items() if own == level]
        return slice(min(places), max(places) + 1)


def _by_group(means: list[dict[str, float]]) -> dict[str, Array]:
    """By level and part, one number a draw; empty where there is no draw."""
    return {group: np.array([m[group] for m in means]) for group in means[0]} if means else {}


def _error_of_mean(numbers: Array) -> float:
    """The standard error of their mean; nothing can be said of one."""
    return float(numbers.std(ddof=1) / np.sqrt(len(numbers))) if len(numbers) > 1 else float("nan")
