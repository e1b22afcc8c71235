"""`publisher.toml`: what an agency declares of its home: agencies, sources, geography, populations, limits.

Unknown keys are refused, with the path of the key.  Paths of files are relative to the folder of the file.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from publisher.errors import SettingsError
from publisher.policy.declarations import (
    REFERENCE_YEAR,
    Agency,
    AmountDeclaration,
    CategoryDeclaration,
    GeographyFiles,
    OutsideFile,
    PopulationFile,
    Settings,
    SourceDeclaration,
)
from publisher.release.model import Category, Text

_T = TypeVar("_T")


class _Table:
    """A TOML table whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, path: str, content: object) -> None:
        if not isinstance(content, dict):
            raise SettingsError(f"publisher.toml: {path} must be a table")
        self.path, self.content = path, dict(content)

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """The value of a key, of one type; SettingsError if it is missing (without default) or of another type."""
        value = self.content.pop(key, default)
        if value is None:
            raise SettingsError(f"publisher.toml: {self.path}.{key} is missing")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise SettingsError(f"publisher.toml: {self.path}.{key} must be of type {kind.__name__}")
        return value

    def text(self, key: str) -> Text:
        """A table with sv and en."""
        inner = _Table(f"{self.path}.{key}", self.take(key, dict))
        value = self.make(Text, inner.take("sv", str), inner.take("en", str))
        inner.finish()
        return value

    def tables(self, key: str) -> "dict[str, _Table]":
        """The tables below a key, by name."""
        return {k: _Table(f"{self.path}.{key}.{k}", v) for k, v in self.take(key, dict, {}).items()}

    def make(self, build: Callable[..., _T], *args: Any, **values: Any) -> _T:
        """Build a value; what its constructor refuses becomes a SettingsError at this table."""
        try:
            return build(*args, **values)
        except ValueError as error:
            raise SettingsError(f"publisher.toml: {self.path}: {error}") from None

    def finish(self) -> None:
        """Refuse what nobody took."""
        if self.content:
            raise SettingsError(f"publisher.toml: {self.path}: unknown {', '.join(sorted(self.content))}")


