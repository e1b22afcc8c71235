"""The live catalogue: what is public, the privacy account and statement, sealed like a release, and its pointer."""

import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import sqlite_utils

from publisher.deployments.statement import LANGUAGES, Deployed, privacy_statement, statement_file
from publisher.errors import ReleaseError
from publisher.files import sync_folder, write_atomically, write_folder
from publisher.home import Home, Keys
from publisher.ledger import PrivacyLedger
from publisher.log import ActionLog, utc
from publisher.policy.declarations import Agency
from publisher.release.codec import FileDigest, LedgerMark, Manifest, canonical_json
from publisher.release.folder import open_folder, read_facts
from publisher.seal import signed, versions
from publisher.sealed import ReleaseRecord, verify_folder
from publisher.statement import account_statement

_KEPT = 5
_NAME = re.compile(r"c[0-9]{6,9}")


def write_catalogue(
    home: Home, keys: Keys, db: sqlite_utils.Database, *, records: Sequence[ReleaseRecord], now: datetime,
    agencies: Sequence[Agency],
) -> None:  # fmt: skip
    """Seal a new catalogue of what is public and point `current` to it, unless the live one says the same."""
    known, live = [r for r in records if r.published_at], live_folder(home, keys)
    account, mark = _account(PrivacyLedger(db), keys, agencies, {r.release for r in known})
    privacy = {"account.json": account, **_statements(home, keys, known, agencies)}
    if live and live[0].ledger.rho_units > mark.rho_units:
        # The ledger was restored and is behind: what the public was told is never lowered (P3).
        privacy, mark = {n: d for n, d in live[1].items() if n in privacy}, live[0].ledger
    files = {"catalogue.json": canonical_json({"tables": list(_tables(known))}), **privacy}
    if live and all(live[1].get(name) == data for name, data in files.items()):
        return
    name = f"c{1 + max(_numbers(home), default=0):06d}"
    manifest = Manifest(
        kind="catalogue", id=name, files={k: FileDigest.of(v) for k, v in files.items()}, publish_at=utc(now),
        policy_digest="", ledger=mark,
        records_hmac="", audit_hmac="", log_head_hmac=keys.hmac("log-head", ActionLog(db).head()[1].encode()),
        versions=versions(),
    )  # fmt: skip
    folder = home.public / "catalogues"
    write_folder(folder / name, {**files, **signed(manifest, keys)})
    write_atomically(home.public / "current", f"{name}\n".encode())
    for number in sorted(_numbers(home))[:-_KEPT]:
        shutil.rmtree(folder / f"c{number:06d}")
    sync_folder(folder)


def live_folder(home: Home, keys: Keys) -> tuple[Manifest, dict[str, bytes]] | None:
    """The verified manifest and files of the live catalogue, or None where nothing was ever published."""
    pointer = home.public / "current"
    if not pointer.exists():
        return None
    return verify_folder(home.public / "catalogues" / pointer.read_text().strip(), keys.public_pem)


def _account(
    ledger: PrivacyLedger, keys: Keys, agencies: Sequence[Agency], published: Collection[str]
) -> tuple[bytes, LedgerMark]:
    """The public account, and where the ledger stands."""
    rows, (sequence, head) = ledger.rows(), ledger.head()
    statement = account_statement(rows, agencies={a.id: a for a in agencies}, published=published)
    total = sum(int(r["units"]) for r in rows)
    return canonical_json(statement), LedgerMark(sequence, total, keys.hmac("ledger-head", head.encode()))


def _statements(
    home: Home, keys: Keys, known: Sequence[ReleaseRecord], agencies: Sequence[Agency]
) -> dict[str, bytes]:
    """The public privacy statement in each language, of the latest release of every noisy table."""
    found = list(_deployed(home, keys, known, {a.id: a for a in agencies}))
    return {statement_file(lang): canonical_json(privacy_statement(found, lang)) for lang in LANGUAGES}


def _deployed(
    home: Home, keys: Keys, known: Sequence[ReleaseRecord], agencies: Mapping[str, Agency]
) -> Iterator[Deployed]:
    """Noisy tables that are public now.  What does not verify is not shown by the site either, and is left out."""
    live = [r for r in known if not r.withdrawn_at]
    for record in {r.policy: r for r in live}.values():
        try:
            folder = open_folder(
                home.public / "releases" / record.release, kind="release", public_key_pem=keys.public_pem
            )
            release = read_facts(folder)
        except ReleaseError:
            continue
        for table in (t for t in release.tables if t.noisy):
            first = min(r.published_at for r in known if table.id in r.tables)
            agency = agencies.get(release.agency)
            yield Deployed(release, table, agency, first, record.published_at, folder.manifest.versions)


def _numbers(home: Home) -> list[int]:
    names = [p.name for p in (home.public / "catalogues").iterdir()]
    return [int(n[1:]) for n in names if _NAME.fullmatch(n)]


def _tables(known: Sequence[ReleaseRecord]) -> Iterator[dict[str, object]]:
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
