"""A report as plain parts, which HTML and PDF are both made of."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences, one beneath the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"table {self.caption}: a row has not the columns of the head")


Part = str | Points | Grid


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands beneath it.  `level`: 2, or 3 within the section before."""

    title: str
    parts: tuple[Part, ...]
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paper:
    """One report in one language (`sv` or `en`), as it stood at `made`."""

    lang: str
    title: str
    lead: str
    made: datetime
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        if self.lang not in ("sv", "en") or self.made.tzinfo is None:
            raise ValueError("a report is in Swedish or English, and made at a moment with a time zone")


def local(at: str) -> datetime:
    """A UTC time of a document as Swedish time."""
    return datetime.fromisoformat(at).astimezone(_ZONE)


def clock(at: str) -> str:
    """A UTC time as Swedish day and minute: 2024-03-01 13:00; empty for none."""
    return local(at).strftime("%Y-%m-%d %H:%M") if at else ""


def number(text: str, lang: str) -> str:
    """Decimal text with the language's decimal sign."""
    return text.replace(".", ",") if lang == "sv" else text


def seconds(made: datetime) -> int:
    """A moment as whole seconds since 1970."""
    return int(made.astimezone(UTC).timestamp())
