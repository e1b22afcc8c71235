"""The whole comparison, and what of it asks for a reason in writing."""

from collections.abc import Iterator
from fractions import Fraction

from publisher.policy.declarations import Settings
from publisher.policy.editing.differences.of_policies import of_charge, of_records, of_schedule, of_words, whole
from publisher.policy.editing.differences.of_tables import of_tables
from publisher.policy.editing.differences.words import About, Change, Effect, both, say
from publisher.policy.model import Policy, ProtectionLevel, Suppression
from publisher.release.model import Text

DEFENSIBLE = Fraction("0.125")
"""The rho of a reference year that needs no reason (SAFETY.md, "Privacy budget: defaults that can be defended")."""
LEAST_THRESHOLD = 5


def differences(before: Policy | None, after: Policy | None) -> tuple[Change, ...]:
    """What is different, protection first.  `before` is None for a new policy, `after` for a retired one."""
    found = list(_differences(before, after))
    return tuple(sorted(found, key=lambda c: c.about))


def _differences(before: Policy | None, after: Policy | None) -> Iterator[Change]:
    if before is not None and after is not None:
        yield from _between(before, after)
    elif after is not None:
        new = whole(after)
        yield say(f"Ny policy: {new.sv}", f"New policy: {new.en}", about=About.PROTECTION)
        yield from of_tables((), after.tables)
    elif before is not None:
        old = whole(before)
        yield say(
            f"Policyn tas ur kraft: {old.sv} Det som är publicerat ligger kvar.",
            f"The policy is retired: {old.en} What is published stays.",
            about=About.PROTECTION,
        )


def _between(before: Policy, after: Policy) -> Iterator[Change]:
    told = [
        *of_tables(before.tables, after.tables),
        *of_charge(before, after),
        *of_records(before, after),
        *of_schedule(before.schedule, after.schedule),
        *of_words(before, after),
    ]
    yield from told
    if not told and before.digest != after.digest:
        yield say(
            "Bara kommentarer eller uppställning är ändrade; policyn betyder detsamma.",
            "Only comments or layout are changed; the policy means the same.",
            about=About.WORDS,
        )


def needs_reason(after: Policy, settings: Settings, before: Policy | None = None) -> tuple[Text, ...]:
    """What of a policy asks its approver for a reason in writing: whatever is above the defaults, or protects less."""
    return (*_above_defaults(after, settings), *_less_than_before(before, after))


def _above_defaults(policy: Policy, settings: Settings) -> Iterator[Text]:
    agency = settings.agencies.get(policy.agency)
    if agency is not None and policy.noise_tables and agency.cap > DEFENSIBLE:
        sv, en = both(agency.cap)
        yield Text(
            f"Myndighetens tak är rho {sv} om året; förvalet är högst 0,125.",
            f"The agency's cap is rho {en} a year; the default is at most 0.125.",
        )
    charge = policy.rho * policy.schedule.runs_a_year
    if charge > DEFENSIBLE:
        sv, en = both(charge)
        yield Text(
            f"Policyn belastar kontot med rho {sv} om året; förvalet är högst 0,125.",
            f"The policy charges the account rho {en} a year; the default is at most 0.125.",
        )
    for table in policy.suppressed_tables:
        yield from _below_defaults(table.id, table.protection)


def _below_defaults(table: str, rule: object) -> Iterator[Text]:
    if not isinstance(rule, Suppression):
        return
    if rule.threshold < LEAST_THRESHOLD:
        yield Text(
            f"{table}: tröskelvärdet {rule.threshold} är under {LEAST_THRESHOLD}.",
            f"{table}: the threshold {rule.threshold} is below {LEAST_THRESHOLD}.",
        )
    if rule.level is ProtectionLevel.EXACT:
        yield Text(
            f"{table}: skyddsnivån är svagare än intervall.", f"{table}: the protection level is weaker than interval."
        )


def _less_than_before(before: Policy | None, after: Policy) -> Iterator[Text]:
    if before is None:
        return
    for change in differences(before, after):
        if change.effect is Effect.WEAKER or _switched(change, before, after):
            prefix = f"{change.table}: " if change.table else ""
            yield Text(prefix + change.text.sv, prefix + change.text.en)


def _switched(change: Change, before: Policy, after: Policy) -> bool:
    """Whether a change is that of a table between noise and suppression, which cannot be called stronger."""
    kinds = [{t.id: type(t.protection) for t in p.tables}.get(change.table) for p in (before, after)]
    return change.about is About.PROTECTION and None not in kinds and kinds[0] is not kinds[1]
