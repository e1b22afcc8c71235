"""The finding of a rehearsal in a sentence, and what it warns of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from web.officer.rehearsal_figures import decimal, per_cent, period_words, rho, whole
from web.officer.rehearsal_view import errors, is_noise, level_words, table_of
from web.officer.texts import say

Json = Mapping[str, Any]
FINEST = ("regso", "kommun_area_type", "kommun", "lan_area_type", "lan", "area_type", "riket")


@dataclass(frozen=True, slots=True)
class Warn:
    """One warning.  `detail`: an error as the system wrote it, in English; `today`: it holds of what is in force too.
    """

    text: str
    detail: str = ""
    today: bool = False


def finding(result: Json, table: str, lang: str) -> str:
    """What the proposal does to a table, in a sentence."""
    old, new = (table_of(result[side], table) for side in ("current", "proposed"))
    start = _terms(result, lang)
    if new is None:
        return say("rehearsal.finding_none", lang)
    now = _figure(old, lang)
    figure, level = _figure(new, lang), level_words(finest_of(new), lang)
    kind = "noise" if is_noise(new) else "shown"
    if old is None:
        return say(f"rehearsal.finding_{kind}_new", lang, start=start, new=figure, level=level)
    if is_noise(old) != is_noise(new) or finest_of(old) != finest_of(new):
        before = say(f"rehearsal.before_{'noise' if is_noise(old) else 'shown'}", lang, old=now,
                     level=level_words(finest_of(old), lang))  # fmt: skip
        return f"{say(f'rehearsal.finding_{kind}_new', lang, start=start, new=figure, level=level)} {before}"
    return say(f"rehearsal.finding_{kind}", lang, start=start, new=figure, old=now, level=level)


def finest_of(table: Json) -> str:
    """The finest area level of a table."""
    levels = {g["area_level"] for g in table["groups"]} if is_noise(table) else table["by_level"]
    return next(level for level in FINEST if level in levels)


def _figure(table: Json | None, lang: str) -> str:
    """What is shown of a suppressed table at its finest level, or how wrong a cell of a noisy one will be there."""
    if table is None:
        return ""
    level = finest_of(table)
    if is_noise(table):
        return decimal(errors(table, finest=True)[level], lang)
    return per_cent(100 - table["by_level"][level]["non_zero_per_cent"], lang)


def _terms(result: Json, lang: str) -> str:
    """What was changed of the protection, if it is one number."""
    old, new = result["current"], result["proposed"]
    if old and old["protection"] == new["protection"]:
        for key in ("threshold", "rho"):
            value = new["terms"].get(key)
            if value is not None and value != old["terms"].get(key):
                return say(f"rehearsal.with_{key}", lang, value=rho(str(value), lang))
    return say("rehearsal.with_proposal", lang)


def warnings(result: Json, lang: str) -> tuple[Warn, ...]:
    """What the proposed policy is warned of, gravest first."""
    today = {key for key, _ in _found(result["current"], result, lang)} if result["current"] else set()
    return tuple(Warn(w.text, w.detail, key in today) for key, w in _found(result["proposed"], result, lang))


def _found(side: Json, result: Json, lang: str) -> Iterator[tuple[str, Warn]]:
    if side["refused"]:
        key = "refused_budget" if side["protection"] == "noise" else "refused"
        yield "refused", Warn(say(f"rehearsal.warn_{key}", lang), side["refused"])
    verdict = side.get("verdict")
    if verdict and not verdict["passed"]:
        yield "audit", Warn(say("rehearsal.warn_audit", lang), "; ".join(verdict["findings"]))
    yield from _budget(side, lang)
    for table in side["tables"]:
        title = result["titles"][table["table"]][lang]
        if table.get("holes", {}).get("mostly"):
            holes = table["holes"]
            share, level = per_cent(holes["finest_per_cent"], lang), level_words(holes["finest"], lang)
            text = say("rehearsal.warn_holes", lang, title=title, share=share, level=level)
            yield f"holes {table['table']}", Warn(f"{text} {_help(side, table['table'], lang)}".strip())
        if table["of_one_area"]:
            text = say("rehearsal.warn_lone", lang, title=title, n=whole(table["of_one_area"], lang))
            yield f"lone {table['table']}", Warn(text)


def _budget(side: Json, lang: str) -> Iterator[tuple[str, Warn]]:
    forecast = side.get("forecast")
    if forecast and forecast["reached_in"] and not side["refused"]:
        text = say(
            "rehearsal.warn_budget", lang, year=forecast["reference_year"], policy=forecast["reached_by"],
            period=period_words(forecast["reached_in"], lang), date=forecast["reached_on"], n=forecast["refused"],
        )  # fmt: skip
        yield "budget", Warn(text)


def _help(side: Json, table: str, lang: str) -> str:
    """What was found to help a table of holes, where alternatives were tried."""
    advice = next((a for a in side.get("advice", ()) if a["table"] == table), None)
    if advice is None:
        return ""
    for key in ("first", "weaker"):
        if advice[key]:
            return say(f"rehearsal.help_{key}", lang, name=advice[key])
    return say("rehearsal.help_noise" if advice["noise"] else "rehearsal.help_try", lang)
