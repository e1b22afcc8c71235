"""What the form knows of one field of a policy file: its control, its words, and what a choice leads to."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from publisher.release.model import Text


class Control(StrEnum):
    """How a field is filled in."""

    GROUP = "group"
    LIST = "list"
    ONE_OF = "one_of"
    """A mapping that has one of several keys."""
    TEXT = "text"
    BOTH = "both"
    """A text in both languages."""
    CHOICE = "choice"
    NUMBER = "number"
    """A number that decides privacy: quoted, and read exactly."""
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CODES = "codes"
    """A list of codes, out of those that there are."""
    WHERE = "where"
    """The codes that are kept of each column of the source."""
    BOUNDS = "bounds"
    """A number for each code of a column."""
    WEIGHTS = "weights"
    """One word, or a word and groups of cells that weigh otherwise."""
    CANDIDATES = "candidates"
    """From, to and step; or a list of whole numbers."""
    KEPT = "kept"
    """Shown and not changed here."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field, what it is called, and what it leads to."""

    value: str
    label: Text
    effect: Text | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Where an idea is explained to everybody."""

    label: Text
    address: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field.  `pattern`: its keys from the top, `*` for every item of a list.

    `options`: which list of the declarations its values come from.  `only`: the values of the key beside it named by
    `beside` that it belongs to; where they are empty it stands always.  `required`: the file must have it where it
    belongs.  `term`: the field's word for it.
    """

    pattern: tuple[str, ...]
    control: Control
    label: Text
    help: Text
    term: Text | None = None
    link: str = ""
    choices: tuple[Choice, ...] = ()
    options: str = ""
    required: bool = True
    beside: str = ""
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.link and self.link not in LINKS:
            raise ValueError(f"no link {self.link}")
        if bool(self.only) != bool(self.beside):
            raise ValueError("a field belongs to values of a key beside it: name both")


def field(pattern: str, control: Control, label: tuple[str, str], about: tuple[str, str], **more: object) -> Field:
    """A field from its written pattern and its words, Swedish first."""
    term = more.pop("term", None)
    words = Text(*term) if isinstance(term, tuple) else None
    return Field(tuple(pattern.split("/")), control, Text(*label), Text(*about), term=words, **more)  # type: ignore[arg-type]


def choice(value: str, label: tuple[str, str], effect: tuple[str, str] | None = None) -> Choice:
    """A choice from its words, Swedish first."""
    return Choice(value, Text(*label), Text(*effect) if effect else None)


LINKS = MappingProxyType(
    {
        "frequency": Link(
            Text("Röjandekontroll, handboken kapitel 5: frekvenstabeller", "SDC handbook, chapter 5: frequency tables"),
            "https://sdctools.github.io/HandbookSDC/05-frequency-tables.html",
        ),
        "magnitude": Link(
            Text("Röjandekontroll, handboken kapitel 4: beloppstabeller", "SDC handbook, chapter 4: magnitude tables"),
            "https://sdctools.github.io/HandbookSDC/04-magnitude-tabular-data.html",
        ),
        "handbook": Link(
            Text("Handboken om röjandekontroll", "Handbook on statistical disclosure control"),
            "https://sdctools.github.io/HandbookSDC/",
        ),
        "nist": Link(
            Text("NIST SP 800-226 om differentiell integritet", "NIST SP 800-226 on differential privacy"),
            "https://csrc.nist.gov/pubs/sp/800/226/final",
        ),
        "zcdp": Link(
            Text("Bun och Steinke 2016: rho (zCDP)", "Bun and Steinke 2016: rho (zCDP)"),
            "https://arxiv.org/abs/1605.02065",
        ),
        "opendp": Link(Text("OpenDP:s dokumentation", "OpenDP documentation"), "https://docs.opendp.org/en/stable/"),
    }
)
