"""The officer's folder: its database, and the files that the scheduler process leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from publisher.chain import open_state
from publisher.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Desk:
    """Paths of an officer's folder (`HOME/officer`)."""

    root: Path

    @property
    def status(self) -> Path:
        """What the scheduler process tells: JSON files, each written whole."""
        return self.root / "status"

    @property
    def active(self) -> Path:
        """Copies of the policies in force, exact bytes; made by the scheduler process."""
        return self.status / "active"

    @property
    def declarations(self) -> Path:
        """A copy of `publisher.toml`; made by the scheduler process."""
        return self.status / "publisher.toml"

    @property
    def rehearsals(self) -> Path:
        """Results of rehearsals, one file each, as sensitive as the records; they expire."""
        return self.root / "rehearsals"

    @property
    def reports(self) -> Path:
        """Yearly reports made on request."""
        return self.root / "reports"

    def create(self) -> None:
        """Make the folders that are missing; they are for the owner alone."""
        for folder in (self.root, self.status, self.active, self.rehearsals, self.reports):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    @contextmanager
    def open(self) -> Iterator[sqlite_utils.Database]:
        """The officer's database, closed at the end; SettingsError where there is no such folder."""
        if not self.root.is_dir():
            raise SettingsError(f"no officer's folder {self.root.name}; `publisher init` makes one")
        (self.root / "officer.db").touch(mode=0o600)
        db = open_state(self.root / "officer.db")
        try:
            yield db
        finally:
            db.close()
