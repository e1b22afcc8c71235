"""The desk's log, the home's log and the ledger as one list of rows: searched, ordered, and their chains verified.

Pure: rows in, rows out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from publisher.chain import BrokenChainError, verify_rows
from web.officer.shown import day_of

Raw = Sequence[Mapping[str, str | int]]
PLACES = ("desk", "home", "ledger")
COLUMNS = ("at", "place", "sequence", "actor", "action", "subject", "detail", "digest")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row, whatever chain it stands in."""

    at: str
    place: str
    sequence: int
    actor: str
    action: str
    subject: str
    detail: str
    digest: str

    def as_object(self) -> dict[str, str | int]:
        """By the names of COLUMNS."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; empty is everything.  `first`, `last`: Swedish days, both included."""

    text: str = ""
    actor: str = ""
    action: str = ""
    place: str = ""
    first: str = ""
    last: str = ""

    def finds(self, row: LogRow) -> bool:
        """Whether a row is looked for."""
        day = day_of(row.at) if row.at else ""
        spoken = " ".join((row.actor, row.action, row.subject, row.detail, row.digest)).casefold()
        return (
            self.text.casefold() in spoken
            and self.actor in ("", row.actor)
            and self.action in ("", row.action)
            and self.place in ("", row.place)
            and (not self.first or day >= self.first)
            and (not self.last or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a chain was found to be: `rows` that were read, and the first `broken` one, 0 for none."""

    place: str
    rows: int
    broken: int


def verdict(place: str, rows: Raw) -> Verdict:
    """Recompute every hash of a chain."""
    try:
        return Verdict(place, verify_rows(place, rows), 0)
    except BrokenChainError as error:
        return Verdict(place, len(rows), error.row)


def merged(chains: Mapping[str, Raw]) -> list[LogRow]:
    """All rows of all chains, the newest first; rows of one second in the order of their chain."""
    rows = [_of_charge(r) if place == "ledger" else _of_log(place, r) for place in PLACES for r in chains[place]]
    return sorted(rows, key=lambda r: (r.at, r.place, r.sequence), reverse=True)


def found(rows: Iterable[LogRow], search: Search) -> list[LogRow]:
    """The rows that are looked for."""
    return [row for row in rows if search.finds(row)]


def _of_log(place: str, row: Mapping[str, str | int]) -> LogRow:
    texts = {name: str(row[name]) for name in ("at", "actor", "action", "subject", "detail", "digest")}
    return LogRow(place=place, sequence=int(row["sequence"]), **texts)


def _of_charge(row: Mapping[str, str | int]) -> LogRow:
    """A row of the ledger: what was charged, to which year, and why."""
    rho = f"{int(row['units']) / 10**9:.9f}".rstrip("0").rstrip(".")
    detail = f"{row['agency']} {row['year']}: rho {rho}" + (f"; {row['reason']}" if row["reason"] else "")
    subject = str(row["run_key"]) or str(row["agency"])
    return LogRow(str(row["at"]), "ledger", int(row["sequence"]), "", str(row["kind"]), subject, detail, "")
