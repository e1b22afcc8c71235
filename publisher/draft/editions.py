"""Area rows of a table over several editions: a code means an area only together with its edition."""

from collections.abc import Mapping
from dataclasses import replace

from publisher.release.model import AREA_LEVELS, Area, Table, Text


def join_areas(earlier: Table, new: Table, joined: Table) -> Table:
    """`joined`, which has the periods of both, with the area rows of both.

    A row carries its name in the newest edition that has it; `renamed` holds where another edition's name differs, and
    `absent` which codes an edition does not have.
    """
    names = {e: _names_of(earlier, e) for e in earlier.editions.values()}
    edition = new.editions[new.periods[0]]
    names[edition] = {**names.get(edition, {}), **{a.code: a.text for a in new.areas}}
    texts: dict[str, Text] = {}
    for known in dict.fromkeys(joined.editions[p] for p in joined.periods):
        texts |= names[known]
    rows = {a.code: replace(a, text=texts[a.code]) for a in (*earlier.areas, *new.areas)}
    used = {e: names[e] for e in sorted(set(joined.editions.values()))}
    return replace(
        joined,
        areas=tuple(sorted(rows.values(), key=_place)),
        renamed=_without_empty({e: {c: t for c, t in k.items() if texts[c] != t} for e, k in used.items()}),
        absent={e: gone for e, k in used.items() if (gone := tuple(c for c in rows if c not in k))},
    )


def _names_of(table: Table, edition: str) -> dict[str, Text]:
    """Code -> name of the rows that an edition has."""
    renamed, absent = table.renamed.get(edition, {}), set(table.absent.get(edition, ()))
    return {a.code: renamed.get(a.code, a.text) for a in table.areas if a.code not in absent}


def _without_empty(names: Mapping[str, dict[str, Text]]) -> dict[str, dict[str, Text]]:
    return {edition: known for edition, known in names.items() if known}


def _place(area: Area) -> tuple[int, str]:
    return AREA_LEVELS.index(area.level), area.code
