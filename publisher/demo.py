"""The whole main job on the synthetic country: a home from nothing to public releases."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyotp

from publisher.activation import activate
from publisher.desk.accounts import Accounts
from publisher.errors import RunError
from publisher.files import write_atomically
from publisher.geography.imports.borders import borders_bytes, read_borders
from publisher.home import Home
from publisher.log import ActionLog, utc
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.policy.loader import load_policy
from publisher.policy.proposals import Role
from publisher.preparation import RunRequest
from publisher.scheduler.publish import publish_due
from publisher.synthetic import write_country
from publisher.workspace import open_workspace

AUTHOR, APPROVER = "Demo author", "Demo approver"
OFFICERS = {"demo-author": Role.AUTHOR, "demo-approver": Role.APPROVER, "demo-auditor": Role.AUDITOR}
"""Accounts of the officer's site.  What they sign in with is drawn anew for each home, and kept readable in it."""
YEARS = range(2019, 2023)
TYPE_YEARS = (2021, 2022)
EDITION = "regso-2020"
_MARK, _LOGINS = "demo.json", "demo-officers.json"
_SETTINGS = Path(__file__).parent / "demo.toml"


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """What to make: the share of Sweden's population, the seed, and the policy files to put in force."""

    scale: float
    seed: int
    policies: Path


def run_demo(
    home: Home, request: DemoRequest, *, now: datetime, say: Callable[[str], None]
) -> list[RunResult]:
    """Make the country, approve the policies under two labelled demo names, run every period, publish what is due.

    A second call with the same request makes nothing anew: releases are given back.  RunError where the home was made
    for something else.
    """
    _prepare_home(home, request, say)
    _make_officers(home, now)
    _activate_all(home, request.policies, now, say)
    results = []
    with open_workspace(home, exclusive=True) as work:
        for path in _policy_files(request.policies):
            policy = load_policy(path).policy
            for period in _periods(policy.schedule.grain):
                say(f"{policy.id} {period.code}: count, protect, audit, seal")
                results.append(run_release(work, RunRequest(policy.id, period), now=now))
        for outcome in publish_due(work, now=now):
            if outcome.error:
                raise RunError(f"{outcome.subject}: {outcome.error}")
            say(f"{outcome.subject}: published")
    return results


def _prepare_home(home: Home, request: DemoRequest, say: Callable[[str], None]) -> None:
    wanted = {"scale": request.scale, "seed": request.seed}
    mark, data = home.root / _MARK, home.root / "data"
    if mark.exists() and json.loads(mark.read_bytes()) != wanted:
        raise RunError(f"{home.root.name} was made with another scale or seed; remove it or give another --home")
    if not mark.exists() and (home.settings_file.exists() or data.exists()):
        raise RunError(f"{home.root.name} is not a demo home; give another --home")
    home.create()
    write_atomically(mark, json.dumps(wanted).encode())
    data.mkdir(exist_ok=True)
    if not (data / "cases.parquet").exists():  # it is the last file that is written, and appears whole
        write_country(data, scale=request.scale, seed=request.seed, years=YEARS, type_years=TYPE_YEARS, progress=say)
    if not (data / "borders.gpkg").exists():
        drawn, _ = read_borders(str(data / "regso.geojson"), EDITION)
        write_atomically(data / "borders.gpkg", borders_bytes(drawn.borders))
    write_atomically(home.settings_file, _SETTINGS.read_bytes())


def _make_officers(home: Home, now: datetime) -> None:
    """Accounts to try the officer's site with.  No real home has such a file: its secrets are their owners' alone."""
    if (home.root / _LOGINS).exists():
        return
    logins = {name: {"password": _password(), "secret": pyotp.random_base32()} for name in OFFICERS}
    with home.desk.open() as db:
        for name, login in logins.items():
            Accounts(db).add(name, role=OFFICERS[name], **login, by="demo", at=utc(now))
    write_atomically(home.root / _LOGINS, json.dumps(logins).encode(), mode=0o600)


def _password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def demo_login(home: Home, name: str, *, now: datetime) -> tuple[str, str]:
    """Password and present code of a demo account; RunError where the home is no demo, or has no such account."""
    try:
        login = json.loads((home.root / _LOGINS).read_bytes())[name]
    except (FileNotFoundError, KeyError):
        raise RunError(f"{name} is no demo account of this home; a demo has {', '.join(OFFICERS)}") from None
    return login["password"], pyotp.TOTP(login["secret"]).at(now)


def _periods(grain: str) -> list[Period]:
    """The years that have area types; of shorter periods those of the last of them."""
    if grain == "year":
        return [Period.parse(str(year)) for year in TYPE_YEARS]
    found: list[Period] = []
    period = Period.containing(date(max(TYPE_YEARS), 12, 31), grain)
    while period.year == max(TYPE_YEARS):
        found.insert(0, period)
        period = period.before
    return found


def _policy_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise RunError(f"no policy files (*.yaml) in {folder.name}; run from the project's folder or give --policies")
    return files


def _activate_all(home: Home, folder: Path, now: datetime, say: Callable[[str], None]) -> None:
    db = home.state()
    try:
        log = ActionLog(db)
        for path in _policy_files(folder):
            active = home.active / path.name
            if not active.exists() or active.read_bytes() != path.read_bytes():
                activate(path, home=home, log=log, author=AUTHOR, approver=APPROVER, at=utc(now))
                say(f"{path.stem}: approved by the demo's two names")
    finally:
        db.close()
