"""The policy as it is and its alternatives, each counted and suppressed as a run would do it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from publisher.counting import Counted, count_each, rows_of
from publisher.draft.reasons import reasons_of
from publisher.draft.suppressed import SuppressedCube
from publisher.errors import GeographyError, PublisherError, SuppressionError
from publisher.periods import Period
from publisher.pipeline import suppress_tables
from publisher.policy.check import check_policies
from publisher.policy.loader import LoadedPolicy
from publisher.policy.model import Policy, Suppression
from publisher.preparation import Prepared
from publisher.rehearsal.alternative import Alternative, Kind
from publisher.rehearsal.cells import cells_of, withheld_derived
from publisher.rehearsal.figures import TableFigures, figures_of
from publisher.rehearsal.places import places_of
from publisher.rehearsal.verdict import Verdict, verdict_of
from publisher.relations import KeySet

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told beside the figures.

    `areas`: municipalities to tell of by name; `audit`: attack the policy as it is.
    """

    areas: tuple[str, ...] = ()
    audit: bool = False


NOTHING = Beside()


@dataclass(frozen=True, slots=True)
class Trial:
    """What a policy would give: its tables, or why it would be refused.

    `alternative`: None for the policy as it is.  `check`: what the policy check says against it as things are.
    `verdict`: of the audit, where one was asked for.
    """

    alternative: Alternative | None
    period: str
    check: tuple[str, ...]
    refused: str
    tables: tuple[TableFigures, ...]
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if bool(self.refused) == bool(self.tables):
            raise ValueError("a trial has tables, or a reason why it has none")

    @property
    def name(self) -> str:
        """The alternative's name; empty for the policy as it is."""
        return self.alternative.name if self.alternative else ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A trial before anything is counted; `refused`: why it need not be."""

    alternative: Alternative | None
    prepared: Prepared
    check: tuple[str, ...]
    refused: str


def try_out(
    prepared: Prepared, alternatives: Sequence[Alternative], *, now: datetime, say: Say, beside: Beside
) -> tuple[Trial, ...]:
    """The policy itself first, then each alternative.  The records of a period are read once.

    Raises what reading the records raises; what cannot be protected is a trial that says so.
    """
    plans = [_Plan(None, prepared, (), ""), *(_plan(prepared, a, now) for a in alternatives)]
    say(f"{prepared.policy.id} {prepared.period.code}: count")
    counted = _count([p.prepared for p in plans if not p.refused])
    out = []
    for i, plan in enumerate(plans):
        if alternatives:
            of = f" ({i} of {len(alternatives)})" if i else ""
            say(f"{prepared.policy.id} {plan.prepared.period.code}: suppress, {_name(plan)}{of}")
        out.append(_trial(plan, counted, beside, lambda suppressed: _audited(prepared, suppressed, now, say)))
    return tuple(out)


def _audited(prepared: Prepared, suppressed: SuppressedCube, now: datetime, say: Say) -> Verdict:
    say(f"{prepared.policy.id} {prepared.period.code}: audit")
    return verdict_of(prepared, suppressed, now=now)


def _name(plan: _Plan) -> str:
    return plan.alternative.name if plan.alternative else "as it is"


def _plan(prepared: Prepared, alternative: Alternative, now: datetime) -> _Plan:
    """What must hold before records are read: areas and types that exist, and a year that the source covers."""
    period, policy = alternative.period(prepared.period), alternative.policy
    derived = replace(prepared, policy=policy, period=period)
    problems = problems_of(derived)
    try:
        derived.keys(policy.suppressed_tables)
        refused = _not_covered(derived, now) if alternative.kind is Kind.PERIOD else ""
    except GeographyError as error:
        refused = str(error)
    return _Plan(alternative, derived, problems, refused)


def problems_of(derived: Prepared) -> tuple[str, ...]:
    """What the policy check says against a derived policy as things are."""
    return tuple(p.message for p in check_policies([_unfiled(derived.policy)], derived.work.settings))


def _unfiled(policy: Policy) -> LoadedPolicy:
    """A derived policy as the policy check takes them; there is no file that its lines could be in."""
    return LoadedPolicy(policy, policy.id, b"", (1,) * len(policy.tables), 1)


def _not_covered(derived: Prepared, now: datetime) -> str:
    """Why the source does not cover the year: it is not over, or its first or last month has no record."""
    year = derived.period
    if year.end > now.astimezone(ZoneInfo(derived.policy.schedule.timezone)).date():
        return f"{year.code} is not over"
    for month in (Period.parse(f"{year.code}M01"), Period.parse(f"{year.code}M12")):
        if not rows_of(derived, month):
            return f"the source has no record of {month.code}: it does not cover {year.code}"
    return ""


_Cut = tuple[Period, tuple[tuple[object, ...], ...]]


def _cut(prepared: Prepared) -> _Cut:
    """What a cube depends on: policies with the same share one."""
    tables = tuple((t.categories, t.areas, t.measures) for t in prepared.policy.tables)
    return prepared.period, tables


def _count(several: Sequence[Prepared]) -> Mapping[_Cut, Counted]:
    """One cube for each cut, with insiders told apart where one of its policies asks for them."""
    cubes: dict[_Cut, Prepared] = {}
    for one in several:
        known = cubes.get(_cut(one))
        if known is None or _asks_for_insiders(one):
            cubes[_cut(one)] = one
    out: dict[_Cut, Counted] = {}
    for period in dict.fromkeys(cut[0] for cut in cubes):
        of_period = {cut: p for cut, p in cubes.items() if cut[0] == period}
        out |= zip(of_period, count_each(list(of_period.values())), strict=True)
    return out


def _asks_for_insiders(prepared: Prepared) -> bool:
    return any(isinstance(t.protection, Suppression) and t.protection.insiders for t in prepared.policy.tables)


def _trial(
    plan: _Plan, counted: Mapping[_Cut, Counted], beside: Beside, audit: Callable[[SuppressedCube], Verdict]
) -> Trial:
    prepared, tables, verdict = plan.prepared, tuple[TableFigures, ...](), None
    refused = plan.refused
    if not refused:
        cube = counted[_cut(prepared)]
        try:
            suppressed = _suppressed(prepared, cube)
            tables = _tables(prepared, cube, suppressed, beside)
            verdict = audit(suppressed) if beside.audit and plan.alternative is None else None
        except SuppressionError as error:
            refused = f"{error}{_named(error, prepared.keys(prepared.policy.suppressed_tables))}"
    return Trial(plan.alternative, prepared.period.code, plan.check, refused, tables, verdict)


def _named(error: SuppressionError, keys: KeySet) -> str:
    """The cells of an error by their codes, as far as they are cells of a table."""
    inside = [cell for cell in error.cells if cell < int(np.prod(keys.shape))]
    areas, categories = keys.area_codes, keys.category_keys
    found = [" ".join((areas[cell // len(categories)], *categories[cell % len(categories)])) for cell in inside]
    return f" ({'; '.join(found)})" if found else ""


def _suppressed(prepared: Prepared, counted: Counted) -> SuppressedCube:
    suppressed = suppress_tables(prepared, counted, ())
    if suppressed is None:
        raise PublisherError(f"policy {prepared.policy.id} has no suppressed table")
    return suppressed


def _tables(
    prepared: Prepared, counted: Counted, suppressed: SuppressedCube, beside: Beside
) -> tuple[TableFigures, ...]:
    if counted.whole is None:
        raise PublisherError(f"policy {prepared.policy.id} has no suppressed table")
    populations = prepared.denominators(suppressed.keys)
    everyone = populations.get(prepared.work.settings.everyone or "")
    tables = prepared.policy.suppressed_tables
    reasons = reasons_of(counted.whole, suppressed, kind=tables[0].count.kind, everyone=everyone)
    names = prepared.index.counties | prepared.index.municipalities
    return tuple(
        figures_of(
            cells_of(t, suppressed, reasons), names, forced=suppressed.rule.forced, insiders=suppressed.rule.insiders,
            derived=withheld_derived(t, suppressed, populations), places=places_of(prepared, t, beside.areas),
        )
        for t in tables
    )  # fmt: skip
