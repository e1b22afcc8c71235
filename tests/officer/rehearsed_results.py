"""Results of rehearsals as the scheduler process leaves them, small and made by hand."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
LEVELS = ("riket", "kommun", "regso")
NAMES = {"0114": "Ostad", "0180": "Storstad", "0301": "Vestad", "0509": "Tomstad"}


def on_map(marked: Mapping[str, tuple[int, int]]) -> Json:
    """Areas with so many marked of so many cells."""
    areas = [
        {"code": code, "name": NAMES[code], "cells": cells, "marked": n,
         "per_cent": round(100 * n / cells, 1) if cells else None}
        for code, (n, cells) in marked.items()
    ]  # fmt: skip
    return {"level": "kommun", "areas": areas}


def suppressed(gone: Mapping[str, float], marked: Mapping[str, tuple[int, int]], *, mostly: bool = False) -> Json:
    """A suppressed table; `gone`: share of cells withheld by level."""
    by_level = {level: {"non_zero_per_cent": share} for level, share in gone.items()}
    value = {level: {"value_per_cent": round(share / 2) if share else 0} for level, share in gone.items()}
    value["regso"] = {"value_per_cent": None}
    hidden = [{"categories": ["woman", "16-24"], "own": True, "withheld": 3, "non_zero": 12}]
    example = {"code": "0114", "name": "Ostad", "why": ["middling", "asked"], "inhabitants": 12345, "non_zero": 48,
               "withheld": 5, "hidden": hidden, "more": 2}  # fmt: skip
    return {
        "table": "t-regso", "by_level": by_level, "non_zero_per_cent": 20.0, "of_one_area": None,
        "measures": [{"measure": "cases", "value_per_cent": 7, "by_level": value}],
        "holes": {"mostly": mostly, "finest": "regso", "finest_per_cent": gone["regso"]},
        "map": on_map(marked), "examples": [example],
    }  # fmt: skip


def noisy(
    error: float, *, lone: int | None = None, assumed: float | None = 0.05, shrunken: float | None = None
) -> Json:
    """A noise table with a total and one division, by nation and municipality; `shrunken`: by how much its numbers were
    off in a simulation."""
    simulated = [
        {"area_level": level, "attributes": attributes, "shown_error": shrunken + len(attributes)}
        for level in ("riket", "kommun") for attributes in (["sex"], []) if shrunken is not None
    ]  # fmt: skip
    groups = [
        {"measure": "persons", "area_level": level, "attributes": attributes, "cells": 1,
         "expected_error": error * (2 if level == "riket" else 1) + len(attributes)}
        for level in ("riket", "kommun") for attributes in ([], ["sex"])
    ]  # fmt: skip
    shares: list[Json] = [{}] if assumed is None else [{"share_of_inhabitants": s} for s in (0.01, 0.05, 0.2)]
    rows = [
        {**share, "area_level": "kommun", "attributes": attributes,
         "uncertain_per_cent": error * share.get("share_of_inhabitants", 0.5), "withheld_per_cent": 1.5}
        for share in shares for attributes in ([], ["sex"])
    ]  # fmt: skip
    row = {"attributes": ["sex"], "cells": 2, "expected_error": error, "size": 617.2, "uncertain": 1, "withheld": 0}
    return {
        "table": "t-regso", "groups": groups, "marks": {"basis": "", "assumed_in_places": assumed, "rows": rows},
        "simulated": {"basis": "", "draws": 8, "rows": simulated},
        "of_one_area": lone, "map": on_map({"0114": (0, 6), "0180": (3, 6)}),
        "examples": [{"code": "0114", "name": "Ostad", "why": ["largest"], "inhabitants": None, "rows": [row]}],
    }  # fmt: skip


def side(table: Json, *, refused: str = "", **changes: Any) -> Json:
    """One policy rehearsed."""
    noise = "groups" in table
    account = {"cap": "0.125", "charged": "0.04", "left_after": "0.065" if noise else "0.085"}
    common = {
        "period": "2022", "rho": "0.02" if noise else "0", "account": account, "refused": refused,
        "tables": [] if refused and not noise else [table], "divided": {"t-regso": ["sex", "age_group"]},
        "protection": "noise" if noise else "suppression",
    }  # fmt: skip
    if noise:
        forecast = {"reference_year": 2022, "left_at_the_end": "0.025", "reached_in": "", "refused": 0}
        return {**common, "terms": {"rho": "0.02", "bound": 1}, "forecast": forecast, **changes}
    verdict = {"passed": True, "withheld": 1234, "exact": 0, "narrow": 0, "findings": [], "more": 0}
    return {**common, "terms": {"threshold": 5, "level": "ambiguous"}, "verdict": verdict, "advice": [], **changes}


def of(kind: str) -> Json:
    return {"name": f"{kind}", "kind": "threshold", "text": {"sv": f"Mindre: {kind}.", "en": f"Less: {kind}."},
            "weaker": kind.endswith("3")}  # fmt: skip


def comparison(current: Json | None, proposed: Json, **changes: Any) -> Json:
    """Both sides, with the texts that the page needs."""
    ages = {"16-24": {"sv": "16–24 år", "en": "16–24"}}
    sexes = {"woman": {"sv": "Kvinnor", "en": "Women"}, "man": {"sv": "Män", "en": "Men"}}
    return {
        "policy": "fk-test", "proposal": 1, "digest": "", "base": "", "period": "2022", "edition": "regso-2020",
        "sensitive": proposed["protection"] == "suppression",
        "titles": {"t-regso": {"sv": "Ärenden efter område", "en": "Cases by area"}},
        "columns": {"sex": {"text": {"sv": "Kön", "en": "Sex"}, "codes": sexes},
                    "age_group": {"text": {"sv": "Ålder", "en": "Age"}, "codes": ages}},
        "current": current, "proposed": proposed, "alternatives": [],
        "available": [of("threshold-3"), of("areas-kommun")], **changes,
    }  # fmt: skip


def thresholds(**changes: Any) -> Json:
    """A threshold of 10 beside one of 5."""
    old = suppressed({"riket": 0.0, "kommun": 10.0, "regso": 26.0}, {"0114": (1, 20), "0180": (0, 40), "0301": (2, 4)})
    new = suppressed({"riket": 0.0, "kommun": 18.5, "regso": 39.0},
                     {"0114": (9, 20), "0180": (0, 40), "0301": (4, 4), "0509": (0, 0)})  # fmt: skip
    terms = {"threshold": 10, "level": "ambiguous"}
    return comparison(side(old), side(new, terms=terms), **changes)
