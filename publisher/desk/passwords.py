"""Passwords: which are refused, and how they are kept (Argon2id, RFC 9106's second recommended setting).

A password is judged by what is left of it when the words and runs that everybody tries are taken away: those of
`common_passwords.txt` (written for this service), the account's own name, and letters written as digits and signs.
"""

import unicodedata
from collections.abc import Callable
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from publisher.errors import AccountError

SHORTEST, LONGEST, OWN = 15, 200, 8
"""Characters of a password, and how many of them must be no common word or run."""

HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
"""64 MiB, 3 passes, 4 lanes."""

_SEPARATORS = str.maketrans("", "", " -_.,:;'+/\\|\t")
_AS_LETTERS = str.maketrans("0134578@$!€", "oieastbasie")


def plain(password: str) -> str:
    """The form that is hashed: the same for every way that a keyboard writes the same characters."""
    return unicodedata.normalize("NFKC", password)


def matches(hasher: PasswordHasher, hashed: str, password: str) -> bool:
    """Whether a password is that of a hash; it takes the same time for both answers."""
    try:
        return hasher.verify(hashed, plain(password))
    except (VerificationError, InvalidHashError):
        return False


def nobody(hasher: PasswordHasher) -> str:
    """A hash that no password has, so that an unknown name takes as long to refuse as a known one."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${'A' * 22}${'A' * 43}"


def check_password(password: str, *, name: str) -> None:
    """AccountError unless a password is long enough and more than what everybody tries."""
    given = plain(password)
    if len(given) < SHORTEST or own_part(given, name=name) < OWN:
        raise AccountError(
            f"a password has at least {SHORTEST} characters, of which at least {OWN} are left when common passwords, "
            "the account's name, this service's words, years, repeats and runs on the keyboard are taken away"
        )
    if len(given) > LONGEST:
        raise AccountError(f"a password has at most {LONGEST} characters")


def own_part(password: str, *, name: str) -> int:
    """How many characters are left when what everybody tries is taken away."""
    text = plain(password).casefold().translate(_SEPARATORS)
    names = frozenset(part for part in (name.casefold(), name.casefold().translate(_SEPARATORS)) if part)
    return min(len(_once(_left(form, names))) for form in (text, text.translate(_AS_LETTERS)))


def _left(text: str, names: frozenset[str]) -> str:
    known, longest = _common()
    longest = max(longest, *map(len, names)) if names else longest
    return _without(text, lambda part: part in known or part in names, longest)


def _without(text: str, is_common: Callable[[str], bool], longest: int) -> str:
    """The text without its common parts, the longest at each place taken first."""
    left, at = [], 0
    while at < len(text):
        ends = range(min(len(text), at + longest), at, -1)
        end = next((e for e in ends if is_common(text[at:e])), None)
        if end is None:
            left.append(text[at])
        at = end or at + 1
    return "".join(left)


def _once(text: str) -> str:
    """The block that a text repeats, or the text; of characters that it has few of, each once."""
    block = next((n for n in range(1, len(text) // 2 + 1) if (text[:n] * len(text))[: len(text)] == text), len(text))
    return text[:block] if len(set(text)) >= 5 else "".join(sorted(set(text)))


@cache
def _common() -> tuple[frozenset[str], int]:
    """Every common word and run, and the length of the longest."""
    lines = (resources.files("publisher.desk") / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    words = frozenset(line for line in lines if line and not line.startswith("# "))
    return words, max(map(len, words))
