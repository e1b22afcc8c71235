"""What an import changed, in sentences: areas, names, types, population."""

from collections.abc import Iterator, Mapping

from publisher.geography.imports.edition import EditionData

NAMED = 5


def differences(before: EditionData, after: EditionData) -> Iterator[str]:
    """One sentence a kind of change; nothing where all is as it was."""
    if before.areas:
        yield from _areas(before, after)
    for year in sorted(after.types):
        yield from _types(before.types.get(year, {}), after.types[year], year)
    yield from _population(before, after)
    if len(before.deso) != len(after.deso) or before.deso != after.deso:
        yield f"key of DeSO: {len(before.deso)} before, {len(after.deso)} now"


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


def _totals(data: EditionData) -> dict[int, int]:
    out: dict[int, int] = {}
    for (_, year, _), n in data.population.items():
        out[year] = out.get(year, 0) + n
    return out


def _listed(what: str, codes: list[str]) -> Iterator[str]:
    if codes:
        more = ", ..." if len(codes) > NAMED else ""
        yield f"{what}: {len(codes)} ({', '.join(codes[:NAMED])}{more})"
