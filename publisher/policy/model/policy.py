"""One statistical product: its tables, its records, its schedule."""

from dataclasses import dataclass
from fractions import Fraction

from publisher.policy.model.noise import Noise
from publisher.policy.model.schedule import Schedule
from publisher.policy.model.suppression import Suppression
from publisher.policy.model.tables import TableSpec
from publisher.release.model import Text


@dataclass(frozen=True, slots=True)
class Policy:
    """One statistical product, as its file says it.  `digest` is the SHA-256 of the file's exact bytes.

    `where`: pairs of a declared category column and the codes kept.  `edition`: of areas, or REFERENCE_YEAR: the one
    that is valid in the period's year.  `type_year`: None means the period's own year.
    """

    id: str
    agency: str
    title: Text
    contact_name: str
    contact_email: str
    licence: str
    legal_basis: str
    source: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    edition: str
    type_year: int | None
    tables: tuple[TableSpec, ...]
    schedule: Schedule
    digest: str

    def __post_init__(self) -> None:
        if not self.tables:
            raise ValueError("a policy needs at least one table")
        ids = [t.id for t in self.tables]
        if len(set(ids)) != len(ids):
            raise ValueError("a table id may stand once")
        for table in self.noise_tables:
            self._check_together(table)

    def _check_together(self, table: TableSpec) -> None:
        """A table that is measured with another has that one's rho, bound and estimate, and follows no follower."""
        noise = table.protection
        if not isinstance(noise, Noise) or not noise.together_with:
            return
        first = next((t.protection for t in self.noise_tables if t.id == noise.together_with), None)
        if not isinstance(first, Noise) or first.together_with or first.shared != noise.shared:
            raise ValueError(f"table {table.id}: together_with names a table under noise that has terms of its own")

    @property
    def noise_tables(self) -> tuple[TableSpec, ...]:
        """The tables protected by noise."""
        return tuple(t for t in self.tables if isinstance(t.protection, Noise))

    @property
    def measured_together(self) -> tuple[tuple[TableSpec, ...], ...]:
        """The noise tables, those that share one measurement in one group: first the one that has its terms."""
        with_ = {t.id: t.protection.together_with for t in self.noise_tables if isinstance(t.protection, Noise)}
        first = [t for t in self.noise_tables if not with_[t.id]]
        return tuple((f, *(t for t in self.noise_tables if with_[t.id] == f.id)) for f in first)

    def partners(self, table: TableSpec) -> tuple[TableSpec, ...]:
        """The tables that are measured together with one, itself among them; a table by itself stands alone."""
        return next((group for group in self.measured_together if table in group), (table,))

    @property
    def suppressed_tables(self) -> tuple[TableSpec, ...]:
        """The tables protected by suppression."""
        return tuple(t for t in self.tables if isinstance(t.protection, Suppression))

    @property
    def uses_types(self) -> bool:
        """Whether any table has area types."""
        return any(level.endswith("area_type") for table in self.tables for level in table.areas)

    @property
    def rho(self) -> Fraction:
        """What one run charges: the sum over its noise tables (zCDP composes by addition)."""
        return sum((t.rho for t in self.tables), Fraction(0))
