"""From a measurement to a noisy table: estimate, mark, describe.  No exact count can come here (import contract)."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from publisher.draft.tables import ProtectedMeasure
from publisher.ledger import format_units, rho_units
from publisher.noise.accounting import epsilon
from publisher.noise.measurement import Measurement
from publisher.noise.postprocess import estimate
from publisher.noise.publish import ProtectedCells, protect, rate_cells
from publisher.policy.model import Noise, TableSpec
from publisher.relations import IntArray, KeySet
from publisher.release.model import NoiseFacts, Text


def noisy_measures(
    measured: Measurement, keys: KeySet, table: TableSpec, *, noise: Noise, populations: Mapping[str, IntArray]
) -> dict[str, ProtectedMeasure]:
    """Every measure of a noise table, from its one measurement."""
    count = table.count
    counts = protect(estimate(measured, keys), noise=noise, decimals=count.decimals)
    out = {count.id: _arrays(counts)}
    for m in table.measures:
        if m.kind == "rate":
            people = populations[m.denominator]
            out[m.id] = _arrays(
                rate_cells(counts, people, per=m.per, decimals=m.decimals, count_decimals=count.decimals)
            )
    return out


def _arrays(cells: ProtectedCells) -> ProtectedMeasure:
    shape = cells.keys.shape
    numbers = [np.array([c or 0 for c in column], dtype=np.int64).reshape(shape) for column in _columns(cells)]
    status = np.array([c.status for c in cells.cells], dtype=object).reshape(shape)
    return ProtectedMeasure(values=numbers[0], status=status, lower=numbers[1], upper=numbers[2])


def _columns(cells: ProtectedCells) -> tuple[list[int | None], list[int | None], list[int | None]]:
    return [c.value for c in cells.cells], [c.lower for c in cells.cells], [c.upper for c in cells.cells]


def noise_facts(noise: Noise, keys: KeySet) -> NoiseFacts:
    """What the public is told: the fields of the OpenDP deployments registry."""
    several = 1 if all(c.personal for c in keys.columns) else noise.bound.cells
    rho = Fraction(rho_units(noise.rho), 10**9)
    return NoiseFacts(
        rho=format_units(rho_units(noise.rho)),
        delta="1e-7",
        epsilon=f"{epsilon(rho):.2f}",
        unit=Text(
            "alla uppgifter om en person under ett år, bland dem som tabellen räknar",
            "all records of one person in one year, among those that the table counts",
        ),
        bound=Text(
            f"högst {several} per person och år, i ett område (det senaste)",
            f"at most {several} a person and year, in one area (the latest)",
        ),
        mechanism=Text(
            "diskret gaussiskt brus på heltal (OpenDP), zCDP, lägga till eller ta bort en person",
            "discrete Gaussian noise on integers (OpenDP), zCDP, adding or removing one person",
        ),
        postprocessing=Text(
            "viktad minsta kvadrat så att delarna summerar till totalen, så när som på avrundning; små skattningar "
            "visas inte",
            "weighted least squares so that parts add up to totals, up to rounding; small estimates are not shown",
        ),
        unprotected=Text(
            "områden, kategorier och befolkning är offentliga; andra uppgifter om samma personer, som andra tabeller "
            "räknar, omfattas inte",
            "areas, categories and population are public; other records of the same persons, which other tables count, "
            "are not covered",
        ),
    )
