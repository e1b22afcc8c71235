"""Extracts for the data protection officer: record of processing (GDPR article 30), impact assessment (article 35)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from publisher.ledger import cap_units, format_units
from publisher.release.model import Text
from publisher.standing.policies import policies_in_force, policy_object
from publisher.standing.report import processing_texts as told
from publisher.standing.report.paper import Grid, Paper, Part, Points, Section, number
from publisher.statement import meaning
from publisher.workspace import Workspace


def record_of_processing(work: Workspace, lang: str, *, now: datetime) -> Paper:
    """Purposes, bases, categories, recipients, retention and security, of what is in force at `now`."""
    sections = (
        _section("controller", lang, _controllers(work, lang)),
        _section("purpose", lang, told.PURPOSE.get(lang)),
        _section("basis", lang, _bases(work, lang)),
        _section("subjects", lang, told.SUBJECTS.get(lang)),
        _section("data", lang, _data(work, lang)),
        _section("recipients", lang, told.RECIPIENTS.get(lang)),
        _section("retention", lang, _points(told.RETENTION, lang)),
        _section("measures", lang, _points(told.MEASURES, lang), *_promises(work, lang)),
    )
    return Paper(lang, told.HEADINGS["record"].get(lang), told.HEADINGS["record_lead"].get(lang), now, sections)


def impact_assessment(work: Workspace, lang: str, *, now: datetime) -> Paper:
    """Description, risks, measures with the promise in figures, what is not promised, and what the agency adds."""
    sections = (
        _section("description", lang, told.PURPOSE.get(lang), told.SUBJECTS.get(lang), _data(work, lang)),
        _section("basis", lang, _bases(work, lang)),
        _section("risks", lang, _points(told.RISKS, lang)),
        _section("measures", lang, _points(told.MEASURES, lang)),
        _section("protection", lang, _protections(work, lang)),
        _section("promise", lang, *_promises(work, lang)),
        _section("not_promised", lang, _points(told.NOT_PROMISED, lang)),
        _section("retention", lang, _points(told.RETENTION, lang)),
        _section("to_add", lang, _points(told.TO_ADD, lang)),
    )
    return Paper(lang, told.HEADINGS["impact"].get(lang), told.HEADINGS["impact_lead"].get(lang), now, sections)


def _section(key: str, lang: str, *parts: Part) -> Section:
    return Section(told.HEADINGS[key].get(lang), parts)


def _points(texts: Sequence[Text], lang: str) -> Points:
    return Points(tuple(t.get(lang) for t in texts))


def _grid(caption: str, lang: str, head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Grid:
    return Grid(told.HEADINGS[caption].get(lang), tuple(told.HEADINGS[h].get(lang) for h in head), tuple(rows))


def _policies(work: Workspace) -> list[dict[str, Any]]:
    return [policy_object(work, p, pauses={}) for p in policies_in_force(work).readable]


def _controllers(work: Workspace, lang: str) -> Points:
    contacts = {p["agency"]: f"{p['contact']['name']}, {p['contact']['email']}" for p in _policies(work)}
    agencies = work.settings.agencies.values()
    return Points(tuple(". ".join(filter(None, (a.name.get(lang), contacts.get(a.id, "")))) for a in agencies))


def _bases(work: Workspace, lang: str) -> Grid:
    rows = [(p["title"][lang], p["legal_basis"], p["approver"]) for p in _policies(work)]
    return _grid("basis", lang, ("policy", "basis_head", "approved"), rows)


def _data(work: Workspace, lang: str) -> Grid:
    rows = []
    for source in work.settings.sources.values():
        texts = [*(c.text.get(lang) for c in source.categories), *(a.text.get(lang) for a in source.amounts)]
        rows.append((source.id, ", ".join([told.HEADINGS["roles"].get(lang), *(t.lower() for t in texts)])))
    return _grid("data", lang, ("source", "columns"), rows)


def _protections(work: Workspace, lang: str) -> Grid:
    tables = [t for p in _policies(work) for t in p["tables"]]
    rows = [(t["title"][lang], t["protection"]["words"][lang]) for t in tables]
    return _grid("protection", lang, ("table", "words"), rows)


def _promises(work: Workspace, lang: str) -> tuple[str, ...]:
    """What an account's cap means, for each cap that there is, and how many releases withstood the attack."""
    caps = sorted({cap_units(a.cap) for a in work.settings.agencies.values()})
    return (*(_promise(cap, lang) for cap in caps), told.SEALED.get(lang).format(sealed=len(work.store.records())))


def _promise(cap: int, lang: str) -> str:
    means = meaning(cap)
    values = {**means, "cap": format_units(cap), "tp": means["true_positive_per_cent"]}
    return told.PROMISE.get(lang).format(delta="1e-7", **{k: number(v, lang) for k, v in values.items()})
