"""Differences between the measures of two versions of a table."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from publisher.policy.editing.differences.of_noise import rho_change
from publisher.policy.editing.differences.words import About, Change, both, number, quoted, say
from publisher.policy.model import Clamp, MeasureSpec
from publisher.release.model import Text

KINDS = {
    "cases": Text("ärenden", "cases"),
    "events": Text("poster", "records"),
    "persons": Text("personer", "persons"),
    "persons_distinct": Text("olika personer", "different persons"),
    "sum": Text("summa", "sum"),
    "quantile": Text("kvantil", "quantile"),
    "mean": Text("medelvärde", "mean"),
    "share": Text("andel", "share"),
    "rate": Text("tal per invånare", "rate"),
}


def of_measures(before: tuple[MeasureSpec, ...], after: tuple[MeasureSpec, ...]) -> Iterator[Change]:
    """What is different between the measures of a table."""
    old, new = {m.id: m for m in before}, {m.id: m for m in after}
    for measure in after:
        if measure.id not in old:
            kind = KINDS[measure.kind]
            yield say(f"Nytt mått: {measure.id} ({kind.sv}).", f"New measure: {measure.id} ({kind.en}).")
    for measure in before:
        if measure.id not in new:
            yield say(f"Måttet {measure.id} visas inte längre.", f"The measure {measure.id} is no longer shown.")
        else:
            yield from _measure(measure, new[measure.id])
    if list(old) != list(new) and set(old) == set(new):
        yield say(f"Måtten står nu i ordningen {quoted(new)}.", f"The measures stand in the order {quoted(new)} now.")


def _measure(before: MeasureSpec, after: MeasureSpec) -> Iterator[Change]:
    name = after.id
    if before.kind != after.kind:
        old, new = KINDS[before.kind], KINDS[after.kind]
        yield say(
            f"Måttet {name} visar {new.sv} i stället för {old.sv}.",
            f"The measure {name} shows {new.en} in place of {old.en}.",
            about=About.PROTECTION,
        )  # fmt: skip
    yield from _own_rho(name, before.rho, after.rho)
    if before.clamp != after.clamp:
        yield say(
            f"Taket för en persons belopp i {name} blir {_clamp(after.clamp)} i stället för {_clamp(before.clamp)}; "
            "bruset växer med taket.",
            f"The clamp of a person's amount in {name} becomes {_clamp(after.clamp)} in place of "
            f"{_clamp(before.clamp)}; the noise grows with it.",
            about=About.PROTECTION,
        )
    for label, old_value, new_value in _plain(before, after):
        if old_value != new_value:
            yield say(
                f"{label.sv} för {name} ändras från {old_value or '–'} till {new_value or '–'}.",
                f"{label.en} of {name} changes from {old_value or '–'} to {new_value or '–'}.",
            )


def _own_rho(name: str, before: Fraction | None, after: Fraction | None) -> Iterator[Change]:
    if before == after:
        return
    if before and after:
        yield rho_change(f"måttet {name}", f"the measure {name}", before, after)
        return
    sv, en = both(after or before)
    yield (
        say(f"Måttet {name} får ett eget rho, {sv}.", f"The measure {name} gets a rho of its own, {en}.",
            about=About.PROTECTION)
        if after
        else say(f"Måttet {name} har inget eget rho längre ({sv} förut).",
                 f"The measure {name} has no rho of its own any more ({en} before).", about=About.PROTECTION)
    )  # fmt: skip


def _plain(before: MeasureSpec, after: MeasureSpec) -> Iterator[tuple[Text, str, str]]:
    """What is told by its old and its new value alone."""
    yield Text("Det som räknas av", "What is made from"), before.of, after.of
    yield Text("Nämnaren", "The denominator"), before.denominator, after.denominator
    yield Text("Kolumnen som andelen är inom", "The column of the share"), before.within, after.within
    yield Text("Antalet som talet gäller", "The number that it is per"), str(before.per), str(after.per)
    yield Text("Antalet decimaler", "The number of decimals"), str(before.decimals), str(after.decimals)
    yield Text("Nivån", "The level"), number(before.q), number(after.q)
    yield Text("De möjliga värdena", "The candidates"), _candidates(before.candidates), _candidates(after.candidates)


def _candidates(values: tuple[int, ...]) -> str:
    if not values:
        return ""
    gaps = {b - a for a, b in pairwise(values)}
    return f"{values[0]}–{values[-1]}, {gaps.pop()}" if len(gaps) == 1 else quoted(map(str, values))


def _clamp(clamp: Clamp | None) -> str:
    if clamp is None:
        return "–"
    return quoted(f"{code} {bound}".strip() for code, bound in clamp.bounds)
