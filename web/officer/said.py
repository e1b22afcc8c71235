"""What programs say on a page in Swedish: translated where there is a sentence for it, else marked as English."""

import re
from collections.abc import Mapping
from functools import cache

from flask import g
from markupsafe import Markup, escape

from publisher.policy.editing.messages import in_swedish
from web.officer.texts.findings import FINDINGS
from web.officer.texts.said import SAID

_AUDIT = re.compile(r"the audit failed: (.*?)(?:; and (\d+) more)?")
_PLACED = re.compile(r"(.*?)( \([^()]*\))?")


def said(message: str) -> Markup:
    """A message of the programs in the page's language; English that has no Swedish is marked as what it is."""
    if g.lang != "sv" or not message:
        return escape(message)
    swedish = swedish_of(message)
    return escape(swedish) if swedish else Markup('<span lang="en">{}</span>').format(message)


def noted(text: str) -> str:
    """What stands in the log: a message of the programs, or words of a person, which are left as they are."""
    return (swedish_of(text) if g.lang == "sv" else None) or text


def swedish_of(message: str) -> str | None:
    """A message in Swedish, or None where there is no sentence for it."""
    audit = _AUDIT.fullmatch(message)
    if audit:
        findings = [_finding(f) for f in audit[1].split("; ")]
        more = f"; och {audit[2]} till" if audit[2] else ""
        return None if None in findings else f"granskningen underkände: {'; '.join(map(str, findings))}{more}"
    return _sentence(message, SAID) or in_swedish(message)


def _finding(words: str) -> str | None:
    found = _PLACED.fullmatch(words)
    rule = _sentence(found[1], FINDINGS) if found else None
    return None if found is None or rule is None else rule + (found[2] or "")


def _sentence(message: str, known: Mapping[str, str]) -> str | None:
    if message in known:
        return known[message]
    for english, swedish in known.items():
        if "{}" in english and (found := _pattern(english).fullmatch(message)):
            return swedish.format(*(known.get(value, value) for value in found.groups()))
    return None


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(part) for part in english.split("{}")))
