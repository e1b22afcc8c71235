"""Ids as integers, exactly.  A hash could collide, and then two persons would be bounded as if they were one."""

import re
from dataclasses import dataclass

from publisher.opaque import Opaque
from publisher.source.columns import SourceFile, text_sql
from publisher.source.engine import named

_MOST_DIGITS = 18
_PLAIN = re.compile(r"(?:(?P<digit>\\d|\[0-9\])|(?P<literal>[A-Za-z -]))(?:\{(?P<times>[0-9]{1,2})\})?")


class IdShape(Opaque):
    """The common shape of text ids: the same characters at the same places in each, except for digits.

    Within a shape the digits tell an id, so that their number can stand for it: nothing collides, and the text can be
    had back.  Which shape was found has no influence on any result; ids without one are compared as text.
    """

    __slots__ = ("_mask",)

    def __init__(self, mask: str) -> None:
        """`mask`: an id with a 0 for each digit."""
        self._mask = mask

    @classmethod
    def of(cls, example: object) -> "IdShape | None":
        """The shape of one id, or None where ids like it cannot be told by at most 18 digits."""
        if not isinstance(example, str) or not example.isascii() or not example.isprintable():
            return None
        mask = re.sub("[0-9]", "0", example)
        if example != example.strip() or not 1 <= mask.count("0") <= _MOST_DIGITS:
            return None
        return cls(mask)

    @classmethod
    def of_pattern(cls, pattern: str) -> "IdShape | None":
        """The shape whose ids are just those that `pattern` matches, where it is as plain as `P[0-9]{9}`, or None."""
        parts = list(_PLAIN.finditer(pattern))
        if "".join(p[0] for p in parts) != pattern:
            return None
        return cls.of("".join(("0" if p["digit"] else p["literal"]) * int(p["times"] or 1) for p in parts))

    @property
    def pattern(self) -> str:
        """A regular expression (RE2) that an id of this shape matches as a whole."""
        runs = re.split("(0+)", self._mask)
        return "".join(f"[0-9]{{{len(r)}}}" if r.startswith("0") else re.escape(r) for r in runs)

    @property
    def number_type(self) -> str:
        """The engine's type that holds every number of this shape."""
        return "UINTEGER" if self._mask.count("0") <= 9 else "BIGINT"

    def number_sql(self, expression: str) -> str:
        """SQL of the number that stands for the id in `expression`, which matches the pattern."""
        runs = [f"substr({expression}, {m.start() + 1}, {len(m[0])})" for m in re.finditer("0+", self._mask)]
        return f"CAST({' || '.join(runs)} AS {self.number_type})"

    def text(self, number: int) -> str:
        """The id that `number` stands for."""
        digits = iter(str(number).zfill(self._mask.count("0")))
        return "".join(next(digits) if c == "0" else c for c in self._mask)


@dataclass(frozen=True, slots=True)
class IdKey:
    """How the ids of one column are told apart in all files of a source.

    `shape`: by the number of a shape that every id has; without one, as they are.  `as_text`: compared as text, since
    at least one file holds text; otherwise as integers, `wide` where 64 bits with a sign are too few.
    """

    column: str
    shape: IdShape | None
    as_text: bool
    wide: bool = False

    def misfit_sql(self, file: SourceFile) -> str:
        """SQL condition of the rows that need a closer look: not of the shape, or no integer; all where unknown."""
        if self.shape is not None:
            pattern = self.shape.pattern.replace("'", "''")
            return f"NOT coalesce(regexp_full_match({text_sql(file, self.column)}, '{pattern}'), false)"
        return "true" if file.is_text(self.column) else f"{named(self.column)} IS NULL"

    def value_sql(self, file: SourceFile) -> str:
        """SQL of the value that stands for an id: equal for equal ids, different for different ones."""
        if self.shape is not None:
            return self.shape.number_sql(text_sql(file, self.column))
        if self.as_text:
            return text_sql(file, self.column)
        return f"{named(self.column)}::{'HUGEINT' if self.wide else 'BIGINT'}"
