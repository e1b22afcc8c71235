"""Problems in the officer's language: the loader and the check speak English, and here is what they say in Swedish."""

import re
from functools import cache

from publisher.policy.editing import messages_check, messages_loader

_NESTED = ("table {}: {}", "measure {}: {}")
"""A problem that holds another."""


def in_language(message: str, language: str) -> str:
    """A problem in Swedish where that is asked for and there is a sentence for it; else as it is."""
    return message if language != "sv" else in_swedish(message) or message


def in_swedish(message: str) -> str | None:
    """A problem in Swedish, or None where there is no sentence for it."""
    for pattern, swedish in _sentences():
        found = pattern.fullmatch(message)
        if found is None:
            continue
        values = list(found.groups())
        if pattern in _nested():
            values[-1] = in_swedish(values[-1]) or values[-1]
        return swedish.format(*values, *[""] * swedish.count("{}"))
    return None


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns and sentences; those that say most of a problem come first."""
    known = {**messages_loader.SWEDISH, **messages_check.SWEDISH}
    ordered = sorted(known, key=lambda english: -len(english.replace("{}", "")))
    rest = [e for e in ordered if e not in _NESTED]
    return tuple((_pattern(english), known[english]) for english in (*_NESTED, *rest))


@cache
def _nested() -> tuple[re.Pattern[str], ...]:
    return tuple(map(_pattern, _NESTED))


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(part) for part in english.split("{}")))
