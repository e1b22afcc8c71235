"""Alternatives of a proposed policy beside it, and those that can still be tried."""

from collections.abc import Iterator
from dataclasses import dataclass

from web.officer.rehearsal_figures import decimal, rho
from web.officer.rehearsal_view import NOTHING, Json, errors, is_noise, level_words, table_of
from web.officer.rehearsal_words import finest_of
from web.officer.texts import say


@dataclass(frozen=True, slots=True)
class Other:
    """One alternative.  `cells`: its figures, in the order of `heads`; `problem`: why it cannot be had, in English."""

    name: str
    text: str
    weaker: bool
    cells: tuple[str, ...]
    problem: str


def heads(result: Json, lang: str) -> tuple[str, ...]:
    """What is told of each alternative."""
    kind = result["proposed"]["protection"]
    return tuple(say(f"rehearsal.other_{kind}_{k}", lang) for k in range(4))


def others(result: Json, table: str, lang: str) -> tuple[Other, ...]:
    """The proposal as it is, then each alternative that was tried."""
    own = Other("", say("rehearsal.as_it_is", lang), False, _cells(result["proposed"], table, lang), "")
    return (own, *_tried(result, table, lang)) if result["alternatives"] else ()


def _tried(result: Json, table: str, lang: str) -> Iterator[Other]:
    for one in result["alternatives"]:
        problem = "; ".join(p for p in (one["refused"], *one["check"]) if p)
        yield Other(one["name"], one["text"][lang], one["weaker"], _cells(one, table, lang), problem)


def _cells(side: Json, table: str, lang: str) -> tuple[str, ...]:
    found = table_of(side, table)
    if found is None:
        return (NOTHING,) * 4
    level = finest_of(found)
    if is_noise(found):
        fine, coarse = errors(found, finest=True), errors(found, finest=False)
        nation = decimal(coarse["riket"], lang) if "riket" in coarse else NOTHING
        return rho(side["rho"], lang), level_words(level, lang), decimal(fine[level], lang), nation
    holes = say(f"rehearsal.{'yes' if found['holes']['mostly'] else 'no'}", lang)
    return (
        level_words(level, lang), decimal(found["by_level"][level]["non_zero_per_cent"], lang),
        decimal(found["non_zero_per_cent"], lang), holes,
    )  # fmt: skip


def untried(result: Json, lang: str) -> tuple[tuple[str, str, bool], ...]:
    """Name, sentence and whether it promises less, of each alternative that was not tried."""
    tried = {a["name"] for a in result["alternatives"]}
    return tuple((a["name"], a["text"][lang], a["weaker"]) for a in result["available"] if a["name"] not in tried)
