"""What is checked of policies against the declarations, and over all policies of an agency together.

The loader has checked each file's form.  Here: does everything that a policy names exist; can its protection be kept;
and does any body of records get two protections (MODEL.md, "Two protections over the same records").
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publisher.policy.check_outside import check_outside
from publisher.policy.check_rolling import check_rolling
from publisher.policy.check_table import check_table
from publisher.policy.check_together import check_together
from publisher.policy.declarations import REFERENCE_YEAR, Settings, SourceDeclaration
from publisher.policy.joining import check_joins
from publisher.policy.loader import LoadedPolicy
from publisher.policy.yaml_nodes import Problem

Records = tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""A selection of records: source id, and the codes that `where` keeps of some columns."""


def check_policies(loaded: Sequence[LoadedPolicy], settings: Settings) -> list[Problem]:
    """Every problem of the policies, alone and together, in order of file and line."""
    problems = [p for one in loaded for p in _check_alone(one, settings)]
    problems += [p for a, b in combinations(loaded, 2) for p in _check_pair(a, b, settings)]
    problems += _check_accounts(loaded, settings)
    return sorted(set(problems))


def _check_alone(one: LoadedPolicy, settings: Settings) -> Iterator[Problem]:
    policy = one.policy
    if policy.agency not in settings.agencies:
        yield Problem(one.file, 1, f"agency {policy.agency} is not declared in publisher.toml")
    source = settings.sources.get(policy.source)
    if source is None:
        yield Problem(one.file, 1, f"source {policy.source} is not declared in publisher.toml")
        return
    if source.agency != policy.agency:
        yield Problem(one.file, 1, f"source {source.id} belongs to agency {source.agency}")
    yield from _check_where(one, source)
    yield from _check_geography(one, source, settings)
    yield from _check_timezone(one)
    yield from _check_one_protection(one)
    yield from _check_levels(one)
    yield from (Problem(one.file, 1, message) for message in check_rolling(policy))
    yield from (Problem(one.file, one.where_line, message) for message in check_outside(policy, settings))
    for table, line in zip(policy.tables, one.table_lines, strict=True):
        found = (*check_table(table, source, settings), *check_joins(table, policy, source))
        yield from (Problem(one.file, line, f"table {table.id}: {m}") for m in found)
    yield from _check_together(one, source)


def _check_together(one: LoadedPolicy, source: SourceDeclaration) -> Iterator[Problem]:
    lines = {t.id: line for t, line in zip(one.policy.tables, one.table_lines, strict=True)}
    personal = [c.id for c in source.categories if c.personal]
    for tables in one.policy.measured_together:
        if len(tables) > 1:
            for table, message in check_together(tables, personal):
                yield Problem(one.file, lines[table.id], f"table {table.id}: {message}")


def _check_where(one: LoadedPolicy, source: SourceDeclaration) -> Iterator[Problem]:
    declared = {c.id: c.codes for c in source.categories}
    for column, codes in one.policy.where:
        if column not in declared:
            yield Problem(one.file, one.where_line, f"where: column {column} is not declared for source {source.id}")
            continue
        for code in sorted(set(codes) - set(declared[column])):
            yield Problem(one.file, one.where_line, f"where: code {code} is not declared for column {column}")


def _check_geography(one: LoadedPolicy, source: SourceDeclaration, settings: Settings) -> Iterator[Problem]:
    policy = one.policy
    if policy.edition not in {REFERENCE_YEAR, *settings.geography}:
        yield Problem(one.file, 1, f"geography: edition {policy.edition} is not declared in publisher.toml")
        return
    if source.edition and policy.edition != source.edition:
        yield Problem(one.file, 1, f"geography: edition {policy.edition} is not that of source {source.id}")
        return
    named = [g for g in settings.geography.values() if policy.edition in (g.edition, REFERENCE_YEAR)]
    for files in named:
        missing = {"deso": files.deso_key, "coordinates": files.geometry}.get(source.placing, "-")
        if not missing:
            what = "deso_key" if source.placing == "deso" else "geometry"
            yield Problem(one.file, 1, f"geography: edition {files.edition} declares no {what}, to place records by")
    if policy.uses_types:
        yield from _check_types(one, {f.edition: set(f.area_types) for f in named})


