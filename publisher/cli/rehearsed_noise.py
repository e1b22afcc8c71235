"""A rehearsal of a noise policy in words."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from publisher.cli.alternatives import explained
from publisher.cli.grids import grid, number

Json = dict[str, Any]
SIMULATED = (
    "Error that the shrunken numbers may have, simulated ({draws} draws) on {basis}: no promise. Where areas have less "
    "in common than there it is larger, up to about the error above."
)


def noise_in_words(table: Json) -> Iterator[RenderableType]:
    """One table: expected errors by group and by size of area, marks, and what the bound would leave out."""
    rho = ", ".join(f"{p['part']} {p['rho']}" for p in table["parts"])
    shared = f", once for {', '.join(table['together'])}" if table["together"] else ""
    yield f"{table['table']}: {number(table['cells'])} cells, {table['estimate']}; rho {rho}{shared}"
    yield "\nExpected error (standard error of the unbiased estimate), by area level and categories"
    yield _groups(table["groups"])
    if table["simulated"]["rows"]:
        yield f"\n{SIMULATED.format(**table['simulated'])}"
        yield _simulated(table["simulated"]["rows"])
    if table["by_size"]:
        yield "\nThe same by size of area, for the level's totals"
        yield _sizes(table["by_size"])
    yield f"\nShare of cells that would be marked, reckoned from {table['marks']['basis']}"
    yield _marks(table["marks"]["rows"])
    yield ""
    lost = ", ".join(f"{share:g} % at {bound}" for bound, share in table["truncation"]["lost_per_cent"].items())
    bounds = f"What a bound leaves out: {lost}; " if lost else "What a bound leaves out: "
    yield f"{bounds}{table['truncation']['basis']}."


def noisy_alternatives_in_words(result: Json) -> Iterator[RenderableType]:
    """Each alternative beside the policy: its charge, and the errors of its finest and of its coarsest group."""
    own = {"name": "as it is", "rho": result["rho"], "refused": "", "tables": result["tables"]}
    every = [own, *result["alternatives"]]
    for table in dict.fromkeys(t["table"] for t in result["tables"]):
        yield f"\nAlternatives side by side, {table}"
        yield _side_by_side(table, every)
    yield ""
    yield from explained(result["alternatives"])


def _groups(groups: Sequence[Json]) -> Table:
    out = grid(["measure", "level", "categories"], ["error", "certain from"], ["by code"])
    for g in groups:
        codes = ", ".join(f"{code} {error}" for code, error in g.get("by_code", {}).items())
        across = " x ".join(g["attributes"]) or "total"
        out.add_row(
            g["measure"], g["area_level"], across, number(g["expected_error"]), number(g["certain_from"]), codes
        )
    return out


def _simulated(rows: Sequence[Json]) -> Table:
    out = grid(["level", "categories"], ["error"])
    for row in rows:
        out.add_row(row["area_level"], " x ".join(row["attributes"]) or "total", number(row["shown_error"]))
    return out


def _sizes(rows: Sequence[Json]) -> Table:
    out = grid(["level", "areas"], ["how many", "inhabitants from", "to", "error"])
    for row in rows:
        people = number(row["inhabitants_from"]), number(row["inhabitants_to"])
        out.add_row(row["area_level"], row["class"], str(row["areas"]), *people, number(row["expected_error"]))
    return out


def _marks(rows: Sequence[Json]) -> Table:
    assumed = ["of the inhabitants"] if any("share_of_inhabitants" in row for row in rows) else []
    out = grid(["level", "categories"], [*assumed, "uncertain", "withheld"])
    for row in rows:
        share = [f"{row['share_of_inhabitants']:.0%}"] if assumed else []
        marks = (f"{row['uncertain_per_cent']:g} %", f"{row['withheld_per_cent']:g} %")
        out.add_row(row["area_level"], " x ".join(row["attributes"]) or "total", *share, *marks)
    return out


def _side_by_side(name: str, every: Sequence[Json]) -> Table:
    out = grid([""], ["rho of a run", "error, finest", "error, nation"], ["finest", "left out by the bound"])
    for one in every:
        table = next((t for t in one["tables"] if t["table"] == name), None)
        if table is None:
            out.add_row(one["name"], "cannot be had")
            continue
        counts = [g for g in table["groups"] if g["measure"] == table["groups"][0]["measure"]]
        finest = max(counts, key=lambda g: (g["cells"], len(g["attributes"])))
        nation = min(counts, key=lambda g: (g["cells"], len(g["attributes"])))
        across = " x ".join([finest["area_level"], *finest["attributes"]])
        lost = table["truncation"]["lost_per_cent"].get(str(table["bound"]))
        errors = number(finest["expected_error"]), number(nation["expected_error"])
        out.add_row(one["name"], one["rho"], *errors, across, "not known" if lost is None else f"{lost:g} %")
    return out
