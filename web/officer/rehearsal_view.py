"""A result of a rehearsal side by side: in force, proposed, and the difference, in lines that are ready to be read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from publisher.release.model import AREA_LEVELS, TOTAL
from web.officer.rehearsal_figures import decimal, rho, signed, whole
from web.officer.texts import say

Json = Mapping[str, Any]
NOTHING = "–"
EVERY = ""
"""In place of a level: all of them together."""
SHARE = 0.05
"""Of the inhabitants; the assumption that is shown where nothing is published."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a comparison."""

    label: str
    old: str
    new: str
    difference: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One comparison, by area level.  `key`: of its caption."""

    key: str
    lines: tuple[Line, ...]


def tables_of(result: Json) -> tuple[str, ...]:
    """The ids of all tables, the proposed policy's first."""
    sides = [result["proposed"], result["current"] or {"tables": []}]
    return tuple(dict.fromkeys(t["table"] for side in sides for t in side["tables"])) or tuple(result["titles"])


def table_of(side: Json | None, table: str) -> Json | None:
    """A table of one side, if it has it."""
    return next((t for t in side["tables"] if t["table"] == table), None) if side else None


def metrics(result: Json, table: str, lang: str) -> tuple[Metric, ...]:
    """What there is to compare of a table; a side that lacks a number has a dash."""
    old, new = (table_of(result[side], table) for side in ("current", "proposed"))
    found = ((key, of(old), of(new), digits) for key, of, digits in _METRICS)
    made = (Metric(key, tuple(_lines(a, b, digits, lang))) for key, a, b, digits in found)
    return tuple(m for m in made if m.lines)


def _lines(
    old: Mapping[str, float | None], new: Mapping[str, float | None], digits: int, lang: str
) -> Iterator[Line]:
    for level in (*AREA_LEVELS, EVERY):
        if level in old or level in new:
            a, b = old.get(level), new.get(level)
            before, after = (decimal(s[level], lang, digits) if level in s else NOTHING for s in (old, new))
            yield Line(level_words(level, lang), before, after, change_of(a, b, lang, digits))


def change_of(old: float | None, new: float | None, lang: str, digits: int = 1) -> str:
    """The difference of two numbers, a dash where one is missing."""
    return NOTHING if old is None or new is None else signed(new - old, lang, digits)


def level_words(level: str, lang: str) -> str:
    """An area level by its name."""
    return say(f"rehearsal.level_{level or 'all'}", lang)


def is_noise(table: Json) -> bool:
    """Whether a table is protected by noise."""
    return "groups" in table


def _withheld_cells(table: Json | None) -> dict[str, float | None]:
    if table is None or is_noise(table):
        return {}
    by_level = {level: group["non_zero_per_cent"] for level, group in table["by_level"].items()}
    return {**by_level, EVERY: table["non_zero_per_cent"]}


def _withheld_value(table: Json | None) -> dict[str, float | None]:
    if table is None or is_noise(table):
        return {}
    count = table["measures"][0]
    return {level: own["value_per_cent"] for level, own in count["by_level"].items()} | {EVERY: count["value_per_cent"]}


def errors(table: Json | None, *, finest: bool) -> dict[str, float | None]:
    """The expected error of the count at each level: of a cell in the finest division, or of the level's totals."""
    if table is None or not is_noise(table):
        return {}
    count = table["groups"][0]["measure"]
    out: dict[str, tuple[int, float]] = {}
    for group in (g for g in table["groups"] if g["measure"] == count):
        size = len(group["attributes"]) * (1 if finest else -1)
        known = out.get(group["area_level"])
        if known is None or size > known[0]:
            out[group["area_level"]] = size, group["expected_error"]
    return {level: error for level, (_, error) in out.items()}


def shown_errors(table: Json | None, *, finest: bool) -> dict[str, float | None]:
    """The same of shrunken numbers, as they were simulated; nothing of other tables, nor in results of an older form.
    """
    rows = table.get("simulated", {}).get("rows", ()) if table else ()
    order = sorted(rows, key=lambda r: len(r["attributes"]), reverse=not finest)
    return {row["area_level"]: row["shown_error"] for row in order}


def _marks(key: str) -> Callable[[Json | None], dict[str, float | None]]:
    def of(table: Json | None) -> dict[str, float | None]:
        if table is None or not is_noise(table):
            return {}
        rows = [r for r in table["marks"]["rows"] if r.get("share_of_inhabitants", SHARE) == SHARE]
        most = {r["area_level"]: r for r in sorted(rows, key=lambda r: len(r["attributes"]))}
        return {level: row[key] for level, row in most.items()}

    return of


_METRICS: tuple[tuple[str, Callable[[Json | None], dict[str, float | None]], int], ...] = (
    ("cells", _withheld_cells, 1),
    ("value", _withheld_value, 0),
    ("error_fine", lambda table: errors(table, finest=True), 1),
    ("error_total", lambda table: errors(table, finest=False), 1),
    ("shown_fine", lambda table: shown_errors(table, finest=True), 1),
    ("shown_total", lambda table: shown_errors(table, finest=False), 1),
    ("unsure", _marks("uncertain_per_cent"), 1),
    ("gone", _marks("withheld_per_cent"), 1),
)
"""What is compared, how it is read from a table, and with how many decimals."""


def charges(result: Json, lang: str) -> tuple[Line, ...]:
    """The charge of one run and what it leaves of the year, of both sides."""
    old, new = result["current"], result["proposed"]
    found = [
        ("charge_run", _rho(old, "rho"), _rho(new, "rho")),
        ("charge_before", _rho(old, "account", "charged"), _rho(new, "account", "charged")),
        ("charge_left", _rho(old, "account", "left_after"), _rho(new, "account", "left_after")),
        ("charge_end", _rho(old, "forecast", "left_at_the_end"), _rho(new, "forecast", "left_at_the_end")),
    ]
    return tuple(
        Line(say(f"rehearsal.{key}", lang), _text(a, lang), _text(b, lang), _change(a, b, lang))
        for key, a, b in found
        if a is not None or b is not None
    )


def _rho(side: Json | None, *path: str) -> str | None:
    for key in path:
        side = side.get(key) if side else None
    return str(side) if side is not None else None


def _text(value: str | None, lang: str) -> str:
    return NOTHING if value is None else rho(value, lang)


def _change(old: str | None, new: str | None, lang: str) -> str:
    if old is None or new is None:
        return NOTHING
    text = signed(float(new) - float(old), lang, 9)
    return text.rstrip("0").rstrip(",.") if text != "0" else text


def categories_words(codes: tuple[str, ...], columns: tuple[str, ...], texts: Json, lang: str) -> str:
    """A combination of categories by name; totals are left out unless all are."""
    named = [texts[c]["codes"][code][lang] for c, code in zip(columns, codes, strict=True) if code != TOTAL]
    return ", ".join(named) or say("rehearsal.total", lang)


def share_of(part: int, of: int, lang: str) -> str:
    """So many of so many."""
    return say("rehearsal.of", lang, part=whole(part, lang), of=whole(of, lang))
