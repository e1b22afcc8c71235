"""From persons to a draft's pattern: nobody works out another's sensitive cell from all cells where he stands alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from suppressed_world import BENEFIT, SEX, World, cells_of, cube_of, protect, small_world

from publisher.audit.attacker.insiders import insider_problem
from publisher.draft.suppressed import SuppressedCube, insider_keys
from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.relations import all_cells, linked_system
from publisher.suppression.evidence import NO_TOP

few = settings(max_examples=20, deadline=None)


def alone(world: World) -> list[int]:
    """The number of the one person in each cell of the keys, -1 where there are several or none."""
    keys, inside = world.keys, dict[tuple[int, ...], set[int]]()
    for number, person in enumerate(world.persons):
        for area, benefit, _ in person.cases:
            for cell in cells_of(keys, keys.leaves.index(area), world.codes(person, benefit)):
                inside.setdefault(cell, set()).add(number)
    sets = [inside.get(cell, set()) for cell in np.ndindex(*keys.shape)]
    return [min(s) if len(s) == 1 else -1 for s in sets]


def computed(world: World, made: SuppressedCube) -> tuple[tuple[int, int], ...]:
    """Pairs of a sensitive cell and a person who can work it out, by the programmes of the audit."""
    keys = world.keys
    system, values = linked_system(keys), all_cells(cube_of(world).cases, keys)
    beyond = system.size - len(made.pattern.suppressed)
    withheld = np.pad(made.pattern.suppressed, (0, beyond))
    found = insider_problem(
        sparse.csr_matrix(system.equations), values, withheld | (np.arange(system.size) >= system.size - beyond),
        (withheld.astype(np.int64), np.full(system.size, NO_TOP)),
        groups=np.pad(np.array(alone(world)), (0, beyond), constant_values=-1),
        targets=np.flatnonzero(made.pattern.sensitive),
    )  # fmt: skip
    assert found is not None
    return found


@few
@given(st.integers(0, 10**6), st.sampled_from([(BENEFIT,), (SEX, BENEFIT)]), st.sampled_from(list(ProtectionLevel)))
def test_nobody_who_stands_alone_somewhere_works_out_anothers_cell(
    seed: int, columns: tuple[object, ...], level: ProtectionLevel
) -> None:
    world = small_world(seed, columns=columns)
    try:
        made, _ = protect(world, "cases", level=level, insiders=True)
    except SuppressionError:
        return  # how often is told by the next test
    assert computed(world, made) == ()


def test_without_the_regime_some_do_and_most_worlds_can_be_protected_with_it() -> None:
    broken = protected = 0
    for seed in range(20):
        world = small_world(seed)
        try:
            broken += bool(computed(world, protect(world, "cases", level=ProtectionLevel.EXACT)[0]))
            protect(world, "cases", level=ProtectionLevel.EXACT, insiders=True)
            protected += 1
        except SuppressionError:
            continue
    assert broken >= 3
    assert protected >= 12


@pytest.mark.parametrize("kind", ["cases", "persons"])
def test_the_audit_is_told_of_every_withheld_cell_with_one_person_who_that_is(kind: str) -> None:
    world = small_world(1)
    made, table = protect(world, kind, insiders=True)
    told, labels = insider_keys([table], made), np.array(alone(world))
    assert told is not None
    assert len(told) == int((made.pattern.suppressed & (labels >= 0)).sum()) > 0
    people = {n for n in labels[made.pattern.suppressed] if n >= 0}
    assert len(set(told.values())) == len(people)
    assert insider_keys([table], protect(world, kind)[0]) is None