def _check_types(one: LoadedPolicy, years: Mapping[str, set[int]]) -> Iterator[Problem]:
    policy = one.policy
    for edition, known in years.items():
        if policy.type_year is not None and policy.type_year not in known:
            yield Problem(one.file, 1, f"geography: edition {edition} has no area types of {policy.type_year}")
        elif not known:
            yield Problem(one.file, 1, f"geography: edition {edition} has no area types")


def _check_timezone(one: LoadedPolicy) -> Iterator[Problem]:
    try:
        ZoneInfo(one.policy.schedule.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Problem(one.file, 1, f"schedule: timezone {one.policy.schedule.timezone} is not known")


def _check_one_protection(one: LoadedPolicy) -> Iterator[Problem]:
    if one.policy.noise_tables and one.policy.suppressed_tables:
        yield Problem(one.file, 1, "the tables of a policy are one body: protect all by noise or all by suppression")
    terms = {(t.protection, t.count.kind) for t in one.policy.suppressed_tables}
    if len(terms) > 1:
        yield Problem(one.file, 1, "suppressed tables of one policy are one linked system: give all the same rules")


_RANK = {"riket": 0, "area_type": 0, "lan": 1, "lan_area_type": 1, "kommun": 2, "kommun_area_type": 2, "regso": 3}
_PLACES = ("riket", "lan", "kommun", "regso")


def _check_levels(one: LoadedPolicy) -> Iterator[Problem]:
    """No level may be skipped under suppression: the rows "no area stated" of the one left out would follow by
    subtraction, and no rule would have looked at them."""
    levels = {level for table in one.policy.suppressed_tables for level in table.areas}
    ranks = [_RANK[level] for level in levels]
    for rank in range(min(ranks, default=0) + 1, max(ranks, default=0) + 1):
        if _PLACES[rank] not in levels:
            yield Problem(
                one.file, 1,
                f"suppressed tables with these areas need level {_PLACES[rank]} too: its rows without a stated area "
                "could be computed by subtraction",
            )  # fmt: skip


def _check_pair(a: LoadedPolicy, b: LoadedPolicy, settings: Settings) -> Iterator[Problem]:
    one, other = a.policy, b.policy
    if one.id == other.id:
        yield Problem(b.file, 1, f"policy {other.id} stands in two files ({a.file})")
        return
    for table in {t.id for t in one.tables} & {t.id for t in other.tables}:
        yield Problem(b.file, 1, f"table id {table} is used by policy {one.id} too")
    if one.agency != other.agency or not may_share_records((one.source, one.where), (other.source, other.where)):
        return
    if (one.noise_tables and other.suppressed_tables) or (one.suppressed_tables and other.noise_tables):
        yield Problem(
            b.file, b.where_line,
            f"{one.id} and {other.id} may hold the same records, one by noise and one by suppression: exact cells "
            "would bound the noisy ones. Make their `where` disjoint on one column, or use one protection",
        )  # fmt: skip
    if one.suppressed_tables and other.suppressed_tables:
        yield Problem(
            b.file, b.where_line,
            f"{one.id} and {other.id} may hold the same records and are suppressed apart: put their tables in one "
            "policy, so that they are protected together, or make their `where` disjoint on one column",
        )  # fmt: skip


def may_share_records(one: Records, other: Records) -> bool:
    """Whether two selections of one agency can hold the same record: not if one source's column keeps them apart.

    Two sources of an agency always count as the same records: a column of one says nothing of the other, whatever the
    two are called, and the mistake on this side is harmless.
    """
    kept = dict(other[1])
    apart = any(column in kept and not set(codes) & set(kept[column]) for column, codes in one[1])
    return not (one[0] == other[0] and apart)


def _check_accounts(loaded: Sequence[LoadedPolicy], settings: Settings) -> Iterator[Problem]:
    for agency in settings.agencies.values():
        charging = [p for p in loaded if p.policy.agency == agency.id and p.policy.noise_tables]
        total = sum((p.policy.rho * p.policy.schedule.runs_a_year for p in charging), Fraction(0))
        if total > agency.cap:
            yield Problem(
                charging[-1].file, 1,
                f"the noise policies of {agency.id} charge rho {float(total)} a year together; the cap is "
                f"{float(agency.cap)}",
            )  # fmt: skip
