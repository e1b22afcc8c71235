"""Before anything is read: is the run allowed, which version is it, and what public knowledge does it need."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from publisher.draft.keys import policy_keys
from publisher.draft.outside import outside_spec
from publisher.errors import RunError
from publisher.forecast import over_the_cap
from publisher.geography.changes import load_breaks
from publisher.geography.files import Population, load_population, load_register
from publisher.geography.outside import KnownNumbers, load_outside
from publisher.geography.places import Places, load_places
from publisher.geography.register import AreaIndex
from publisher.ledger import Account, Intent, cap_units
from publisher.noise.workloads import Workload, workloads
from publisher.periods import Period
from publisher.policy.check_outside import tables_about
from publisher.policy.declarations import Settings, SourceDeclaration
from publisher.policy.model import Policy, TableSpec
from publisher.relations import IntArray, KeySet
from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run.

    `revise`: make a new version of a sealed period.  `again`: another try of a run that was charged and not sealed.
    Both need a `reason`, which is published with the release or the account.  `version`: the one that is meant, where
    it was planned beforehand; 0 for whichever is next.
    """

    policy: str
    period: Period
    revise: bool = False
    again: bool = False
    reason: str = ""
    version: int = 0

    def __post_init__(self) -> None:
        if (self.revise or self.again) != bool(self.reason.strip()):
            raise RunError("--revise and --again need --reason TEXT, and a reason belongs to one of them")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all steps of one run share: public facts only."""

    work: Workspace
    policy: Policy
    period: Period
    index: AreaIndex
    others: tuple[AreaIndex, ...]
    places: Places
    breaks: tuple[str, ...]
    type_year: int
    populations: dict[str, Population]
    outside: tuple[KnownNumbers, ...] = ()

    @property
    def edition(self) -> str:
        """The edition of areas of this period."""
        return self.index.edition

    @property
    def source(self) -> SourceDeclaration:
        """The declaration of the records."""
        return self.work.settings.sources[self.policy.source]

    @property
    def amounts(self) -> tuple[str, ...]:
        """Ids of the amounts that some table sums or shows quantiles of."""
        return tuple(sorted({m.of for t in self.policy.tables for m in (*t.sums, *t.quantiles)}))

    def signed(self, table: TableSpec) -> frozenset[str]:
        """Ids of a table's sums whose amounts may be negative, as the source declares them."""
        least = {a.id: min(lower for lower, _ in a.bounds.values()) for a in self.source.amounts}
        return frozenset(m.id for m in table.sums if least[m.of] < 0)

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """What is measured: each noise table by itself, but for those that are measured together."""
        return workloads(self.policy.measured_together, self.keys)

    def keys(self, tables: tuple[TableSpec, ...]) -> KeySet:
        """The key set of some of the policy's tables."""
        return policy_keys(self.policy, tables, source=self.source, index=self.index, type_year=self.type_year)

    @property
    def linked_keys(self) -> KeySet:
        """The key set of all suppressed tables, and of what others have published about the same records."""
        elsewhere = (outside_spec(numbers, self.policy) for numbers in self.outside)
        return self.keys((*self.policy.suppressed_tables, *elsewhere))

    def denominators(self, keys: KeySet) -> dict[str, IntArray]:
        """Every public population over a key set, by id."""
        return {k: p.denominators(keys, self.period.year) for k, p in self.populations.items()}

    @property
    def uses_types(self) -> bool:
        """Whether any table has area types."""
        return self.policy.uses_types

    def leaf_sizes(self) -> IntArray:
        """Public size of each leaf: the population of the first denominator, else one a RegSO."""
        places = {leaf: i for i, leaf in enumerate(self.index.leaves)}
        sizes = np.zeros(len(places), dtype=np.int64)
        chosen = self.populations.get(self.work.settings.everyone or "")
        for population in [chosen] if chosen else list(self.populations.values())[:1]:
            rows = population.rows[population.rows["year"] == str(self.period.year)]
            known = rows[rows["regso"].isin(places)]
            np.add.at(sizes, known["regso"].map(places).to_numpy(), known["population"].to_numpy().astype(np.int64))
        return sizes if sizes.any() else np.array(["R" in leaf for leaf in places], dtype=np.int64)


