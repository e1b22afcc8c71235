"""At most k combinations of a person, all in one place: what neighbouring data can differ by."""

import hashlib
from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from publisher.bounding.distinct import Units
from publisher.errors import PolicyError
from publisher.opaque import Opaque, require_mint
from publisher.policy.model import ContributionBound
from publisher.relations import Column, IntArray
from publisher.source.engine import Engine
from publisher.source.layout import MOST_DAYS, Layout

_MINT = object()
_WORD = 64
_MOST_WORDS = 64
_KINDS = ((8, "UTINYINT"), (16, "USMALLINT"), (32, "UINTEGER"), (64, "UBIGINT"))

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Detail(Opaque):
    """Tables in the engine, for what persons add beyond being there.

    `units`: the rows that were bounded.  `persons`: person and place.  `dropped`: person and combination (its number,
    C order) that the bound left out.  `combination`: SQL of a row's combination in `units`.
    """

    engine: Engine
    units: str
    persons: str
    dropped: str
    combination: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BoundedCases(Opaque):
    """The receipt of `bound_contributions`: persons, each at one place with at most `bound.cells` combinations.

    Persons who are alike stand in one row: `places` and `persons` (their number), shape (rows,), int64, and `words`,
    shape (rows, words), uint64.  A place is leaf * P + i, with P the number of combinations of all declared personal
    codes and i the persons' one.  Combinations of those `columns` that are not personal are bits: number b, C order,
    is bit b % 64 of word b // 64.

    `detail`: where the same persons stand one by one in the engine, or None where that was not asked for.
    """

    mint: InitVar[object]
    layout: Layout
    columns: tuple[Column, ...]
    bound: ContributionBound
    places: IntArray
    words: Words
    persons: IntArray
    detail: Detail | None

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "BoundedCases")


