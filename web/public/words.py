"""Numbers, dates, periods and sentences as a reader of Swedish or English writes them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_month_names

from publisher.release.model import (
    Cell,
    CellStatus,
    Measure,
    NoiseFacts,
    SuppressionFacts,
    Table,
    Text,
    format_number,
)
from web.public.texts import LEVELS_SHORT, UI, WITHHELD

_NOUNS = {
    "cases": Text("ärenden", "cases"),
    "events": Text("händelser", "events"),
    "persons": Text("personer", "persons"),
    "persons_distinct": Text("personer", "persons"),
}
THIN_SPACE = "\u202f"
MINUS = "\u2212"
_ZONE = ZoneInfo("Europe/Stockholm")
_QUARTERS = {"sv": ("första", "andra", "tredje", "fjärde"), "en": ("first", "second", "third", "fourth")}


def number(scaled: int, decimals: int, lang: str) -> str:
    """`scaled` / 10**decimals: thousands by a thin space and decimal comma in Swedish, comma and point in English."""
    plain = format_number(abs(scaled), decimals)
    whole, _, fraction = plain.partition(".")
    group, point = (THIN_SPACE, ",") if lang == "sv" else (",", ".")
    grouped = f"{int(whole):,}".replace(",", group)
    sign = MINUS if scaled < 0 else ""
    return f"{sign}{grouped}{point}{fraction}" if fraction else f"{sign}{grouped}"


def decimal_text(text: str, lang: str) -> str:
    """Decimal text of the account with the language's decimal sign."""
    return text.replace(".", ",") if lang == "sv" else text


def percent(text: str) -> str:
    """Decimal text as a share in per cent, or nothing where it is not told."""
    return f"{text}\u00a0%" if text else ""


def interval(cell: Cell, decimals: int, lang: str) -> str:
    """`lower-upper` of a cell, or empty where it has none."""
    if cell.lower is None or cell.upper is None:
        return ""
    low, high = number(cell.lower, decimals, lang), number(cell.upper, decimals, lang)
    return f"{low} {UI['interval_to'].get(lang)} {high}" if cell.lower < 0 else f"{low}\u2013{high}"


def size(count: int, lang: str) -> str:
    """A length in bytes: kB below a million, else MB with one decimal."""
    if count < 1_000_000:
        return f"{number(max(1, -(-count // 1000)), 0, lang)}\u00a0kB"
    return f"{number(-(-count // 100_000), 1, lang)}\u00a0MB"


def day(time: str, lang: str) -> str:
    """A UTC time as a Swedish day: `15 februari 2024`."""
    return str(format_date(_local(time), "d MMMM y", locale=_locale(lang)))


def moment(time: str, lang: str) -> str:
    """A UTC time as a Swedish day and clock."""
    clock = "d MMMM y 'kl.' HH.mm" if lang == "sv" else "d MMMM y 'at' HH:mm"
    return str(format_datetime(_local(time), clock, tzinfo=_ZONE, locale=_locale(lang)))


def _local(time: str) -> datetime:
    return datetime.fromisoformat(time).astimezone(_ZONE)


def _locale(lang: str) -> str:
    return "sv_SE" if lang == "sv" else "en_GB"


def period_in(code: str, lang: str) -> str:
    """A period as the beginning of a sentence: `År 2022`, `In January 2022`."""
    year, sv = code[:4], lang == "sv"
    if "R12" in code:
        words = f"{_month(code, lang)} {year}"
        return f"De tolv månaderna till och med {words}" if sv else f"In the twelve months ending in {words}"
    if "K" in code:
        which = _QUARTERS[lang][int(code[5]) - 1]
        return f"{which.capitalize()} kvartalet {year}" if sv else f"In the {which} quarter of {year}"
    if "M" in code:
        return f"I {_month(code, lang)} {year}" if sv else f"In {_month(code, lang)} {year}"
    return f"År {year}" if sv else f"In {year}"


