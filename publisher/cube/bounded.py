"""What bounded persons add to each leaf cell, for noise only."""

from dataclasses import InitVar, dataclass
from math import prod

import numpy as np

from publisher.bounding import BoundedCases
from publisher.bounding.contributions import Detail, Words
from publisher.cube.cells import leaf_shape, sealed
from publisher.errors import PolicyError
from publisher.opaque import Opaque, require_mint
from publisher.policy.model import ContributionBound
from publisher.quantity import UNITS, Quantity
from publisher.relations import Column, IntArray, KeySet
from publisher.source.layout import Layout

_MINT = object()
_PERSONS = Quantity("persons", 1)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BoundedCube(Opaque):
    """What bounded persons add, for noise only: `counts`, shape (leaves, codes...), read-only.

    One person adds at most `quantity.most`, in absolute value, to one cell, and to at most as many cells as `bound`
    allows, all of one leaf and of one value of each personal column.
    """

    mint: InitVar[object]
    keys: KeySet
    counts: IntArray
    bound: ContributionBound
    quantity: Quantity

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "BoundedCube")


def count_bounded(bounded: BoundedCases, *, keys: KeySet, quantity: Quantity = _PERSONS) -> BoundedCube:
    """Count what bounded persons add to every declared leaf cell.

    Persons are counted once in each cell of `keys`, which may leave out columns that were bounded.  Cases, events and
    sums are counted in the combinations that were bounded, so that `keys` has all of those columns that are not
    personal, and persons must have been bounded in detail.  PolicyError for other keys.
    """
    shape = leaf_shape(bounded.layout, keys)
    others = tuple(c for c in keys.columns if not c.personal)
    known = tuple(c for c in bounded.columns if not c.personal)
    if not set(keys.columns) <= set(bounded.columns):
        raise PolicyError("the keys have other columns than the persons were bounded for")
    personal = tuple(c for c in keys.columns if c.personal)
    size = prod(len(c.codes) for c in personal)
    rows = shape[0] * size
    if quantity.kind == "values":
        raise PolicyError("values are counted by `count_values`")
    if quantity.kind.startswith("persons"):
        places = _rows(bounded.layout, bounded.places, personal)
        counts = _count_persons((bounded.words, bounded.persons), places, rows, (known, others))
    elif others == known:
        counts = _add_up(bounded, personal, rows, quantity)
    else:
        raise PolicyError(f"{quantity.kind} are counted in the combinations that were bounded, all of their columns")
    return BoundedCube(_MINT, keys, sealed(_in_order(counts, keys, shape)), bounded.bound, quantity)


def count_placed(bounded: BoundedCases, keys: KeySet, each: IntArray) -> IntArray:
    """Persons in each leaf cell of `keys`, shape (leaves, codes...), exact: for `placed_persons`, not for noise.

    `each`: for every row of `bounded` what it adds to a cell, for example the number of its persons.
    """
    shape = leaf_shape(bounded.layout, keys)
    known, others = (tuple(c for c in of if not c.personal) for of in (bounded.columns, keys.columns))
    personal = tuple(c for c in keys.columns if c.personal)
    rows = shape[0] * prod(len(c.codes) for c in personal)
    places = _rows(bounded.layout, bounded.places, personal)
    return _in_order(_count_persons((bounded.words, each), places, rows, (known, others)), keys, shape)


def _rows(layout: Layout, places: IntArray, personal: tuple[Column, ...]) -> IntArray:
    """For each place, leaf x combination of the personal columns that are kept."""
    leaf, own = np.divmod(places, layout.personal_size)
    size = prod(len(c.codes) for c in personal)
    return np.asarray(leaf * size + _own_cells(layout, personal)[own])


def _in_order(counts: IntArray, keys: KeySet, shape: tuple[int, ...]) -> IntArray:
    """Personal columns were counted first: put the axes into the order of the keys."""
    personal = [axis for axis, c in enumerate(keys.columns, start=1) if c.personal]
    order = [0, *personal, *(a for a in range(1, len(shape)) if a not in personal)]
    return np.ascontiguousarray(counts.reshape([shape[a] for a in order]).transpose(np.argsort(order)))


def _count_persons(
    alike: tuple[Words, IntArray], rows: IntArray, size: int, columns: tuple[tuple[Column, ...], tuple[Column, ...]]
) -> IntArray:
    """Persons in each row and combination of the columns that are kept, each once.

    `alike`: the combinations of those who are alike, and what they add to a cell.
    """
    (known, others), (words, each) = columns, alike
    counts = np.zeros((size, prod(len(c.codes) for c in others)), dtype=np.int64)
    if known == others:
        _add_bits(counts, rows, words, each)
        return counts
    for cell, mask in enumerate(_masks(known, others, words.shape[1])):
        there = (words & mask).any(axis=1)
        np.add.at(counts[:, cell], rows[there], each[there])
    return counts


