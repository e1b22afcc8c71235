"""What an import changed, in sentences: areas, names, types, population."""

from collections.abc import Iterator, Mapping

import shapely

from publisher.geography.imports.borders import as_multi
from publisher.geography.imports.edition import EditionData

NAMED = 5


def differences(before: EditionData, after: EditionData) -> Iterator[str]:
    """One sentence a kind of change; nothing where all is as it was."""
    if before.areas:
        yield from _areas(before, after)
    for year in sorted(after.types):
        yield from _types(before.types.get(year, {}), after.types[year], year)
    yield from _population(before, after)
    if before.deso != after.deso:
        yield f"key of DeSO: {len(before.deso)} before, {len(after.deso)} now"
    if before.changes != after.changes:
        yield f"rows of changes: {len(before.changes)} before, {len(after.changes)} now"
    yield from _borders(before, after)


def _areas(before: EditionData, after: EditionData) -> Iterator[str]:
    yield from _listed("areas added", sorted(set(after.areas) - set(before.areas)))
    yield from _listed("areas removed", sorted(set(before.areas) - set(after.areas)))
    both = sorted(set(before.areas) & set(after.areas))
    renamed = [c for c in both if before.areas[c].name != after.areas[c].name]
    swapped = [c for c in renamed if _swapped(c, renamed, before, after)]
    yield from _listed("names that swapped between areas", swapped)
    yield from _listed("areas renamed", [c for c in renamed if c not in swapped])


def _swapped(code: str, renamed: list[str], before: EditionData, after: EditionData) -> bool:
    """Whether another area of the municipality has this one's old name now, and this one has its old name."""
    return any(
        other != code and other[:4] == code[:4]
        and after.areas[other].name == before.areas[code].name and after.areas[code].name == before.areas[other].name
        for other in renamed
    )  # fmt: skip


def _types(before: Mapping[str, str], after: Mapping[str, str], year: int) -> Iterator[str]:
    if not before:
        yield f"area types of {year}: {len(after)} areas, new"
        return
    changed = sorted(c for c in {*before, *after} if before.get(c) != after.get(c))
    yield from _listed(f"area types of {year} changed", changed)


def _population(before: EditionData, after: EditionData) -> Iterator[str]:
    totals = [_totals(data) for data in (before, after)]
    for year in sorted(totals[1]):
        old, new = totals[0].get(year), totals[1][year]
        if old != new:
            yield f"population {year}: {new}, " + ("new" if old is None else f"was {old}")


    split = [{year for _, year, sex in data.population if sex} for data in (before, after)]
    for year in sorted((split[0] ^ split[1]) & set(totals[0])):
        yield f"population {year}: {'no longer' if year in split[0] else 'now'} by sex"


def _borders(before: EditionData, after: EditionData) -> Iterator[str]:
    """Where a polygon is another one; coordinates of one that stayed are the same numbers."""
    if before.borders is after.borders or after.borders is None:
        return
    if before.borders is None:
        yield f"borders: {len(after.borders.codes)} areas, new"
        return
    old = dict(zip(before.borders.codes, before.borders.polygons, strict=True))
    new = dict(zip(after.borders.codes, after.borders.polygons, strict=True))
    same = {c for c in old.keys() & new.keys() if shapely.equals_exact(as_multi(old[c]), as_multi(new[c]))}
    yield from _listed("borders changed", sorted({*old, *new} - same))


def _totals(data: EditionData) -> dict[int, int]:
    out: dict[int, int] = {}
    for (_, year, _), n in data.population.items():
        out[year] = out.get(year, 0) + n
    return out


def _listed(what: str, codes: list[str]) -> Iterator[str]:
    if codes:
        more = ", ..." if len(codes) > NAMED else ""
        yield f"{what}: {len(codes)} ({', '.join(codes[:NAMED])}{more})"
