"""Area labels, read as an outsider reads them: from the codes of MODEL.md alone, without the register.

A leaf is the smallest place where a record can be counted.  It has four attributes: county, municipality, RegSO and
area type.  Every area level shows some of them and sums over the rest, so that a published area is the projection of
its leaves on the attributes of its level, and its code is the name of that projection.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from publisher.errors import AuditFailedError
from publisher.release.model import Area, Table

COUNTY, MUNICIPALITY, REGSO, TYPE = "county", "municipality", "regso", "type"

_ATTRIBUTES = {
    "riket": frozenset[str](),
    "lan": frozenset({COUNTY}),
    "kommun": frozenset({COUNTY, MUNICIPALITY}),
    "regso": frozenset({COUNTY, MUNICIPALITY, REGSO, TYPE}),
    "area_type": frozenset({TYPE}),
    "lan_area_type": frozenset({COUNTY, TYPE}),
    "kommun_area_type": frozenset({COUNTY, MUNICIPALITY, TYPE}),
}

_FORMS = {
    "riket": "00",
    "lan": r"(?!00)\d\d|00X",
    "kommun": r"(?!00)\d{4}|(?!00)\d\dX",
    "regso": r"(?!00)\d{4}(R\d{3}|X)",
    "area_type": "T[0-5]",
    "lan_area_type": r"(?!00)\d\dT[0-5]",
    "kommun_area_type": r"(?!00)\d{4}T[0-5]",
}


class Leaf(NamedTuple):
    """Where a record can be counted.  "No area stated" is a leaf of each place, and has no type (`0`)."""

    county: str
    municipality: str
    regso: str
    type: str


def attributes_of(level: str) -> frozenset[str]:
    """What a level distinguishes; a RegSO has one type, so that its level shows the type too."""
    return _ATTRIBUTES[level]


def name_of(leaf: Leaf, attributes: Iterable[str]) -> str:
    """The code of the area that `leaf` counts in, where `attributes` are shown.

    A leaf `01X` alone in its municipality slot is one cell at every finer level, and keeps its one name there.
    """
    shown = set(attributes)
    if REGSO in shown:
        return leaf.regso
    place = leaf.municipality if MUNICIPALITY in shown else leaf.county if COUNTY in shown else ""
    if place.endswith("X"):
        return place
    return f"{place}T{leaf.type}" if TYPE in shown else place or "00"


def check_areas(tables: Sequence[Table]) -> None:
    """Raise AuditFailedError where an area code has not the form of its level."""
    for table in tables:
        for area in table.areas:
            if not re.fullmatch(_FORMS[area.level], area.code):
                raise AuditFailedError(f"table {table.id}: area {area.code} is no code of level {area.level}")


def merged_types(tables: Sequence[Table], period: str) -> dict[str, str]:
    """RegSO code -> type, over all tables; AuditFailedError where two tables say otherwise of one RegSO."""
    types: dict[str, str] = {}
    for table in tables:
        for code, area_type in table.area_types.get(period, {}).items():
            if types.setdefault(code, area_type) != area_type:
                raise AuditFailedError(f"table {table.id}: area {code} has another type than in another table")
    return types


def leaves_of(tables: Sequence[Table], period: str) -> tuple[Leaf, ...]:
    """Every leaf that the labels tell of, in order of code.

    A RegSO without a type that no table shows is not known by name.  It counts where `0180X` counts at every level
    that is shown, so that this leaf stands for both.
    """
    types = merged_types(tables, period)
    codes = {a.code for t in tables for a in t.areas if _is_place(a)} | set(types)
    municipalities = {c[:4] for c in codes if re.match(r"\d{4}", c)}
    counties = {c[:2] for c in codes} - {"00"}
    leaves = {_regso(c, types) for c in codes if re.fullmatch(r"\d{4}R\d{3}", c)}
    leaves |= {Leaf(m[:2], m, f"{m}X", "0") for m in municipalities}
    leaves |= {Leaf(c, f"{c}X", f"{c}X", "0") for c in counties}
    leaves.add(Leaf("00X", "00X", "00X", "0"))
    return tuple(sorted(leaves))


def _is_place(area: Area) -> bool:
    return area.level not in ("riket", "area_type")


def _regso(code: str, types: Mapping[str, str]) -> Leaf:
    return Leaf(code[:2], code[:4], code, types.get(code, "0"))