def bound_contributions(
    units: Units, *, bound: ContributionBound, columns: tuple[Column, ...], key: bytes, detailed: bool = False
) -> BoundedCases:
    """Bound every person of the period, after the policy's filter.  Nothing may be filtered or recoded after this.

    `units`: cases, or events where those are counted.  `detailed`: for counts of cases and events, and for sums.

    The latest record decides where the person is counted and each personal category; ties on the day break by the
    larger leaf number, then by the later personal codes: the person's own values.  **All the person's
    combinations of the other columns count there**, wherever they arose: a person is placed once, as in official
    statistics of persons at the end of a period.  Of more than `bound.cells` combinations those stay that come first
    by a keyed hash (BLAKE2b, `key` of 16 to 64 bytes) of person and combination.
    Raises PolicyError for columns that are not as declared, or with more than 4096 combinations.
    """
    if not 16 <= len(key) <= 64:
        raise ValueError("the key must have 16 to 64 bytes")
    layout, engine = units.layout, units.engine
    others = tuple(c for c in columns if not c.personal)
    flat, count = layout.flat_sql(others), prod(len(c.codes) for c in others)
    for column in columns:
        layout.declared(column)
    if count > _WORD * _MOST_WORDS:
        raise PolicyError(f"{count} combinations of case categories; at most {_WORD * _MOST_WORDS} can be bounded")
    size = -(-count // _WORD)
    words = [_word_sql(flat, w, size, count) for w in range(size)]
    persons = _gather(units, words)
    within, above = _split(engine, persons, layout, len(words), bound.cells)
    ids = above["person"] if layout.person is None else map(layout.person.text, above["person"].tolist())
    labels = ["\0".join(codes).encode() for codes in product(*(c.codes for c in others))]
    given = _words_of(above, len(words))
    kept = _truncate(given, ids, labels, bound.cells, key)
    detail = _detail(units, persons, (above, given & ~kept), flat) if detailed else None
    engine.rows(f"DROP TABLE {persons}")
    return BoundedCases(
        _MINT, layout, columns, bound,
        places=np.concatenate([within["place"], above["place"]]).astype(np.int64),
        words=np.concatenate([_words_of(within, len(words)), kept]),
        persons=np.concatenate([within["persons"], np.ones(len(kept), dtype=np.int64)]).astype(np.int64),
        detail=detail,
    )


def _detail(units: Units, persons: str, above: tuple[dict[str, NDArray[Any]], Words], combination: str) -> Detail:
    """Keep every person's place, and what the bound left out of those above it."""
    engine, layout = units.engine, units.layout
    found, lost = above
    kept, dropped, lent = (engine.new_name(stem) for stem in ("placed", "dropped", "lost"))
    size = len(layout.leaves) * layout.personal_size
    engine.rows(f"CREATE TABLE {kept} AS SELECT person, latest % {size} AS place FROM {persons}")
    pairs = [(i, b) for i, row in enumerate(map(tuple, lost.tolist())) for b in _bits(row)]
    at, bits = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    engine.lend(lent, {"person": found["person"][at], "combination": bits})
    key = "p.person" if layout.person is not None else "CAST(p.person AS VARCHAR)"  # as `_split` gave them
    engine.rows(
        f"CREATE TABLE {dropped} AS SELECT p.person, l.combination FROM {lent} l JOIN {persons} p ON {key} = l.person"
    )
    engine.take_back(lent)
    return Detail(engine, units.table, kept, dropped, combination)


def _word_sql(flat: str, word: int, words: int, count: int) -> str:
    """SQL of one word of the set of combinations that a person has: 64 bits, fewer where one short word is enough."""
    if words == 1:
        kind = next(kind for size, kind in _KINDS if count <= size)
        return f"bit_or((1::UBIGINT << ({flat})::UBIGINT)::{kind})"
    first = word * _WORD
    inside = f"({flat}) >= {first} AND ({flat}) < {first + _WORD}"
    return f"bit_or(CASE WHEN {inside} THEN 1::UBIGINT << (({flat}) - {first})::UBIGINT ELSE 0::UBIGINT END)"


def _gather(units: Units, words: list[str]) -> str:
    """A table of one row a person: `latest`, a number that orders records and ends in the place, and the words."""
    layout = units.layout
    personal = "0::BIGINT"
    for category in layout.personal:
        personal = f"({personal} * {len(category.codes)} + c{layout.place(category.id)})"
    small = len(layout.leaves) * layout.personal_size * MOST_DAYS < 2**32
    kind = "UINTEGER" if small else "BIGINT"  # small numbers save a fifth of the time
    latest = f"((day::BIGINT * {len(layout.leaves)} + leaf) * {layout.personal_size} + {personal})::{kind}"
    masks = "".join(f", {word} AS w{w}" for w, word in enumerate(words))
    name = units.engine.new_name("persons")
    units.engine.rows(
        f"CREATE TABLE {name} AS SELECT person, max({latest}) AS latest{masks} FROM {units.table} GROUP BY person"
    )
    return name


def _split(
    engine: Engine, persons: str, layout: Layout, words: int, most: int
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Persons within the bound, counted by place and words; and those above it, one by one."""
    names = ", ".join(f"w{w}" for w in range(words))
    bits = " + ".join(f"bit_count(w{w})::INTEGER" for w in range(words))
    place = f"latest % {len(layout.leaves) * layout.personal_size} AS place"
    person = "person" if layout.person is not None else "CAST(person AS VARCHAR) AS person"
    within = engine.arrays(
        f"SELECT {place}, {names}, count(*) AS persons FROM {persons} WHERE {bits} <= {most} GROUP BY ALL"
    )
    above = engine.arrays(f"SELECT {person}, {place}, {names} FROM {persons} WHERE {bits} > {most}")
    return within, above


def _words_of(found: dict[str, NDArray[Any]], words: int) -> Words:
    return np.stack([found[f"w{w}"].astype(np.uint64) for w in range(words)], axis=1)


def _truncate(words: Words, ids: Iterable[str], labels: list[bytes], most: int, key: bytes) -> Words:
    """For each person the `most` combinations that come first by the keyed hash of person and combination."""
    rows = list(map(tuple, words.tolist()))
    held_by = {row: _bits(row) for row in set(rows)}
    kept = []
    for person, given in zip(ids, rows, strict=True):
        start, held = person.encode() + b"\0", held_by[given]
        ranked = sorted([(_keyed_hash(start + labels[b], key), b) for b in held])
        row = [0] * len(given)
        for _, b in ranked[:most]:
            row[b // _WORD] |= 1 << b % _WORD
        kept.append(row)
    return np.array(kept, dtype=np.uint64).reshape(words.shape)


def _keyed_hash(message: bytes, key: bytes) -> bytes:
    """BLAKE2b with a key (RFC 7693): a message authentication code as HMAC is, in a third of the time."""
    return hashlib.blake2b(message, key=key, digest_size=16).digest()


def _bits(words: tuple[int, ...]) -> list[int]:
    """The numbers of the bits that are set."""
    return [w * _WORD + b for w, word in enumerate(words) for b in range(word.bit_length()) if word >> b & 1]
