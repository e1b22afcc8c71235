"""Areas by name, and the map: what a rehearsal does to them, in force and proposed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from web.officer.rehearsal_figures import decimal, whole
from web.officer.rehearsal_view import (
    NOTHING,
    Json,
    Line,
    categories_words,
    change_of,
    is_noise,
    share_of,
    table_of,
)
from web.officer.texts import say

SCALES = (
    (1, 2, 3, 4, 5), (2, 4, 6, 8, 10), (2, 5, 10, 15, 25), (5, 10, 20, 30, 50), (5, 10, 25, 50, 100),
)  # fmt: skip
"""Upper limits of five classes, in per cent: narrower ones where most areas are."""
EMPTY, SILENT = 0, 6
"""Classes of areas without cells, and of those of which nothing is shown."""

Scale = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One area told of by name.  `lines`: its numbers; `more`: combinations that are left out."""

    name: str
    about: str
    summary: str
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Class:
    """One class of the map.  `count`: areas of it in force and proposed."""

    number: int
    label: str
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class OnMap:
    """One area of the map.  `old`, `new`: its class, None where a side has no map."""

    code: str
    name: str
    path: str
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Map:
    """A map of both sides with its legend and its numbers.  `counties`: paths of their borders."""

    level: str
    noise: bool
    width: int
    height: int
    areas: tuple[OnMap, ...]
    counties: tuple[str, ...]
    classes: tuple[Class, ...]
    lines: tuple[Line, ...]


def examples(result: Json, table: str, lang: str) -> tuple[Example, ...]:
    """The areas told of by name, with both sides' numbers."""
    out = []
    for old, new in _pairs(result, table, "examples"):
        before, after = _numbers(result, "current", table, old, lang), _numbers(result, "proposed", table, new, lang)
        lines = tuple(
            Line(label, before.get(label, _unnamed(old, lang)), after.get(label, _unnamed(new, lang)), "")
            for label in dict.fromkeys((*after, *before))
        )
        out.append(Example(new["name"], _about(new, lang), _summary(old, new, lang), lines, new.get("more", 0)))
    return tuple(out)


def _pairs(result: Json, table: str, *path: str) -> Iterator[tuple[Json | None, Json]]:
    """What the proposed side tells of each area, after what the side in force tells of it."""
    found: list[dict[str, Json]] = []
    for side in ("current", "proposed"):
        part: Any = table_of(result[side], table) or {}
        for key in path:
            part = part.get(key, {})
        found.append({one["code"]: one for one in part})
    return ((found[0].get(code), one) for code, one in found[1].items())


def _about(example: Json, lang: str) -> str:
    """Why an area is told of, and how large it is."""
    parts = [say(f"rehearsal.why_{word}", lang) for word in example["why"]]
    if example["inhabitants"] is not None:
        parts.append(say("rehearsal.inhabitants", lang, n=whole(example["inhabitants"], lang)))
    return ", ".join(parts)


def _summary(old: Json | None, new: Json, lang: str) -> str:
    if "rows" in new:
        return ""
    before = {} if old is None or "rows" in old else old
    if not new["withheld"] and not before.get("withheld"):
        return say("rehearsal.nothing_hidden", lang)
    key = "rehearsal.hidden_of_before" if before else "rehearsal.hidden_of"
    counts = {k: whole(new[k], lang) for k in ("withheld", "non_zero")}
    return say(key, lang, **counts, before=whole(before.get("withheld", 0), lang))


def _numbers(result: Json, side: str, table: str, example: Json | None, lang: str) -> dict[str, str]:
    """What one side tells of an area's numbers, by their names."""
    if example is None:
        return {}
    if "rows" in example:
        return {_across(r["attributes"], result, lang): _expected(r, lang) for r in example["rows"]}
    columns = tuple(result[side]["divided"][table])
    return {
        categories_words(tuple(h["categories"]), columns, result["columns"], lang): _hidden(h, lang)
        for h in example["hidden"]
    }


