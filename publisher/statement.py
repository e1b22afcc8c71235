"""The public form of the privacy account: what is charged, what is left, and what that means."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from publisher.ledger import DEFAULT_CAP, UNITS_PER_RHO, cap_units, format_units
from publisher.noise.accounting import best_auc, best_true_positive_rate, epsilon, gaussian_mu
from publisher.policy.declarations import Agency

LedgerRow = Mapping[str, str | int]
FALSE_POSITIVE_RATE = 0.001
"""The share of wrong accusations at which the best attacker's hits are told: 0.1 %."""


def account_statement(
    rows: Sequence[LedgerRow], *, agencies: Mapping[str, Agency], published: Collection[str]
) -> dict[str, object]:
    """The document `account.json`: every account of every agency, and the lifetime totals.

    `published`: releases that are or were public; a release's id is its run key.  A charge of any other run is counted
    and shown without a name: what is not published is not announced here.
    """
    spending = [r for r in rows if r["units"]]
    years = sorted({(str(r["agency"]), int(r["year"])) for r in spending})
    return {
        "cap_default": format_units(cap_units(DEFAULT_CAP)),
        "delta": "1e-7",
        "false_positive_per_cent": "0.1",
        "accounts": [_account(agency, year, spending, agencies, published) for agency, year in years],
        "lifetimes": [_lifetime(a, spending) for a in sorted({a for a, _ in years})],
    }


def _account(
    agency: str, year: int, rows: Sequence[LedgerRow], agencies: Mapping[str, Agency], published: Collection[str]
) -> dict[str, object]:
    own = [r for r in rows if r["agency"] == agency and r["year"] == year]
    spent = sum(int(r["units"]) for r in own)
    cap = cap_units(agencies[agency].cap if agency in agencies else DEFAULT_CAP)
    return {
        "agency": agency,
        "reference_year": year,
        "cap": format_units(cap),
        "charged": format_units(spent),
        "left": format_units(max(0, cap - spent)),
        **meaning(spent),
        "charges": [
            {
                "release": r["run_key"] if r["run_key"] in published else "",
                "rho": format_units(int(r["units"])),
                "charged_at": r["at"],
                "reason": r["reason"] if r["run_key"] in published else "",
            }
            for r in own
        ],
    }


def _lifetime(agency: str, rows: Sequence[LedgerRow]) -> dict[str, object]:
    own = [r for r in rows if r["agency"] == agency]
    spent = sum(int(r["units"]) for r in own)
    years = len({r["year"] for r in own})
    return {"agency": agency, "charged": format_units(spent), "years": years, **meaning(spent)}


def meaning(units: int) -> dict[str, str]:
    """What a loss of so many units of 1e-9 rho means: epsilon at delta 1e-7, the trade-off curve's mu, the best
    attacker's AUC, and the per cent of members that this attacker finds while 0.1 % of others are accused wrongly."""
    rho = Fraction(units, UNITS_PER_RHO)
    return {
        "epsilon": f"{epsilon(rho):.2f}",
        "mu": f"{gaussian_mu(rho):.2f}",
        "auc": f"{best_auc(rho):.2f}",
        "true_positive_per_cent": f"{100 * best_true_positive_rate(rho, FALSE_POSITIVE_RATE):.2f}",
    }
