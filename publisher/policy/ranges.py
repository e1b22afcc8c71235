"""Codes that are ranges of whole numbers, one after the other, such as ages; and neighbours as one, named in both
languages."""

import re
from collections.abc import Sequence
from itertools import pairwise

from publisher.policy.model import JoinedCode
from publisher.release.model import Category, Text

Range = tuple[int, int | None]
"""The first and the last number; None where there is no last."""

_RANGE = re.compile(r"(\d{1,4})(-(\d{1,4})?|\+)?")


def range_of(code: str) -> Range | None:
    """What `16-24`, `17`, `65+` or `65-` stands for; None for any other code."""
    found = _RANGE.fullmatch(code)
    if found is None:
        return None
    first, rest, last = int(found[1]), found[2], found[3]
    return first, first if rest is None else int(last) if last else None


def are_ranges(codes: Sequence[str]) -> bool:
    """Whether the codes are ranges of which each begins where the one before ends, the last one perhaps open.

    Numbers alone are none: they may be anything's.
    """
    found = [r for code in codes if (r := range_of(code)) is not None]
    follow = all(end is not None and start == end + 1 for (_, end), (start, _) in pairwise(found))
    wide = any(a != b for a, b in found)
    return wide and len(found) == len(codes) and follow and all(b is None or a <= b for a, b in found)


def joined(parts: Sequence[Category]) -> JoinedCode:
    """Categories as one: a range with the words of its ends where they are ranges, else all of their names."""
    of = tuple(code for p in parts for code in (p.joins or (p.code,)))
    codes = [p.code for p in parts]
    if not are_ranges(codes):
        names = Text(", ".join(p.text.sv for p in parts), ", ".join(p.text.en for p in parts))
        return JoinedCode("_".join(codes), names, of)
    first, last = parts[0], parts[-1]
    ends = _ends(first.code, last.code)
    text = Text(_text(first.text.sv, last.text.sv, ends), _text(first.text.en, last.text.en, ends))
    start, (_, end) = ends[0][0], ends[1]
    return JoinedCode(f"{start}-{end}" if end is not None else re.sub(r"^\d+", str(start), last.code), text, of)


def pairs(categories: Sequence[Category]) -> tuple[tuple[Category, ...], ...]:
    """Neighbours two by two; of an odd number the last one stays alone."""
    return tuple(tuple(categories[i : i + 2]) for i in range(0, len(categories), 2))


def _ends(first: str, last: str) -> tuple[tuple[int, int | None], tuple[int, int | None]]:
    start, end = range_of(first), range_of(last)
    if start is None or end is None:
        raise ValueError(f"{first} and {last} are no ranges")
    return start, end


def _text(first: str, last: str, ends: tuple[Range, Range]) -> str:
    """The words of one end with the other's number in them: `16–24 år` and `25–34 år` are `16–34 år`."""
    (low, low_end), (high, high_end) = ends
    if high_end is None:
        words, old, new = last, high, str(low)
    else:
        words, old, new = first, low if low_end is None else low_end, str(high_end)
        new = f"{low}–{new}" if low == low_end else new
    changed, times = re.subn(rf"(?<!\d){old}(?!\d)", new, words)
    return changed if times == 1 else f"{first}, {last}"