def _across(attributes: Sequence[str], result: Json, lang: str) -> str:
    names = [result["columns"][c]["text"][lang].lower() for c in attributes]
    return say("rehearsal.by", lang, columns=" × ".join(names)) if names else say("rehearsal.total", lang)


def _expected(row: Json, lang: str) -> str:
    size = NOTHING if row["size"] is None else decimal(row["size"], lang, 0)
    text = say("rehearsal.expected", lang, error=decimal(row["expected_error"], lang), size=size)
    unsure = row["uncertain"] + row["withheld"]
    return f"{text}; {say('rehearsal.unsure', lang, n=share_of(unsure, row['cells'], lang))}" if unsure else text


def _hidden(hidden: Json, lang: str) -> str:
    own = say(f"rehearsal.own_{'hidden' if hidden['own'] else 'shown'}", lang)
    return f"{own}; {say('rehearsal.inside', lang, n=share_of(hidden['withheld'], hidden['non_zero'], lang))}"


def _unnamed(example: Json | None, lang: str) -> str:
    """What one side says of a number that it does not name: all of it is shown, if nothing was left out."""
    known = example is not None and "rows" not in example and not example["more"]
    return say("rehearsal.all_shown", lang) if known else NOTHING


def map_of(result: Json, table: str, shapes: Json, lang: str) -> Map | None:
    """The map of a table, or None where it has no areas to show."""
    new = table_of(result["proposed"], table)
    if new is None or not new["map"]["level"]:
        return None
    level, pairs = new["map"]["level"], list(_pairs(result, table, "map", "areas"))
    told = any(old for old, _ in pairs)
    scale = scale_of([a["per_cent"] for pair in pairs for a in pair if a and a["per_cent"] is not None])
    paths = shapes.get(level, {})
    areas = tuple(
        OnMap(new["code"], new["name"], paths.get(new["code"], ""), class_of(old, scale) if told else None,
              class_of(new, scale))
        for old, new in pairs
    )  # fmt: skip
    return Map(
        level, is_noise(new), shapes.get("width", 0), shapes.get("height", 0), areas if paths else (),
        tuple(shapes.get("lan", {}).values()), _legend(areas, scale, told, lang), tuple(_map_lines(pairs, lang)),
    )  # fmt: skip


def scale_of(shares: Sequence[float]) -> Scale:
    """The first scale that reaches the largest share; both sides have the same."""
    return next(scale for scale in SCALES if scale[-1] >= max(shares, default=0.0))


def class_of(area: Json | None, scale: Scale) -> int:
    """1 to 5 by the share, the upper limit included; EMPTY without cells, SILENT where nothing is shown."""
    if area is None or area["per_cent"] is None:
        return EMPTY
    if area["marked"] == area["cells"]:
        return SILENT
    return next(number for number, top in enumerate(scale, start=1) if area["per_cent"] <= top)


def _legend(areas: Sequence[OnMap], scale: Scale, told: bool, lang: str) -> tuple[Class, ...]:
    labels = {EMPTY: say("rehearsal.class_empty", lang), SILENT: say("rehearsal.class_silent", lang)}
    labels |= {k: f"{low}–{top} %" for k, (low, top) in enumerate(pairwise((0, *scale)), start=1)}
    found = [Class(k, labels[k], sum(a.old == k for a in areas) if told else 0, sum(a.new == k for a in areas))
             for k in (*range(1, len(scale) + 1), SILENT, EMPTY)]  # fmt: skip
    return tuple(c for c in found if c.number not in (SILENT, EMPTY) or c.old or c.new)


def _map_lines(pairs: Sequence[tuple[Json | None, Json]], lang: str) -> Iterator[Line]:
    """The same numbers as a table, the largest share first."""
    for old, new in sorted(pairs, key=lambda p: (-(p[1]["per_cent"] or 0), p[1]["name"])):
        a, b = (old or {}).get("per_cent"), new["per_cent"]
        before, after = (NOTHING if share is None else decimal(share, lang) for share in (a, b))
        yield Line(new["name"], before, after, change_of(a, b, lang))
