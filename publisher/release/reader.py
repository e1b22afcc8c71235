"""The live catalogue of a public folder: lists, opens and selects.  Serves nothing that does not verify.

Layout: `current` (name of the live catalogue), `keys/signing.pem`, `catalogues/{name}/`, `releases/{id}/`.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from publisher.errors import ReleaseError
from publisher.release.cells import Layout, Page, Selection, open_cells, select_cells, select_page
from publisher.release.codec import CATALOGUE_ID
from publisher.release.documents import (
    Account,
    Deployment,
    ReleaseEntry,
    TableEntry,
    parse_account,
    parse_catalogue,
    parse_statement,
)
from publisher.release.folder import SealedFolder, cells_path, locate_within, open_folder, read_cells, read_facts
from publisher.release.model import Cell, Release, Table

STATEMENTS = {"sv": "statement.sv.json", "en": "statement.en.json"}
PRIVACY_FILES = ("account.json", *STATEMENTS.values())
TICK = 1.0
"""Seconds between two looks at `current`."""


class NotPublishedError(ReleaseError):
    """Nothing is published there: unknown, not yet public, or guessed; the asker is not told which."""

    def __init__(self) -> None:
        super().__init__("nothing is published at this address")


class WithdrawnError(ReleaseError):
    """The release was public and was taken back; `entry` is its tombstone."""

    def __init__(self, entry: ReleaseEntry) -> None:
        self.entry = entry
        super().__init__(f"{entry.release} was withdrawn")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One verified catalogue, whole: what is published at one moment.

    `statements`: the privacy statement by language, empty in catalogues of before it was published.  `files`: the
    documents about privacy with manifest and signature, as they were sealed, by name.
    """

    name: str
    tables: tuple[TableEntry, ...]
    account: Account
    statements: Mapping[str, tuple[Deployment, ...]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def statement(self, language: str, table_id: str) -> Deployment | None:
        """The table's entry in the privacy statement; None where it has none."""
        return next((d for d in self.statements.get(language, ()) if d.table == table_id), None)

    def entry(self, table_id: str) -> TableEntry:
        """The table's entry; NotPublishedError where there is none."""
        for table in self.tables:
            if table.table == table_id:
                return table
        raise NotPublishedError


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """A verified release: its facts (tables without cells) and its sealed files."""

    facts: Release = field(repr=False)
    folder: SealedFolder = field(repr=False)

    def select(self, table: Table, selection: Selection, *, limit: int) -> tuple[Cell, ...]:
        """At most `limit` cells of a table, ordered by their keys."""
        with closing(open_cells(self.folder.verified(cells_path(table.id)))) as connection:
            return select_cells(connection, table, selection, limit=limit)

    def page(self, table: Table, selection: Selection, layout: Layout) -> Page:
        """One page of rows of a table."""
        with closing(open_cells(self.folder.verified(cells_path(table.id)))) as connection:
            return select_page(connection, table, selection, layout)


def read_release(folder: Path, public_key_pem: bytes) -> Release:
    """The release in a sealed folder, cells and all: what `formats.canonical` gave when it was rendered.

    ReleaseError where the folder does not verify.
    """
    sealed = open_folder(folder, kind="release", public_key_pem=public_key_pem)
    facts = read_facts(sealed)
    return replace(facts, tables=tuple(read_cells(sealed, t) for t in facts.tables))


def _now() -> datetime:
    return datetime.now(UTC)


class Catalogue:
    """What is public now, read from a folder that others write.  Safe to share between threads.

    The folder's pointer is looked at once a TICK.  A new catalogue is served from the moment that it verifies; until
    then, and if it never does, the one before stays.  `public_key_pem` pins the key; without it, the key that lies in
    the folder at the first reading is kept for the life of the process.
    """

    def __init__(
        self,
        public: Path,
        *,
        public_key_pem: bytes | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._root, self._key, self._monotonic, self._now = public, public_key_pem, monotonic, now
        self._lock = Lock()
        self._looked: float | None = None
        self._snapshot: Snapshot | None = None
        self._open: dict[str, OpenRelease] = {}

    @property
    def public_key_pem(self) -> bytes:
        """The key that everything is verified with; ReleaseError where there is none."""
        with self._lock:
            return self._read_key()

    def snapshot(self) -> Snapshot:
        """The live catalogue; ReleaseError where none has verified yet."""
        with self._lock:
            moment = self._monotonic()
            if self._looked is None or moment - self._looked >= TICK:
                self._looked = moment
                self._refresh()
            if self._snapshot is None:
                raise ReleaseError("no catalogue has verified yet")
            return self._snapshot

    def resolve(self, table_id: str, release_id: str | None = None) -> OpenRelease:
        """The named release of a table, or its latest.

        NotPublishedError or WithdrawnError where it is not to be had, ReleaseError where it does not verify.  The
        latest that does not verify (a copy still under way) gives way to the newest before it that does.
        """
        entry = self.snapshot().entry(table_id)
        if release_id is not None:
            return self._named(entry, release_id)
        if entry.latest is None:
            raise WithdrawnError(entry.releases[-1]) if entry.releases else NotPublishedError
        return self._latest(entry)

    def _named(self, entry: TableEntry, release_id: str) -> OpenRelease:
        found = entry.find(release_id)
        if found is None:
            raise NotPublishedError
        if found.withdrawn:
            raise WithdrawnError(found)
        return self._opened(entry.table, release_id)

    def _latest(self, entry: TableEntry) -> OpenRelease:
        ids = [r.release for r in entry.published]
        candidates = ids[: ids.index(str(entry.latest)) + 1][::-1]
        failure: ReleaseError = NotPublishedError()
        for release_id in candidates:
            try:
                return self._opened(entry.table, release_id)
            except ReleaseError as error:
                failure = failure if release_id != entry.latest else error
        raise failure

    def _opened(self, table_id: str, release_id: str) -> OpenRelease:
        with self._lock:
            found = self._open.get(release_id) or self._open_release(release_id)
        early = datetime.fromisoformat(found.folder.manifest.publish_at) > self._now()
        if early or table_id not in [t.id for t in found.facts.tables]:
            raise NotPublishedError
        return found

    def _open_release(self, release_id: str) -> OpenRelease:
        root = locate_within(self._root, f"releases/{release_id}")
        folder = open_folder(root, kind="release", public_key_pem=self._read_key())
        self._open[release_id] = OpenRelease(read_facts(folder), folder)
        return self._open[release_id]

    def _refresh(self) -> None:
        """Take over the catalogue that the pointer names, if it is another one, newer, and verifies."""
        try:
            name = locate_within(self._root, "current").read_text("ascii").removesuffix("\n")
            if CATALOGUE_ID.fullmatch(name) is None or (self._snapshot is not None and not self._is_newer(name)):
                return
            self._snapshot = self._load(name)
        except (ReleaseError, OSError, UnicodeError):
            return  # what was served stays served; the next tick looks again
        listed = {r.release for t in self._snapshot.tables for r in t.published}
        self._open = {k: v for k, v in self._open.items() if k in listed}

    def _is_newer(self, name: str) -> bool:
        """Catalogues are numbered: an old one put back, however well signed, would revive what was withdrawn."""
        return self._snapshot is None or int(name[1:]) > int(self._snapshot.name[1:])

    def _load(self, name: str) -> Snapshot:
        root = locate_within(self._root, f"catalogues/{name}")
        folder = open_folder(root, kind="catalogue", public_key_pem=self._read_key())
        tables = parse_catalogue(folder.read("catalogue.json"))
        files = {path: folder.read(path) for path in PRIVACY_FILES if path in folder.manifest.files}
        statements = {lang: parse_statement(files[f], lang) for lang, f in STATEMENTS.items() if f in files}
        signed = {"manifest.json": folder.manifest_bytes, "manifest.sig": folder.signature}
        return Snapshot(name, tables, parse_account(folder.read("account.json")), statements, {**files, **signed})

    def _read_key(self) -> bytes:
        if self._key is None:
            try:
                self._key = locate_within(self._root, "keys/signing.pem").read_bytes()
            except OSError:
                raise ReleaseError("keys/signing.pem cannot be read") from None
        return self._key
