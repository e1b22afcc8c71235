"""The one step of a noise table that sees exact numbers: it ends in a measurement, and nothing else leaves it."""

from collections.abc import Mapping

from publisher.cube import BoundedCube
from publisher.ledger import Charge
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, measure
from publisher.noise.workloads import Workload


def measure_workload(
    cubes: Mapping[str, BoundedCube], workload: Workload, *, charge: Charge, source: NoiseSource
) -> dict[str, Measurement]:
    """Draw the noise of every part of a table, or of tables that are measured together, once, against what was charged
    for it.  `cubes` and the answer: by part name."""
    return {
        part.name: measure(cubes[part.name], part, strategy=workload.plan(part), charge=charge, noise=source)
        for part in workload.parts
    }
