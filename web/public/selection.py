"""What the reader of a table page asked for, from the form's fields to positions in the table's cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from publisher.release.cells import Layout, Selection, axes
from publisher.release.model import AREA_LEVELS, TOTAL, Dimension, Table

ALL = ""
"""Every code of an axis; no code is empty."""
_EVERY = "*"
PAGE_ROWS = 200
PAGE_CELLS = 600
FEW_COLUMNS = 6
_LONGEST_AREA_TEXT = 100
_LAST_PAGE = 100_000


class ChoiceError(ValueError):
    """The address asks for a value that the table does not have; `name` is the field."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the table has no such {name}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The fields of the form.  `level`: empty for all; `area`: free text; other codes or ALL; `sort`: code, `-` first.

    `categories` has one code, or ALL, a dimension.
    """

    level: str
    area: str
    period: str
    measure: str
    categories: tuple[str, ...]
    sort: str = ""
    page: int = 1


def default_choice(table: Table) -> Choice:
    """All levels, latest period, one measure; the first dimension with few values across, totals of the others.

    Where area types are compared, which differ in size, the measure is the first rate, else the first mean, else the
    first of all.
    """
    compares = any(a.level == "area_type" for a in table.areas)
    kinds = ("rate", "mean") if compares else ()
    rates = [m.id for kind in kinds for m in table.measures if m.kind == kind]
    across = next((d.id for d in table.dimensions if 1 < len(d.codes) <= FEW_COLUMNS), "")
    categories = tuple(TOTAL if d.has_total and d.id != across else ALL for d in table.dimensions)
    measure = rates[0] if rates else table.measures[0].id
    return Choice("", "", table.periods[-1], measure, categories)


def field_name(dimension: Dimension) -> str:
    """Name of a dimension's field in the form; the prefix keeps it apart from the other fields."""
    return f"cat-{dimension.id}"


def written(code: str) -> str:
    """A code, or ALL, as an address has it.  A star alone is all, so that a code of stars has one star more."""
    return code if code.strip(_EVERY) else _EVERY + code


def parse_choice(table: Table, args: Mapping[str, str]) -> Choice:
    """The choice that the query `args` makes, defaults where it is silent; ChoiceError for what the table lacks."""
    start = default_choice(table)
    choice = Choice(
        level=_one_of("level", args.get("level", ""), ("", *AREA_LEVELS)),
        area=args.get("area", "").strip(),
        period=_code("period", args.get("period", start.period), table.periods),
        measure=_code("measure", args.get("measure", start.measure), [m.id for m in table.measures]),
        categories=tuple(
            _code(field_name(d), args.get(field_name(d), written(code)), d.codes)
            for d, code in zip(table.dimensions, start.categories, strict=True)
        ),
        sort=args.get("sort", ""),
        page=_page(args.get("page", "1")),
    )
    if len(choice.area) > _LONGEST_AREA_TEXT:
        raise ChoiceError("area")
    codes = columns(table, choice)
    _one_of("sort", choice.sort.removeprefix("-"), ("", *codes))
    return choice


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise ChoiceError(name)
    return value


def _code(name: str, value: str, codes: Sequence[str]) -> str:
    """The code, or ALL, that an address means."""
    known = {written(code): code for code in (ALL, *codes)}
    return known[_one_of(name, value, tuple(known))]


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _LAST_PAGE):
        raise ChoiceError("page")
    return int(text)


def query(table: Table, choice: Choice, **changes: object) -> str:
    """The query string of a choice with some fields changed; a change of anything but the page returns to page 1."""
    changed = replace(choice, **{"page": 1, **changes})  # type: ignore[arg-type]
    start = default_choice(table)
    fields = [(n, getattr(changed, n), getattr(start, n)) for n in ("level", "area")]
    codes = [(n, getattr(changed, n), getattr(start, n)) for n in ("period", "measure")]
    names = [field_name(d) for d in table.dimensions]
    codes += zip(names, changed.categories, start.categories, strict=True)
    fields += [(name, written(code), written(default)) for name, code, default in codes]
    fields += [("sort", changed.sort, ""), ("page", changed.page, 1)]
    return urlencode([(name, value) for name, value, default in fields if value != default])


def column_axis(table: Table, choice: Choice) -> str:
    """Which axis runs across: the periods if several, else the first dimension with several, else the measures."""
    if choice.period == ALL:
        return "period"
    several = [f"c{i}" for i, code in enumerate(choice.categories) if code == ALL]
    return several[0] if several else "measure"


def columns(table: Table, choice: Choice) -> tuple[str, ...]:
    """The codes across, in published order."""
    return axis_codes(table, choice, column_axis(table, choice))


def axis_codes(table: Table, choice: Choice, axis: str) -> tuple[str, ...]:
    """The chosen codes of an axis other than the area."""
    known, chosen = _axis(table, choice, axis)
    return known if chosen == ALL else (chosen,)


def _axis(table: Table, choice: Choice, axis: str) -> tuple[tuple[str, ...], str]:
    if axis == "period":
        return table.periods, choice.period
    if axis == "measure":
        return tuple(m.id for m in table.measures), choice.measure
    at = int(axis[1:])
    return table.dimensions[at].codes, choice.categories[at]


def row_axes(table: Table, choice: Choice) -> tuple[str, ...]:
    """Axes, besides the area, that make several rows of one area."""
    across = column_axis(table, choice)
    return tuple(a for a in axes(table)[1:] if a != across and len(axis_codes(table, choice, a)) > 1)


def selection(table: Table, choice: Choice) -> Selection:
    """The positions that the choice keeps."""
    kept = {a: _positions(table, choice, a) for a in axes(table)[1:]}
    categories = tuple(kept[f"c{i}"] for i in range(len(table.dimensions)))
    return Selection(_areas(table, choice), categories, kept["period"], kept["measure"])


def _positions(table: Table, choice: Choice, axis: str) -> tuple[int, ...] | None:
    known, chosen = _axis(table, choice, axis)
    return None if chosen == ALL else (known.index(chosen),)


def _areas(table: Table, choice: Choice) -> tuple[int, ...] | None:
    """Areas of the level whose code begins with the text or whose name holds it; None for all."""
    if not choice.level and not choice.area:
        return None
    text = choice.area.casefold()
    return tuple(
        i
        for i, a in enumerate(table.areas)
        if choice.level in ("", a.level)
        and (a.code.casefold().startswith(text) or text in a.text.sv.casefold() or text in a.text.en.casefold())
    )


def layout(table: Table, choice: Choice) -> Layout:
    """Rows of 200 a page, fewer where many columns would make the page heavy; an interval weighs half a cell."""
    halves = len(columns(table, choice)) * (3 if table.noisy else 2)
    rows = max(10, min(PAGE_ROWS, 2 * PAGE_CELLS // halves))
    axis = column_axis(table, choice)
    known = _axis(table, choice, axis)[0]
    sort = choice.sort.removeprefix("-")
    at = known.index(sort) if sort else None
    return Layout(axis, choice.page, rows, at, choice.sort.startswith("-"))
