"""What the editor knows of the desk: policies in force, declarations, and what is to be said of a text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort

from publisher.desk.proposals import Proposals, digest_of
from publisher.desk.status import read_status
from publisher.errors import ProposalError, SettingsError
from publisher.policy.check import check_policies
from publisher.policy.declarations import Settings
from publisher.policy.editing.differences import Change, differences
from publisher.policy.editing.places import UnreadableError, read
from publisher.policy.editing.placing import Placed, placed
from publisher.policy.loader import LoadedPolicy, parse_policy
from publisher.policy.model import Policy
from publisher.policy.proposals import Proposal
from publisher.policy.yaml_nodes import Problem
from publisher.settings import load_settings
from web.officer.state import database, the_desk

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of a text: its policy if it is one, what is wrong, and what it changes of the one in force."""

    loaded: LoadedPolicy | None
    before: Policy | None
    problems: tuple[Placed, ...]
    settings: Settings | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is different from the version in force; nothing where the text cannot be read."""
        return differences(self.before, self.loaded.policy) if self.loaded else ()


def is_id(text: str) -> bool:
    """Whether a text can be a policy's id, and so the name of its file."""
    return len(text) <= LONGEST_ID and bool(_ID.fullmatch(text))


def active_text(policy: str) -> str | None:
    """The exact text of a policy in force, or None; 404 for what can be no policy's id."""
    if not is_id(policy):
        abort(404)
    try:
        return (the_desk().active / f"{policy}.yaml").read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None


def active_digest(policy: str) -> str:
    """The digest of the version in force, empty for none."""
    text = active_text(policy)
    return "" if text is None else digest_of(text)


def in_force() -> Mapping[str, Mapping[str, Any]]:
    """What the scheduler process tells of each policy in force, by its id; nothing of one it has just taken up."""
    told = {p["policy"]: p for p in read_status(the_desk(), "policies").get("policies", [])}
    return {p.stem: told.get(p.stem, {}) for p in sorted(the_desk().active.glob("*.yaml"))}


def declarations() -> Settings | None:
    """The declarations that policies are checked against, or None where there are none to be read."""
    try:
        return load_settings(the_desk().declarations)
    except SettingsError:
        return None


def judge(policy: str, text: str) -> Judgement:
    """Read and check a text as its approval and its taking up will: with all others that are in force."""
    file, settings, data = f"{policy}.yaml", declarations(), text.encode()
    loaded, problems = parse_policy(data, file)
    if loaded is not None and settings is not None:
        problems = check_policies([*_others(policy), loaded], settings)
    if settings is None:
        undeclared = "the declarations (publisher.toml) are not at the desk; the policy cannot be checked"
        problems = [*problems, Problem(file, 1, undeclared)]
    return Judgement(loaded, _before(policy), placed(problems, _root(text), file), settings)


def proposal_of(number: int) -> Proposal:
    """A proposal, or 404."""
    try:
        return Proposals(database()).get(number)
    except ProposalError:
        abort(404)


def _root(text: str) -> Any:
    try:
        return read(text)
    except UnreadableError:
        return None


def _others(policy: str) -> list[LoadedPolicy]:
    found = [parse_policy((active_text(p) or "").encode(), f"{p}.yaml")[0] for p in in_force() if p != policy]
    return [p for p in found if p is not None]


def last_before(policy: str) -> Policy | None:
    """The edition of a policy that is in force, or where it is retired the last one that was."""
    return _before(policy) or _parsed(policy, Proposals(database()).last_in_force(policy))


def _before(policy: str) -> Policy | None:
    return _parsed(policy, active_text(policy))


def _parsed(policy: str, text: str | None) -> Policy | None:
    loaded = parse_policy(text.encode(), f"{policy}.yaml")[0] if text is not None else None
    return loaded.policy if loaded else None
