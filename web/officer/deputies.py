"""Deputies: who stands in for an approver, and when."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.accounts import Account, Accounts
from publisher.desk.deputies import MAY_STAND_IN, MOST_DAYS, Deputies
from publisher.errors import AccountError
from publisher.log import utc
from publisher.policy.proposals import Role
from web.officer.access import database, now, who
from web.officer.shown import day_of, helpers

deputies = Blueprint("deputies", __name__)
deputies.context_processor(helpers)


@deputies.get("/deputies", endpoint="deputies")
def show() -> str:
    """Every appointment, and the form to make one."""
    return _page()


def _page(*, wrong: str = "") -> str:
    at = utc(now())
    return render_template(
        "deputies.html", appointments=Deputies(database()).all(), at=at, today=day_of(at), most=MOST_DAYS, wrong=wrong,
        candidates=[a.name for a in _candidates()],
        names_one=who().role is Role.APPROVER, ends=lambda d: who().role is Role.ADMIN or d.approver == who().name,
        form=request.form,
    )  # fmt: skip


def _candidates() -> list[Account]:
    """Open accounts that may stand in for an approver."""
    return [a for a in Accounts(database()).all() if a.role in MAY_STAND_IN and not a.closed_at]


@deputies.post("/deputies")
def name() -> ResponseReturnValue:
    """Name a deputy."""
    given = {field: request.form.get(field, "").strip() for field in ("deputy", "first", "last", "reason")}
    try:
        Deputies(database()).name(given.pop("deputy"), by=who(), at=utc(now()), **given)
    except AccountError as error:
        return _page(wrong=error.args[0]), 422
    return redirect(url_for("deputies.deputies"))


@deputies.post("/deputies/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    """End an appointment before its time."""
    try:
        Deputies(database()).end(number, by=who(), at=utc(now()))
    except AccountError as error:
        return _page(wrong=error.args[0]), 409
    return redirect(url_for("deputies.deputies"))
