"""Codes as SCB writes them: of an edition, with or without the edition's name behind them."""

import re

from publisher.geography.codebook import suffix_of
from publisher.geography.imports.fetching import Input

REGSO = re.compile(r"[0-9]{4}R[0-9]{3}")
DESO = re.compile(r"[0-9]{4}[ABC][0-9]{4}")
COUNTIES = {
    "01": "Stockholms län", "03": "Uppsala län", "04": "Södermanlands län", "05": "Östergötlands län",
    "06": "Jönköpings län", "07": "Kronobergs län", "08": "Kalmar län", "09": "Gotlands län", "10": "Blekinge län",
    "12": "Skåne län", "13": "Hallands län", "14": "Västra Götalands län", "17": "Värmlands län", "18": "Örebro län",
    "19": "Västmanlands län", "20": "Dalarnas län", "21": "Gävleborgs län", "22": "Västernorrlands län",
    "23": "Jämtlands län", "24": "Västerbottens län", "25": "Norrbottens län",
}  # fmt: skip
"""The 21 counties, which files of areas often name by code only."""


def regso_code(given: Input, text: str, edition: str, line: int | None = None) -> str:
    """A RegSO code; GeographyError for anything else, and for a code that names another edition."""
    return _code(given, text, (REGSO, suffix_of(edition, by_deso=False), "RegSO"), line)


def deso_code(given: Input, text: str, edition: str, line: int | None = None) -> str:
    """A DeSO code, as `regso_code`."""
    return _code(given, text, (DESO, suffix_of(edition, by_deso=True), "DeSO"), line)


def _code(given: Input, text: str, kind: tuple[re.Pattern[str], str, str], line: int | None) -> str:
    form, suffix, name = kind
    plain = text.strip()
    code = plain.partition("_")[0]
    if not form.fullmatch(code):
        shown = plain[:20]
        raise given.fail(f"{shown!r} is no {name} code; a code is text, and a workbook must hold it as text", line)
    if plain not in (code, f"{code}{suffix}"):
        raise given.fail(f"{plain[:20]!r} is a code of another edition (expected {suffix} or none)", line)
    return code
