"""The one step of a noise table that sees exact numbers: it ends in a measurement, and nothing else leaves it."""

from publisher.cube import BoundedCube
from publisher.ledger import Charge
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, measure
from publisher.noise.parts import Part, plan_of
from publisher.policy.model import Noise

__all__ = ["measure_part", "plan_of"]


def measure_part(cube: BoundedCube, part: Part, *, noise: Noise, charge: Charge, source: NoiseSource) -> Measurement:
    """Draw the noise of one part of a table once, against what was charged for it."""
    return measure(cube, part, strategy=plan_of(part, noise), charge=charge, noise=source)
