"""Parts of a search in processes of their own: what they withhold and prove is added up.

A part starts from the search as it stands, sees nothing of the others, and only ever withholds more; what it proves
holds whatever the others withhold.  So the parts are put together as they are, and the result does not depend on how
many processors there are.  A child is a copy of this process (fork) and answers through a pipe that nobody else holds.
"""

import multiprocessing
import os
import pickle
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

import numpy as np

from publisher.errors import SearchEndedError
from publisher.lifeline import end_with_parent
from publisher.relations import IntArray
from publisher.suppression.evidence import Proofs
from publisher.suppression.search import Search

Part = TypeVar("Part")

Found = tuple[IntArray, Proofs]
"""Cells withheld, and what was proved."""


def in_parts(search: Search, parts: Sequence[Part], work: Callable[[Search, Part], None]) -> None:
    """Do `work` for every part, as many at once as there are processors.  It may withhold cells and record evidence.

    SearchEndedError where a part ends without an answer.
    """
    found, left = dict[int, Found](), list(range(len(parts)))[::-1]
    running: dict[Connection, tuple[int, BaseProcess]] = {}
    try:
        while left or running:
            while left and len(running) < (os.cpu_count() or 1):
                index = left.pop()
                answer, child = _start(search, parts[index], index, work)
                running[answer] = index, child
            ready = wait(list(running))
            for answer in [known for known in running if known in ready]:
                index, child = running.pop(answer)
                found[index] = _received(answer)
                child.join()
    finally:
        for _, child in running.values():
            child.terminate()
            child.join()
    for index in range(len(parts)):
        withheld, proofs = found[index]
        search.hidden[withheld] = True
        search.evidence.adopt(proofs)


def _start(
    search: Search, part: Part, index: int, work: Callable[[Search, Part], None]
) -> tuple[Connection, BaseProcess]:
    answer, to_parent = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_work, args=(to_parent, search, part, index, work))
    child.start()
    to_parent.close()
    return answer, child


def _work(
    answer: Connection, search: Search, part: Part, index: int, work: Callable[[Search, Part], None]
) -> None:
    """In the child.  What goes wrong is not told: a message could hold a value."""
    end_with_parent()
    try:
        before, first = search.hidden.copy(), len(search.evidence.moved)
        search.draw = np.random.default_rng((1, index))
        work(search, part)
        answer.send((np.flatnonzero(search.hidden & ~before), search.evidence.proofs(first)))
    except BaseException:
        os._exit(1)
    answer.close()


def _received(answer: Connection) -> Found:
    try:
        found: Found = answer.recv()
    except (EOFError, OSError, pickle.UnpicklingError):
        raise SearchEndedError(
            "a process that searched a part of the tables ended without an answer (out of memory, or stopped from "
            "outside): nothing was decided, start the run again"
        ) from None
    finally:
        answer.close()
    return found
