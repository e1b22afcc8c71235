"""Where sealed releases wait, become public, and are withdrawn.  Nothing that is sealed is ever edited.

Vault to public at publication time: copied beside, synced, renamed, then a new signed catalogue, then the pointer
`current` (P2 of SAFETY.md).  A crash between any two steps is made good by doing the step again.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlite_utils

from publisher import chain
from publisher.catalogue import live_folder, write_catalogue
from publisher.errors import LedgerError, ReleaseError, RunError
from publisher.files import read_folder, write_folder
from publisher.home import Home, Keys
from publisher.ledger import Account, PrivacyLedger
from publisher.locks import locked
from publisher.log import ActionLog, utc
from publisher.periods import Period
from publisher.policy.declarations import Agency
from publisher.release.codec import LedgerMark, Manifest
from publisher.release.model import Release
from publisher.release.reader import read_release
from publisher.sealed import ReleaseRecord, holders, verify_folder

_PATIENCE = 60.0
"""Seconds: sealing or publishing one release takes a few at most."""


class ReleaseStore:
    """The releases of a home."""

    def __init__(self, home: Home, db: sqlite_utils.Database, keys: Keys) -> None:
        self._home, self._db, self._keys = home, db, keys
        self._log, self._ledger = ActionLog(db), PrivacyLedger(db)
        self._holds = False
        text = ("release", "policy", "agency", "period", "tables", "publish_at", "sealed_at",
                "published_at", "withdrawn_at", "reason")  # fmt: skip
        shape = {**dict.fromkeys(text, str), "version": int, "sequence": int}
        db.table("releases").create(shape, pk="release", if_not_exists=True)

    @property
    def _places(self) -> tuple[Path, ...]:
        """Where releases lie."""
        return self._home.vault, self._home.public / "releases", self._home.withdrawn

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold what is sealed and public still against other processes; again inside it is no second lock."""
        if self._holds:
            yield
            return
        refusal = "another publisher process is changing what is public; try again"
        with locked(self._home.store_lock, refusal=refusal, patience=_PATIENCE):
            self._holds = True
            try:
                yield
            finally:
                self._holds = False

    def records(self) -> list[ReleaseRecord]:
        """Every sealed release, in the order of sealing."""
        rows = self._db.table("releases").rows_where(order_by="sequence")
        return [ReleaseRecord(**{**r, "tables": tuple(json.loads(r["tables"]))}) for r in rows]

    def record(self, release: str) -> ReleaseRecord:
        """One release; ReleaseError if it is not known."""
        for r in self.records():
            if r.release == release:
                return r
        raise ReleaseError(f"release {release} is not known here; `publisher release list` shows all")

    def _add(self, release: Release, manifest: Manifest, *, at: str, published_at: str, withdrawn_at: str) -> None:
        """Remember a sealed release: in the ledger, here and in the log, together; a second time changes nothing."""
        row = {
            "release": release.id, "sequence": manifest.ledger.sequence, "policy": release.policy,
            "agency": release.agency, "period": release.period, "version": release.version,
            "tables": json.dumps([t.id for t in release.tables]), "publish_at": release.publish_at, "sealed_at": at,
            "published_at": published_at, "withdrawn_at": withdrawn_at, "reason": "restored" if withdrawn_at else "",
        }  # fmt: skip
        with chain.immediate(self._db):
            if self._db.conn.execute("SELECT 1 FROM releases WHERE release = ?", [release.id]).fetchone():
                return
            self._ledger.mark_sealed(release.id, at=at)
            marks = ", ".join("?" for _ in row)
            self._db.conn.execute(f"INSERT INTO releases ({', '.join(row)}) VALUES ({marks})", list(row.values()))
            self._log.append(at=at, actor="pipeline", action="seal", subject=release.id)

    def adopt(self, *, at: str) -> None:
        """Make good a crash or a restored state file: remember every whole release that lies in the home.

        What verifies was sealed by this home, so it is given back and never made again.  LedgerError where the ledger
        does not hold what it was sealed with (P3): then it is behind, and nothing goes on until that is booked.
        """
        with self.changing():
            self._adopt(at)

    def _adopt(self, at: str) -> None:
        home, known = self._home, {r.release for r in self.records()}
        places = {"vault": home.vault, "public": home.public / "releases", "withdrawn": home.withdrawn}
        for place, folder in places.items():
            for path in sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in known):
                manifest, _ = verify_folder(path, self._keys.public_pem)
                release = read_release(path, self._keys.public_pem)
                self._require_in_ledger(manifest.id, manifest.ledger, Account(release.agency, _year(release.period)))
                self._add(
                    release, manifest, at=at,
                    published_at="" if place == "vault" else manifest.publish_at,
                    withdrawn_at=at if place == "withdrawn" else "",
                )  # fmt: skip

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
        """P3: a release's files are whole, and the ledger holds what it was sealed with; LedgerError otherwise."""
        manifest, _ = self.verified(record)
        self._require_in_ledger(manifest.id, manifest.ledger, Account(record.agency, _year(record.period)))

    def check_catalogue_against_ledger(self) -> None:
        """P3 for the live catalogue, whose public account may tell of charges that no release tells of."""
        live = live_folder(self._home, self._keys)
        if live is not None:
            self._require_in_ledger(live[0].id, live[0].ledger, None)

    def _require_in_ledger(self, name: str, mark: LedgerMark, account: Account | None) -> None:
        """The ledger's row at the mark is the one that was there at sealing, and no account is lower than it was.

        What a booking accounts for need not match any more; but its account may not be lower.
        """
        head = self._ledger.hash_at(mark.sequence)
        same = head is not None and self._keys.hmac("ledger-head", head.encode()) == mark.head_hmac
        spent = self._ledger.spent(account) if account else sum(int(r["units"]) for r in self._ledger.rows())
        if spent < mark.rho_units or not (same or name in self._ledger.booked()):
            raise LedgerError(
                f"the ledger is behind release {name}: it was restored or changed. Nothing is run until the "
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
        """Make a sealed release public.  RunError before its publication time, which is the signed one."""
        with self.changing():
            self._publish(release, now=now)
            self.reconcile(now=now, agencies=agencies)

    def _publish(self, release: str, *, now: datetime) -> None:
        record = self.record(release)
        if record.state != "sealed":
            raise RunError(f"release {release} is {record.state} already")
        manifest, files = self.verified(record)
        if utc(now) < max(record.publish_at, manifest.publish_at):
            raise RunError(f"release {release} is to be published at {manifest.publish_at}, not before")
        target = self._home.public / "releases" / release
        if not target.exists():
            write_folder(target, files)
        if read_folder(target) != files:
            raise RunError(f"release {release}: other bytes are public under this name already; look into it by hand")
        with chain.immediate(self._db):
            self._set(release, published_at=utc(now))
            self._log.append(at=utc(now), actor="scheduler", action="publish", subject=release)

    def containing(self, release: str) -> list[ReleaseRecord]:
        """The releases that hold the cells which `release` sealed (`publisher.sealed.holders`)."""
        return holders(self.records(), self.record(release))

    def withdraw(self, release: str, *, reason: str, actor: str, now: datetime, agencies: Sequence[Agency]) -> None:
        """Take a release off the public site; a tombstone with the reason stays there, the bytes go to `withdrawn`."""
        with self.changing():
            self._withdraw(release, reason=reason, actor=actor, now=now)
            self.reconcile(now=now, agencies=agencies)

    def withdraw_cells(
        self, release: str, *, only: bool, reason: str, actor: str, now: datetime, agencies: Sequence[Agency]
    ) -> list[str]:
        """Withdraw a release and, unless `only`, the later ones that hold its cells; none is sealed in between."""
        with self.changing():
            names = [release] if only else [r.release for r in self.containing(release)] or [release]
            for name in names:
                self._withdraw(name, reason=reason, actor=actor, now=now)
            self.reconcile(now=now, agencies=agencies)
        return names

    def _withdraw(self, release: str, *, reason: str, actor: str, now: datetime) -> None:
        record = self.record(release)
        if record.state == "withdrawn" or not reason.strip():
            raise RunError(f"release {release} is withdrawn already, or no reason is given")
        if not (self._home.withdrawn / release).exists():
            write_folder(self._home.withdrawn / release, read_folder(self.folder(record)))
        with chain.immediate(self._db):
            self._set(release, withdrawn_at=utc(now), reason=reason)
            self._log.append(at=utc(now), actor=actor, action="withdraw", subject=release, detail=reason)

    def reconcile(self, *, now: datetime, agencies: Sequence[Agency]) -> None:
        """Bring the folders in line with the state: the catalogue first, then what must not lie where it lies.

        Run after every change and by the scheduler, so that a crash between two steps is made good.  Folders that a
        kill left half-written begin with a dot.
        """
        with self.changing():
            self._reconcile(now, agencies)

    def _reconcile(self, now: datetime, agencies: Sequence[Agency]) -> None:
        write_catalogue(self._home, self._keys, self._db, records=self.records(), now=now, agencies=agencies)
        for place in (*self._places, self._home.public / "catalogues"):
            for path in [p for p in place.iterdir() if p.name.startswith(".")]:
                shutil.rmtree(path)
        for stray in list(self._strays()):
            shutil.rmtree(stray)

    def is_unfinished(self) -> bool:
        """Whether a crash left a release where it must not lie any more; `reconcile` makes that good."""
        return any(True for _ in self._strays())

    def _strays(self) -> Iterator[Path]:
        """Folders of releases that lie elsewhere by now."""
        for record in self.records():
            right = self.folder(record)
            others = (place / record.release for place in self._places if place / record.release != right)
            yield from (p for p in others if p.exists() and right.exists())

    def _set(self, release: str, **values: str) -> None:
        for column, value in values.items():
            self._db.conn.execute(f"UPDATE releases SET {column} = ? WHERE release = ?", [value, release])


def _year(period: str) -> int:
    return Period.parse(period).year
