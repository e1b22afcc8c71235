"""Area codes and their texts, as MODEL.md writes them."""

from publisher.release.model import Area, Text

NATION = "00"
NO_TYPE = "0"
TYPE_CODES = ("1", "2", "3", "4", "5", NO_TYPE)

TYPE_TEXTS = {
    "1": Text("Områden med stora socioekonomiska utmaningar", "Areas with major socio-economic challenges"),
    "2": Text("Områden med socioekonomiska utmaningar", "Areas with socio-economic challenges"),
    "3": Text("Socioekonomiskt blandade områden", "Socio-economically mixed areas"),
    "4": Text("Områden med goda socioekonomiska förutsättningar", "Areas with good socio-economic conditions"),
    "5": Text(
        "Områden med mycket goda socioekonomiska förutsättningar", "Areas with very good socio-economic conditions"
    ),
    NO_TYPE: Text("Områdestyp saknas", "No area type"),
}


def municipality_of(leaf: str) -> str | None:
    """The municipality of a leaf code (`0180R047` and `0180X` -> `0180`), or None where none is stated."""
    return leaf[:4] if len(leaf) >= 5 and leaf[:4].isdecimal() else None


def county_of(leaf: str) -> str | None:
    """The county of a leaf code (`0180R047`, `0180X`, `01X` -> `01`), or None where none is stated."""
    return leaf[:2] if leaf[:2] != NATION else None


def unstated(place: str) -> str:
    """The code of "no area stated" within a municipality, county or the nation."""
    return f"{place}X"


def type_text(code: str) -> Text:
    """The text of area type `1`..`5` or `0` (none)."""
    return TYPE_TEXTS[code]


def make_area(level: str, code: str, text: Text) -> Area:
    """An area row of the published table."""
    return Area(level=level, code=code, text=text)
