"""From file to force: a policy is active when its exact bytes were approved by somebody who is not their author.

The approval record is a row of the log: digest, author, approver, time.  `run` and `schedule` ask here, and nobody
else reads the active folder.
"""

import hashlib
import re
from pathlib import Path

from publisher.errors import PolicyError, RunError
from publisher.files import write_atomically
from publisher.home import Home
from publisher.log import ActionLog
from publisher.policy.check import check_policies
from publisher.policy.declarations import Settings
from publisher.policy.loader import LoadedPolicy, load_policy

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{1,60}")


def submit(path: Path, *, home: Home, log: ActionLog, author: str, at: str) -> str:
    """Keep a policy file's exact bytes as a proposal of its author, after checking it; returns the digest."""
    loaded = load_policy(path)
    _require_no_problem(loaded, home)
    log.write(at=at, actor=author, action="submit", subject=loaded.policy.id, digest=loaded.policy.digest)
    home.proposals.mkdir(parents=True, exist_ok=True)
    write_atomically(home.proposals / f"{loaded.policy.id}.yaml", loaded.data)
    return loaded.policy.digest


def approve(policy_id: str, *, home: Home, log: ActionLog, approver: str, digest: str, at: str) -> None:
    """Put a proposal in force; RunError where the bytes are not those that the approver saw, or were submitted."""
    record = log.last("submit", policy_id)
    path = home.proposals / f"{policy_id}.yaml"
    if record is None or not path.exists():
        raise RunError(f"policy {policy_id}: nothing is submitted")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != record["digest"] or found != digest:
        raise RunError(f"policy {policy_id}: the proposal has digest {found}, not the one given; read it again")
    activate(path, home=home, log=log, author=str(record["actor"]), approver=approver, at=at)


def activate(path: Path, *, home: Home, log: ActionLog, author: str, approver: str, at: str) -> None:
    """Put a policy file in force, after checking it together with all that are; PolicyError otherwise."""
    for name in (author, approver):
        if not _NAME.fullmatch(name):
            raise PolicyError("author and approver are names of letters, digits, spaces, dots and hyphens")
    if author.casefold() == approver.casefold():
        raise PolicyError("the approver must not be the author")
    loaded = load_policy(path)
    _require_no_problem(loaded, home)
    target = home.active / f"{loaded.policy.id}.yaml"
    log.write(
        at=at, actor=approver, action="approve", subject=loaded.policy.id, digest=loaded.policy.digest,
        detail=_bound(author, home.settings()),
    )  # fmt: skip
    write_atomically(target, loaded.data)


def _require_no_problem(loaded: LoadedPolicy, home: Home) -> None:
    others = [p for p in _read_active(home) if p.policy.id != loaded.policy.id]
    problems = check_policies([*others, loaded], home.settings())
    if problems:
        raise PolicyError("\n".join(str(p) for p in problems))


def active_policies(home: Home, log: ActionLog) -> list[LoadedPolicy]:
    """Every policy in force, in order of id; RunError where the bytes are not the ones that were approved."""
    loaded = _read_active(home)
    for one in loaded:
        _require_approved(one, log, home.settings())
    return loaded


def active_policy(home: Home, log: ActionLog, policy_id: str, settings: Settings) -> LoadedPolicy:
    """One policy in force, checked with all others in force; RunError where it is not active or they do not agree."""
    loaded = active_policies(home, log)
    problems = check_policies(loaded, settings)
    if problems:
        raise RunError("the active policies do not hold together any more:\n" + "\n".join(str(p) for p in problems))
    for one in loaded:
        if one.policy.id == policy_id:
            return one
    known = ", ".join(p.policy.id for p in loaded) or "none"
    raise RunError(f"policy {policy_id} is not active; active: {known}")


def _read_active(home: Home) -> list[LoadedPolicy]:
    return [load_policy(p) for p in sorted(home.active.glob("*.yaml"))]


def _bound(author: str, settings: Settings) -> str:
    """What an approval holds beside the policy's digest: its author, and the declarations that it was read with."""
    return f"author {author}; declarations {settings.digest}"


def _require_approved(one: LoadedPolicy, log: ActionLog, settings: Settings) -> None:
    record = log.last("approve", one.policy.id)
    if record is None or record["digest"] != hashlib.sha256(one.data).hexdigest():
        raise RunError(f"policy {one.policy.id}: the active file is not the one that was approved; nothing was run")
    if not str(record["detail"]).endswith(f"declarations {settings.digest}"):
        raise RunError(
            f"policy {one.policy.id}: publisher.toml was changed after the approval, in what decides what is counted "
            "or spent; submit and approve the policy again"
        )
