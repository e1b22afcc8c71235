"""The start page, on the blueprint of the door: what waits for you, then what changed, then everything."""

from typing import Any

from flask import g, render_template

from publisher.desk.accounts import Accounts
from publisher.desk.proposals import Proposals
from publisher.desk.requests import Requests
from publisher.log import ActionLog
from web.officer.access import who
from web.officer.own import door
from web.officer.said import noted
from web.officer.shown import clock, roles, words
from web.officer.state import database, now
from web.officer.texts import say
from web.officer.told import told
from web.officer.waiting import FEW_CODES, Alert, alerts, failures_since_last_login, happened, under_way, waits

__all__ = ["door"]
_CHANGES, _COMING, _PROPOSALS = 8, 3, 50


@door.get("/")
def home() -> str:
    """What waits for you, then what changed, then everything."""
    scheduler, proposals, rows = told("scheduler"), Proposals(database()).all(), ActionLog(database()).rows()
    accounts: list[dict[str, Any]] = told("account").get("accounts", [])
    common = alerts(scheduler, told("runs").get("runs", []), accounts, now=now())
    own = waits(proposals, who().name, roles())
    return render_template(
        "home.html", alerts=[_spoken(a) for a in (*_own_alerts(rows), *common)], waits=own,
        under_way=under_way(proposals, but=own), asked=Requests(database()).waiting(),
        running=scheduler.get("running", []), coming=scheduler.get("next", [])[:_COMING],
        changes=happened(rows, _CHANGES), proposals=proposals[:_PROPOSALS], more=len(proposals) - _PROPOSALS,
        by_number={str(p.id): p for p in proposals}, clock=clock, words=words,
    )  # fmt: skip


def _spoken(alert: Alert) -> tuple[str, str]:
    """An alert in words, and the page that tells more."""
    values = {k: clock(str(v)) if k in alert.times else v for k, v in alert.values.items()}
    values |= {k: noted(str(values[k])) for k in ("words", "detail") if k in values}
    return say(alert.key, g.lang, **values), alert.endpoint


def _own_alerts(rows: Any) -> list[Alert]:
    """What concerns the reader's own account."""
    failed, left = failures_since_last_login(rows, who().name), Accounts(database()).recovery_left(who().name)
    key = "home.guessed_once" if failed == 1 else "home.guessed"
    found = [Alert(key, {"n": failed}, "door.sessions")] if failed else []
    return found + ([Alert("home.few_codes", {"n": left}, "door.sessions")] if left <= FEW_CODES else [])
