"""Plain tabulators: what the pipeline must give, in code that shares nothing with it."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from homes import Case

Kind = Callable[[str], str]
"""RegSO code -> its area type as `T1`..`T5`."""


def tabulate(rows: Iterable[Case], year: int, benefits: tuple[str, ...], unit: str) -> dict[tuple[str, ...], int]:
    """Counts by leaf area and benefit or by area, sex and age: ten lines that share nothing with the pipeline."""
    out: dict[tuple[str, ...], set[object]] = defaultdict(set)
    mine = [r for r in rows if r.date.year == year and r.benefit in benefits]
    last: dict[str, Case] = {}
    for r in mine:
        if r.person_id not in last or (r.date, leaf(r)) > (last[r.person_id].date, leaf(last[r.person_id])):
            last[r.person_id] = r
    for r in mine:
        if unit == "cases":
            out[leaf(r), r.benefit].add((r.person_id, r.case_id))
        else:
            out[leaf(last[r.person_id]), r.sex, r.age_group].add(r.person_id)
    return {k: len(v) for k, v in out.items()}


def leaf(case: Case) -> str:
    """Where a record is put."""
    return "00X" if case.regso is None else case.regso if "R" in case.regso else f"{case.regso}X"


def cells_of_leaf(place: str, kind_of: Kind, levels: tuple[str, ...]) -> set[str]:
    """The area cells that a leaf counts in."""
    county, municipality = place[:2], place[:4]
    kind = kind_of(place) if "R" in place else "T0"
    stated = place != "00X"
    known = {
        "riket": "00",
        "lan": county if stated else "00X",
        "kommun": (municipality if len(place) > 3 else place) if stated else None,
        "regso": place if len(place) > 3 else None,
        "area_type": kind,
        "lan_area_type": f"{county}{kind}" if stated else None,
    }
    return {c for level in levels if (c := known[level]) is not None}


def spread(
    leaves: dict[tuple[str, ...], int], kind_of: Kind, levels: tuple[str, ...]
) -> dict[tuple[str, ...], int]:
    """Leaf counts by area and codes -> every area cell and every total."""
    out: dict[tuple[str, ...], int] = defaultdict(int)
    for (place, *codes), n in leaves.items():
        keys: list[tuple[str, ...]] = [()]
        for code in codes:
            keys = [(*k, c) for k in keys for c in (code, "TOT")]
        for area in cells_of_leaf(place, kind_of, levels):
            for key in keys:
                out[area, *key] += n
    return out


def people_in_cells(
    rows: Iterable[Case], year: int, benefits: tuple[str, ...], kind_of: Kind, levels: tuple[str, ...]
) -> dict[tuple[str, str], int]:
    """Different persons in every cell of area and benefit."""
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    for r in rows:
        if r.date.year == year and r.benefit in benefits:
            for area in cells_of_leaf(leaf(r), kind_of, levels):
                for b in (r.benefit, "TOT"):
                    people[area, b].add(r.person_id)
    return defaultdict(int, {k: len(v) for k, v in people.items()})
