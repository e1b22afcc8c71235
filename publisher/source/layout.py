"""How located records lie in the engine: columns `person`, `kase`, `day`, `leaf`, and `c0`, `c1`, ... as numbers."""

from dataclasses import dataclass
from math import prod

from publisher.errors import PolicyError
from publisher.policy.declarations import AmountDeclaration, CategoryDeclaration
from publisher.relations import Column
from publisher.source.identifiers import IdShape

Where = tuple[tuple[str, tuple[str, ...]], ...]

MOST_DAYS = 73_800
"""More than the days of 1900..2100; `day` counts from 1900-01-01."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the numbers in the engine's columns mean.  Public, except for the shape of person ids, which is opaque.

    `leaf` numbers `leaves`; `c{j}` numbers the codes of `categories[j]`.  `where`: the codes kept, by category id.
    `person`: None where person ids are not numbers made of text.  `a{j}` holds `amounts[j]` in whole units, within its
    declared bounds.
    """

    categories: tuple[CategoryDeclaration, ...]
    where: Where
    leaves: tuple[str, ...]
    person: IdShape | None
    amounts: tuple[AmountDeclaration, ...] = ()

    def __post_init__(self) -> None:
        if len(self.leaves) * self.personal_size * MOST_DAYS >= 2**62:
            raise PolicyError("too many areas and codes of personal categories to order records by")

    @property
    def personal(self) -> tuple[CategoryDeclaration, ...]:
        """The declared categories that belong to the person."""
        return tuple(c for c in self.categories if c.personal)

    @property
    def personal_size(self) -> int:
        """Number of combinations of all personal codes."""
        return prod(len(c.codes) for c in self.personal)

    def kept(self, category: CategoryDeclaration) -> tuple[str, ...]:
        """The codes of a category that `where` lets through."""
        return next((codes for name, codes in self.where if name == category.id), category.codes)

    def place(self, category_id: str) -> int:
        """The j of column `c{j}`."""
        return next(j for j, c in enumerate(self.categories) if c.id == category_id)

    def amount_column(self, amount_id: str) -> str:
        """The column that holds an amount; PolicyError where the records were placed without it."""
        for j, amount in enumerate(self.amounts):
            if amount.id == amount_id:
                return f"a{j}"
        raise PolicyError(f"amount {amount_id} is not declared, or was not asked for when records were placed")

    def declared(self, column: Column) -> CategoryDeclaration:
        """The declaration of a table's column; PolicyError if it is none, or differs in what decides privacy.

        A column must have every code that `where` lets through: dropping a code later would be a filter after
        bounding.
        """
        found = next((c for c in self.categories if c.id == column.id), None)
        if found is None:
            raise PolicyError(f"column {column.id} is not a declared category of the source")
        if found.personal != column.personal:
            raise PolicyError(f"column {column.id}: declared otherwise as to whether it belongs to the person")
        if not set(self.kept(found)) <= column.positions.keys() <= set(found.codes):
            raise PolicyError(f"column {column.id}: its codes must be declared, and hold all that the policy keeps")
        return found

    def position_sql(self, column: Column) -> str:
        """SQL of the position in `column.codes` where a record's code is counted.

        Everything that tells codes apart asks here, so that codes are joined before persons are bounded and before
        anything is counted once.
        """
        found, name = self.declared(column), f"c{self.place(column.id)}"
        if column.codes == found.codes and not column.joined:
            return name
        cases = " ".join(f"WHEN {found.codes.index(code)} THEN {i}" for code, i in column.positions.items())
        return f"(CASE {name} {cases} END)"

    def flat_sql(self, columns: tuple[Column, ...]) -> str:
        """SQL of the flat index of a record's codes in the cross of `columns`, C order, as BIGINT; 0 for no columns."""
        flat = "0::BIGINT"
        for column in columns:
            flat = f"({flat} * {len(column.codes)} + {self.position_sql(column)})"
        return flat


def check_where(where: Where, categories: tuple[CategoryDeclaration, ...]) -> None:
    """PolicyError unless each filter names a declared category once, with declared codes, at least one."""
    declared = {c.id: c for c in categories}
    if len({name for name, _ in where}) != len(where):
        raise PolicyError("where: a category may stand once")
    for name, codes in where:
        if name not in declared:
            raise PolicyError(f"where: {name} is not a declared category of the source")
        if not codes or len(set(codes)) != len(codes) or not set(codes) <= set(declared[name].codes):
            raise PolicyError(f"where: {name}: codes must be declared and different, at least one")
