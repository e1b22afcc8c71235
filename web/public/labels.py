"""Cells, codes and axes as the reader sees them."""

from dataclasses import dataclass

from publisher.release.model import Cell, CellStatus, Measure, Table
from web.public.texts import UI
from web.public.words import interval, is_shown, number, period_name, status_words

SYMBOLS = {
    CellStatus.SUPPRESSED: "..",
    CellStatus.UNCERTAIN: "..",
    CellStatus.MISSING: "..",
    CellStatus.NOT_APPLICABLE: ".",
}


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as written: `text`, the 95 % interval or empty, and in words why it is withheld or uncertain."""

    text: str
    interval: str
    status: str
    words: str


def show(cell: Cell | None, measure: Measure, lang: str) -> ShownCell:
    """A cell as text; `..` where it is withheld, whatever the reason, and the reason in words."""
    if cell is None:
        return ShownCell("..", "", "missing", "")
    if not is_shown(cell):
        status = cell.status if cell.status in SYMBOLS else CellStatus.MISSING
        return ShownCell(SYMBOLS[status], "", status.value, status_words(cell, lang))
    text = number(int(cell.value or 0), measure.decimals, lang)
    return ShownCell(text, interval(cell, measure.decimals, lang), cell.status.value, "")


def code_text(table: Table, axis: str, code: str, lang: str) -> str:
    """A code of an axis as the reader sees it; a measure with its unit."""
    if axis == "period":
        return code
    if axis == "measure":
        measure = table.measure(code)
        return f"{measure.text.get(lang)}, {measure.unit.get(lang)}"
    return next(c.text.get(lang) for c in table.dimensions[int(axis[1:])].categories if c.code == code)


def axis_name(table: Table, axis: str, lang: str) -> str:
    """The heading of an axis."""
    if axis in ("period", "measure"):
        return UI[axis].get(lang)
    return table.dimensions[int(axis[1:])].text.get(lang)


def fixed_text(table: Table, axis: str, code: str, lang: str) -> str:
    """A fixed value with the name of its dimension; measure and period speak for themselves."""
    text = code_text(table, axis, code, lang)
    if axis == "period":
        return period_name(code, lang)
    return text if axis == "measure" else f"{axis_name(table, axis, lang)}: {text[0].lower()}{text[1:]}"
