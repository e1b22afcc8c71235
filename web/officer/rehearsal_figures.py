"""Numbers and periods of rehearsals as they are read, in both languages."""

from datetime import datetime

from web.officer.texts import say
from web.officer.times import read_utc

NARROW = "\u202f"
"""Between thousands."""
MINUS = "\u2212"
TOO_FEW = ".."
"""In place of a share of so few numbers that it would tell them."""


def decimal(value: float | None, lang: str, digits: int = 1) -> str:
    """A number with a fixed number of decimals; two stops for none."""
    if value is None:
        return TOO_FEW
    text = f"{value:,.{digits}f}".replace(",", NARROW).replace("-", MINUS)
    return text.replace(".", ",") if lang == "sv" else text


def signed(value: float, lang: str, digits: int = 1) -> str:
    """A difference with its sign; 0 where nothing is left of it."""
    if round(value, digits) == 0:
        return "0"
    return f"{'+' if value > 0 else ''}{decimal(value, lang, digits)}"


def per_cent(value: float, lang: str) -> str:
    """A share with its sign, on one line."""
    return f"{decimal(value, lang)}\u00a0%"


def whole(value: int, lang: str) -> str:
    """A number of things."""
    return decimal(value, lang, 0)


def rho(text: str, lang: str) -> str:
    """A rho as the ledger writes it."""
    return text.replace(".", ",") if lang == "sv" else text


def minutes_since(text: str, now: datetime) -> int:
    """Whole minutes since a moment."""
    return max(0, int((now - read_utc(text)).total_seconds()) // 60)


def period_words(code: str, lang: str) -> str:
    """`2022M09` as september 2022, `2022K1` as the first quarter, a rolling year by its last month."""
    year, rest = code[:4], code[4:]
    if rest.startswith("K"):
        return say("rehearsal.quarter", lang, number=rest[1], year=year)
    if not rest:
        return year
    month = f"{say('rehearsal.months', lang).split()[int(rest[1:3]) - 1]} {year}"
    return say("rehearsal.twelve_months", lang, month=month) if rest.endswith("R12") else month
