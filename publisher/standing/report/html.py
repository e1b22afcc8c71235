"""A report as one HTML file that needs nothing else: no script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from publisher.standing.report.paper import Grid, Paper, Part, Points, Section, clock

_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1d21}"
    "h1{font-size:1.7rem;line-height:1.2}h2{margin-top:2.2rem}p,ul{max-width:44rem}"
    "table{border-collapse:collapse;margin:.6rem 0 1.2rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;color:#565d66;padding-bottom:.3rem}"
    "th,td{text-align:left;vertical-align:baseline;padding:.3rem .9rem .3rem 0;border-bottom:1px solid #d5d9de}"
    ".scroll{overflow-x:auto}.made{color:#565d66}"
)
_ALLOWED = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def to_html(paper: Paper) -> bytes:
    """The file; a policy inside it forbids everything but its own style."""
    body = "\n".join(part for section in paper.sections for part in _section(section))
    title = escape(paper.title)
    return (
        f'<!doctype html>\n<html lang="{paper.lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'sha256-{_ALLOWED}\'">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{escape(paper.lead)}</p>\n"
        f'<p class="made">{clock(paper.made.isoformat())}</p>\n{body}\n</main>\n</body>\n</html>\n'
    ).encode()


def _section(section: Section) -> Iterator[str]:
    yield f"<h{section.level}>{escape(section.title)}</h{section.level}>"
    for part in section.parts:
        yield _part(part)


def _part(part: Part) -> str:
    if isinstance(part, Points):
        return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in part.items)}</ul>"
    if isinstance(part, Grid):
        return _grid(part)
    return f"<p>{escape(part)}</p>"


def _grid(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.head)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in grid.rows)
    name = escape(grid.caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table>\n<caption>{name}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>"
    )
