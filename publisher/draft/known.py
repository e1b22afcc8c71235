"""What everybody knows besides the tables, and the layers of a policy's measures that are made with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from publisher.cube import Cube
from publisher.distinct import distinct_system
from publisher.draft.bounds import Bounds, amount_bounds, counts_by_sums, of_cells, population_bounds
from publisher.draft.keys import shown_cells
from publisher.draft.layers import CountLayer, SumLayer
from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.policy.declarations import AmountDeclaration
from publisher.policy.model import Suppression, TableSpec
from publisher.relations import IntArray, KeySet, LinkedSystem, all_cells, linked_system
from publisher.suppression.blocks import BoolArray
from publisher.suppression.primary import Amounts, protection_levels, sensitive_sums, shares

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Known(Opaque):
    """What everybody knows, and the declarations that the layers are made from.

    `leaf_sizes`: public size of each leaf; `everyone`: population of each cell of the keys, 0 where it is not known, or
    None where no population is declared.  `amounts`: declarations by id; `kept`: codes that the policy keeps.
    `elsewhere`: which cells of the keys, flat, are known from tables published elsewhere (None: none).
    """

    leaf_sizes: IntArray
    everyone: IntArray | None
    amounts: Mapping[str, AmountDeclaration]
    kept: Mapping[str, tuple[str, ...]]
    elsewhere: BoolArray | None = None


def counts_told_by(amount: str, layer: SumLayer, terms: tuple[KeySet, Known, str]) -> Bounds:
    """What the sums of an amount tell of the count of every cell of `linked_system(keys)`, flat.

    Somebody who knew all of them knows at least as much as everybody who solves for counts and sums together: what
    stays possible for him does for them.  The sums are protected from somebody who knows all counts in the same way.
    """
    keys, known, kind = terms
    lower, upper = amount_bounds(known.amounts[amount], keys.columns, known.kept)
    low, high = of_cells(lower, keys, widest=np.minimum), of_cells(upper, keys, widest=np.maximum)
    by_area = layer.values.reshape(-1, *keys.category_shape)
    return counts_by_sums(by_area, low, high, kind).shaped((layer.system.size,))


def count_layer(
    cube: Cube, kind: str, cells: tuple[BoolArray, Sequence[Bounds]],
    terms: tuple[Suppression, BoolArray, IntArray | None],
) -> tuple[CountLayer, Bounds]:  # fmt: skip
    """The layer of the one count, and what is known of it besides the tables: population, and the sums of its cells.

    `cells`: which are shown, and what each sum tells of the counts.  `terms`: the rule, which cells have too few
    contributors (shape keys.shape), and how many people there are in each (or None).
    """
    (shown, by_sums), (rule, few, everyone) = cells, terms
    keys, n = cube.keys, few.size
    system, values = _counted(cube, kind, shown)
    counts = values[:n].reshape(keys.shape)
    people = population_bounds(counts, everyone if kind.startswith("persons") else None, keys, kind)
    bounds = people.shaped((n,)).widened(system.size)
    for told in by_sums:
        bounds = bounds.within(told.widened(system.size))
    disclosed, fall = _shares(counts, everyone, rule)
    layer = CountLayer(
        system, values,
        sensitive=_padded(few | (disclosed & shown), system.size), lower=bounds.lower, top=bounds.top(values),
        fall=_padded(np.where(shown, fall, 0), system.size),
    )  # fmt: skip
    return layer, Bounds(bounds.lower[:n], bounds.upper[:n]).shaped(keys.shape)


def counts_of(cube: Cube, kind: str) -> IntArray:
    """A kind of count that adds up, over the cells of the keys, flat."""
    leaf = {"cases": cube.cases, "persons": cube.persons, "events": cube.events}[kind]
    if leaf is None:
        raise SuppressionError("events were not counted")
    return all_cells(leaf, cube.keys)[: int(np.prod(cube.keys.shape))]


def _counted(cube: Cube, kind: str, shown: BoolArray) -> tuple[LinkedSystem, IntArray]:
    """The equations of a kind of count, and the values of all their cells."""
    if kind == "persons_distinct":
        if cube.placed is None:
            raise SuppressionError("different persons were not counted")
        return distinct_system(cube.keys, cube.placed, shown)
    leaf = {"cases": cube.cases, "persons": cube.persons, "events": cube.events}[kind]
    if leaf is None:
        raise SuppressionError("events were not counted")
    return linked_system(cube.keys, shown), all_cells(leaf, cube.keys)


def _shares(counts: IntArray, everyone: IntArray | None, rule: Suppression) -> tuple[BoolArray, IntArray]:
    """Cells that the share rule makes sensitive, and how far those must be able to fall that nearly everybody is in."""
    nothing = np.zeros(counts.shape, dtype=np.int64)
    if rule.share_rule is None or everyone is None:
        return nothing > 0, nothing
    disclosed = shares(counts, everyone, rule=rule.share_rule, threshold=rule.threshold)
    others = everyone - counts
    nearly = disclosed & (others >= 0) & (others < rule.threshold)
    return disclosed, np.where(nearly, np.minimum(rule.threshold - others, counts), 0)


def _padded(cells: NDArray[_Scalar], size: int) -> NDArray[_Scalar]:
    """The cells, flat, and nothing for those of the system beyond them."""
    flat = cells.ravel()
    return np.concatenate([flat, np.zeros(size - flat.size, dtype=flat.dtype)])


def sum_layer(
    cube: Cube, amount: str, tables: Sequence[TableSpec], terms: tuple[Suppression, BoolArray, Known]
) -> SumLayer:
    """The layer of the sums of one amount.  `terms`: the rule, cells with too few contributors, and what is known.

    SuppressionError where bounds and cases are so large that their sums do not fit 64 bits.
    """
    rule, few, known = terms
    keys = cube.keys
    shown = shown_cells([t for t in tables if any(m.of == amount for m in t.sums)], keys)
    system = linked_system(keys, shown)
    lower, upper = amount_bounds(known.amounts[amount], keys.columns, known.kept)
    if max(abs(int(lower.min())), abs(int(upper.max())), 1) * int(cube.cases.sum()) >= Bounds.NONE:
        raise SuppressionError(f"amount {amount}: its declared bounds are too wide for so many cases; narrow them")
    added = cube.contributions[amount]
    parts = Amounts(added.largest, added.total, added.persons)
    sensitive = (few | sensitive_sums(parts, rule.sum_rules)) & shown
    return SumLayer(
        system, all_cells(cube.sums[amount], keys),
        sensitive=_padded(sensitive, system.size),
        lower=all_cells(cube.cases * lower, keys), upper=all_cells(cube.cases * upper, keys),
        reach=_padded(protection_levels(parts, rule.sum_rules, few=few), system.size),
    )  # fmt: skip
