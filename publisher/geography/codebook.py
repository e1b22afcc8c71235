"""Everything that a column of area codes may hold, and the leaf that it stands for.

What the edition does not have is a stray: its kind (STRAYS) and, where the text begins with one, its municipality are
kept, as a number beyond those of the leaves.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from publisher.geography.register import AreaIndex
from publisher.source.engine import Engine, quoted

STRAYS = ("unknown", "other_edition", "named")
UNKNOWN, OTHER_EDITION, NAMED = range(3)
_CODE = "[0-9]{4}[RABC][0-9]{3,4}"
_DESO_OF = {"2020": "2018"}
"""The year in the name of the DeSO edition that a RegSO edition is made of, where it is another one."""


@dataclass(frozen=True, slots=True)
class Strays:
    """Numbers for strays: `leaves` + kind x (municipalities + 1) + municipality, or the last of those for none."""

    leaves: int
    municipalities: tuple[str, ...]

    def number(self, kind: int, municipality: str) -> int:
        """The number of a stray."""
        places = self.municipalities
        at = places.index(municipality) if municipality in places else len(places)
        return self.first(kind) + at

    def first(self, kind: int) -> int:
        """The first number of a kind."""
        return self.leaves + kind * self.width

    @property
    def width(self) -> int:
        """Numbers of one kind."""
        return len(self.municipalities) + 1

    @property
    def end(self) -> int:
        """The first number that is neither a leaf nor a stray."""
        return self.first(len(STRAYS))


@dataclass(frozen=True, slots=True, eq=False)
class CodeBook:
    """`known`: text -> leaf, or the number of a stray.

    `suffix`: what a code may end in to name its edition, empty where the edition's name has no year; `foreign`: what
    codes of other editions end in.
    """

    strays: Strays
    known: Mapping[str, int]
    suffix: str
    foreign: tuple[str, ...]

    def place(self, engine: Engine, text: str) -> tuple[str, str]:
        """SQL of the leaf or stray of a row whose code is `text`, and of the join that it needs."""
        codes, table, places = engine.new_name("areacode"), engine.new_name("book"), engine.new_name("municipality")
        engine.rows(f"CREATE TYPE {codes} AS ENUM ({', '.join(map(quoted, self.known))})")
        engine.rows(f"CREATE TYPE {places} AS ENUM ({', '.join(map(quoted, self.strays.municipalities))})")
        leaf = np.array(list(self.known.values()), dtype=np.int32)
        engine.lend(f"{table}_lent", {"code": np.arange(len(leaf), dtype=np.int32), "leaf": leaf})
        engine.rows(f"CREATE TABLE {table} AS SELECT code, leaf FROM {table}_lent")
        engine.take_back(f"{table}_lent")
        own = text
        if self.suffix:
            short = f"left({text}, -{len(self.suffix)})"
            own = f"(CASE WHEN ends_with({text}, {quoted(self.suffix)}) THEN {short} ELSE {text} END)"
        join = f"LEFT JOIN {table} AS book ON enum_code(TRY_CAST({own} AS {codes}))::INTEGER = book.code"
        return f"coalesce(book.leaf, {self._other_sql(text, places)})::INTEGER", join

    def _other_sql(self, text: str, places: str) -> str:
        """SQL of what the book does not have: nothing stated, or a stray; it may begin with a municipality."""
        nation, none = self.strays.leaves - 1, self.strays.width - 1
        unknown, other = self.strays.first(UNKNOWN), self.strays.first(OTHER_EDITION)
        named_so = " OR ".join(f"ends_with({text}, {quoted(s)})" for s in self.foreign) or "false"
        first = f"(CASE WHEN {named_so} THEN {other} ELSE {unknown} END)"
        municipality = f"coalesce(enum_code(TRY_CAST(left({text}, 4) AS {places}))::INTEGER, {none})"
        at = f"CASE WHEN regexp_full_match({text}, '{_CODE}(_.*)?') THEN {municipality} ELSE {none} END"
        return f"CASE WHEN coalesce(trim({text}), '') = '' THEN {nation} ELSE {first} + ({at}) END"


def code_book(index: AreaIndex, deso: Mapping[str, str], others: Sequence[AreaIndex], *, by_deso: bool) -> CodeBook:
    """The book of an edition.  `deso`: its key, where records hold DeSO codes; `others`: further editions."""
    strays = Strays(len(index.leaves), tuple(index.municipalities))
    leaves = {leaf: i for i, leaf in enumerate(index.leaves)}
    known = {code: leaves[regso] for code, regso in deso.items() if regso in leaves} if by_deso else {}
    known |= {leaf: i for leaf, i in leaves.items() if not by_deso or leaf.endswith("X")}
    known |= {leaf[:-1]: i for leaf, i in leaves.items() if leaf.endswith("X")}
    foreign = {code: strays.number(OTHER_EDITION, code[:4]) for code in _foreign(others)}
    names = {name: strays.number(NAMED, place) for name, place in _names(index)}
    suffix = suffix_of(index.edition, by_deso=by_deso)
    suffixes = {suffix_of(other.edition, by_deso=by_deso) for other in others} - {suffix, ""}
    return CodeBook(strays, {**names, **foreign, **known}, suffix, tuple(sorted(suffixes)))


def _foreign(others: Sequence[AreaIndex]) -> Iterator[str]:
    for other in others:
        yield from (a.code for a in other.areas)


def _names(index: AreaIndex) -> Iterator[tuple[str, str]]:
    """Names of areas (as SCB's tables have them, too), municipalities and counties, with the one municipality of each.

    A name that stands in several municipalities tells none.
    """
    owners: dict[str, set[str]] = {}
    for area in index.areas:
        place = area.municipality_name
        for name in (area.name, f"{place} ({area.name})", place):
            owners.setdefault(name, set()).add(area.municipality)
        owners.setdefault(area.county_name, set()).update((area.municipality, ""))
    for name, places in owners.items():
        yield name, next(iter(places)) if len(places) == 1 else ""


def suffix_of(edition: str, *, by_deso: bool) -> str:
    """`_RegSO2025` or `_DeSO2025`, as SCB's interface writes codes of an edition; empty for one without a year."""
    year = next(iter(re.findall(r"[0-9]{4}$", edition)), "")
    name = f"_DeSO{_DESO_OF.get(year, year)}" if by_deso else f"_RegSO{year}"
    return name if year else ""
