"""The sentence and the chart at the top of a table page, from published cells only."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from publisher.release.cells import Selection
from publisher.release.model import TOTAL, Area, Cell, CellStatus, Measure, Release, Table
from publisher.release.reader import OpenRelease
from web.public import selection as chosen
from web.public.charts import Bar, Tick, bar_chart, scale_of, tick_values
from web.public.labels import ShownCell, fixed_text, show
from web.public.selection import Choice
from web.public.texts import UI
from web.public.trends import trend_chart
from web.public.words import headline, is_shown, number, period_name, short_period

_CHART_LEVELS = ("area_type", "lan", "kommun")
_MOST_BARS = 25
_FEW_PERIODS = 4
_MOST_POINTS = 60


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart, its title and subtitle, and its bars for the table of the same numbers."""

    title: str
    subtitle: str
    svg: Markup
    bars: tuple[tuple[Bar, str], ...]

    @property
    def intervals(self) -> bool:
        """Whether any bar has an interval."""
        return any(interval for _, interval in self.bars)


def sentence(opened: OpenRelease, table: Table, choice: Choice, lang: str) -> str:
    """About the one area that the reader chose, else the first of the table: the nation, where it has it."""
    area = (_named(table, choice) or list(table.areas))[0]
    if any(c not in (TOTAL, chosen.ALL) for c in choice.categories):
        return ""
    measures = [m.id for m in table.measures]
    cells = opened.select(table, _some(table, choice, [area], measures), limit=len(measures))
    nation = {"sv": "riket", "en": "Sweden"}[lang]
    return headline(table, cells, nation if area.level == "riket" else area.text.get(lang), lang)


def chart(opened: OpenRelease, table: Table, choice: Choice, lang: str) -> Chart | None:
    """Bars of the chosen measure by area type, else by county; None where there is nothing to compare."""
    areas = _chart_areas(table, choice)
    if len(areas) < 2:
        return None
    measure = table.measures[0] if choice.measure == chosen.ALL else table.measure(choice.measure)
    cells = opened.select(table, _some(table, choice, areas, [measure.id]), limit=_MOST_BARS)
    by_area = {c.area: c for c in cells}
    shown = [(a, by_area[a.code], show(by_area[a.code], measure, lang)) for a in areas if a.code in by_area]
    bars = tuple((_bar(a, cell, text, lang), text.interval) for a, cell, text in shown)
    if not any(bar.value is not None for bar, _ in bars):
        return None
    return _drawn(opened.facts, table, choice, measure, bars, lang)


def trend(opened: OpenRelease, table: Table, choice: Choice, lang: str) -> Chart | None:
    """The chosen measure over time, of the chosen area or the first; None for fewer than four periods."""
    periods = table.periods[-_MOST_POINTS:]
    if len(periods) < _FEW_PERIODS:
        return None
    area = (_named(table, choice) or list(table.areas))[0]
    measure = table.measures[0] if choice.measure == chosen.ALL else table.measure(choice.measure)
    over_time = replace(_some(table, choice, [area], [measure.id]), periods=None)
    by_period = {c.period: c for c in opened.select(table, over_time, limit=len(table.periods))}
    found = [(p, by_period[p], show(by_period[p], measure, lang)) for p in periods if p in by_period]
    points = tuple(
        (replace(_bar(area, cell, text, lang), label=short_period(p, lang)), text.interval) for p, cell, text in found
    )
    plain = [p for p, _ in points]
    if sum(p.value is not None for p in plain) < _FEW_PERIODS:
        return None
    ticks = _ticks(tick_values(scale_of(plain)), measure.decimals, lang)
    title = f"{measure.text.get(lang)}: {area.text.get(lang)}"
    described = "; ".join(f"{p.label}: {p.shown}" for p in plain)
    ends = f"{period_name(periods[0], lang)}\u2013{period_name(periods[-1], lang)}"
    about = _subtitle(opened.facts, table, choice, (measure, ends), lang)
    return Chart(title, about, trend_chart(plain, ticks, title=title, description=described), points)


