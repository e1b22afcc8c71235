"""A bar chart as inline SVG, from published cells only.  Lengths are per cent of the width, so that it fits any screen.

No style attribute and no script: the content security policy of the site allows neither; colours come by class.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_LABEL_WIDTH = 32
_LINE = 19
_BAR = 24
_GAP = 16
_TOP = 8
_REACH = 70.0
_TICKS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.  `value`, `lower`, `upper` in the measure's units; `value` None leaves a gap with `shown` as its text.

    `shown` is the number as written, `hue` a class of the style sheet, `uncertain` draws it paler with an outline.
    """

    label: str
    value: int | None
    lower: int | None
    upper: int | None
    shown: str
    hue: str
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value lies, in per cent of the width; `low` is zero unless a value is negative."""

    low: int
    high: int

    def at(self, value: int) -> float:
        """Per cent from the left."""
        return (value - self.low) * _REACH / max(1, self.high - self.low)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid and the number beneath it."""

    value: int
    shown: str


def scale_of(bars: Sequence[Bar]) -> Scale:
    """A scale that holds zero and every value with its interval."""
    numbers = [n for b in bars if b.value is not None for n in (b.value, b.lower, b.upper) if n is not None]
    return Scale(min(0, *numbers, 0), max(1, *numbers, 1))


def tick_values(scale: Scale) -> tuple[int, ...]:
    """Three to five round numbers from zero up: steps of 1, 2 or 5 times a power of ten."""
    step = next(t * 10**p for p in range(20) for t in _TICKS if t * 10**p * 4 >= scale.high)
    return tuple(range(0, scale.high + 1, step))


def bar_chart(bars: Sequence[Bar], ticks: Sequence[Tick], *, title: str, description: str) -> Markup:
    """The chart: labels above the bars, values beside them, whiskers for intervals, a zero line, a light grid."""
    scale, parts, y = scale_of(bars), [], _TOP
    for bar in bars:
        lines = wrap(bar.label)
        for i, line in enumerate(lines):
            parts.append(_text("0", y + _LINE * (i + 1) - 5, line, "label"))
        y += _LINE * len(lines)
        parts.append(_bar(bar, scale, y) + _zero(scale, y))
        y += _BAR + _GAP
    grid = "".join(_tick(t, scale, y) for t in ticks)
    head = f'<title id="ct">{escape(title)}</title><desc id="cd">{escape(description)}</desc>'
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="chart" role="img" aria-labelledby="ct cd" width="100%" height="{y + 22}">'
        f"{head}{grid}{''.join(parts)}</svg>"
    )


def wrap(label: str) -> tuple[str, ...]:
    """A label in lines of at most 32 characters, broken between words."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LABEL_WIDTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)


def _bar(bar: Bar, scale: Scale, y: int) -> str:
    zero, middle = scale.at(0), y + _BAR // 2
    if bar.value is None:
        return _text(f"{zero:.2f}%", middle + 5, bar.shown, "gap", shift=8)
    start, end = sorted((zero, scale.at(bar.value)))
    kind = f"bar {bar.hue} uncertain" if bar.uncertain else f"bar {bar.hue}"
    box = f'<rect class="{kind}" x="{start:.2f}%" y="{y}" width="{end - start:.2f}%" height="{_BAR}"/>'
    edge, whisker = max(end, zero), ""
    if bar.lower is not None and bar.upper is not None:
        edge, whisker = max(edge, scale.at(bar.upper)), _whisker(scale.at(bar.lower), scale.at(bar.upper), y)
    return box + whisker + _text(f"{edge:.2f}%", middle + 5, bar.shown, "value", shift=8)


def _zero(scale: Scale, y: int) -> str:
    """The zero line beside one bar; it does not run on through the labels."""
    x = f"{scale.at(0):.2f}%"
    return _line(x, y - 3, x, y + _BAR + 3, "zero")


def _whisker(low: float, high: float, y: int) -> str:
    middle, top, bottom = y + _BAR // 2, y + _BAR // 2 - 5, y + _BAR // 2 + 5
    ends = "".join(_line(f"{x:.2f}%", top, f"{x:.2f}%", bottom, "whisker") for x in (low, high))
    return _line(f"{low:.2f}%", middle, f"{high:.2f}%", middle, "whisker") + ends


def _tick(tick: Tick, scale: Scale, bottom: int) -> str:
    x = f"{scale.at(tick.value):.2f}%"
    anchor = "tick" if tick.value else "tick first"
    line = _line(x, _TOP, x, bottom, "grid") if tick.value else ""
    return line + _text(x, bottom + 16, tick.shown, anchor)


def _line(x1: str, y1: int, x2: str, y2: int, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: str, y: int, text: str, kind: str, shift: int = 0) -> str:
    moved = f' dx="{shift}"' if shift else ""
    return f'<text class="{kind}" x="{x}" y="{y}"{moved}>{escape(text)}</text>'
