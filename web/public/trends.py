"""A chart of one area over time as inline SVG, from published cells only: points, 95 % whiskers, gaps left open."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from web.public.charts import Bar, Scale, Tick, scale_of

_HEIGHT = 220
_TOP = 12
_LEFT, _RIGHT = 12.0, 97.0
_LABELS = 6


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the points lie: per cent of the width from left to right, pixels from the top."""

    scale: Scale
    points: int

    def x(self, i: int) -> float:
        """Per cent from the left of point number i."""
        return _LEFT + (_RIGHT - _LEFT) * i / max(1, self.points - 1)

    def y(self, value: int) -> float:
        """Pixels from the top."""
        span = max(1, self.scale.high - self.scale.low)
        return _TOP + _HEIGHT * (self.scale.high - value) / span


def trend_chart(points: Sequence[Bar], ticks: Sequence[Tick], *, title: str, description: str) -> Markup:
    """`points` in order of time, each labelled by its period; a point without a value leaves a gap."""
    frame = Frame(scale_of(points), len(points))
    parts = [_tick(t, frame) for t in ticks]
    parts += [_step(frame, i, points[i], points[i + 1]) for i in range(len(points) - 1)]
    parts += [_point(frame, i, p) for i, p in enumerate(points)]
    every = -(-len(points) // _LABELS)
    labels = _without_repeated_years([p.label for p in points[::every]])
    parts += [_label(frame, i * every, text) for i, text in enumerate(labels)]
    head = f'<title id="tt">{escape(title)}</title><desc id="td">{escape(description)}</desc>'
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="chart trend" role="img" aria-labelledby="tt td" width="100%" height="{_TOP + _HEIGHT + 30}">'
        f"{head}{''.join(parts)}</svg>"
    )


def _tick(tick: Tick, frame: Frame) -> str:
    y, kind = frame.y(tick.value), "zero" if tick.value == 0 else "grid"
    line = f'<line class="{kind}" x1="{_LEFT:.2f}%" y1="{y:.1f}" x2="100%" y2="{y:.1f}"/>'
    return line + f'<text class="tick end" x="{_LEFT:.2f}%" y="{y + 5:.1f}" dx="-8">{escape(tick.shown)}</text>'


def _step(frame: Frame, i: int, one: Bar, other: Bar) -> str:
    """The line between two neighbours that both have a value."""
    if one.value is None or other.value is None:
        return ""
    ends = f'x1="{frame.x(i):.2f}%" y1="{frame.y(one.value):.1f}"'
    return f'<line class="trace" {ends} x2="{frame.x(i + 1):.2f}%" y2="{frame.y(other.value):.1f}"/>'


def _point(frame: Frame, i: int, point: Bar) -> str:
    if point.value is None:
        return ""
    x, whisker = f"{frame.x(i):.2f}%", ""
    if point.lower is not None and point.upper is not None:
        low, high = frame.y(point.lower), frame.y(point.upper)
        whisker = f'<line class="whisker" x1="{x}" y1="{low:.1f}" x2="{x}" y2="{high:.1f}"/>'
    kind = "dot uncertain" if point.uncertain else "dot"
    return whisker + f'<circle class="{kind}" cx="{x}" cy="{frame.y(point.value):.1f}" r="4"/>'


def _without_repeated_years(labels: Sequence[str]) -> list[str]:
    """`jan. 2022`, `mars`, ...: the year where it is another one than before, so that labels fit a small screen."""
    years = ["", *(label.rpartition(" ")[2] for label in labels)]
    return [
        label.rpartition(" ")[0] or label if year == before else label
        for label, before, year in zip(labels, years, years[1:], strict=False)
    ]


def _label(frame: Frame, i: int, text: str) -> str:
    return f'<text class="tick" x="{frame.x(i):.2f}%" y="{_TOP + _HEIGHT + 22}">{escape(text)}</text>'
