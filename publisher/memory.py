"""What the secret side remembers of a suppressed release: its promise and its sensitive cells (P4 of SAFETY.md).

A later audit needs to know which cells must stay open, and a later release which ones were; and where insiders are
thought of, who is alone in a withheld cell and what such a person knows.  The files are for the owner of the home alone
and never leave it.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from publisher.audit.attacker import Insiders
from publisher.draft.audits import insiders_of
from publisher.draft.suppressed import (
    CellKey,
    SuppressedCube,
    ValueKey,
    limits,
    reaches,
    sensitive_keys,
    told_numbers,
)
from publisher.errors import ReleaseError
from publisher.files import write_atomically
from publisher.geography.outside import KnownNumber, KnownNumbers
from publisher.home import Home, Keys
from publisher.opaque import Opaque
from publisher.policy.model import Policy, ProtectionLevel, Zeros
from publisher.release.model import Release


@dataclass(frozen=True, slots=True, repr=False)
class Remembered(Opaque):
    """The period that a release sealed, what was promised, and which cells were sensitive.

    `reaches`, `limits`: as the audit of the draft had them.  `told`: withheld numbers that an earlier version shows as
    they are.  `insiders`: who is alone in withheld cells and what their numbers are; None where the policy did not
    ask, or the memory is from before it could.  `outside`: what everybody knew from tables of others that
    publisher.toml declared.
    """

    period: str
    level: ProtectionLevel
    threshold: int
    zeros: Zeros
    sensitive: frozenset[CellKey]
    reaches: Mapping[ValueKey, tuple[int, int]]
    limits: Mapping[ValueKey, tuple[int, int | None]]
    told: frozenset[ValueKey]
    insiders: Insiders | None
    outside: tuple[KnownNumbers, ...] = ()


def remember(
    home: Home, keys: Keys, release: Release, policy: Policy, suppressed: SuppressedCube,
    known: Sequence[KnownNumbers],
) -> None:  # fmt: skip
    """Write what will be needed, before the release is sealed, under an HMAC of its own.

    `known`: what others had published about the same records.
    """
    rule, tables = suppressed.rule, policy.suppressed_tables
    content = {
        "period": release.period,
        "level": rule.level.value,
        "threshold": rule.threshold,
        "zeros": rule.zeros.value,
        "sensitive": sorted([t, a, list(c)] for t, a, c in sensitive_keys(tables, suppressed)),
        "reaches": [[*key, *ends] for key, ends in sorted(reaches(tables, suppressed).items())],
        "limits": [[*key, *ends] for key, ends in sorted(limits(tables, suppressed).items(), key=lambda item: item[0])],
        "told": sorted(told_numbers(tables, suppressed)),
        "insiders": _inside(insiders_of(tables, suppressed)),
        "outside": [asdict(numbers) for numbers in known],
    }
    data = json.dumps(content, sort_keys=True).encode()
    mark = keys.hmac(f"memory {release.id}", data).encode()
    write_atomically(home.memory / f"{release.id}.json", mark + b"\n" + data, mode=0o600)


def _inside(insiders: Insiders | None) -> dict[str, list[list[object]]] | None:
    if insiders is None:
        return None
    return {name: [[*key, n] for key, n in sorted(getattr(insiders, name).items())] for name in ("alone", "numbers")}


def _recalled(inside: Mapping[str, list[list[Any]]] | None) -> Insiders | None:
    if inside is None:
        return None
    return Insiders(
        alone={(t, a, tuple(c)): n for t, a, c, n in inside["alone"]},
        numbers={(t, m, a, tuple(c)): n for t, m, a, c, n in inside["numbers"]},
    )


def _known(numbers: Mapping[str, Any]) -> KnownNumbers:
    """Numbers of others, as remembered ones; the file may be gone."""
    rows = tuple(KnownNumber(**{**r, "categories": tuple(r["categories"])}) for r in numbers["rows"])
    return KnownNumbers(**{**numbers, "columns": tuple(numbers["columns"]), "rows": rows, "remembered": True})


def recall(home: Home, keys: Keys, release_id: str) -> Remembered:
    """What was remembered of a release; ReleaseError where it is not there, or not what was written."""
    try:
        mark, _, data = (home.memory / f"{release_id}.json").read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise ReleaseError(f"release {release_id}: nothing is remembered of its pattern; restore the backup") from None
    if not hmac.compare_digest(mark, keys.hmac(f"memory {release_id}", data).encode()):
        raise ReleaseError(f"release {release_id}: what is remembered of its pattern was changed; restore the backup")
    content = json.loads(data)
    return Remembered(
        period=content["period"],
        level=ProtectionLevel(content["level"]),
        threshold=content["threshold"],
        zeros=Zeros(content["zeros"]),
        sensitive=frozenset((t, a, tuple(c)) for t, a, c in content["sensitive"]),
        reaches={(t, m, a, tuple(c)): (down, up) for t, m, a, c, down, up in content["reaches"]},
        limits={(t, m, a, tuple(c)): (low, high) for t, m, a, c, low, high in content["limits"]},
        told=frozenset((t, m, a, tuple(c)) for t, m, a, c in content.get("told", [])),
        insiders=_recalled(content.get("insiders")),
        outside=tuple(_known(numbers) for numbers in content.get("outside", [])),
    )
