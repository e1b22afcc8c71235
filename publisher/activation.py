"""From file to force: a policy is active when its exact bytes were approved by somebody who is not their author.

The approval record is a row of the log: digest, author, approver, time.  `run` and `schedule` ask here, and nobody
else reads the active folder.
"""

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from publisher.errors import PolicyError, RunError
from publisher.files import sync_folder, write_atomically
from publisher.home import Home
from publisher.log import ActionLog
from publisher.policy.check import check_policies
from publisher.policy.declarations import Settings
from publisher.policy.loader import LoadedPolicy, load_policy

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{1,60}")
_ID = re.compile(r"[a-z0-9-]+")


def activate(path: Path, *, home: Home, log: ActionLog, author: str, approver: str, at: str) -> None:
    """Put a policy file in force; raises what `put_in_force` raises."""
    put_in_force(load_policy(path), home=home, log=log, authors=[author], approver=approver, at=at)


def put_in_force(
    loaded: LoadedPolicy, *, home: Home, log: ActionLog, authors: Collection[str], approver: str, at: str
) -> None:
    """Put the exact bytes of a policy in force, after checking it together with all that are; PolicyError otherwise.

    `authors`: everybody who wrote in it, none of whom may be its approver.
    """
    for name in (*authors, approver):
        if not _NAME.fullmatch(name):
            raise PolicyError("author and approver are names of letters, digits, spaces, dots and hyphens")
    if not authors or approver.casefold() in {a.casefold() for a in authors}:
        raise PolicyError("the approver must not be the author")
    check_with_active(loaded, home)
    log.write(
        at=at, actor=approver, action="approve", subject=loaded.policy.id, digest=loaded.policy.digest,
        detail=_bound(", ".join(sorted(authors)), home.settings()),
    )  # fmt: skip
    write_atomically(home.active / f"{loaded.policy.id}.yaml", loaded.data)


def retire(policy_id: str, *, home: Home, log: ActionLog, by: str, at: str, reason: str) -> None:
    """Take a policy out of force: nothing more is run by it, and what is public stays; RunError where it is not."""
    path = home.active / f"{policy_id}.yaml"
    if not _ID.fullmatch(policy_id) or not path.exists():
        raise RunError(f"policy {policy_id} is not active")
    log.write(at=at, actor=by, action="retire", subject=policy_id, digest=active_digest(home, policy_id), detail=reason)
    path.unlink()
    sync_folder(path.parent)


def active_digest(home: Home, policy_id: str) -> str:
    """SHA-256 of the bytes in force; empty where the policy is not."""
    path = home.active / f"{policy_id}.yaml"
    return hashlib.sha256(path.read_bytes()).hexdigest() if _ID.fullmatch(policy_id) and path.exists() else ""


def check_with_active(loaded: LoadedPolicy, home: Home) -> None:
    """PolicyError with every problem of a policy beside all others that are in force."""
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


def keep(loaded: LoadedPolicy, home: Home) -> None:
    """Keep the bytes of a policy that something is sealed by, for later audits, whatever is in force then."""
    path = _kept(home, loaded.policy.id, loaded.policy.digest)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, loaded.data)


def kept_policy(home: Home, policy_id: str, digest: str) -> LoadedPolicy | None:
    """The policy of that digest that something was sealed by, or None where it was not kept (by a home from before).

    RunError where the bytes are others.
    """
    path = _kept(home, policy_id, digest)
    if not path.exists():
        return None
    loaded = load_policy(path)
    if hashlib.sha256(loaded.data).hexdigest() != digest:
        raise RunError(f"policies/sealed/{digest}/{path.name}: is not what was sealed by; restore it from the backup")
    return loaded


def _kept(home: Home, policy_id: str, digest: str) -> Path:
    return home.sealed_policies / digest / f"{policy_id}.yaml"


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
