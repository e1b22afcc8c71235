"""What else a policy could be: each alternative is a policy of its own, by a pure function of the one given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from publisher.errors import RunError
from publisher.policy.declarations import SourceDeclaration
from publisher.policy.model import Policy, ProtectionLevel, Suppression, ThresholdRule
from publisher.rehearsal.alternative import Alternative, Kind, made, without_columns
from publisher.rehearsal.coarser import coarser_columns
from publisher.rehearsal.noisy_alternatives import noisy_alternatives

THRESHOLDS = (3, 5, 10)
"""The thresholds that are held against the policy's own."""


def alternatives_of(policy: Policy, source: SourceDeclaration) -> tuple[Alternative, ...]:
    """Every alternative that a policy has, in a fixed order.  `source`: the declaration of its records."""
    rule = policy.tables[0].protection
    if not isinstance(rule, Suppression):
        return tuple(noisy_alternatives(policy, source))
    return (
        *_thresholds(policy, rule), *coarser_columns(policy, source), *without_columns(policy), *_periods(policy),
        *_areas(policy, rule), *_levels(policy, rule), *_insiders(policy, rule),
    )  # fmt: skip


def choose(
    policy: Policy, source: SourceDeclaration, names: Sequence[str], *, every: bool
) -> tuple[Alternative, ...]:
    """The alternatives of these names, or all of them; RunError for a name that the policy has not."""
    if not (names or every):
        return ()
    known = alternatives_of(policy, source)
    for name in names:
        if name not in {a.name for a in known}:
            has = ", ".join(a.name for a in known)
            raise RunError(f"policy {policy.id} has no alternative {name}; it has {has}")
    return tuple(a for a in known if every or a.name in names)


def _ruled(policy: Policy, rule: Suppression) -> Policy:
    """The policy with another rule, which all its tables share (`publisher.policy.check`)."""
    return replace(policy, tables=tuple(replace(t, protection=rule) for t in policy.tables))


def _thresholds(policy: Policy, rule: Suppression) -> Iterator[Alternative]:
    now = rule.threshold
    for t in (t for t in THRESHOLDS if t != now):
        rules = tuple(ThresholdRule(t) if isinstance(r, ThresholdRule) else r for r in rule.rules)
        sv = f"Tröskelvärdet {t} i stället för {now}; övriga regler står kvar."
        words = sv, f"Threshold {t} in place of {now}; the other rules stay."
        derived = _ruled(policy, replace(rule, rules=rules))
        yield made(f"threshold-{t}", Kind.THRESHOLD, words, derived, weaker=t < now)


def _periods(policy: Policy) -> Iterator[Alternative]:
    every = policy.schedule.every
    if every != "year":
        sv = {"quarter": "kvartal", "month": "månad"}[every]
        words = f"Helår i stället för {sv}.", f"The year in place of the {every}."
        schedule = replace(policy.schedule, every="year", month=2)
        yield made("year", Kind.PERIOD, words, replace(policy, schedule=schedule))


def _areas(policy: Policy, rule: Suppression) -> Iterator[Alternative]:
    levels = {level for t in policy.tables for level in t.areas}
    if "regso" in levels:
        words = "Utan RegSO: kommun är den finaste nivån.", "Without RegSO: the municipality is the finest level."
        yield from _finer_gone((policy, rule), "areas-kommun", words, {"regso": ""})
        if "kommun_area_type" not in levels:
            words = "Kommun och områdestyp i stället för RegSO.", "Municipality by area type in place of RegSO."
            yield from _finer_gone((policy, rule), "areas-kommun-type", words, {"regso": "kommun_area_type"})
    elif "kommun" in levels:
        words = "Utan kommuner: län är den finaste nivån.", "Without municipalities: the county is the finest level."
        yield from _finer_gone((policy, rule), "areas-lan", words, {"kommun": "", "kommun_area_type": ""})


def _finer_gone(
    given: tuple[Policy, Suppression], name: str, words: tuple[str, str], places: dict[str, str]
) -> Iterator[Alternative]:
    """The alternative with levels replaced by others, or by none; nothing where a table would have no level left."""
    policy, rule = given
    areas = [tuple(n for a in t.areas if (n := places.get(a, a))) for t in policy.tables]
    if all(areas):
        tables = tuple(replace(t, areas=a) for t, a in zip(policy.tables, areas, strict=True))
        forced = tuple(f for f in rule.forced if f not in places)
        derived = _ruled(replace(policy, tables=tables), replace(rule, forced=forced))
        yield made(name, Kind.AREAS, words, derived)


def _levels(policy: Policy, rule: Suppression) -> Iterator[Alternative]:
    order = list(ProtectionLevel)
    for level in (v for v in order if v is not rule.level):
        words = f"Skyddsnivå {level} i stället för {rule.level}.", f"Level {level} in place of {rule.level}."
        derived = _ruled(policy, replace(rule, level=level))
        weaker = order.index(level) < order.index(rule.level)
        yield made(f"level-{level}", Kind.LEVEL, words, derived, weaker=weaker)


def _insiders(policy: Policy, rule: Suppression) -> Iterator[Alternative]:
    derived = _ruled(policy, replace(rule, insiders=not rule.insiders))
    if rule.insiders:
        words = "Utan skydd mot den som är ensam i en cell.", "Not protected from somebody who is alone in a cell."
        yield made("insiders-off", Kind.INSIDERS, words, derived, weaker=True)
    else:
        words = "Även skyddad mot den som är ensam i en cell.", "Protected from somebody who is alone in a cell, too."
        yield made("insiders-on", Kind.INSIDERS, words, derived)