def check_request(work: Workspace, policy: Policy, request: RunRequest, now: datetime) -> None:
    """RunError where the period is not one of the policy's, is not over, or may not be revised."""
    zone = ZoneInfo(policy.schedule.timezone)
    grain = policy.schedule.grain
    if request.period.grain != grain:
        raise RunError(f"policy {policy.id} is run every {grain}; {request.period.code} is none")
    if request.revise and grain == "rolling-year":
        raise RunError(
            f"policy {policy.id}: a rolling year is not revised, since every later one that overlaps would have to be "
            "revised with it; late records are in the next month's"
        )
    if request.period.end > now.astimezone(zone).date():
        raise RunError(f"period {request.period.code} is not over; it can be run from {request.period.end}")
    work.bodies.check(policy, request.period.code)


def next_version(work: Workspace, request: RunRequest) -> int:
    """The version to make: that of the sealed one, or the next with a reason to revise.

    RunError where another was planned: somebody has sealed that meanwhile, and it is not made twice.
    """
    wanted = (request.policy, request.period.code)
    last = max((r.version for r in work.store.records() if (r.policy, r.period) == wanted), default=0)
    if request.revise and not last:
        raise RunError(f"{request.policy} {request.period.code} was never sealed; run it without --revise")
    version = last + 1 if request.revise else max(last, 1)
    if request.version not in (0, version):
        raise RunError(f"{request.policy} {request.period.code}: version {request.version} is sealed already")
    return version


def prepare(work: Workspace, policy: Policy, period: Period) -> Prepared:
    """Load the register of the period's edition, what records are placed by, and the populations that are needed."""
    settings = work.settings
    edition, source = settings.edition_of(policy.edition, period.year), settings.sources[policy.source]
    files = settings.geography[edition]
    others = tuple(load_register(g, settings.folder) for e, g in settings.geography.items() if e != edition)
    index = load_register(files, settings.folder)
    wanted = {m.denominator for t in policy.tables for m in t.measures if m.denominator}
    wanted |= {settings.everyone} if settings.everyone and policy.suppressed_tables else set()
    return Prepared(
        work, policy, period,
        index=index,
        others=others,
        places=load_places(source, files, settings.folder),
        breaks=load_breaks(files, settings.folder),
        type_year=policy.type_year or period.year,
        populations={k: load_population(settings.populations[k], settings.folder) for k in sorted(wanted)},
        outside=_outside(policy, settings, index, period),
    )  # fmt: skip


def _outside(policy: Policy, settings: Settings, index: AreaIndex, period: Period) -> tuple[KnownNumbers, ...]:
    """What declared tables of others know of the period."""
    source = settings.sources[policy.source]
    loaded = [
        load_outside(table, settings.folder, source=source, index=index, period=period)
        for table in tables_about(policy, settings)
    ]
    return tuple(numbers for numbers in loaded if numbers.rows)


def intent_of(prepared: Prepared, release_id: str, request: RunRequest) -> Intent:
    """What the run wants to charge; its run key is the id of its release."""
    policy, work = prepared.policy, prepared.work
    parts = [part for workload in prepared.workloads for part in workload.parts]
    cap = work.settings.agencies[policy.agency].cap
    return Intent(
        account=Account(policy.agency, prepared.period.year),
        run_key=release_id,
        parts={part.name: part.rho_units for part in parts},
        cap=cap,
        reason=request.reason,
        again=request.again,
        over_the_cap=over_the_cap(
            policy, prepared.period, cap=cap_units(cap), rows=work.ledger.rows(), anew=request.revise
        ) if parts else "",
    )  # fmt: skip


def check_rollback(work: Workspace) -> None:
    """P3: a ledger that is behind anything sealed stops every run until the difference is booked."""
    with work.store.changing():
        for record in work.store.records():
            work.store.check_against_ledger(record)
        work.store.check_catalogue_against_ledger()
