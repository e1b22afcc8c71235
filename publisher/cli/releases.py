"""`release`, `verify` and `audit`: what is sealed, that it is whole, and that it still keeps its promise."""

from dataclasses import asdict
from pathlib import Path

import click

from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.errors import AuditFailedError
from publisher.reaudit import audit_release
from publisher.release.reader import read_release
from publisher.workspace import open_workspace
from publisher.workspace import verify as check_chains


@click.group()
def release() -> None:
    """Sealed releases."""


@release.command("list")
@home_option
@json_option
def release_list(home_path: Path | None, as_json: bool) -> None:
    """Every sealed release, in the order of sealing."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        records = work.store.records()
    rows = [{**asdict(r), "state": r.state} for r in records]
    words = "\n".join(f"{r.release}  {r.state}  publish at {r.publish_at}" for r in records) or "no release"
    answer(as_json, {"releases": rows}, words)


@release.command("show")
@click.argument("release_id", metavar="RELEASE")
@home_option
@json_option
def release_show(release_id: str, home_path: Path | None, as_json: bool) -> None:
    """One release: its state, its tables and its periods."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        record = work.store.record(release_id)
        content = read_release(work.store.folder(record), work.keys.public_pem)
    tables = [{"table": t.id, "cells": len(t.cells), "periods": list(t.periods)} for t in content.tables]
    words = [f"{release_id}  {record.state}", *(f"  {t['table']}: {t['cells']} cells" for t in tables)]
    answer(as_json, {**asdict(record), "state": record.state, "contents": tables}, "\n".join(words))


@release.command("withdraw")
@click.argument("release_id", metavar="RELEASE")
@click.option("--reason", required=True, help="Published on the tombstone.")
@click.option("--only", is_flag=True, help="Leave later releases, which hold the same cells as an earlier period.")
@home_option
def release_withdraw(release_id: str, reason: str, only: bool, home_path: Path | None) -> None:
    """Take a release off the site, and later ones that hold its cells, leaving tombstones with the reason."""
    with open_workspace(the_home(home_path), exclusive=False) as work:  # it waits for no run
        check_chains(work)
        agencies = list(work.settings.agencies.values())
        names = work.store.withdraw_cells(
            release_id, only=only, reason=reason, actor="cli", now=now(), agencies=agencies
        )
    click.echo("\n".join(f"{name} is withdrawn" for name in names))


@click.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@home_option
@json_option
def verify(release_id: str | None, home_path: Path | None, as_json: bool) -> None:
    """Verify signature, digests, both hash chains and the ledger head of RELEASE, or of all."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        charges, actions = work.ledger.verify(), work.log.verify()
        records = [work.store.record(release_id)] if release_id else work.store.records()
        for record in records:
            work.store.check_against_ledger(record)
    ids = [r.release for r in records]
    words = f"{len(ids)} releases, {charges} charges, {actions} actions: signatures, digests and chains hold"
    answer(as_json, {"releases": ids, "charges": charges, "log": actions, "ok": True}, words)


@click.command()
@click.argument("release_id", metavar="RELEASE")
@home_option
@json_option
def audit(release_id: str, home_path: Path | None, as_json: bool) -> None:
    """Attack the published form of RELEASE; exit 1 if it does not keep its promise."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        report = audit_release(work, release_id)
    result = {
        "release": release_id, "suppressed": report.suppressed, "exact": report.exact, "narrow": report.narrow,
        "checked_jointly_with": list(report.checked_jointly_with), "verdict": "passed" if report.passed else "failed",
    }  # fmt: skip
    words = f"{release_id}: {report.suppressed} suppressed, {report.exact} exact, {report.narrow} narrow: "
    answer(as_json, result, words + str(result["verdict"]))
    if not report.passed:
        raise AuditFailedError(f"release {release_id} does not keep its promise ({len(report.findings)} findings)")
