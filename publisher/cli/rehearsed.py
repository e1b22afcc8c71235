"""A rehearsal in words: compact tables for somebody who decides, from the object that `--json` prints."""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table

from publisher.cli.alternatives import explained
from publisher.cli.grids import grid, number
from publisher.cli.rehearsed_noise import noise_in_words, noisy_alternatives_in_words

WIDTH = 120
"""Columns of the output, whatever the terminal: it may be kept in a file."""

Json = dict[str, Any]


def in_words(result: Json) -> str:
    """The whole rehearsal as text."""
    out = Console(file=StringIO(), width=WIDTH, highlight=False, markup=False)
    for part in _parts(result):
        out.print(part)
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    return "\n".join(line.rstrip() for line in text.splitlines())


def _parts(result: Json) -> Iterator[RenderableType]:
    yield f"{result['policy']} {result['period']}: a rehearsal, nothing sealed. A run would charge rho {result['rho']}."
    for note in ("sensitive", "audit"):
        if result.get(note):
            yield f"{result[note][0].upper()}{result[note][1:]}."
    for table in result["tables"]:
        yield ""
        yield from (noise_in_words(table) if "groups" in table else _suppressed(table))
    if result.get("alternatives"):
        noisy = any("groups" in t for t in result["tables"])
        yield from (noisy_alternatives_in_words if noisy else _alternatives)(result)
    if "forecast" in result:
        yield ""
        yield from _budget(result)
    if result["warnings"]:
        yield ""
    yield from (f"warning: {w}" for w in result["warnings"])


def _budget(result: Json) -> Iterator[str]:
    """The account of the reference year with this run, and what the schedules still ask of it."""
    account, forecast = result["account"], result["forecast"]
    yield (
        f"Account of {forecast['reference_year']}: rho {account['charged']} of {account['cap']} is charged. This run, "
        f"and all that schedules still start, ask {forecast['rho_to_come']}, and leave {forecast['left_at_the_end']}:"
    )
    for runs in forecast["runs"]:
        span = runs["first"] if runs["number"] == 1 else f"{runs['number']} runs, {runs['first']} to {runs['last']}"
        yield f"  {runs['policy']}: rho {runs['rho']} ({span})"


def _suppressed(table: Json) -> Iterator[RenderableType]:
    yield _headline(table)
    yield "\nWithheld, by area level"
    yield _levels(table)
    yield "\nWithheld, by rule (a cell can fall under several)"
    yield _reasons(table)
    yield ""
    yield from _facts(table)
    for level, areas in table["areas"].items():
        if areas["touched"]:
            yield (
                f"\n{_NAMES[level]} hit hardest (of {areas['areas']} with records, {areas['touched']} have something "
                f"withheld, and {areas['silent']} everything)"
            )
            yield _hardest(areas["hardest"])


def _headline(table: Json) -> str:
    return (
        f"{table['table']}: {number(table['cells'])} cells, {number(table['non_zero'])} of them not zero; "
        f"{number(table['primary'])} sensitive by a rule, {number(table['secondary'])} more withheld to protect them"
    )


def _levels(table: Json) -> Table:
    measures = [m["measure"] for m in table["measures"]]
    value = [f"of the value, {m}" for m in measures]
    out = grid(
        ["level"], ["cells", "not zero", "sensitive", "to protect them", "of cells", "of not zero", *value]
    )  # fmt: skip
    rows = [*table["by_level"].items(), ("all", table)]
    for level, group in rows:
        of = [(m if level == "all" else m["by_level"][level])["value_per_cent"] for m in table["measures"]]
        counts = [number(group[k]) for k in ("cells", "non_zero", "primary", "secondary")]
        shares = [_share(group["cells_per_cent"]), _share(group["non_zero_per_cent"]), *map(_share, of)]
        out.add_row(level, *counts, *shares)
    return out


def _reasons(table: Json) -> Table:
    """Cells of each rule, their share of all cells and of the value, and how many there are at each level."""
    levels = list(table["by_level"])
    out = grid(["measure", "rule"], ["cells", "of cells", "of the value", *levels])
    for measure in table["measures"]:
        for name, reason in measure["reasons"].items():
            words = "none: to protect others" if name == "secondary" else name
            shares = _share(reason["cells_per_cent"]), _share(reason["value_per_cent"])
            by_level = [number(measure["by_level"][level]["reasons"][name]["cells"]) for level in levels]
            out.add_row(measure["measure"], words, number(reason["cells"]), *shares, *by_level)
    return out


def _facts(table: Json) -> Iterator[str]:
    for level, totals in table["totals"].items():
        gone = totals["primary"] + totals["secondary"]
        yield (
            f"Category totals, {level}: {gone} of {number(totals['cells'])} withheld, {totals['primary']} of them "
            "sensitive themselves"
        )
    for measure in table["derived"]:
        withheld = number(measure["withheld"])
        yield f"Numbers of {measure['measure']} withheld, because one that they follow from is: {withheld}"
    if table["forced"]:
        yield f"Must be shown by the policy: {number(table['forced'])} cells"
    if table["alone"] is not None:
        yield f"Cells in which one person stands alone, from whom the others are protected: {number(table['alone'])}"


_NAMES = {"lan": "Counties", "kommun": "Municipalities"}


def _hardest(hits: Sequence[Json]) -> Table:
    out = grid(["code", "name"], ["not zero", "withheld", "of not zero", "of the value"])
    for hit in hits:
        shares = _share(hit["non_zero_per_cent"]), _share(hit["value_per_cent"])
        out.add_row(hit["code"], hit["name"], number(hit["non_zero"]), number(hit["withheld"]), *shares)
    return out


def _alternatives(result: Json) -> Iterator[RenderableType]:
    """One table for each of the policy's, as it is and under every alternative; then what each one means."""
    own = {"name": "as it is", "refused": result["refused"], "tables": result["tables"], "period": result["period"]}
    every = [own, *result["alternatives"]]
    for table in dict.fromkeys(t["table"] for a in every for t in a["tables"]):
        yield f"\nAlternatives side by side, {table}: cells that are not zero, and what is withheld of them"
        yield _side_by_side(table, every)
    yield ""
    yield from explained(result["alternatives"])


def _side_by_side(name: str, every: Sequence[Json]) -> Table:
    out = grid(
        ["", "finest"], ["not zero", "shown", "sensitive", "to protect", "withheld", "at the finest", "of its value"],
        ["mostly holes"],
    )  # fmt: skip
    for one in every:
        table = next((t for t in one["tables"] if t["table"] == name), None)
        if table is None:
            out.add_row(one["name"], "cannot be had")
            continue
        counts = [number(table[k]) for k in ("non_zero", "published", "primary", "secondary")]
        holes, count = table["holes"], table["measures"][0]
        value = count["by_level"][holes["finest"]]["value_per_cent"]
        shares = map(_share, (table["non_zero_per_cent"], holes["finest_per_cent"], value))
        out.add_row(one["name"], holes["finest"], *counts, *shares, "YES" if holes["mostly"] else "no")
    return out


def _share(per_cent: float | None) -> str:
    """A share; two stops where so few numbers are withheld that it would tell them."""
    return ".." if per_cent is None else f"{per_cent:g} %"
