"""The one step of a noise table that sees exact counts: it ends in a measurement, and nothing else leaves it."""

from publisher.cube import BoundedCube
from publisher.ledger import Charge, rho_units
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, measure
from publisher.noise.strategy import Strategy, plan
from publisher.policy.model import Noise
from publisher.relations import KeySet


def plan_of(keys: KeySet, noise: Noise) -> Strategy:
    """The query groups that a table's terms ask for."""
    return plan(keys, rho_units=rho_units(noise.rho), bound=noise.bound, weights=noise.weights)


def measure_table(cube: BoundedCube, table: str, *, noise: Noise, charge: Charge, source: NoiseSource) -> Measurement:
    """Draw a table's noise once, against what was charged for it."""
    return measure(cube, strategy=plan_of(cube.keys, noise), charge=charge, table=table, noise=source)
