"""Plain tables of words and numbers on a terminal."""

from collections.abc import Sequence

from rich.table import Table


def grid(words: Sequence[str], numbers: Sequence[str], more: Sequence[str] = ()) -> Table:
    """An empty table: columns of words, of numbers, and of words again."""
    out = Table(box=None, pad_edge=False)
    for name in words:
        out.add_column(name, no_wrap=True)
    for name in numbers:
        out.add_column(name, justify="right")
    for name in more:
        out.add_column(name)
    return out


def number(n: float) -> str:
    """With spaces between thousands; at most one decimal."""
    text = f"{n:,.1f}".replace(",", " ")
    return text.removesuffix(".0")
