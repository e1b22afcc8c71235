"""The chart over time: points in order, gaps left open, intervals as whiskers, the same words for who cannot see it."""

import re
from xml.etree import ElementTree as ET

from web.public.charts import Bar, Scale, Tick
from web.public.trends import Frame, trend_chart

TICKS = (Tick(0, "0"), Tick(50, "50"))


def point(label: str, value: int | None, width: int = 5) -> Bar:
    ends = (None, None) if value is None else (value - width, value + width)
    return Bar(label, value, *ends, shown="" if value is None else str(value), hue="plain", uncertain=False)


def drawn(*values: int | None) -> ET.Element:
    points = [point(f"<{i}>", v) for i, v in enumerate(values)]
    return ET.fromstring(str(trend_chart(points, TICKS, title="A & B", description="1; 2")))


def of_class(chart: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in chart.iter() if name in e.get("class", "").split()]


def test_every_value_is_a_dot_with_its_interval_and_neighbours_are_joined() -> None:
    chart = drawn(10, 20, 30, 25)
    assert [len(of_class(chart, n)) for n in ("dot", "whisker", "trace")] == [4, 4, 3]
    heights = [float(d.get("cy", "")) for d in of_class(chart, "dot")]
    assert heights[0] > heights[1] > heights[3] > heights[2]


def test_a_withheld_value_is_a_gap_and_never_a_zero() -> None:
    chart = drawn(10, None, 30, 25)
    assert [len(of_class(chart, n)) for n in ("dot", "trace")] == [3, 1]
    frame = Frame(Scale(0, 35), 4)
    assert all(float(d.get("cy", "")) < frame.y(0) for d in of_class(chart, "dot"))


def test_the_chart_says_its_title_and_escapes_what_it_writes() -> None:
    chart = drawn(1, 2, 3, 4)
    assert (chart.find("title").text, chart.find("desc").text) == ("A & B", "1; 2")  # type: ignore[union-attr]
    assert [e.text for e in of_class(chart, "tick")][-1] == "<3>"


def test_a_year_is_written_where_it_begins() -> None:
    points = [point(label, 5) for label in ("nov. 2021", "dec. 2021", "jan. 2022", "feb. 2022")]
    drawing = ET.fromstring(str(trend_chart(points, (), title="t", description="d")))
    assert [e.text for e in of_class(drawing, "tick")] == ["nov. 2021", "dec.", "jan. 2022", "feb."]


def test_positions_are_per_cent_and_no_style_is_written() -> None:
    text = str(trend_chart([point(str(i), i) for i in range(24)], TICKS, title="t", description="d"))
    assert "style=" not in text
    assert all(0 <= float(x) <= 100 for x in re.findall(r'c?x[12]?="([0-9.]+)%"', text))
