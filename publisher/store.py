"""Where sealed releases wait, become public, and are withdrawn.  Nothing that is sealed is ever edited.

Vault to public at publication time: copied beside, synced, renamed, then a new signed catalogue, then the pointer
`current` (P2 of SAFETY.md).  A crash between any two steps is made good by doing the step again.
"""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlite_utils

from publisher import chain
from publisher.errors import LedgerError, ReleaseError, RunError
from publisher.files import read_folder, sync_folder, write_atomically, write_folder
from publisher.home import Home, Keys
from publisher.ledger import Account, PrivacyLedger
from publisher.log import ActionLog, utc
from publisher.periods import Period
from publisher.policy.declarations import Agency
from publisher.release.codec import FileDigest, LedgerMark, Manifest, canonical_json, check_file, verify_manifest
from publisher.release.model import Release
from publisher.release.reader import read_release
from publisher.seal import signed, versions
from publisher.statement import account_statement

_KEPT_CATALOGUES = 5
_CATALOGUE = re.compile(r"c[0-9]{6,9}")


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """What the state file knows of a sealed release; its id is its run key.  Times are UTC text, empty for not yet."""

    release: str
    policy: str
    agency: str
    period: str
    version: int
    tables: tuple[str, ...]
    publish_at: str
    sealed_at: str
    published_at: str
    withdrawn_at: str
    reason: str

    @property
    def state(self) -> str:
        """`sealed`, `published` or `withdrawn`."""
        return "withdrawn" if self.withdrawn_at else "published" if self.published_at else "sealed"


class ReleaseStore:
    """The releases of a home."""

    def __init__(self, home: Home, db: sqlite_utils.Database, keys: Keys) -> None:
        self._home, self._db, self._keys = home, db, keys
        self._log, self._ledger = ActionLog(db), PrivacyLedger(db)
        text = ("release", "policy", "agency", "period", "tables", "publish_at", "sealed_at",
                "published_at", "withdrawn_at", "reason")  # fmt: skip
        shape = {**dict.fromkeys(text, str), "version": int}
        db.table("releases").create(shape, pk="release", if_not_exists=True)

    def records(self) -> list[ReleaseRecord]:
        """Every sealed release, in the order of sealing."""
        rows = self._db.table("releases").rows_where(order_by="sealed_at, rowid")
        return [ReleaseRecord(**{**r, "tables": tuple(json.loads(r["tables"]))}) for r in rows]

    def record(self, release: str) -> ReleaseRecord:
        """One release; ReleaseError if it is not known."""
        for r in self.records():
            if r.release == release:
                return r
        raise ReleaseError(f"release {release} is not known here; `publisher release list` shows all")

    def add(self, release: Release, *, at: str) -> None:
        """Remember a sealed release, in the ledger and here; a second time changes nothing."""
        if self._db.conn.execute("SELECT 1 FROM releases WHERE release = ?", [release.id]).fetchone():
            return
        self._ledger.mark_sealed(release.id, at=at)
        row = {
            "release": release.id, "policy": release.policy, "agency": release.agency, "period": release.period,
            "version": release.version, "tables": json.dumps([t.id for t in release.tables]),
            "publish_at": release.publish_at, "sealed_at": at, "published_at": "", "withdrawn_at": "", "reason": "",
        }  # fmt: skip
        with chain.immediate(self._db):
            self._db.table("releases").insert(row)
        self._log.write(at=at, actor="pipeline", action="seal", subject=release.id)

    def adopt(self, *, at: str) -> None:
        """Make good a crash after sealing: remember what lies whole in the vault, clear what does not.

        What verifies was sealed by this home after its charge and audit; so it is given back, not made again.
        """
        for folder in sorted(self._home.vault.iterdir()):
            if folder.name.startswith("."):
                shutil.rmtree(folder)
            else:
                verify_folder(folder, self._keys.public_pem)
                self.add(read_release(folder, self._keys.public_pem), at=at)

    def folder(self, record: ReleaseRecord) -> Path:
        """Where a release's folder stands now."""
        places = {
            "sealed": self._home.vault,
            "published": self._home.public / "releases",
            "withdrawn": self._home.withdrawn,
        }
        return places[record.state] / record.release

    def verified(self, record: ReleaseRecord) -> tuple[Manifest, dict[str, bytes]]:
        """The manifest and all files of a release, checked; ReleaseError for anything missing, changed or added."""
        return verify_folder(self.folder(record), self._keys.public_pem)

    def check_against_ledger(self, record: ReleaseRecord) -> None:
        """P3: the ledger holds what the release was sealed with; LedgerError where it is behind or was changed.

        A release that a booking accounts for need not match any more, but its account may not be lower.
        """
        mark = self.verified(record)[0].ledger
        head = self._ledger.hash_at(mark.sequence)
        same = head is not None and self._keys.hmac("ledger-head", head.encode()) == mark.head_hmac
        spent = self._ledger.spent(Account(record.agency, Period.parse(record.period).year))
        if spent < mark.rho_units or not (same or record.release in self._ledger.booked()):
            raise LedgerError(
                f"the ledger is behind release {record.release}: it was restored or changed. Nothing is run until the "
                "difference is booked with `publisher ledger book`"
            )

    def latest(self, policy: str) -> ReleaseRecord | None:
        """The last sealed release of a policy that is not withdrawn: what the next one continues."""
        kept = [r for r in self.records() if r.policy == policy and not r.withdrawn_at]
        return kept[-1] if kept else None

    def due(self, now: datetime) -> list[ReleaseRecord]:
        """Sealed releases whose publication time has come."""
        return [r for r in self.records() if r.state == "sealed" and r.publish_at <= utc(now)]

    def publish(self, release: str, *, now: datetime, agencies: Sequence[Agency]) -> None:
        """Make a sealed release public.  RunError before its publication time."""
        record = self.record(release)
        if record.state != "sealed":
            raise RunError(f"release {release} is {record.state} already")
        if utc(now) < record.publish_at:
            raise RunError(f"release {release} is to be published at {record.publish_at}, not before")
        _, files = self.verified(record)
        target = self._home.public / "releases" / release
        if not target.exists():
            write_folder(target, files)
        verify_folder(target, self._keys.public_pem)
        self._set(release, published_at=utc(now))
        self._log.write(at=utc(now), actor="scheduler", action="publish", subject=release)
        self.reconcile(now=now, agencies=agencies)

    def withdraw(self, release: str, *, reason: str, actor: str, now: datetime, agencies: Sequence[Agency]) -> None:
        """Take a release off the public site; a tombstone with the reason stays there, the bytes go to `withdrawn`."""
        record = self.record(release)
        if record.state == "withdrawn" or not reason.strip():
            raise RunError(f"release {release} is withdrawn already, or no reason is given")
        if not (self._home.withdrawn / release).exists():
            write_folder(self._home.withdrawn / release, read_folder(self.folder(record)))
        self._set(release, withdrawn_at=utc(now), reason=reason)
        self._log.write(at=utc(now), actor=actor, action="withdraw", subject=release, detail=reason)
        self.reconcile(now=now, agencies=agencies)

    def reconcile(self, *, now: datetime, agencies: Sequence[Agency]) -> None:
        """Bring the folders in line with the state: the catalogue first, then what must not lie where it lies.

        Run after every change and by the scheduler, so that a crash between two steps is made good.
        """
        self._write_catalogue(now=now, agencies=agencies)
        for record in self.records():
            for other in (self._home.vault, self._home.public / "releases"):
                stray = other / record.release
                if stray != self.folder(record) and stray.exists() and self.folder(record).exists():
                    shutil.rmtree(stray)

    def _set(self, release: str, **values: str) -> None:
        with chain.immediate(self._db):
            self._db.table("releases").update(release, values)

    def _write_catalogue(self, *, now: datetime, agencies: Sequence[Agency]) -> None:
        """Seal a new catalogue of what is public and point `current` to it, unless the live one says the same."""
        known = [r for r in self.records() if r.published_at]
        account = account_statement(
            self._ledger.rows(), agencies={a.id: a for a in agencies}, published={r.release for r in known}
        )
        files = {
            "catalogue.json": canonical_json({"tables": list(_catalogue(known))}),
            "account.json": canonical_json(account),
        }
        if self._live() == files:
            return
        name = f"c{1 + max(self._catalogues(), default=0):06d}"
        manifest = Manifest(
            kind="catalogue", id=name, files={k: FileDigest.of(v) for k, v in files.items()}, publish_at=utc(now),
            policy_digest="", ledger=self._mark(), records_hmac="", audit_hmac="",
            log_head_hmac=self._keys.hmac("log-head", self._log.head()[1].encode()), versions=versions(),
        )  # fmt: skip
        folder = self._home.public / "catalogues"
        write_folder(folder / name, {**files, **signed(manifest, self._keys)})
        write_atomically(self._home.public / "current", f"{name}\n".encode())
        for number in sorted(self._catalogues())[:-_KEPT_CATALOGUES]:
            shutil.rmtree(folder / f"c{number:06d}")
        sync_folder(folder)

    def _live(self) -> dict[str, bytes]:
        """The documents of the live catalogue; empty where there is none."""
        pointer = self._home.public / "current"
        if not pointer.exists():
            return {}
        files = read_folder(self._home.public / "catalogues" / pointer.read_text().strip())
        return {k: v for k, v in files.items() if not k.startswith("manifest")}

    def _mark(self) -> LedgerMark:
        sequence, head = self._ledger.head()
        total = sum(int(r["units"]) for r in self._ledger.rows())
        return LedgerMark(sequence, total, self._keys.hmac("ledger-head", head.encode()))

    def _catalogues(self) -> list[int]:
        names = [p.name for p in (self._home.public / "catalogues").iterdir()]
        return [int(n[1:]) for n in names if _CATALOGUE.fullmatch(n)]


