"""`release.json`: everything about a release except its cells, to and from plain objects."""

from collections.abc import Sequence
from typing import Any

from publisher.errors import ReleaseError
from publisher.release.model import (
    Area,
    Category,
    Dimension,
    Measure,
    NoiseFacts,
    Release,
    SuppressionFacts,
    Table,
    Text,
)

FORMS = ("release/1", "release/2", "release/3", "release/4", "release/5", "release/6")
"""`release/2` adds `sensitivity` and `measured` to what is told of noise, `release/3` periods that were suppressed by
other rules than the last one, `release/4` which codes of the source a category joins, `release/5` tables that were
measured as one, `release/6` periods that carry other noise than the last one.  A release that tells none of these is
`release/1`, as it always was: what was sealed stays readable and keeps its bytes."""
_NO_FORM = f"release.json has none of the forms {', '.join(FORMS)}"


_PLAIN = ("policy", "agency", "period", "version", "publish_at", "contact_name", "contact_email", "licence", "reason")
_MEASURE = ("id", "kind", "decimals", "additive", "noisy", "of", "per", "denominator", "within", "bounds_by")
_NOISE_PLAIN = ("rho", "delta", "epsilon")
_NOISE_TEXT = ("unit", "bound", "mechanism", "postprocessing", "unprotected")
_SUPPRESSION = ("threshold", "counted", "zeros", "level", "insiders")


def format_of(release: Release) -> str:
    """The oldest form that can tell of a release: that of its `release.json`."""
    return FORMS[max((_form(t) for t in release.tables), default=0)]


def release_to_obj(release: Release) -> dict[str, object]:
    """The facts of a release as what `canonical_json` writes."""
    return {
        "format": format_of(release),
        "id": release.id,
        **{name: getattr(release, name) for name in _PLAIN},
        "title": _text(release.title),
        "source": _text(release.source),
        "tables": [_table(t) for t in release.tables],
    }


def release_from_obj(obj: Any) -> Release:
    """The release, its tables without cells; ReleaseError where the object is not what `release_to_obj` gives."""
    try:
        release = Release(
            **{name: obj[name] for name in _PLAIN},
            title=Text(**obj["title"]),
            source=Text(**obj["source"]),
            tables=tuple(_read_table(t) for t in obj["tables"]),
        )
        known = release_to_obj(release) == obj
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise ReleaseError(_NO_FORM) from None
    if not known:
        raise ReleaseError(_NO_FORM)
    return release


def _text(text: Text) -> dict[str, str]:
    return {"sv": text.sv, "en": text.en}


def _table(table: Table) -> dict[str, object]:
    return {
        "id": table.id,
        "title": _text(table.title),
        "areas": [[a.level, a.code, a.text.sv, a.text.en] for a in table.areas],
        "dimensions": [
            {"id": d.id, "text": _text(d.text), "personal": d.personal,
             "categories": [_category(c) for c in d.categories]}
            for d in table.dimensions
        ],
        "measures": [
            {name: getattr(m, name) for name in _MEASURE}
            | {"text": _text(m.text), "unit": _text(m.unit), "bounds": {c: list(b) for c, b in m.bounds.items()}}
            | ({"q": m.q} if m.q else {})
            for m in table.measures
        ],
        "periods": list(table.periods),
        "notes": [_text(n) for n in table.notes],
        "area_types": {p: dict(types) for p, types in table.area_types.items()},
        "editions": dict(table.editions),
        "by_edition": table.by_edition,
        "renamed": {e: {c: _text(t) for c, t in names.items()} for e, names in table.renamed.items()},
        "absent": {e: list(codes) for e, codes in table.absent.items()},
        "breaks": {e: list(codes) for e, codes in table.breaks.items()},
        "protection": _protection(table.protection),
        **({"other_rules": {p: _protection(f) for p, f in table.other_rules.items()}} if table.other_rules else {}),
    }


def _category(category: Category) -> list[object]:
    joins = [list(category.joins)] if category.joins else []
    return [category.code, category.text.sv, category.text.en, *joins]


def _protection(facts: SuppressionFacts | NoiseFacts) -> dict[str, object]:
    if isinstance(facts, SuppressionFacts):
        plain: dict[str, object] = {name: getattr(facts, name) for name in _SUPPRESSION}
        return {"by": "suppression", **plain, "rules": list(facts.rules)}
    stated: dict[str, object] = {name: getattr(facts, name) for name in _NOISE_PLAIN}
    stated |= {name: _text(getattr(facts, name)) for name in _NOISE_TEXT}
    if facts.sensitivity is not None:
        stated["sensitivity"] = _text(facts.sensitivity)
    if facts.measured:
        stated["measured"] = [list(pair) for pair in facts.measured]
    if facts.together:
        stated["together"] = list(facts.together)
    return {"by": "noise"} | stated


def _form(table: Table) -> int:
    """Place of the oldest form that can tell of a table."""
    facts = table.protection
    if any(isinstance(f, NoiseFacts) for f in table.other_rules.values()):
        return 5
    if isinstance(facts, NoiseFacts) and facts.together:
        return 4
    if any(c.joins for d in table.dimensions for c in d.categories):
        return 3
    if table.other_rules:
        return 2
    return int(isinstance(facts, NoiseFacts) and (facts.sensitivity is not None or bool(facts.measured)))


def _read_table(obj: Any) -> Table:
    return Table(
        id=obj["id"],
        title=Text(**obj["title"]),
        areas=tuple(Area(level, code, Text(sv, en)) for level, code, sv, en in obj["areas"]),
        dimensions=tuple(
            Dimension(
                d["id"], Text(**d["text"]), tuple(_read_category(*c) for c in d["categories"]), personal=d["personal"]
            )
            for d in obj["dimensions"]
        ),
        measures=tuple(
            Measure(
                **{name: m[name] for name in _MEASURE}, text=Text(**m["text"]), unit=Text(**m["unit"]),
                bounds={code: (lower, upper) for code, (lower, upper) in m["bounds"].items()},
                q=m.get("q", ""),
            )
            for m in obj["measures"]
        ),
        periods=tuple(obj["periods"]),
        cells=(),
        notes=tuple(Text(**n) for n in obj["notes"]),
        area_types=obj["area_types"],
        editions=obj["editions"],
        by_edition=obj["by_edition"],
        renamed={e: {c: Text(**t) for c, t in names.items()} for e, names in obj["renamed"].items()},
        absent={e: tuple(codes) for e, codes in obj["absent"].items()},
        breaks={e: tuple(codes) for e, codes in obj["breaks"].items()},
        protection=_read_protection(obj["protection"]),
        other_rules={p: _read_protection(f) for p, f in obj.get("other_rules", {}).items()},
    )


def _read_category(code: str, sv: str, en: str, joins: Sequence[str] = ()) -> Category:
    return Category(code, Text(sv, en), tuple(joins))


def _read_rules(obj: Any) -> SuppressionFacts:
    return SuppressionFacts(**{name: obj[name] for name in _SUPPRESSION}, rules=tuple(obj["rules"]))


def _read_protection(obj: Any) -> SuppressionFacts | NoiseFacts:
    if obj["by"] == "suppression":
        return _read_rules(obj)
    fields: dict[str, Any] = {name: obj[name] for name in _NOISE_PLAIN}
    fields |= {name: Text(**obj[name]) for name in _NOISE_TEXT}
    return NoiseFacts(
        **fields,
        sensitivity=Text(**obj["sensitivity"]) if "sensitivity" in obj else None,
        measured=tuple((measure, rho) for measure, rho in obj.get("measured", ())),
        together=tuple(obj.get("together", ())),
    )
