"""The register of areas of one edition: what exists, where it belongs, and which type it had in which year."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from publisher.errors import GeographyError
from publisher.geography.codes import (
    NATION,
    NO_TYPE,
    TYPE_CODES,
    county_of,
    make_area,
    municipality_of,
    type_text,
    unstated,
)
from publisher.relations import AreaLevel
from publisher.release.model import AREA_LEVELS, Area, Text


@dataclass(frozen=True, slots=True)
class RegisterArea:
    """One RegSO of the register."""

    code: str
    name: str
    municipality: str
    municipality_name: str
    county: str
    county_name: str

    def __post_init__(self) -> None:
        if self.code[:4] != self.municipality or self.municipality[:2] != self.county:
            raise GeographyError(f"area {self.code}: its municipality or county does not fit the code")


@dataclass(frozen=True, slots=True)
class AreaIndex:
    """The areas of one edition, ordered by code, and their dated types (`types[year][code]` is `1`..`5`)."""

    edition: str
    areas: tuple[RegisterArea, ...]
    types: Mapping[int, Mapping[str, str]]

    def __post_init__(self) -> None:
        codes = [a.code for a in self.areas]
        if codes != sorted(set(codes)):
            raise GeographyError(f"edition {self.edition}: area codes must be unique and in order")
        for year, types in self.types.items():
            unknown = types.keys() - set(codes)
            if unknown or not set(types.values()) <= set(TYPE_CODES[:5]):
                raise GeographyError(
                    f"edition {self.edition}: types of {year}: {len(unknown)} unknown areas, or types other than 1-5"
                )

    @property
    def leaves(self) -> tuple[str, ...]:
        """Where a record can be put: every RegSO, then `0180X`..., `01X`..., `00X`."""
        return (
            *(a.code for a in self.areas),
            *(unstated(m) for m in self.municipalities),
            *(unstated(c) for c in self.counties),
            unstated(NATION),
        )

    @property
    def municipalities(self) -> dict[str, str]:
        """Code -> name, in order of code."""
        return dict(sorted({a.municipality: a.municipality_name for a in self.areas}.items()))

    @property
    def counties(self) -> dict[str, str]:
        """Code -> name, in order of code."""
        return dict(sorted({a.county: a.county_name for a in self.areas}.items()))

    def types_of(self, year: int) -> Mapping[str, str]:
        """RegSO code -> type in `year`; GeographyError where the edition has no types of that year."""
        if year not in self.types:
            known = ", ".join(str(y) for y in sorted(self.types)) or "none"
            raise GeographyError(f"edition {self.edition} has no area types of {year}; it has {known}")
        return self.types[year]

    def levels(self, names: tuple[str, ...], type_year: int) -> tuple[AreaLevel, ...]:
        """The area levels of a table, in the order of AREA_LEVELS.

        `0180X` stands at level regso, `01X` at kommun, `00X` at lan; a leaf without a type counts in `T0`.  A
        combination of place and type exists where an area of the register has it, and `T0` in every place, whatever
        the records hold.
        """
        typed = any(n.endswith("area_type") for n in names)
        types = self.types_of(type_year) if typed else {}
        return tuple(self._level(n, types) for n in AREA_LEVELS if n in names)

    def _level(self, name: str, types: Mapping[str, str]) -> AreaLevel:
        cells = [_cell_of(name, leaf, types.get(leaf, NO_TYPE)) for leaf in self.leaves]
        codes = tuple(sorted({c for c in cells if c is not None}))
        at = {c: i for i, c in enumerate(codes)}
        return AreaLevel(name, codes, np.array([-1 if c is None else at[c] for c in cells], dtype=np.int64))

    def describe(self, level: AreaLevel) -> tuple[Area, ...]:
        """The published rows of a level, with texts."""
        names = {a.code: a.name for a in self.areas}
        return tuple(make_area(level.level, c, self._text(level.level, c, names)) for c in level.codes)

    def _text(self, level: str, code: str, names: Mapping[str, str]) -> Text:
        if code == NATION:
            return Text("Riket", "Sweden")
        if code.endswith("X"):
            place = self._place(code[:-1])
            return Text(f"{place.sv}, område ej angivet", f"{place.en}, no area stated")
        if level == "regso":
            return Text(names[code], names[code])
        if level.endswith("area_type"):
            place, kind = self._place(code[:-2]), type_text(code[-1])
            if level == "area_type":
                return kind
            sv, en = kind.sv[0].lower() + kind.sv[1:], kind.en[0].lower() + kind.en[1:]
            return Text(f"{place.sv}: {sv}", f"{place.en}: {en}")
        return self._place(code)

    def _place(self, code: str) -> Text:
        if code in ("", NATION):
            return Text("Riket", "Sweden")
        name = self.counties[code] if len(code) == 2 else self.municipalities[code]
        return Text(name, name)


def _cell_of(level: str, leaf: str, area_type: str) -> str | None:
    """The code of the cell of `level` that `leaf` belongs to, or None for no cell of that level."""
    municipality, county = municipality_of(leaf), county_of(leaf)
    place = {
        "riket": NATION,
        "lan": county or leaf,
        "kommun": municipality or (leaf if county else None),
        "regso": leaf if municipality else None,
        "area_type": "",
        "lan_area_type": county,
        "kommun_area_type": municipality,
    }[level]
    if place is None or not level.endswith("area_type"):
        return place
    return f"{place}T{area_type}"