def _masks(known: tuple[Column, ...], others: tuple[Column, ...], words: int) -> Words:
    """For each combination of `others`, the bits of the combinations of `known` that it is made of."""
    codes = np.unravel_index(np.arange(prod(len(c.codes) for c in known)), [len(c.codes) for c in known])
    kept = [codes[known.index(c)] for c in others]
    flat = np.ravel_multi_index(kept, [len(c.codes) for c in others]) if others else np.zeros(len(codes[0]), dtype=int)
    masks = np.zeros((prod(len(c.codes) for c in others), words), dtype=np.uint64)
    for bit, cell in enumerate(flat.tolist()):
        masks[cell, bit // 64] |= np.uint64(1) << np.uint64(bit % 64)
    return masks


def _add_up(bounded: BoundedCases, personal: tuple[Column, ...], size: int, quantity: Quantity) -> IntArray:
    """Cases, events or amounts in each row and combination, each person's bounded before they are added."""
    detail, layout = bounded.detail, bounded.layout
    if detail is None:
        raise PolicyError(f"{quantity.kind} need persons that were bounded in detail")
    found = detail.engine.arrays(_added_sql(detail, bounded, quantity))
    others = tuple(c for c in bounded.columns if not c.personal)
    counts = np.zeros((size, prod(len(c.codes) for c in others)), dtype=np.int64)
    np.add.at(counts, (_rows(layout, found["place"].astype(np.int64), personal), found["combination"]), found["n"])
    return counts


def _added_sql(detail: Detail, bounded: BoundedCases, quantity: Quantity) -> str:
    """One row a person and combination that the bound kept, then summed over persons of one place."""
    what = "count(*)" if quantity.kind != "sum" else f"sum({bounded.layout.amount_column(quantity.amount)})::BIGINT"
    value = f"least(v, {quantity.most})" if quantity.kind != "sum" else _units_sql(bounded, quantity)
    return (
        f"WITH one AS (SELECT person, {detail.combination} AS combination, {what} AS v FROM {detail.units} "
        "GROUP BY ALL), "
        f"kept AS (SELECT * FROM one ANTI JOIN {detail.dropped} USING (person, combination)) "
        f"SELECT place, combination, sum({value})::BIGINT AS n FROM kept JOIN {detail.persons} USING (person) "
        "GROUP BY ALL"
    )


def _units_sql(bounded: BoundedCases, quantity: Quantity) -> str:
    """A person's sum, clamped, in units of clamp / UNITS, to the nearest (a half away from zero), so that many persons'
    rounding does not add up; whole numbers throughout, none beyond UNITS."""
    clamp = quantity.clamp
    if clamp is None:
        raise PolicyError("a sum needs a clamp")
    bound = str(clamp.of("")) if not clamp.column else _by_code(bounded, clamp.column, dict(clamp.bounds))
    return f"(sign(v)::BIGINT * ((least(abs(v), {bound}) * {UNITS} + {bound} // 2) // {bound}))"


def _by_code(bounded: BoundedCases, column_id: str, bounds: dict[str, int]) -> str:
    """SQL of the clamp of a row of `kept` by its code of one column, personal or not."""
    column = next(c for c in bounded.columns if c.id == column_id)
    if column.personal:  # places are by declared codes, of which several may stand in one of the column's
        own, of = bounded.layout.personal, "place"
        at = next(i for i, c in enumerate(own) if c.id == column_id)
        size, stride = len(own[at].codes), prod(len(c.codes) for c in own[at + 1 :])
        codes = {own[at].codes.index(part): column.codes[i] for part, i in column.positions.items()}
    else:
        others, of = tuple(c for c in bounded.columns if not c.personal), "combination"
        size, stride = len(column.codes), prod(len(c.codes) for c in others[others.index(column) + 1 :])
        codes = dict(enumerate(column.codes))
    cases = " ".join(f"WHEN {i} THEN {bounds[code]}" for i, code in codes.items())
    return f"(CASE (({of} // {stride}) % {size}) {cases} END)::BIGINT"


def _own_cells(layout: Layout, columns: tuple[Column, ...]) -> IntArray:
    """For each combination of all declared personal codes, its flat index in the cross of `columns`."""
    codes = np.unravel_index(np.arange(layout.personal_size), [len(c.codes) for c in layout.personal] or [1])
    flat = np.zeros(layout.personal_size, dtype=np.int64)
    for column in columns:
        declared, positions = layout.declared(column), column.positions
        position = np.array([positions.get(c, 0) for c in declared.codes])
        flat = flat * len(column.codes) + position[codes[layout.personal.index(declared)]]
    return flat


def _add_bits(counts: IntArray, rows: IntArray, words: Words, persons: IntArray) -> None:
    """Add `persons[i]` to `counts[rows[i], b]` for every bit b that is set in `words[i]`."""
    for number, word in enumerate(words.T):
        left, at, weight = word, rows, persons
        while (some := left != 0).any():
            left, at, weight = left[some], at[some], weight[some]
            rest = left & (left - np.uint64(1))  # without its lowest bit
            bit = np.bitwise_count((left ^ rest) - np.uint64(1))
            np.add.at(counts, (at, number * 64 + bit.astype(np.int64)), weight)
            left = rest
