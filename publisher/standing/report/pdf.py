"""A report as PDF, set by typst with the fonts that it brings.  The same report gives the same bytes."""

from collections.abc import Iterator

import typst

from publisher.standing.report.paper import Grid, Paper, Part, Points, Section, clock, seconds

_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_pdf(paper: Paper) -> bytes:
    """The file.  No text is ever read as typst's markup: each is a string of its code mode."""
    made = typst.compile(to_typst(paper).encode(), ignore_system_fonts=True, timestamp=seconds(paper.made))
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made


def to_typst(paper: Paper) -> str:
    """The source: one block of code."""
    lines = [
        f"set document(title: {quoted(paper.title)})",
        'set page(paper: "a4", margin: (x: 2cm, y: 2.2cm), numbering: "1")',
        f'set text(font: "Libertinus Serif", size: 10.5pt, lang: "{paper.lang}")',
        "set par(justify: false)",
        "show heading: set block(above: 1.4em, below: 0.7em)",
        f"heading(level: 1, {quoted(paper.title)})",
        _paragraph(paper.lead),
        f"text(fill: luma(90), {quoted(clock(paper.made.isoformat()))})",
        *(line for section in paper.sections for line in _section(section)),
    ]
    return "#{\n" + "\n".join(lines) + "\n}\n"


def quoted(text: str) -> str:
    """A string literal; other control characters become a blank."""
    kept = (_ESCAPED.get(c) or (c if c.isprintable() or c == "\u00a0" else " ") for c in text)
    return f'"{"".join(kept)}"'


def _section(section: Section) -> Iterator[str]:
    yield f"heading(level: {section.level}, {quoted(section.title)})"
    for part in section.parts:
        yield _part(part)


def _paragraph(text: str) -> str:
    return f"par({quoted(text)})"


def _part(part: Part) -> str:
    if isinstance(part, Points):
        return f"list({', '.join(map(quoted, part.items))})" if part.items else ""
    if isinstance(part, Grid):
        return _grid(part)
    return _paragraph(part)


def _grid(grid: Grid) -> str:
    head = ", ".join(f"strong({quoted(name)})" for name in grid.head)
    cells = "".join(f", {quoted(cell)}" for row in grid.rows for cell in row)
    widths = "".join(f"{_width(grid, at)}fr, " for at in range(len(grid.head)))
    return (
        f"block(above: 1em, text(size: 9pt, fill: luma(90), {quoted(grid.caption)}))\n"
        f"block(text(size: 8.5pt, table(columns: ({widths}), stroke: (x: none, y: 0.4pt + luma(200)), inset: 4pt, "
        f"align: left, table.header({head}){cells})))"
    )


def _width(grid: Grid, at: int) -> int:
    """A column's share of the page: its longest text, within what can be read beside the others."""
    return min(44, max(8, *(len(row[at]) for row in (grid.head, *grid.rows))))
