"""What the search of a run holds for its proof reaches the attack, under the names of the published form."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from homes import NOW, make_cases, make_home

from publisher.audit import inside, verdict
from publisher.audit.attacker import (
    CellKey,
    InsiderQuestion,
    Insiders,
    Means,
    NamedAlternatives,
    attack_insiders,
    circulations,
)
from publisher.audit.attacker.bodies import bodies_of
from publisher.audit.attacker.equations import WITHHELD, build_system, cell_numbers
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.ranges import unseen
from publisher.audit.attacker.reduce import reduce_system
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.release.model import Cell, CellStatus, Table
from publisher.workspace import open_workspace

POLICY = "fk-familj-bostad"
Call = tuple[tuple[object, ...], dict[str, object]]
Asked = tuple[list[Table], dict[str, object], frozenset[CellKey], Call]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Tables and terms of the attack on a draft, its sensitive cells, and what insiders are asked with."""
    home = make_home(tmp_path_factory.mktemp("told") / "home", make_cases(persons=3000))
    calls, judged = list[tuple[list[Table], dict[str, object]]](), list[frozenset[CellKey]]()
    attack, judge, inner = verdict.attack, verdict.Judge, list[Call]()

    def listen(tables: list[Table], **terms: object) -> object:
        calls.append((list(tables), terms))
        return attack(tables, **terms)

    def judging(promise: object, sensitive: frozenset[CellKey], *terms: object) -> object:
        judged.append(sensitive)
        return judge(promise, sensitive, *terms)

    def listen_inside(*given: object, **terms: object) -> object:
        inner.append((given, terms))
        return attack_insiders(*given, **terms)

    with pytest.MonkeyPatch.context() as patch, open_workspace(home, exclusive=True) as work:
        patch.setattr(verdict, "attack", listen)
        patch.setattr(verdict, "Judge", judging)
        patch.setattr(inside, "attack_insiders", listen_inside)
        run_release(work, RunRequest(POLICY, Period.parse("2022")), now=NOW)
    return *calls[0], judged[0], inner[0]


def test_the_attack_is_told_enough_to_see_every_promise_kept(asked: Asked) -> None:
    tables, terms, sensitive, _ = asked
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


def test_it_is_told_enough_to_see_that_insiders_compute_nothing(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    given, terms = asked[-1]

    def refuse(*_: object) -> None:
        raise AssertionError("a programme was made")

    monkeypatch.setattr(circulations, "_Part", refuse)
    assert attack_insiders(*given, **terms) == ()
    with pytest.raises(AssertionError, match="a programme was made"):
        attack_insiders(*given, **{**terms, "told": None})


def wrongly(told: NamedAlternatives) -> Iterator[NamedAlternatives]:
    """As it is, with names of other cells, too large, in halves, and of other tables that do not add up, or do."""
    yield told
    yield replace(told, areas=told.areas[::-1])
    yield replace(told, categories=told.categories[::-1])
    yield replace(told, values=told.values + np.arange(len(told.values)) % 2)
    yield from (replace(told, changes=told.changes * times) for times in (2**39, 0.5))
    yield from (replace(told, values=told.values + told.changes[[k]].toarray().ravel()) for k in range(3))


def opened(table: Table, insiders: Insiders, question: InsiderQuestion, which: np.random.Generator) -> Table:
    """A few of the withheld cells that are not sensitive are published."""

    def shown(cell: Cell) -> Cell:
        number = insiders.numbers.get((table.id, cell.measure, cell.area, cell.categories))
        if number is None or (table.id, cell.area, cell.categories) in question.targets or which.random() > 0.02:
            return cell
        return cell._replace(status=CellStatus.PUBLISHED, value=number)

    return replace(table, cells=tuple(map(shown, table.cells)))


def test_where_too_little_is_withheld_the_same_cells_are_found_whatever_is_told(asked: Asked) -> None:
    """One table, of which a few cells are published besides; four persons stand alone in a third of the others."""
    (tables, insiders, question), terms = asked[-1]
    random, found = np.random.default_rng(1), list[int]()
    for _ in range(8):
        people = random.integers(0, 12, len(insiders.numbers)).tolist()
        alone = {(t, a, c): k for (t, _, a, c), k in zip(insiders.numbers, people, strict=True) if k < 4}
        who, broken = replace(insiders, alone=alone), [opened(t, insiders, question, random) for t in tables]
        computed = attack_insiders(broken, who, question, **{**terms, "told": None})
        found.append(len(computed))
        assert all(
            attack_insiders(broken, who, question, **{**terms, "told": told}) == computed
            for told in wrongly(terms["told"])
        )
    assert len({*found}) > 2
    assert max(found) < len(question.targets)
