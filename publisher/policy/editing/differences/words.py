"""What is said of a difference, and which way it goes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction

from publisher.release.model import Text


class Effect(StrEnum):
    """Whether the records are better protected after a change."""

    STRONGER = "stronger"
    WEAKER = "weaker"
    OTHER = "other"


class About(IntEnum):
    """What a change is about; what decides protection comes first."""

    PROTECTION = 0
    CHARGE = 1
    RECORDS = 2
    SHOWN = 3
    TIME = 4
    WORDS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, in both languages.  `table`: the table that it is in, or empty."""

    text: Text
    effect: Effect
    about: About
    table: str = ""


def say(sv: str, en: str, effect: Effect = Effect.OTHER, about: About = About.SHOWN) -> Change:
    """A change from its words."""
    return Change(Text(sv, en), effect, about)


def stronger_if(holds: bool) -> Effect:
    """STRONGER where it holds, else WEAKER."""
    return Effect.STRONGER if holds else Effect.WEAKER


def number(value: Fraction | int | None) -> str:
    """A number as a policy writes it."""
    if value is None:
        return "–"
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{float(value):.9f}".rstrip("0")
    return str(int(value))


def both(value: Fraction | int | None) -> tuple[str, str]:
    """A number with decimal comma, and with decimal point."""
    written = number(value)
    return written.replace(".", ","), written


def moved(before: Fraction | int, after: Fraction | int) -> tuple[str, str]:
    """`höjs` or `sänks`, `raised` or `lowered`."""
    return ("höjs", "raised") if after > before else ("sänks", "lowered")


def quoted(names: Iterable[str]) -> str:
    """Ids or codes one after the other."""
    return ", ".join(names)


def came_and_went(
    before: Iterable[str], after: Iterable[str], came: tuple[str, str], went: tuple[str, str], about: About
) -> Iterator[Change]:
    """Sentences on what is new and what is gone of a list; `{}` stands for the names."""
    old, new = list(before), list(after)
    if added := [n for n in new if n not in old]:
        yield say(came[0].format(quoted(added)), came[1].format(quoted(added)), about=about)
    if gone := [n for n in old if n not in new]:
        yield say(went[0].format(quoted(gone)), went[1].format(quoted(gone)), about=about)
