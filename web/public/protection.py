"""What each period of a table was sealed with: the release that sealed it, the policy's edition, and the terms."""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.errors import ReleaseError
from publisher.release.cells import Selection
from publisher.release.documents import TableEntry
from publisher.release.model import SuppressionFacts, Table
from publisher.release.reader import Catalogue, OpenRelease
from web.public.texts import PROMISES
from web.public.words import all_rules


@dataclass(frozen=True, slots=True)
class Terms:
    """Periods that were sealed alike.

    `periods`: each with the release that sealed it, which is empty where that is not public any more.  `edition`: the
    SHA-256 of the policy's bytes, in hex; empty where no such release is public.  `words`: how they are protected.
    """

    periods: tuple[tuple[str, str], ...]
    edition: str
    words: str


def terms(catalogue: Catalogue, opened: OpenRelease, entry: TableEntry, lang: str) -> tuple[Terms, ...]:
    """The terms of every period that a release of the table holds, in order of the first period."""
    table = opened.facts.table(entry.table)
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for period, version in sorted(_versions(opened, table).items()):
        sealer = f"{entry.policy}.{period}.v{version}"
        edition = _edition(catalogue, entry, sealer)
        alike.setdefault((edition, _words(table, period, lang)), []).append((period, sealer if edition else ""))
    return tuple(Terms(tuple(periods), edition, words) for (edition, words), periods in alike.items())


def _versions(opened: OpenRelease, table: Table) -> Mapping[str, int]:
    """The version of each period, which all of its cells have."""
    one = Selection((0,), ((0,),) * len(table.dimensions), None, (0,))
    return {c.period: c.version for c in opened.select(table, one, limit=len(table.periods))}


def _edition(catalogue: Catalogue, entry: TableEntry, sealer: str) -> str:
    try:
        return catalogue.resolve(entry.table, sealer).folder.manifest.policy_digest
    except ReleaseError:
        return ""  # withdrawn, or not what was sealed: nothing is said of it


def _words(table: Table, period: str, lang: str) -> str:
    facts = table.promised(period)
    level = PROMISES[facts.level].get(lang) if isinstance(facts, SuppressionFacts) else ""
    return f"{all_rules(facts, lang)} {level}".strip()
