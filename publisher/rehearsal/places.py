"""Which municipalities or counties a rehearsal tells of by name, chosen from public facts alone."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publisher.errors import RunError
from publisher.geography.codes import county_of, municipality_of
from publisher.geography.register import AreaIndex
from publisher.policy.model import TableSpec
from publisher.preparation import Prepared
from publisher.relations import IntArray

MOST_ASKED = 8
"""Areas that an officer can name in one request."""

_INSIDE: Mapping[str, Callable[[str], str | None]] = {"lan": county_of, "kommun": municipality_of}
_POSITIONS = (("largest", 1.0), ("middling", 0.5), ("small", 0.25), ("fewest", 0.0))
"""Where in the order of size the areas stand that are told of unasked, as shares of the way up."""


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality or county.  `why`: what it was chosen as; `inhabitants`: None where no population is declared."""

    code: str
    name: str
    why: tuple[str, ...]
    inhabitants: int | None

    def __post_init__(self) -> None:
        if not self.why:
            raise ValueError(f"area {self.code} was not chosen for anything")


def level_of_places(levels: Sequence[str]) -> str:
    """The finest of municipality and county that a table shows; empty where it shows neither."""
    return next((level for level in ("kommun", "lan") if level in levels), "")


def names_at(index: AreaIndex, level: str) -> dict[str, str]:
    """Code -> name of the municipalities or counties of the register."""
    return {"kommun": index.municipalities, "lan": index.counties}[level]


def inside(levels: Sequence[str], codes: Sequence[str], level: str) -> NDArray[np.str_]:
    """The area of `level` that each row lies in; empty for none.  `levels`, `codes`: of the rows."""
    found = [_INSIDE[level](code) or (code if own == level else "") for own, code in zip(levels, codes, strict=True)]
    return np.array(found, dtype=np.str_)


def check_asked(asked: Sequence[str], index: AreaIndex) -> None:
    """RunError unless these are few enough codes of municipalities of the register."""
    if len(asked) > MOST_ASKED:
        raise RunError(f"name at most {MOST_ASKED} municipalities")
    for code in asked:
        if not re.fullmatch(r"[0-9]{4}", code) or code not in index.municipalities:
            raise RunError(f"the register of {index.edition} has no municipality with the code {code[:10]}")


def chosen_places(
    index: AreaIndex, level: str, leaf_sizes: IntArray, *, counted: bool, asked: Sequence[str]
) -> tuple[Place, ...]:
    """The largest, a middling and a small area, the one with fewest inhabitants, and those asked for, each once.

    `leaf_sizes`: size of each leaf; `counted`: these are inhabitants.  `asked`: municipalities; at the level of
    counties theirs.  Nothing where the level is empty.
    """
    if not level:
        return ()
    names, sizes = names_at(index, level), _sizes(index, level, leaf_sizes)
    order = sorted(names, key=lambda code: (sizes[code], code))
    why: dict[str, list[str]] = {}
    for word, share in _POSITIONS:
        why.setdefault(order[round(share * (len(order) - 1))], []).append(word)
    for code in asked:
        why.setdefault(code if level == "kommun" else code[:2], []).append("asked")
    return tuple(
        Place(code, names[code], tuple(dict.fromkeys(words)), sizes[code] if counted else None)
        for code, words in why.items()
    )


def places_of(prepared: Prepared, table: TableSpec, asked: Sequence[str]) -> tuple[Place, ...]:
    """The areas of a table that are told of by name."""
    return chosen_places(
        prepared.index, level_of_places(table.areas), prepared.leaf_sizes(), counted=bool(prepared.populations),
        asked=asked,
    )  # fmt: skip


def _sizes(index: AreaIndex, level: str, leaf_sizes: IntArray) -> dict[str, int]:
    sizes = dict.fromkeys(names_at(index, level), 0)
    for leaf, size in zip(index.leaves, leaf_sizes.tolist(), strict=True):
        place = _INSIDE[level](leaf)
        if place in sizes:
            sizes[place] += size
    return sizes


def of_one_area(index: AreaIndex, types: Mapping[str, str]) -> int:
    """How many combinations of municipality and area type are one single RegSO: the finer table under another name.

    Areas without a type stand in `T0` together with records without an area, which is no such combination.
    """
    typed = Counter((a.municipality, types[a.code]) for a in index.areas if a.code in types)
    return sum(n == 1 for n in typed.values())