def period_name(code: str, lang: str) -> str:
    """A period by itself: `2022`, `Första kvartalet 2022`."""
    words = period_in(code, lang)
    plain = words.removeprefix("År ").removeprefix("In ").removeprefix("I ").removeprefix("the ")
    return plain[0].upper() + plain[1:]


def _month(code: str, lang: str) -> str:
    return str(get_month_names("wide", locale=_locale(lang))[int(code[5:7])])


def short_period(code: str, lang: str) -> str:
    """A period beneath a chart: `2022`, `K1 2022`, `jan. 2022`."""
    if "M" in code:
        month = get_month_names("abbreviated", locale=_locale(lang))[int(code[5:7])]
        return f"{month} {code[:4]}"
    return f"{code[4:]} {code[:4]}".strip()


def span(periods: tuple[str, ...]) -> str:
    """First and last period, or the only one."""
    return periods[0] if len(periods) == 1 else f"{periods[0]}\u2013{periods[-1]}"


def levels(table: Table, lang: str) -> str:
    """The area levels of a table, in words."""
    present = {a.level for a in table.areas}
    return ", ".join(text.get(lang) for level, text in LEVELS_SHORT.items() if level in present)


def protection(table: Table, lang: str) -> str:
    """How a table is protected, in one sentence."""
    facts = table.protection
    if isinstance(facts, SuppressionFacts):
        return _suppression(facts, lang)
    return _noise(facts, lang)


def other_rules(table: Table, lang: str) -> list[tuple[str, str]]:
    """Periods that were protected by other terms than the last one, those alike together, and their terms in words."""
    alike: dict[str, list[str]] = {}
    for period, facts in sorted(table.other_rules.items()):
        alike.setdefault(all_rules(facts, lang), []).append(period)
    return [(", ".join(periods), words) for words, periods in alike.items()]


def all_rules(facts: SuppressionFacts | NoiseFacts, lang: str) -> str:
    """How a period is protected, with every rule."""
    if isinstance(facts, NoiseFacts):
        return _noise(facts, lang)
    more = rules(facts, lang)
    return f"{_suppression(facts, lang)} {more[:1].upper()}{more[1:]}." if more else _suppression(facts, lang)


def _suppression(facts: SuppressionFacts, lang: str) -> str:
    known = {"persons": ("personer", "persons"), "cases": ("ärenden", "cases")}
    sv, en = known.get(facts.counted, ("enheter", "units"))
    first = 0 if facts.zeros == "protected" else 1
    few = f"{first}\u2013{facts.threshold - 1}"
    if lang == "sv":
        alone = " Det gäller även för den som är ensam bakom ett av talen." if facts.insiders else ""
        return f"Tal som bygger på {few} {sv} visas inte, och inte heller andra tal som skulle röja dem.{alone}"
    alone = " That holds for somebody who is alone behind one of them too." if facts.insiders else ""
    return f"Figures based on {few} {en} are not shown, nor others that would give them away.{alone}"


_RULES = {
    "dominance": Text(
        "summor av vilka de {0} största bidragen är mer än {1} procent",
        "sums of which the {0} largest contributions make more than {1} %",
    ),
    "dominance 1": Text(
        "summor av vilka det största bidraget är mer än {1} procent",
        "sums of which the largest contribution makes more than {1} %",
    ),
    "p_percent": Text("belopp som annars kan skattas inom {0} procent", "amounts that could be estimated within {0} %"),
    "min_contributors": Text("summor av färre än {0} personer", "sums of fewer than {0} persons"),
    "share": Text(
        "antal bland högst {0} invånare, eller av vilka högst {1} räknas, eller nästan alla",
        "numbers among at most {0} inhabitants, or of whom at most {1} are counted, or nearly all",
    ),
}


def rules(facts: SuppressionFacts, lang: str) -> str:
    """What is withheld beside small counts, or empty."""
    found = []
    for name, *numbers in (r.split() for r in facts.rules):
        words = _RULES.get(f"{name} {numbers[0]}", _RULES[name])
        found.append(words.get(lang).format(*(decimal_text(n, lang) for n in numbers)))
    return "; ".join(found)


