"""Status files as the scheduler process writes them, made by hand for tests of the pages that show them."""

import copy
import sqlite3

import sqlite_utils

from publisher import chain
from publisher.desk.folder import Desk
from publisher.desk.status import write_status
from publisher.log import ActionLog

NASTY = '<script>alert("x")</script>{{7*7}}'
WORDS = {"sv": "Brus", "en": "Noise"}
AT = "2024-02-15T07:00:00Z"


def release(name: str, **changed: object) -> dict:
    policy, period, version = name.split(".")
    table = {
        "id": f"{policy}-t", "title": {"sv": f"Tabell {policy}", "en": f"Table {policy}"}, "periods": [period],
        "protection": {"by": "noise", "rho": "0.05", "words": WORDS},
    }  # fmt: skip
    return {
        "release": name, "policy": policy, "agency": "a", "period": period, "version": int(version[1:]),
        "state": "published", "publish_at": AT, "sealed_at": AT, "published_at": AT, "withdrawn_at": "", "reason": "",
        "rho": "0.05", "held_by": [name], "title": {"sv": f"Titel {policy}", "en": f"Title {policy}"},
        "tables": [table], "why": "", "policy_digest": "d" * 64, "author": "Anna A", "approver": "Bo B",
        "approved_at": AT, "problem": "", **changed,
    }  # fmt: skip


RELEASES = [
    release("fk-y.2023.v1", state="sealed", published_at="", publish_at="2024-06-01T06:00:00Z"),
    release("fk-x.2023.v1"),
    release("fk-x.2022.v1", held_by=["fk-x.2022.v1", "fk-x.2023.v1"]),
    release("fk-x.2021.v1", state="withdrawn", withdrawn_at=AT, reason=NASTY, held_by=[]),
    release("fk-x.2020.v1", held_by=["fk-x.2020.v1"]),
]


def policy(name: str, paused: dict | None = None) -> dict:
    return {"policy": name, "title": {"sv": f"Titel {name}", "en": f"Title {name}"}, "paused": paused}


RUN = {"policy": "fk-x", "period": "2024", "date": "2025-02-15", "rho": "0.05", "refused": True}
CHARGE = {"kind": "charge", "at": AT}
ACCOUNT = {
    "delta": "1e-7", "false_positive_per_cent": "0.1", "cap_default": "0.125", "no_forecast": "",
    "agencies": {"a": {"sv": "Myndigheten", "en": "The agency"}},
    "lifetimes": [{"agency": "a", "charged": "0.1", "years": 1, "epsilon": "2.34", "mu": "0.45", "auc": "0.62",
                   "true_positive_per_cent": "0.41"}],
    "accounts": [
        {
            "agency": "a", "year": 2024, "cap": "0.125", "cap_reason": "", "charged": "0.1", "left": "0.025",
            "meaning": {"epsilon": "2.34", "mu": "0.45", "auc": "0.62", "true_positive_per_cent": "0.41"},
            "meaning_at_cap": {},
            "charges": [
                {"release": "fk-x.2023.v1", "rho": "0.06", "reason": "", "state": "published", **CHARGE},
                {"release": "fk-x.2022.v9", "rho": "0.04", "reason": NASTY, "state": "", **CHARGE},
            ],
            "forecast": {
                "each": [RUN], "rho_to_come": "0.05", "left_at_the_end": "0.025", "reached_in": "2024",
                "reached_by": "fk-x", "reached_on": "2025-02-15", "refused": 1,
                "next_possible": {"policy": "fk-x", "period": "2025", "date": "2026-02-15", "rho": "0.05"},
            },
        }
    ],
}  # fmt: skip


def chained() -> dict:
    """A log and a ledger with true hashes."""
    db = sqlite_utils.Database(sqlite3.connect(":memory:", isolation_level=None))
    log = ActionLog(db)
    log.write(
        at="2024-01-31T23:30:00Z", actor="bo", action="approve", subject="fk-x", digest="d" * 64, detail="author anna"
    )
    log.write(at=AT, actor="scheduler", action="publish", subject="fk-x.2023.v1")
    log.write(at=AT, actor="eve", action="withdraw", subject="fk-x.2021.v1", detail='=HYPERLINK("http://x")')
    columns = {"at": str, "kind": str, "agency": str, "year": int, "run_key": str, "units": int, "tables": str,
               "reason": str}  # fmt: skip
    chain.create_chain(db, "charges", columns)
    for number in (1, 2):
        chain.append(db, "charges", {
            "at": AT, "kind": "charge", "agency": "a", "year": 2023, "run_key": f"fk-x.202{number}.v1",
            "units": 50_000_000, "tables": "{}", "reason": "",
        })  # fmt: skip
    return {"log": log.rows(), "ledger": [dict(r) for r in db.table("charges").rows_where(order_by="sequence")]}


def tell(desk: Desk, **changed: object) -> None:
    """Write every status file; `changed` by name takes the place of what stands here."""
    documents: dict = {
        "scheduler": {"beat": "2024-03-01T11:59:58Z"},
        "releases": {"releases": RELEASES},
        "policies": {"policies": [policy("fk-x"), policy("fk-y")], "paused_all": None, "problem": ""},
        "account": ACCOUNT,
        "log": chained(),
        "runs": {"runs": [
            {"policy": "fk-x", "period": "2023", "version": 1, "state": "published", "planned_at": AT,
             "started_at": AT, "ended_at": "2024-02-15T07:01:30Z", "detail": ""},
            {"policy": "fk-y", "period": "2023", "version": 1, "state": "failed", "planned_at": AT, "started_at": AT,
             "ended_at": AT, "detail": "SourceError"},
        ]},
        "sources": {"sources": []},
        "geography": {},
        **changed,
    }  # fmt: skip
    for name, content in copy.deepcopy(documents).items():
        write_status(desk, name, content)
