"""`policy`: check policies, and have them approved by somebody else."""

from collections.abc import Collection, Sequence
from pathlib import Path

import click

from publisher.activation import active_digest, check_with_active
from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.desk.accounts import Account, Accounts
from publisher.desk.deputies import Deputies
from publisher.desk.proposals import OPEN, Proposals
from publisher.desk.requests import Kind, Requests, Stand
from publisher.errors import AccountError, ProposalError, SettingsError
from publisher.log import utc
from publisher.policy.check import check_policies
from publisher.policy.editing.differences import needs_reason
from publisher.policy.loader import LoadedPolicy, load_policy, parse_policy, read_policy
from publisher.policy.proposals import Action, Proposal, Role
from publisher.policy.yaml_nodes import Problem
from publisher.scheduler.orders import carry_out
from publisher.settings import load_settings
from publisher.workspace import Workspace, open_workspace


@click.group()
def policy() -> None:
    """Policies: what is published, and how it is protected."""


@policy.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--settings", type=click.Path(path_type=Path), help="publisher.toml to check against (default: home's).")
@home_option
@json_option
def check(files: tuple[Path, ...], settings: Path | None, home_path: Path | None, as_json: bool) -> None:
    """Print every problem of policy files as file:line: message; exit 1 if there is any.

    Without FILE: all of ./policies.  All files are checked together with each other.
    """
    paths = files or tuple(sorted(Path("policies").glob("*.yaml")))
    if not paths:
        raise SettingsError("no policy files in ./policies; name the files to check")
    problems, loaded = _read_all(paths)
    problems += check_policies(loaded, load_settings(settings or the_home(home_path).settings_file))
    _report(sorted(set(problems)), len(paths), as_json)
    if problems:
        raise click.exceptions.Exit(1)


def _read_all(paths: Sequence[Path]) -> tuple[list[Problem], list[LoadedPolicy]]:
    problems, loaded = [], []
    for path in paths:
        one, found = read_policy(path)
        problems += found
        if one is not None:
            loaded.append(one)
    return problems, loaded


def _report(problems: Sequence[Problem], files: int, as_json: bool) -> None:
    words = "\n".join(map(str, problems)) or f"{files} policies, no problem"
    rows = [{"file": p.file, "line": p.line, "message": p.message} for p in problems]
    answer(as_json, {"files": files, "problems": rows}, words)


_password = click.option("--password", prompt=True, hide_input=True, envvar="PUBLISHER_PASSWORD")
_code = click.option("--code", prompt=True, envvar="PUBLISHER_CODE", help="Of your app, or a recovery code.")


@policy.command("submit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "author", required=True, help="Your account, of role author.")
@_password
@_code
@home_option
def submit_command(file: Path, author: str, password: str, code: str, home_path: Path | None) -> None:
    """Propose a policy file; prints the digest that the approver must give.  The scheduler rehearses it first."""
    home, loaded, at = the_home(home_path), load_policy(file), utc(now())
    check_with_active(loaded, home)
    with home.desk.open() as desk:
        account = Accounts(desk).sign_in(author, password=password, code=code, now=now())
        author = _named(account, Role.AUTHOR, {account.role})
        proposals, name = Proposals(desk), loaded.policy.id
        made = proposals.begin(name, loaded.data.decode(), base=active_digest(home, name), by=author, at=at)
        proposals.act(made.id, Action.SUBMIT, by=author, role=Role.AUTHOR, at=at)
        Requests(desk).ask(Kind.REHEARSE, str(made.id), by=author, at=at, details={"digest": made.digest})
    click.echo(made.digest)


@policy.command("approve")
@click.argument("policy_id", metavar="POLICY")
@click.option("--digest", required=True, help="SHA-256 of the bytes that you read and approve.")
@click.option("--as", "approver", required=True, help="Your account, of role approver or a deputy's.")
@click.option("--reason", default="", help="Why, where the policy asks for more than the defaults.")
@_password
@_code
@home_option
def approve_command(
    policy_id: str, digest: str, approver: str, reason: str, password: str, code: str, home_path: Path | None
) -> None:
    """Put a proposed and rehearsed policy in force; who has written in it cannot."""
    home, at = the_home(home_path), utc(now())
    with home.desk.open() as desk, open_workspace(home, exclusive=False) as work:
        account = Accounts(desk).sign_in(approver, password=password, code=code, now=now())
        approver = _named(account, Role.APPROVER, Deputies(desk).roles_of(account, at=at))
        proposals, requests = Proposals(desk), Requests(desk)
        waiting = [p for p in proposals.all() if p.policy == policy_id and p.state in OPEN and p.digest == digest]
        if not waiting:
            raise ProposalError(f"policy {policy_id}: nothing with digest {digest} is proposed")
        _require_reason(work, proposals, waiting[0], reason)
        made = proposals.approve(
            waiting[0].id, digest=digest, active=active_digest(home, policy_id), by=approver, role=Role.APPROVER,
            at=at, reason=reason,
        )  # fmt: skip
        asked = requests.ask(Kind.ACTIVATE, str(made.id), by=approver, at=at, details={"digest": digest})
        carry_out(work, desk, now=now())
        done = requests.get(asked.id)
    if done.stand in (Stand.REFUSED, Stand.FAILED):
        raise ProposalError(done.note)
    click.echo(done.note or f"{policy_id}: the scheduler process puts it in force")


def _named(account: Account, role: Role, has: Collection[Role]) -> str:
    """The account's own name, where it `has` the role, by itself or as a deputy."""
    if role not in has:
        raise AccountError(f"account {account.name} has not the role {role}")
    return account.name


def _require_reason(work: Workspace, proposals: Proposals, proposal: Proposal, reason: str) -> None:
    """ProposalError where the policy asks for more than the defaults, or protects less than the edition in force (or
    the last one that was), and nobody says why."""
    name = f"{proposal.policy}.yaml"
    loaded, _ = parse_policy(proposal.text.encode(), name)
    active, last = work.home.active / name, proposals.last_in_force(proposal.policy)
    before = load_policy(active) if active.exists() else parse_policy(last.encode(), name)[0] if last else None
    asked = needs_reason(loaded.policy, work.settings, before.policy if before else None) if loaded else ()
    if asked and not reason.strip():
        raise ProposalError("approve it with --reason TEXT, since:\n" + "\n".join(text.en for text in asked))