def _chart_areas(table: Table, choice: Choice) -> list[Area]:
    """Area types of the chosen county or municipality, else of the nation; without area types, counties and so on."""
    places = [a.code for a in _named(table, choice)[:1]]
    within = [a for a in table.areas if a.level.endswith("_area_type") and a.code[:-2] in places]
    candidates = [within, *([a for a in table.areas if a.level == level] for level in _CHART_LEVELS)]
    fitting = [found for found in candidates if 2 <= len(found) <= _MOST_BARS]
    return sorted(fitting[0], key=lambda a: a.code.endswith("T0")) if fitting else []


def _named(table: Table, choice: Choice) -> list[Area]:
    """The areas whose code or whole name the reader wrote."""
    text = choice.area.casefold()
    return [a for a in table.areas if text and text in (a.code.casefold(), a.text.sv.casefold(), a.text.en.casefold())]


def _some(table: Table, choice: Choice, areas: list[Area], measures: list[str]) -> Selection:
    """The cells of some areas and measures, one category and period."""
    order = [m.id for m in table.measures]
    codes = zip(table.dimensions, _totals(table, choice), strict=True)
    return Selection(
        tuple(table.areas.index(a) for a in areas),
        tuple((d.codes.index(c),) for d, c in codes),
        (table.periods.index(_period(table, choice)),),
        tuple(order.index(m) for m in measures),
    )


def _totals(table: Table, choice: Choice) -> tuple[str, ...]:
    """For each dimension the chosen code, or the total, or the first code where there is no total."""
    pairs = zip(table.dimensions, choice.categories, strict=True)
    return tuple(c if c != chosen.ALL else TOTAL if d.has_total else d.codes[0] for d, c in pairs)


def _period(table: Table, choice: Choice) -> str:
    return table.periods[-1] if choice.period == chosen.ALL else choice.period


def _bar(area: Area, cell: Cell, text: ShownCell, lang: str) -> Bar:
    hue = f"t{area.code[-1]}" if area.level.endswith("area_type") else "plain"
    why = UI["absent_bar" if cell.status is CellStatus.NOT_APPLICABLE else "withheld_bar"].get(lang)
    gap = why if cell.status is CellStatus.NOT_APPLICABLE else f"{text.text} ({why})"
    shown = text.text if cell.value is not None else gap
    value = cell.value if is_shown(cell) else None
    uncertain = cell.status is CellStatus.UNCERTAIN
    kind = area.text.get(lang).partition(": ")[2]
    label = kind[0].upper() + kind[1:] if kind and area.level.endswith("_area_type") else area.text.get(lang)
    return Bar(label, value, cell.lower, cell.upper, shown, hue, uncertain)


def _subtitle(release: Release, table: Table, choice: Choice, about: tuple[Measure, str], lang: str) -> str:
    """Place, unit, categories other than totals, period, what the whiskers are, source and release."""
    measure, when = about
    codes = enumerate(_totals(table, choice))
    parts = [fixed_text(table, f"c{i}", c, lang) for i, c in codes if c != TOTAL]
    unit = measure.unit.get(lang)
    places = [a.text.get(lang) for a in _named(table, choice)[:1]]
    parts = [*places, unit[0].upper() + unit[1:], *parts, when]
    parts += [UI["interval"].get(lang)] if measure.noisy else []
    source, sealed = UI["source"].get(lang), UI["release"].get(lang)
    return ". ".join([*parts, f"{source}: {release.source.get(lang)}, {sealed} {release.id}."])


def _ticks(values: tuple[int, ...], decimals: int, lang: str) -> list[Tick]:
    """The numbers beneath the grid, without decimals where all of them are whole."""
    one = 10**decimals
    whole = all(v % one == 0 for v in values)
    return [Tick(v, number(v // one, 0, lang) if whole else number(v, decimals, lang)) for v in values]


def _drawn(
    release: Release, table: Table, choice: Choice, measure: Measure, bars: tuple[tuple[Bar, str], ...], lang: str
) -> Chart:
    plain = [bar for bar, _ in bars]
    ticks = _ticks(tick_values(scale_of(plain)), measure.decimals, lang)
    about = _subtitle(release, table, choice, (measure, period_name(_period(table, choice), lang)), lang)
    title = measure.text.get(lang)
    described = "; ".join(f"{b.label}: {b.shown}" for b in plain)
    return Chart(title, about, bar_chart(plain, ticks, title=title, description=described), bars)
