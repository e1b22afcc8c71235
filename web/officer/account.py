"""The privacy account: what is charged, what is to come, what is left, and what that means."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

from flask import Blueprint, render_template

from web.officer.shown import helpers
from web.officer.told import told

account = Blueprint("account", __name__)
account.context_processor(helpers)
WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A year's account as widths of WIDTH: what is charged, what comes and has room, what would be refused.

    The bar is as long as the cap, or as what was charged where a lowered cap is below that.
    """

    charged: int
    to_come: int
    cap: int


@account.get("/account", endpoint="account")
def accounts() -> str:
    """Every account of every agency, the newest year first, and the lifetimes."""
    document = told("account")
    years = [{**a, "bar": bar_of(a), "history": history(a["charges"])} for a in document.get("accounts", [])]
    return render_template("account.html", document=document, years=years, width=WIDTH)


def bar_of(year: dict[str, Any]) -> Bar:
    """The widths of a year's bar, each rounded to a thousandth."""
    cap, charged = Fraction(year["cap"]), Fraction(year["charged"])
    fitting = sum((Fraction(r["rho"]) for r in year["forecast"]["each"] if not r["refused"]), Fraction(0))
    whole = max(cap, charged + fitting)
    return Bar(*(round(WIDTH * part / whole) for part in (charged, fitting, cap)))


def history(charges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The charges with what they came to together, the newest first."""
    sums = accumulate(Fraction(c["rho"]) for c in charges)
    return [{**c, "sum": _decimal(total)} for c, total in zip(charges, sums, strict=True)][::-1]


def _decimal(value: Fraction) -> str:
    return f"{float(value):.9f}".rstrip("0").rstrip(".")
