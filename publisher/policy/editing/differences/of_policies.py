"""Differences between two versions of a policy outside its tables: records, areas, time, words."""

from collections.abc import Iterator

from publisher.policy.editing.differences.words import (
    About,
    Change,
    both,
    came_and_went,
    moved,
    quoted,
    say,
    stronger_if,
)
from publisher.policy.model import Policy, Schedule
from publisher.release.model import Text

EVERY = {
    "year": Text("en gång om året", "once a year"),
    "quarter": Text("varje kvartal", "every quarter"),
    "month": Text("varje månad", "every month"),
}


def of_charge(before: Policy, after: Policy) -> Iterator[Change]:
    """What a year of runs charges, where that is another."""
    old, new = before.rho * before.schedule.runs_a_year, after.rho * after.schedule.runs_a_year
    if old == new:
        return
    (old_sv, old_en), (new_sv, new_en), (verb_sv, verb_en) = both(old), both(new), moved(old, new)
    yield say(
        f"Belastningen av integritetskontot {verb_sv} från rho {old_sv} till {new_sv} om året.",
        f"The charge to the privacy account is {verb_en} from rho {old_en} to {new_en} a year.",
        stronger_if(new < old), About.CHARGE,
    )  # fmt: skip


def of_records(before: Policy, after: Policy) -> Iterator[Change]:
    """Whose records are counted, and by which areas."""
    for name, label in (("agency", ("Myndigheten", "The agency")), ("source", ("Källan", "The source"))):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            sv, en = f"{label[0]} ändras från {old} till {new}.", f"{label[1]} changes from {old} to {new}."
            yield say(sv, en, about=About.RECORDS)
    yield from _where(dict(before.where), dict(after.where))
    if before.where != after.where and _sets(before) == _sets(after):
        yield say("Urvalets koder står i en annan ordning.", "The codes of the selection stand in another order.")
    if before.edition != after.edition:
        yield say(
            f"Områdesindelningen ändras från {before.edition} till {after.edition}: serien får en ny indelning.",
            f"The edition of areas changes from {before.edition} to {after.edition}: the series gets another one.",
            about=About.RECORDS,
        )
    if before.type_year != after.type_year:
        old, new = before.type_year or "same", after.type_year or "same"
        yield say(
            f"Områdestyperna är av år {new} i stället för {old}.", f"The area types are of {new} in place of {old}.",
            about=About.RECORDS,
        )  # fmt: skip


def _sets(policy: Policy) -> dict[str, set[str]]:
    return {column: set(codes) for column, codes in policy.where}


def _where(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> Iterator[Change]:
    yield from came_and_went(
        before, after,
        ("Urvalet görs nu även efter {}: färre poster räknas.", "Records are now selected by {} too: fewer count."),
        ("Urvalet görs inte längre efter {}: alla dess koder räknas.",
         "Records are no longer selected by {}: all of its codes count."),
        About.RECORDS,
    )  # fmt: skip
    for column in [c for c in before if c in after]:
        yield from came_and_went(
            before[column], after[column],
            (f"Poster som nu räknas, efter {column}: {{}}.", f"Records that count now, by {column}: {{}}."),
            (f"Poster som inte längre räknas, efter {column}: {{}}.",
             f"Records that count no longer, by {column}: {{}}."),
            About.RECORDS,
        )  # fmt: skip


def of_schedule(before: Schedule, after: Schedule) -> Iterator[Change]:
    """When it is run and published."""
    if before.every != after.every:
        old, new = EVERY[before.every], EVERY[after.every]
        yield say(f"Körs {new.sv} i stället för {old.sv}.", f"Runs {new.en} in place of {old.en}.", about=About.TIME)
    if before.window != after.window:
        yield (
            say("Varje månads period är nu de tolv månader som slutar i den; fönstren överlappar.",
                "Each month's period is now the twelve months that end in it; the windows overlap.", about=About.TIME)
            if after.window
            else say("Perioderna är inte längre rullande år.", "The periods are no longer rolling years.",
                     about=About.TIME)
        )  # fmt: skip
    labels = {
        "month": Text("Månaden", "The month"), "day": Text("Dagen", "The day"),
        "at": Text("Körningens klockslag", "The hour of the run"),
        "publish_at": Text("Publiceringens klockslag", "The hour of publication"),
        "timezone": Text("Tidszonen", "The time zone"),
    }  # fmt: skip
    for name, label in labels.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield say(
                f"{label.sv} ändras från {was or '–'} till {now or '–'}.",
                f"{label.en} changes from {was or '–'} to {now or '–'}.", about=About.TIME,
            )  # fmt: skip


def of_words(before: Policy, after: Policy) -> Iterator[Change]:
    """Names, titles, contact, licence, legal basis."""
    if before.id != after.id:
        yield _word("Policyns id", "The policy's id", before.id, after.id)
    if before.title != after.title:
        yield say(
            f"Titeln blir ”{after.title.sv}” ({after.title.en}).",
            f"The title becomes “{after.title.en}” ({after.title.sv}).",
            about=About.WORDS,
        )  # fmt: skip
    if before.legal_basis != after.legal_basis:
        yield _word("Den rättsliga grunden", "The legal basis", before.legal_basis, after.legal_basis)
    if before.contact_name != after.contact_name:
        yield _word("Kontaktens namn", "The contact's name", before.contact_name, after.contact_name)
    if before.contact_email != after.contact_email:
        yield _word("Kontaktens adress", "The contact's address", before.contact_email, after.contact_email)
    if before.licence != after.licence:
        yield _word("Licensen", "The licence", before.licence, after.licence)


def _word(sv: str, en: str, before: str, after: str) -> Change:
    words = f"{sv} ändras från ”{before}” till ”{after}”.", f"{en} changes from “{before}” to “{after}”."
    return say(*words, about=About.WORDS)


def whole(policy: Policy) -> Text:
    """A policy in one sentence."""
    sv, en = both(policy.rho * policy.schedule.runs_a_year)
    names, every = quoted(t.id for t in policy.tables), EVERY[policy.schedule.every]
    charge_sv = f"; den belastar kontot med rho {sv} om året" if policy.noise_tables else ""
    charge_en = f"; it charges the account rho {en} a year" if policy.noise_tables else ""
    return Text(
        f"”{policy.title.sv}” publicerar {names} {every.sv}{charge_sv}.",
        f"“{policy.title.en}” publishes {names} {every.en}{charge_en}.",
    )
