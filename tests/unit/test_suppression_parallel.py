"""Parts of a search in processes: what each withholds and proves is added up."""

import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from publisher.errors import SearchEndedError, SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray
from publisher.suppression.blocks import Graph
from publisher.suppression.evidence import A0, A1, NO_TOP, Evidence
from publisher.suppression.needs import needs_of
from publisher.suppression.parallel import in_parts
from publisher.suppression.search import Search

TABLES, ACROSS = 3, 5
"""Tables apart from each other: a total and four parts each."""


def search() -> Search:
    """The first two parts of each table are withheld; nothing is proved."""
    one = sparse.csr_array(np.array([[1, -1, -1, -1, -1]]))
    graph = Graph.of(sparse.csr_array(sparse.block_diag([one] * TABLES)))
    values = np.tile(np.array([26, 3, 3, 10, 10]), TABLES)
    hidden = np.tile(np.array([False, True, True, False, False]), TABLES)
    none = np.zeros(len(values), dtype=np.int64)
    evidence = Evidence(room=(values, values - 1), top=none + NO_TOP, droppable=~hidden)
    needs = needs_of(ProtectionLevel.INTERVAL, hidden, 5, none)
    return Search(
        graph=graph, shown=np.ones(len(values), dtype=np.bool_), allowed=np.ones(len(values), dtype=np.bool_),
        hidden=hidden, costs=np.ones(len(values)), evidence=evidence, needs=needs, reach=10,
        draw=np.random.default_rng(0),
    )  # fmt: skip


def swap(made: Search, cells: IntArray) -> None:
    """Circulations of the cells two by two, which are withheld for it."""
    for pair in cells.reshape(-1, 2):
        made.record(made.graph.block(pair), np.array([1.0, -1.0]))


def test_what_parts_withhold_and_prove_is_added_up() -> None:
    made, parts = search(), [np.array([ACROSS * k + 1, ACROSS * k + 3]) for k in range(TABLES)]
    in_parts(made, parts, swap)
    assert made.hidden[[3, 8, 13]].all()
    assert made.evidence.up[A0][[1, 6, 11]].tolist() == [10, 10, 10]
    assert made.evidence.down[A0][[1, 6, 11]].tolist() == [3, 3, 3]
    assert made.evidence.down[A1][[1, 6, 11]].tolist() == [2, 2, 2]


def test_what_was_adopted_falls_with_the_cells_that_it_moves() -> None:
    made = search()
    in_parts(made, [np.array([1, 3, 6, 8]), np.array([11, 13])], swap)
    made.evidence.forget([8])
    assert made.evidence.up[A0][[1, 6, 11]].tolist() == [10, 0, 10]


def test_a_weaker_proof_of_a_part_does_not_replace_a_stronger_one() -> None:
    made = search()
    in_parts(made, [np.array([1, 3]), np.array([1, 2])], swap)
    assert int(made.evidence.up[A0][1]) == 10


def test_evidence_without_the_cells_that_a_part_withheld_is_refused() -> None:
    made = search()
    in_parts(made, [np.array([ACROSS * k + 1, ACROSS * k + 3]) for k in range(TABLES)], swap)
    in_parts(made, [np.array([ACROSS * k + 2, ACROSS * k + 4]) for k in range(TABLES)], swap)
    made.check()
    made.hidden[3] = False
    with pytest.raises(SuppressionError, match="moves a published cell"):
        made.check()


def test_a_part_that_ends_without_an_answer_ends_the_search() -> None:
    def vanish(_: Search, __: IntArray) -> None:
        os._exit(1)

    with pytest.raises(SearchEndedError, match="without an answer"):
        in_parts(search(), [np.array([1, 3])] * 3, vanish)


def test_what_goes_wrong_in_a_part_is_not_told(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(_: Search, __: IntArray) -> None:
        raise ValueError("canary 26 3 3")

    with pytest.raises(SearchEndedError) as caught:
        in_parts(search(), [np.array([1, 3])], fail)
    assert "canary" not in "".join([*capfd.readouterr(), str(caught.value)])


def test_a_part_does_not_outlive_its_parent(tmp_path: Path) -> None:
    def wait_for_ever(_: Search, __: IntArray) -> None:
        (tmp_path / "child").write_text(str(os.getpid()))
        time.sleep(60)

    parent = multiprocessing.get_context("fork").Process(target=in_parts, args=(search(), [0], wait_for_ever))
    parent.start()
    until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text() != "")
    child = int((tmp_path / "child").read_text())
    parent.kill()
    parent.join()
    until(lambda: not running(child))


def until(true: Callable[[], bool]) -> None:
    """Wait for it, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(process: int) -> bool:
    """Whether it is there and not a mere entry that nobody has asked about."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
