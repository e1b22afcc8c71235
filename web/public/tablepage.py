"""What a table page shows, made ready for its template: sentence, chart, rows, form, downloads and releases."""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.release.cells import axes
from publisher.release.documents import TableEntry
from publisher.release.model import Area, Cell, CellStatus, Release, Table
from publisher.release.reader import OpenRelease
from web.public import selection as chosen
from web.public.figures import Chart, chart, sentence, trend
from web.public.labels import SYMBOLS, ShownCell, axis_name, code_text, fixed_text, show
from web.public.selection import Choice
from web.public.texts import LEVELS
from web.public.words import is_shown, status_words


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: its area with its name in the period's edition, the words of further row axes, its cells.

    `changed`: the code does not mean the same area in every period that the row shows.
    """

    area: Area
    name: str
    changed: bool
    place: str
    keys: tuple[str, ...]
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading with the link that sorts by it; `order` is aria-sort's word or empty."""

    text: str
    query: str
    order: str


@dataclass(frozen=True, slots=True)
class TablePage:
    """Everything that `table.html` shows of one release of a table."""

    release: Release
    table: Table
    entry: TableEntry
    choice: Choice
    sentence: str
    caption: str
    chart: Chart | None
    trend: Chart | None
    headings: tuple[Heading, ...]
    key_names: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    total_rows: int
    first_row: int
    page_rows: int
    intervals: bool
    uncertain: bool
    area_help: str
    statuses: tuple[tuple[str, str], ...]
    changed: bool
    sizes: Mapping[str, tuple[int, int]]


def build(opened: OpenRelease, entry: TableEntry, args: Mapping[str, str], lang: str) -> TablePage:
    """The page for the query `args`; ChoiceError for what the table does not have."""
    table = opened.facts.table(entry.table)
    choice = chosen.parse_choice(table, args)
    plan = chosen.layout(table, choice)
    page = opened.page(table, chosen.selection(table, choice), plan)
    areas = {a.code: a for a in table.areas}
    rows = tuple(_row(table, areas, choice, cells, lang) for cells in page.rows)
    cells = [c for row in page.rows for c in row]
    return TablePage(
        release=opened.facts,
        table=table,
        entry=entry,
        choice=choice,
        sentence=sentence(opened, table, choice, lang),
        caption=_caption(table, choice, lang),
        chart=chart(opened, table, choice, lang),
        trend=trend(opened, table, choice, lang),
        headings=_headings(table, choice, lang),
        key_names=tuple(axis_name(table, axis, lang) for axis in chosen.row_axes(table, choice)),
        groups=_grouped(rows, lang),
        total_rows=page.total_rows,
        first_row=(plan.page - 1) * plan.page_rows + 1,
        page_rows=plan.page_rows,
        intervals=any(c.lower is not None for c in cells),
        uncertain=any(c.status is CellStatus.UNCERTAIN and is_shown(c) for c in cells),
        area_help=_area_help(table, lang),
        statuses=_statuses(cells, lang),
        changed=any(r.changed for r in rows),
        sizes=_sizes(opened, table),
    )


def _row(table: Table, areas: Mapping[str, Area], choice: Choice, cells: tuple[Cell, ...], lang: str) -> Row:
    axis = chosen.column_axis(table, choice)
    by_code = {_code(c, axis): c for c in cells}
    area = areas[cells[0].area]
    shown = tuple(
        show(cell, table.measure(cell.measure if cell else table.measures[0].id), lang)
        for cell in (by_code.get(code) for code in chosen.columns(table, choice))
    )
    keys = tuple(code_text(table, a, _code(cells[0], a), lang) for a in chosen.row_axes(table, choice))
    name = table.area_text(area, cells[-1].period).get(lang)
    return Row(area, name, _is_broken(table, area, cells), _place_of(areas, area, lang), keys, shown)


def _is_broken(table: Table, area: Area, cells: tuple[Cell, ...]) -> bool:
    """Whether the cells of a row are of several editions, between which the area changed."""
    editions = {table.editions[c.period] for c in cells}
    return len(editions) > 1 and any(area.code in table.breaks.get(e, ()) for e in editions)


def _code(cell: Cell, axis: str) -> str:
    if axis == "period":
        return cell.period
    return cell.measure if axis == "measure" else cell.categories[int(axis[1:])]


def _place_of(areas: Mapping[str, Area], area: Area, lang: str) -> str:
    """The municipality of a RegSO, where the table has it: many RegSO in the country share a name."""
    place = areas.get(area.code[:4]) if area.level == "regso" else None
    return "" if place is None else place.text.get(lang)


def _headings(table: Table, choice: Choice, lang: str) -> tuple[Heading, ...]:
    axis = chosen.column_axis(table, choice)
    return tuple(
        _heading(table, choice, code, code_text(table, axis, code, lang)) for code in chosen.columns(table, choice)
    )


def _heading(table: Table, choice: Choice, code: str, text: str) -> Heading:
    """The first click sorts from high to low, the second turns it, the third gives the order by code back."""
    orders = {f"-{code}": (code, "descending"), code: ("", "ascending")}
    following, order = orders.get(choice.sort, (f"-{code}", ""))
    return Heading(text, chosen.query(table, choice, sort=following), order)


def _grouped(rows: tuple[Row, ...], lang: str) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    levels = dict.fromkeys(r.area.level for r in rows)
    return tuple((LEVELS[v].get(lang), tuple(r for r in rows if r.area.level == v)) for v in levels)


def _caption(table: Table, choice: Choice, lang: str) -> str:
    """What holds for every number of the table: measure with unit, fixed categories, period."""
    across = {chosen.column_axis(table, choice), *chosen.row_axes(table, choice)}
    fixed = [a for a in ("measure", *axes(table)[1:-1]) if a not in across]
    parts = [fixed_text(table, a, chosen.axis_codes(table, choice, a)[0], lang) for a in fixed]
    if chosen.column_axis(table, choice) == "measure" and choice.measure != chosen.ALL:
        parts.insert(0, code_text(table, "measure", choice.measure, lang))
    return "".join(f"{part}. " for part in parts).strip()


def _area_help(table: Table, lang: str) -> str:
    """What may be written in the field of the area, with an example from the table."""
    places = [a for a in table.areas if a.level in ("kommun", "lan") and not a.code.endswith("X")]
    example = (places or table.areas)[0]
    name, code = example.text.get(lang), example.code
    if lang == "sv":
        return f"Namn eller kod, till exempel {name} eller {code}."
    return f"Name or code, for example {name} or {code}."


def _statuses(cells: list[Cell], lang: str) -> tuple[tuple[str, str], ...]:
    """Symbol and words of each reason on the page for which a number is withheld."""
    found = {c.status: c for c in cells if c.value is None}
    return tuple((SYMBOLS.get(s, ".."), status_words(c, lang)) for s, c in sorted(found.items()))


def _sizes(opened: OpenRelease, table: Table) -> Mapping[str, tuple[int, int]]:
    files = opened.folder.manifest.files
    names = ("data.csv", "data.en.csv", "data.excel.csv")
    paths = {n: f"tables/{table.id}/{n}" for n in names}
    return {n: (files[p].size, files[f"{p}.gz"].size) for n, p in paths.items()}