def _noise(facts: NoiseFacts, lang: str) -> str:
    rho = decimal_text(facts.rho, lang)
    others = len(facts.together) - 1
    if lang == "sv":
        rho += _others(others, "gemensamt med en annan tabell", f"gemensamt med {others} andra tabeller")
        return f"Alla tal har fått ett slumpmässigt tillägg (differentiell integritet, rho {rho})."
    rho += _others(others, "shared with one other table", f"shared with {others} other tables")
    return f"All figures carry random noise (differential privacy, rho {rho})."


def _others(number: int, one: str, several: str) -> str:
    """With how many tables the loss is shared, if there are any."""
    return "" if number < 1 else f", {one if number == 1 else several}"


def status_words(cell: Cell, lang: str) -> str:
    """Why a cell shows no number."""
    return WITHHELD[cell.status.value or "missing"].get(lang)


def headline(table: Table, cells: tuple[Cell, ...], place: str, lang: str) -> str:
    """One sentence from published cells of one area and period: the count, then its rate, with their intervals."""
    by_measure = {c.measure: c for c in cells}
    counts = [m for m in table.measures if m.counts and m.id in by_measure]
    if not counts:
        return ""
    measure, cell = counts[0], by_measure[counts[0].id]
    opening = period_in(cell.period, lang)
    if cell.value is None:
        return _headline_withheld(opening, place, cell, lang)
    count = f"{number(cell.value, measure.decimals, lang)} {_noun(measure, lang)}{_within(cell, measure, lang)}"
    rates = [m for m in table.measures if m.kind == "rate" and m.of == measure.id and m.id in by_measure]
    sums = [m for m in table.measures if m.kind == "sum" and m.id in by_measure]
    rate = "".join(_rate(m, by_measure[m.id], lang) for m in rates[:1])
    rate += "".join(_sum(m, by_measure[m.id], lang) for m in sums[:1])
    if lang == "sv":
        return f"{opening} fanns det i {place} {count}{rate}."
    return f"{opening} there were {count} in {place}{rate}."


def _headline_withheld(opening: str, place: str, cell: Cell, lang: str) -> str:
    why = status_words(cell, lang)
    return f"{opening}, {place}: {why[0].lower()}{why[1:]}."


def _rate(measure: Measure, cell: Cell, lang: str) -> str:
    if cell.value is None:
        return ""
    value, per = number(cell.value, measure.decimals, lang), number(measure.per, 0, lang)
    opening = ", eller" if lang == "sv" else ", or"
    return f"{opening} {value} per {per} {_whom(measure, lang)}"


def _sum(measure: Measure, cell: Cell, lang: str) -> str:
    if cell.value is None:
        return ""
    text, unit = measure.text.get(lang), measure.unit.get(lang)
    return f"; {text[0].lower()}{text[1:]}: {number(cell.value, measure.decimals, lang)} {unit}"


def _whom(measure: Measure, lang: str) -> str:
    """Of whom a rate is: the unit where it goes on from the number (`av befolkningen 16–66 år`), else inhabitants."""
    preposition, inhabitants = ("av ", "invånare") if lang == "sv" else ("of ", "inhabitants")
    unit = measure.unit.get(lang)
    return unit if unit.startswith(preposition) else inhabitants


def _within(cell: Cell, measure: Measure, lang: str) -> str:
    bounds = interval(cell, measure.decimals, lang).replace("\u2013", "\u2060\u2013\u2060")  # kept on one line
    return f" ({UI['interval'].get(lang)} {bounds})" if bounds else ""


def _noun(measure: Measure, lang: str) -> str:
    return _NOUNS[measure.kind].get(lang)


def is_shown(cell: Cell) -> bool:
    """Whether a cell shows a number, certain or not."""
    return cell.value is not None and cell.status in (CellStatus.PUBLISHED, CellStatus.UNCERTAIN)
