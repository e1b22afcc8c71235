"""What was published in a year under which protection, who approved it, what it cost and what failed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from publisher.errors import LedgerError
from publisher.standing.account import account_document
from publisher.standing.policies import InForce, approval_of, policies_in_force
from publisher.standing.releases import releases_document
from publisher.standing.report.paper import Grid, Paper, Section, clock, local, number
from publisher.standing.report.texts import say
from publisher.workspace import Workspace

Row = dict[str, Any]
_FAILURES = ("run-failed", "publish-failed", "skip")


def yearly_report(work: Workspace, year: int, lang: str, *, now: datetime) -> Paper:
    """The report of a calendar year, Swedish time; the account is as it stands at `now`."""
    releases: list[Row] = releases_document(work, before={})["releases"][::-1]
    shown = [r for r in releases if _in(r["published_at"], year)]
    gone = [r for r in releases if _in(r["withdrawn_at"], year)]
    products, in_force = sorted({r["policy"] for r in shown}), policies_in_force(work)
    return Paper(
        lang,
        say("title", lang, year=year),
        say("lead", lang, published=len(shown), policies=len(products), withdrawn=len(gone), year=year),
        now,
        (
            *(_product(in_force, [r for r in shown if r["policy"] == p], lang) for p in products),
            Section(say("withdrawn", lang), (_withdrawn(gone, lang),)),
            _account(account_document(work, in_force, now=now), year, lang),
            Section(say("approvals", lang), (_approvals(work, year, lang),)),
            Section(say("failed", lang), (_failed(work, year, lang),)),
            Section(say("verify", lang), (_verified(work, lang),)),
        ),
    )


def _in(at: str, year: int) -> bool:
    return bool(at) and local(at).year == year


def _grid(key: str, lang: str, head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Grid | str:
    found = tuple(rows)
    return Grid(say(key, lang), tuple(say(h, lang) for h in head), found) if found else say("nothing", lang)


def _product(in_force: InForce, releases: list[Row], lang: str) -> Section:
    """One statistical product: how its tables are protected, and its releases of the year."""
    last = releases[-1]
    basis = next((p.legal_basis for p in in_force.readable if p.id == last["policy"]), "")
    protection = [
        (t["title"][lang], t["protection"]["words"][lang]) for t in last["tables"] if t["protection"] is not None
    ]
    return Section(
        say("product", lang, title=last["title"][lang], policy=last["policy"]),
        (
            say("basis", lang, basis=basis) if basis else say("basis_gone", lang),
            _grid("protection", lang, ("table", "protection"), protection),
            _grid(
                "releases", lang, ("release", "period", "published_at", "charge", "approved_by", "revision"),
                (_release(r, lang) for r in releases),
            ),
        ),
    )  # fmt: skip


def _release(r: Row, lang: str) -> tuple[str, ...]:
    who = say("approval_of", lang, approver=r["approver"], author=r["author"]) if r["approver"] else ""
    return r["release"], r["period"], clock(r["published_at"]), number(r["rho"], lang), who, r["why"]


def _withdrawn(gone: list[Row], lang: str) -> Grid | str:
    rows = ((r["release"], clock(r["withdrawn_at"]), r["reason"]) for r in gone)
    return _grid("withdrawn", lang, ("release", "withdrawn_at", "reason"), rows)


def _account(document: Row, year: int, lang: str) -> Section:
    names = document["agencies"]
    standing = (
        (names[a["agency"]][lang], str(a["year"]), *(number(a[k], lang) for k in ("cap", "charged", "left")),
         *(number((a["meaning"] or {}).get(k, ""), lang) for k in ("epsilon", "auc")))
        for a in document["accounts"]
    )  # fmt: skip
    charges = (
        (clock(c["at"]), _run(c, lang), str(a["year"]), number(c["rho"], lang), c["reason"])
        for a in document["accounts"] for c in a["charges"] if _in(c["at"], year)
    )  # fmt: skip
    return Section(
        say("account", lang),
        (
            say("account_words", lang),
            _grid("account", lang, ("agency", "year", "cap", "charged", "left", "epsilon", "auc"), standing),
            _grid("charges", lang, ("booked_at", "release", "year", "charge", "reason"), charges),
        ),
    )


def _run(charge: Row, lang: str) -> str:
    named = charge["kind"] == "book" or charge["state"]
    return charge["release"] if named else say("unsealed", lang, run=charge["release"])


def _approvals(work: Workspace, year: int, lang: str) -> Grid | str:
    rows = [r for r in work.log.rows() if r["action"] == "approve" and _in(str(r["at"]), year)]
    told = (
        (clock(str(r["at"])), str(r["subject"]),
         approval_of(work, str(r["subject"]), str(r["digest"]), before=str(r["at"]))["author"],
         str(r["actor"]), str(r["digest"])[:16])
        for r in rows
    )  # fmt: skip
    return _grid("approvals", lang, ("booked_at", "policy", "author", "approver", "digest"), told)


def _failed(work: Workspace, year: int, lang: str) -> Grid | str:
    rows = [r for r in work.log.rows() if r["action"] in _FAILURES and _in(str(r["at"]), year)]
    told = ((clock(str(r["at"])), str(r["subject"]), str(r["detail"])) for r in rows)
    return _grid("failed", lang, ("booked_at", "failed_what", "reason"), told)


def _verified(work: Workspace, lang: str) -> str:
    try:
        return say("verify_words", lang, log=work.log.verify(), ledger=work.ledger.verify())
    except LedgerError as error:
        return say("verify_broken", lang, problem=error)
