"""The sealed documents of a catalogue folder: `catalogue.json` (what is published) and `account.json` (privacy)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publisher.errors import ReleaseError
from publisher.release.codec import RELEASE_ID, TABLE_ID, TIME, parse_canonical

_PARAMETERS = ("rho", "epsilon", "delta")
_DECIMAL = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
_STATUSES = ("published", "withdrawn")
STATEMENT = "privacy-statement/1"
SECTIONS = ("basic", "dp_variant", "privacy_loss", "deployment_model", "implementation", "administrative")
"""Sections of an entry in the OpenDP deployments registry."""


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """One release in the list of a table.  `reason`: why it is a revision, or why it was withdrawn."""

    release: str
    period: str
    version: int
    published_at: str
    status: str
    reason: str
    withdrawn_at: str = ""

    def __post_init__(self) -> None:
        if RELEASE_ID.fullmatch(self.release) is None or TIME.fullmatch(self.published_at) is None:
            raise ReleaseError("catalogue: a release id or time has not its form")
        if self.release.split(".", 1)[1] != f"{self.period}.v{self.version}":
            raise ReleaseError(f"catalogue: {self.release}: period and version are not those of the id")
        if self.status not in _STATUSES:
            raise ReleaseError(f"catalogue: {self.release}: unknown status")
        if self.withdrawn_at and TIME.fullmatch(self.withdrawn_at) is None:
            raise ReleaseError(f"catalogue: {self.release}: withdrawn_at has not its form")

    @property
    def withdrawn(self) -> bool:
        """Whether the release was taken back."""
        return self.status == "withdrawn"


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table of the catalogue; `releases` oldest first, `latest` the one that `latest.csv` gives (None: none)."""

    table: str
    policy: str
    latest: str | None
    releases: tuple[ReleaseEntry, ...]

    def __post_init__(self) -> None:
        if TABLE_ID.fullmatch(self.table) is None or TABLE_ID.fullmatch(self.policy) is None:
            raise ReleaseError("catalogue: a table or policy id has not its form")
        ids = [r.release for r in self.releases]
        if len(set(ids)) != len(ids) or any(not i.startswith(f"{self.policy}.") for i in ids):
            raise ReleaseError(f"catalogue: {self.table}: its releases are not different ones of its policy")
        if self.latest is not None and self.latest not in [r.release for r in self.published]:
            raise ReleaseError(f"catalogue: {self.table}: latest is not a published release")

    @property
    def published(self) -> tuple[ReleaseEntry, ...]:
        """Releases that are not withdrawn, oldest first."""
        return tuple(r for r in self.releases if not r.withdrawn)

    def find(self, release_id: str) -> ReleaseEntry | None:
        """The entry of a release, or None."""
        return next((r for r in self.releases if r.release == release_id), None)


@dataclass(frozen=True, slots=True)
class AccountCharge:
    """One charge: what a release cost.  `rho` is decimal text."""

    release: str
    rho: str
    charged_at: str
    reason: str


@dataclass(frozen=True, slots=True)
class YearAccount:
    """The account of one agency and reference year; numbers are decimal texts.

    `mu`, `true_positive_per_cent` are empty in catalogues of before they were told.
    """

    agency: str
    reference_year: int
    cap: str
    charged: str
    left: str
    epsilon: str
    auc: str
    charges: tuple[AccountCharge, ...]
    mu: str = ""
    true_positive_per_cent: str = ""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What an agency's years add up to; numbers are decimal texts, `years` how many there are."""

    agency: str
    charged: str
    years: int
    epsilon: str
    auc: str
    mu: str = ""
    true_positive_per_cent: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The privacy account in its public form; numbers are decimal texts."""

    cap_default: str
    delta: str
    accounts: tuple[YearAccount, ...]
    lifetimes: tuple[Lifetime, ...]
    false_positive_per_cent: str = "0.1"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One noisy table in the privacy statement, as texts: for each section its fields, in the order of the document."""

    table: str
    sections: Mapping[str, Mapping[str, str]]

    def __post_init__(self) -> None:
        if TABLE_ID.fullmatch(self.table) is None or tuple(self.sections) != SECTIONS:
            raise ReleaseError("privacy statement: an entry has not its form")


def parse_catalogue(data: bytes) -> tuple[TableEntry, ...]:
    """The tables of `catalogue.json`, newest last as written; ReleaseError for any other form."""
    obj = parse_canonical(data)
    try:
        if obj.keys() != {"tables"}:
            raise ReleaseError("catalogue.json: unknown or missing keys")
        tables = tuple(
            TableEntry(**{**t, "releases": tuple(ReleaseEntry(**r) for r in t["releases"])}) for t in obj["tables"]
        )
    except (TypeError, KeyError, AttributeError, IndexError):
        raise ReleaseError("catalogue.json has not its form") from None
    if len({t.table for t in tables}) != len(tables):
        raise ReleaseError("catalogue.json: a table stands twice")
    return tables


def parse_account(data: bytes) -> Account:
    """The content of `account.json`; ReleaseError for any other form."""
    obj = parse_canonical(data)
    try:
        years = tuple(
            YearAccount(**{**a, "charges": tuple(AccountCharge(**c) for c in a["charges"])}) for a in obj["accounts"]
        )
        lifetimes = tuple(Lifetime(**entry) for entry in obj["lifetimes"])
        account = Account(**{**obj, "accounts": years, "lifetimes": lifetimes})
    except (TypeError, KeyError, AttributeError):
        raise ReleaseError("account.json has not its form") from None
    _check_numbers(account)
    return account


def parse_statement(data: bytes, language: str) -> tuple[Deployment, ...]:
    """The entries of the privacy statement in a language, in order of table; ReleaseError for any other form."""
    obj = parse_canonical(data)
    try:
        known = obj.keys() == {"format", "language", "deployments"} and isinstance(obj["deployments"], list)
        if not known or (obj["format"], obj["language"]) != (STATEMENT, language):
            raise ReleaseError(f"privacy statement: it is not {STATEMENT} in {language}")
        entries = tuple(_deployment(entry) for entry in obj["deployments"])
    except (TypeError, KeyError, AttributeError):
        raise ReleaseError("the privacy statement has not its form") from None
    if len({e.table for e in entries}) != len(entries):
        raise ReleaseError("privacy statement: a table stands twice")
    return entries


def _deployment(entry: Any) -> Deployment:
    sections = entry["deployment"]
    return Deployment(
        entry["url_slug"], {name: {key: _words(v) for key, v in sections[name].items()} for name in SECTIONS}
    )


def _words(value: Any) -> str:
    """A value as one text: lists and objects by their parts, names of parameters before their numbers."""
    if isinstance(value, dict):
        return "; ".join(f"{k} {v}" if k in _PARAMETERS else _words(v) for k, v in value.items())
    return "; ".join(_words(v) for v in value) if isinstance(value, list) else str(value)


def _check_numbers(account: Account) -> None:
    texts: list[Any] = [account.cap_default, account.delta, account.false_positive_per_cent]
    for year in account.accounts:
        texts += [year.cap, year.charged, year.left, *_meaning(year), *(c.rho for c in year.charges)]
    for entry in account.lifetimes:
        texts += [entry.charged, *_meaning(entry)]
    if any(not isinstance(t, str) or _DECIMAL.fullmatch(t) is None for t in texts):
        raise ReleaseError("account.json: a number is not decimal text")


def _meaning(entry: YearAccount | Lifetime) -> list[Any]:
    """What a loss means, in so far as it is told."""
    later = [t for t in (entry.mu, entry.true_positive_per_cent) if t != ""]
    return [entry.epsilon, entry.auc, *later]