def load_settings(path: Path) -> Settings:
    """Read `publisher.toml`; SettingsError names the key that is missing, unknown or of the wrong type."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path.name} is missing in {path.parent.name}; docs/own-records.md has one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} is not TOML in UTF-8: {error}") from None
    root = _Table("(file)", content)
    limits = _Table("limits", root.take("limits", dict, {}))
    settings = Settings(
        folder=path.parent,
        digest=_digest(content),
        memory_mb=limits.take("memory_mb", int, 500),
        threads=limits.take("threads", int, 2),
        run_minutes=limits.take("run_minutes", int, 120),
        agencies={k: _agency(k, t) for k, t in root.tables("agencies").items()},
        geography={k: _geography(k, t) for k, t in root.tables("geography").items()},
        populations={k: _population(k, t) for k, t in root.tables("populations").items()},
        sources={k: _source(k, t) for k, t in root.tables("sources").items()},
        outside={k: _outside(k, t) for k, t in root.tables("outside").items()},
    )
    limits.finish()
    root.finish()
    _check_references(settings)
    return settings


def _digest(content: dict[str, Any]) -> str:
    decisive = {k: v for k, v in content.items() if k != "limits"}
    return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()


def _check_references(settings: Settings) -> None:
    owners: dict[Path, str] = {}
    for source in settings.sources.values():
        for path in ((settings.folder / f).resolve() for f in source.files):
            if owners.setdefault(path, source.agency) != source.agency:
                raise SettingsError(f"publisher.toml: sources.{source.id}: {path.name} is another agency's file")
    for source in settings.sources.values():
        if source.agency not in settings.agencies:
            raise SettingsError(f"publisher.toml: sources.{source.id}.agency: no agency {source.agency} is declared")
        if source.edition not in {"", REFERENCE_YEAR, *settings.geography}:
            raise SettingsError(f"publisher.toml: sources.{source.id}.edition: no such geography is declared")
    _check_outside(settings)
    spans = sorted((g.first_year, g.last_year, g.edition) for g in settings.geography.values())
    for one, other in pairwise(spans):
        if one[1] >= other[0]:
            raise SettingsError(f"publisher.toml: geography: {one[2]} and {other[2]} are valid in the same years")


def _check_outside(settings: Settings) -> None:
    for table in settings.outside.values():
        categories = settings.sources[table.source].categories if table.source in settings.sources else ()
        kept = {c.id: set(c.codes) for c in categories}
        if not categories or any(not set(codes) <= kept.get(column, set()) for column, codes in table.where):
            raise SettingsError(f"publisher.toml: outside.{table.id}: its source, a column or a code is not declared")


def _agency(key: str, table: _Table) -> Agency:
    cap = table.make(Fraction, table.take("cap", str, "0.125"))
    value = table.make(Agency, key, table.text("name"), cap, table.take("cap_reason", str, ""))
    table.finish()
    return value


def _geography(key: str, table: _Table) -> GeographyFiles:
    years = table.take("area_types", dict, {})
    types = table.make(lambda: {int(y): str(c) for y, c in years.items()})
    value = table.make(
        GeographyFiles,
        edition=key,
        register=table.take("register", str),
        area_types=types,
        deso_key=table.take("deso_key", str, ""),
        geometry=table.take("geometry", str, ""),
        changes=table.take("changes", str, ""),
        first_year=table.take("first_year", int, 1900),
        last_year=table.take("last_year", int, 2100),
        outside=table.take("outside", str, ""),
    )
    table.finish()
    return value


def _population(key: str, table: _Table) -> PopulationFile:
    only = {k: tuple(map(str, v)) for k, v in table.take("only", dict, {}).items()}
    columns = {str(k): str(v) for k, v in table.take("columns", dict, {}).items()}
    value = table.make(
        PopulationFile, key, table.text("text"), table.take("file", str), columns, only,
        everyone=table.take("everyone", bool, False),
    )
    table.finish()
    return value


def _outside(key: str, table: _Table) -> OutsideFile:
    where = table.take("where", dict, {})
    value = table.make(
        OutsideFile, key,
        **{name: table.take(name, str) for name in ("source", "file", "sha256", "kind")},
        measure=table.take("measure", str, ""),
        where=tuple((str(column), tuple(map(str, codes))) for column, codes in where.items()),
    )  # fmt: skip
    table.finish()
    return value


def _source(key: str, table: _Table) -> SourceDeclaration:
    columns = _Table(f"{table.path}.columns", table.take("columns", dict))
    value = table.make(
        SourceDeclaration,
        id=key,
        agency=table.take("agency", str),
        files=tuple(map(str, table.take("files", list))),
        format=table.take("format", str),
        encoding=table.take("encoding", str, "utf-8"),
        delimiter=table.take("delimiter", str, ","),
        person_pattern=table.take("person_pattern", str, ""),
        placing=table.take("placing", str, "regso"),
        edition=table.take("edition", str, ""),
        unknown_areas=table.take("unknown_areas", str, "refuse"),
        categories=tuple(_category(k, t) for k, t in table.tables("categories").items()),
        amounts=tuple(_amount(k, t) for k, t in table.tables("amounts").items()),
        **{c: columns.take(c, str) for c in ("case_id", "person_id", "date")},
        **{c: columns.take(c, str, "") for c in ("area", "east", "north")},
    )
    columns.finish()
    table.finish()
    return value


def _amount(key: str, table: _Table) -> AmountDeclaration:
    by = table.take("by", str, "")
    bounds = table.take("bounds", dict) if by else {"": table.take("bounds", list)}
    value = table.make(
        AmountDeclaration,
        id=key,
        column=table.take("column", str, key),
        text=table.text("text"),
        unit=table.text("unit"),
        by=by,
        bounds={str(code): _pair(table, pair) for code, pair in bounds.items()},
        outside=table.take("outside", str, "refuse"),
    )
    table.finish()
    return value


def _pair(table: _Table, pair: object) -> tuple[int, int]:
    """Two whole numbers: the bounds of an amount."""
    if not (isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair)):
        raise SettingsError(f"publisher.toml: {table.path}.bounds: write [lower, upper], two whole numbers")
    return pair[0], pair[1]


def _category(key: str, table: _Table) -> CategoryDeclaration:
    codes = [_Table(f"{table.path}.codes", c) for c in table.take("codes", list)]
    categories = tuple(
        Category(c.take("code", str), c.make(Text, c.take("sv", str), c.take("en", str))) for c in codes
    )
    for c in codes:
        c.finish()
    value = table.make(
        CategoryDeclaration,
        id=key,
        column=table.take("column", str, key),
        text=table.text("text"),
        personal=table.take("personal", bool),
        categories=categories,
    )
    table.finish()
    return value