def _catalogue(known: Sequence[ReleaseRecord]) -> Iterator[dict[str, object]]:
    """One entry a table: its releases, newest last, and the one that `latest` means."""
    for table in sorted({t for r in known for t in r.tables}):
        own = [r for r in known if table in r.tables]
        live = [r.release for r in own if not r.withdrawn_at]
        yield {
            "table": table,
            "policy": own[-1].policy,
            "latest": live[-1] if live else None,
            "releases": [
                {
                    "release": r.release,
                    "period": r.period,
                    "version": r.version,
                    "published_at": r.published_at,
                    "status": r.state,
                    "reason": r.reason,
                    **({"withdrawn_at": r.withdrawn_at} if r.withdrawn_at else {}),
                }
                for r in own
            ],
        }


def verify_folder(folder: Path, public_pem: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and files of a sealed folder; ReleaseError for a file that is missing, changed or not listed."""
    if not folder.is_dir():
        raise ReleaseError(f"release {folder.name}: its folder is missing")
    files = read_folder(folder)
    manifest = verify_manifest(files.get("manifest.json", b""), files.get("manifest.sig", b""), public_pem)
    if manifest.id != folder.name:
        raise ReleaseError(f"release {folder.name}: the manifest is of {manifest.id}")
    listed = set(manifest.files) | {"manifest.json", "manifest.sig"}
    if set(files) != listed:
        raise ReleaseError(f"release {folder.name}: {len(set(files) ^ listed)} files are missing or were added")
    for name in manifest.files:
        check_file(manifest, name, files[name])
    return manifest, files
