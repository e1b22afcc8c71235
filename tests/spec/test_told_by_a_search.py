"""What the search of a run holds for its proof reaches the attack, under the names of the published form."""

import numpy as np
import pytest
from homes import NOW, make_cases, make_home

from publisher.audit import verdict
from publisher.audit.attacker import CellKey, Means
from publisher.audit.attacker.bodies import bodies_of
from publisher.audit.attacker.equations import WITHHELD, build_system, cell_numbers
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.ranges import unseen
from publisher.audit.attacker.reduce import reduce_system
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.release.model import Table
from publisher.workspace import open_workspace

POLICY = "fk-familj-bostad"
Asked = tuple[list[Table], dict[str, object], frozenset[CellKey]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Tables and terms of the attack on a draft, and its sensitive cells."""
    home = make_home(tmp_path_factory.mktemp("told") / "home", make_cases(persons=3000))
    calls, judged = list[tuple[list[Table], dict[str, object]]](), list[frozenset[CellKey]]()
    attack, judge = verdict.attack, verdict.Judge

    def listen(tables: list[Table], **terms: object) -> object:
        calls.append((list(tables), terms))
        return attack(tables, **terms)

    def judging(promise: object, sensitive: frozenset[CellKey], *terms: object) -> object:
        judged.append(sensitive)
        return judge(promise, sensitive, *terms)

    with pytest.MonkeyPatch.context() as patch, open_workspace(home, exclusive=True) as work:
        patch.setattr(verdict, "attack", listen)
        patch.setattr(verdict, "Judge", judging)
        run_release(work, RunRequest(POLICY, Period.parse("2022")), now=NOW)
    return *calls[0], judged[0]


def test_the_attack_is_told_enough_to_see_every_promise_kept(asked: Asked) -> None:
    tables, terms, sensitive = asked
    means, body = terms["means"], next(bodies_of(tables))
    assert isinstance(means, Means)
    assert means.told is not None
    system = build_system(body, "2022", terms["limits"])
    found = reduce_system(system, least=1)
    ranges = unseen(len(found.lower))
    means.told.of(system).widen(found, ranges, Witness.none(len(found.lower)))
    needs = np.where(system.state == WITHHELD, 1, 0)
    for table in tables:
        cells = body.cells(table, "2022")
        for number, cell in zip(cell_numbers(system.grid, table, body, "2022"), cells, strict=True):
            if (table.id, cell.area, cell.categories) in sensitive:
                needs[number] = 4
    free = found.column >= 0
    assert (needs[found.unknowns[~free]] == 0).all()
    wide = (ranges.high - ranges.low)[found.column[free]]
    assert (wide >= needs[found.unknowns[free]]).all()
    assert (needs == 4).any()
