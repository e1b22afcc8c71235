"""`officer`: the accounts of those who decide, made and closed at the machine itself."""

import io
from pathlib import Path

import click
import segno

from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.desk.accounts import Account, Accounts, Enrolment
from publisher.desk.secret_key import SecretKey
from publisher.desk.throttle import Throttle, of_account
from publisher.log import utc
from publisher.policy.proposals import Role

_BY = "cli"


@click.group()
def officer() -> None:
    """Accounts of those who decide."""


@officer.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([r.value for r in Role]), required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, envvar="PUBLISHER_PASSWORD")
@home_option
@json_option
def add(name: str, role: str, password: str, home_path: Path | None, as_json: bool) -> None:
    """Make an account; prints what its authenticator app needs, and ten recovery codes, this once."""
    with the_home(home_path).desk.open() as db:
        made = Accounts(db).add(name, role=role, password=password, by=_BY, at=utc(now()))
    _show(made, f"account {made.account.name} has the role {role}", as_json)


@officer.command("list")
@home_option
@json_option
def list_all(home_path: Path | None, as_json: bool) -> None:
    """Every account: name, role, and since when it is closed."""
    with the_home(home_path).desk.open() as db:
        found = Accounts(db).all()
    rows = [{"name": a.name, "role": a.role.value, "closed_at": a.closed_at} for a in found]
    answer(as_json, {"accounts": rows}, "\n".join(map(_line, found)) or "no account; publisher officer add makes one")


@officer.command("close")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the log.")
@home_option
def close(name: str, reason: str, home_path: Path | None) -> None:
    """Close an account and end its sessions.  It stays in the list, and what it did in the log."""
    with the_home(home_path).desk.open() as db:
        closed = Accounts(db).close(name, by=_BY, at=utc(now()), reason=reason)
    click.echo(f"account {closed.name} is closed")


@officer.command("reset")
@click.argument("name")
@home_option
@json_option
def reset(name: str, home_path: Path | None, as_json: bool) -> None:
    """A new second factor and new recovery codes; the account's sessions end, and its failed logins are forgotten."""
    with the_home(home_path).desk.open() as db:
        made = Accounts(db).reset(name, by=_BY, at=utc(now()))
        Throttle(db, SecretKey.beside(db)).forget(of_account(made.account.name))
    _show(made, f"account {made.account.name} has a new second factor", as_json)


def _line(account: Account) -> str:
    return f"{account.name}  {account.role}" + (f"  closed {account.closed_at}" if account.closed_at else "")


def _show(made: Enrolment, done: str, as_json: bool) -> None:
    value = {
        "name": made.account.name, "role": made.account.role.value, "uri": made.uri, "recovery": list(made.recovery),
    }  # fmt: skip
    codes = "\n".join(f"  {code}" for code in made.recovery)
    words = (
        f"{done}\n\nScan this with an authenticator app, or open the address in it:\n\n{_qr(made.uri)}\n{made.uri}\n\n"
        f"Recovery codes, each for one login without the app.  Print them; they are not shown again:\n\n{codes}"
    )
    answer(as_json, value, words)


def _qr(uri: str) -> str:
    """The QR code as text, two rows a line."""
    out = io.StringIO()
    segno.make(uri, error="m").terminal(out, compact=True)
    return out.getvalue()
