"""Which values a field can have: those of the schema, of the declarations, or of the table itself."""

from collections.abc import Callable, Iterable
from types import MappingProxyType

from ruamel.yaml.nodes import Node

from publisher.policy.declarations import REFERENCE_YEAR, Settings
from publisher.policy.editing.defaults import columns_of, source_of
from publisher.policy.editing.fields import Choice, Field
from publisher.policy.editing.places import Place, codes, entries_at, find, scalar_at
from publisher.policy.model import COUNTS
from publisher.release.model import AREA_LEVELS, Text

LEVELS = MappingProxyType(
    {
        "riket": Text("riket", "nation"),
        "lan": Text("län", "county"),
        "kommun": Text("kommun", "municipality"),
        "regso": Text("RegSO", "RegSO"),
        "area_type": Text("områdestyp", "area type"),
        "lan_area_type": Text("län och områdestyp", "county and area type"),
        "kommun_area_type": Text("kommun och områdestyp", "municipality and area type"),
    }
)
_Options = tuple[Choice, ...]


def options_of(field: Field, root: Node, place: Place, settings: Settings | None) -> _Options:
    """What can be chosen at a place, in the order that is shown and written."""
    if field.choices:
        return field.choices
    if field.options in _OF_THE_TABLE:
        return _OF_THE_TABLE[field.options](root, place[:2])
    if field.options == "column_codes":
        return codes_of(scalar_at(root, (*place[:4], "column")), root, settings)
    if settings is None or field.options not in _DECLARED:
        return ()
    return _DECLARED[field.options](root, settings)


def codes_of(column: str, root: Node, settings: Settings | None) -> _Options:
    """The declared codes of a column of the text's source."""
    source = source_of(root, settings)
    found = next((c for c in source.categories if c.id == column), None) if source else None
    return tuple(Choice(c.code, c.text) for c in found.categories) if found else ()


def declared_columns(root: Node, settings: Settings | None) -> _Options:
    """The category columns that the text's source declares."""
    source = source_of(root, settings)
    return tuple(Choice(c.id, c.text) for c in source.categories) if source else ()


def _named(names: Iterable[str]) -> _Options:
    return tuple(Choice(n, Text(n, n)) for n in names)


def _editions(_root: Node, settings: Settings) -> _Options:
    own = Choice(REFERENCE_YEAR, Text("periodens års indelning", "the edition of the period's year"))
    return (*_named(settings.geography), own)


def _type_years(root: Node, settings: Settings) -> _Options:
    edition = scalar_at(root, ("geography", "edition"))
    named = [g for g in settings.geography.values() if edition in (g.edition, REFERENCE_YEAR)]
    years = sorted({str(year) for g in named for year in g.area_types})
    return (Choice("same", Text("periodens eget år", "the period's own year")), *_named(years))


def _levels(_root: Node, _table: Place) -> _Options:
    return tuple(Choice(level, LEVELS[level]) for level in AREA_LEVELS)


def _table_levels(root: Node, table: Place) -> _Options:
    shown = codes(find(root, (*table, "areas")))
    return tuple(c for c in _levels(root, table) if c.value in shown)


def _columns(root: Node, table: Place) -> _Options:
    return _named(columns_of(root, table))


def _measured_tables(root: Node, table: Place) -> _Options:
    """None, and the tables above it that have terms of noise of their own."""
    above = entries_at(root, ("tables",))[: int(table[1])]
    noisy = [(scalar_at(e.value, ("id",)), find(e.value, ("protection", "noise"))) for e in above]
    own = [name for name, noise in noisy if noise is not None and not scalar_at(noise, ("together_with",))]
    return (Choice("", Text("ingen: mäts för sig", "none: by itself")), *_named(own))


def _parts(root: Node, table: Place) -> _Options:
    """What a measure can be made from: the table's own measures."""
    measures = entries_at(root, (*table, "measures"))
    kept = [m.value for m in measures if scalar_at(m.value, ("kind",)) in (*COUNTS, "sum", "quantile")]
    return _named(scalar_at(m, ("id",)) for m in kept)


_OF_THE_TABLE: MappingProxyType[str, Callable[[Node, Place], _Options]] = MappingProxyType(
    {
        "levels": _levels,
        "table_levels": _table_levels,
        "columns": _columns,
        "parts": _parts,
        "measured_tables": _measured_tables,
    }
)
_DECLARED: MappingProxyType[str, Callable[[Node, Settings], _Options]] = MappingProxyType(
    {
        "agencies": lambda _root, s: tuple(Choice(a.id, a.name) for a in s.agencies.values()),
        "sources": lambda _root, s: _named(s.sources),
        "populations": lambda _root, s: tuple(Choice(p.id, p.text) for p in s.populations.values()),
        "categories": declared_columns,
        "editions": _editions,
        "type_years": _type_years,
    }
)
