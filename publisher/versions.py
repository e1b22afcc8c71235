"""The versions of a period that were sealed before: a revision is protected jointly with all of them (P4 of SAFETY.md).

A version counts for ever, withdrawn or superseded.  One that was withdrawn before it was published counts too: after a
restore nobody can tell that it was never public.
"""

from dataclasses import replace

from publisher.audit.earlier import EarlierVersion
from publisher.audit.periods import of_period
from publisher.draft.earlier import Version, version_of
from publisher.draft.facts import facts_of
from publisher.draft.keys import joined_otherwise
from publisher.errors import RunError
from publisher.memory import recall
from publisher.outside import beside
from publisher.policy.model import ProtectionLevel, Suppression, Zeros
from publisher.preparation import Prepared
from publisher.release.model import SuppressionFacts, Table
from publisher.release.reader import read_release
from publisher.workspace import Workspace

_STRENGTH = (ProtectionLevel.EXACT, ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS)


def sealed_versions(
    work: Workspace, policy: str, period: str, *, before: int | None = None
) -> tuple[EarlierVersion, ...]:
    """Every sealed version of a period (below `before`), oldest first, restricted to that period."""
    records = [r for r in work.store.records() if (r.policy, r.period) == (policy, period)]
    records = [r for r in records if before is None or r.version < before]
    found = []
    for record in sorted(records, key=lambda r: r.version):
        release = read_release(work.store.folder(record), work.keys.public_pem)
        found.append(EarlierVersion(record.release, of_period(release, period)[0].tables))
    return tuple(found)


def earlier_versions(prepared: Prepared) -> tuple[EarlierVersion, ...]:
    """The sealed versions that a new one of a suppressed policy is protected jointly with.

    RunError where they are of other areas or other joined codes, or promised more than the policy does now: what was
    promised of an earlier version holds for the cells that are the same in the new one.
    """
    policy = prepared.policy
    if not policy.suppressed_tables:
        return ()
    versions = sealed_versions(prepared.work, policy.id, prepared.period.code)
    for version in versions:
        _check_same_areas(prepared, version)
        _check_same_codes(prepared, version)
        check_promise(prepared, version.release)
        _check_rules_kept(prepared, version)
    return versions


def with_remembered(prepared: Prepared) -> Prepared:
    """A period with what others had published when a version of it was sealed, declared still or not: everybody who
    read it knows it, whatever publisher.toml says by now."""
    work, policy, period = prepared.work, prepared.policy, prepared.period.code
    if not policy.suppressed_tables:
        return prepared
    sealed = [r.release for r in work.store.records() if (r.policy, r.period) == (policy.id, period)]
    kept = [numbers for release in sealed for numbers in recall(work.home, work.keys, release).outside]
    return replace(prepared, outside=beside(prepared.outside, kept))


def numbers_of(prepared: Prepared, versions: tuple[EarlierVersion, ...]) -> tuple[Version, ...]:
    """The numbers of `versions` over the cells of the policy's tables; SuppressionError where they have others."""
    specs = prepared.policy.suppressed_tables
    keys = prepared.linked_keys
    return tuple(version_of(v.tables, specs, keys) for v in versions)


def _check_same_areas(prepared: Prepared, version: EarlierVersion) -> None:
    period = prepared.period.code
    types = prepared.index.types_of(prepared.type_year) if prepared.uses_types else {}
    for table in version.tables:
        if table.editions[period] != prepared.edition or _types(table, period) != types:
            raise RunError(
                f"{version.release} has other areas or area types than {period} has now; a revision of a suppressed "
                "period needs the same"
            )


def _check_same_codes(prepared: Prepared, version: EarlierVersion) -> None:
    """A code that keeps its name and joins others now is another cell: its numbers would be taken for changed ones."""
    if changed := joined_otherwise(version.tables, prepared.linked_keys):
        raise RunError(
            f"{version.release}: table {changed[0]} joined other codes of column {changed[1]}; what it tells could not "
            "be held against a revision. Write the join as it was"
        )


def _types(table: Table, period: str) -> dict[str, str]:
    return dict(table.area_types.get(period, {}))


def _check_rules_kept(prepared: Prepared, version: EarlierVersion) -> None:
    """Every rule beside the threshold must stand as it did, and count the same; others may come to them."""
    rules = {t.id: t.protection for t in prepared.policy.suppressed_tables}
    for table in version.tables:
        earlier, now = table.protection, rules.get(table.id)
        if now is None or not isinstance(earlier, SuppressionFacts) or not isinstance(now, Suppression):
            continue
        stated = facts_of(now)
        if stated.counted != earlier.counted or not set(earlier.rules) <= set(stated.rules):
            raise RunError(
                f"{version.release} promised more than policy {prepared.policy.id} does now, or counted otherwise; "
                "keep its rules"
            )


def check_promise(prepared: Prepared, release: str) -> None:
    """RunError where an earlier release promised more than the policy does now."""
    promised = recall(prepared.work.home, prepared.work.keys, release)
    for table in prepared.policy.suppressed_tables:
        rule = table.protection
        if isinstance(rule, Suppression) and (
            _STRENGTH.index(rule.level) < _STRENGTH.index(promised.level)
            or rule.threshold < promised.threshold
            or (promised.zeros is Zeros.PROTECTED and rule.zeros is Zeros.PUBLISHED)
            or (promised.insiders is not None and not rule.insiders)
        ):
            raise RunError(f"{release} promised more than policy {prepared.policy.id} does now; keep its rules")
