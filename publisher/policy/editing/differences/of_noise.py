"""Differences between two terms of noise."""

from collections.abc import Iterator
from fractions import Fraction

from publisher.policy.editing.differences.words import About, Change, both, moved, number, quoted, say, stronger_if
from publisher.policy.model import EstimateKind, GroupWeight, Noise, Weights
from publisher.release.model import Text

_ESTIMATES = {
    EstimateKind.UNBIASED: Text("väntevärdesriktig, kan vara negativ", "unbiased, can be negative"),
    EstimateKind.NON_NEGATIVE_INTEGERS: Text("hela tal, aldrig negativa", "whole numbers, never negative"),
    EstimateKind.SHRUNKEN: Text(
        "hela tal, där små områden dras mot omgivningen", "whole numbers, small areas drawn towards those around them"
    ),
}
_WEIGHTS = {
    Weights.CELLS: Text("varje cell lika", "every cell alike"),
    Weights.LEVELS: Text("varje nivå lika", "every level alike"),
}


def of_noise(before: Noise, after: Noise) -> Iterator[Change]:
    """What is different between the terms of a table under noise."""
    yield from _together(before.together_with, after.together_with)
    if before.together_with != after.together_with or not after.together_with:
        yield from _shared(before, after)  # else it is told of the table that has the terms
    yield from _withheld(before.withhold_below, after.withhold_below)
    yield from _uncertain(before, after)
    yield from _weights(before, after)


def _together(before: str, after: str) -> Iterator[Change]:
    if before == after:
        return
    if after:
        yield say(
            f"Tabellen mäts nu tillsammans med {after}: de delar en gräns för vad en person bidrar med och ett rho, "
            "som belastar kontot en gång.",
            f"The table is now measured together with {after}: they share one bound on what a person contributes and "
            "one rho, which is charged once.",
            about=About.PROTECTION,
        )
    else:
        yield say(
            f"Tabellen mäts inte längre tillsammans med {before}: den har en gräns och ett rho för sig.",
            f"The table is no longer measured together with {before}: it has a bound and a rho of its own.",
            about=About.PROTECTION,
        )


def _shared(before: Noise, after: Noise) -> Iterator[Change]:
    """What tables that are measured together have in common."""
    if before.rho != after.rho:
        yield rho_change("tabellens antal", "the table's counts", before.rho, after.rho)
    yield from _bound(before, after)
    if before.estimate is not after.estimate:
        old, new = _ESTIMATES[before.estimate], _ESTIMATES[after.estimate]
        yield say(
            f"Skattningen blir {new.sv} i stället för {old.sv}; löftet i rho är detsamma.",
            f"The estimate becomes {new.en} in place of {old.en}; the promise in rho is the same.",
        )


def rho_change(what_sv: str, what_en: str, before: Fraction, after: Fraction) -> Change:
    """A rho that is another: what it does to privacy, and to errors."""
    (old_sv, old_en), (new_sv, new_en) = both(before), both(after)
    verb_sv, verb_en = moved(before, after)
    times_sv, times_en = both(Fraction(round((float(before) / float(after)) ** 0.5, 2)).limit_denominator(100))
    return say(
        f"Rho för {what_sv} {verb_sv} från {old_sv} till {new_sv}: integritetsförlusten av en körning blir "
        f"{'större' if after > before else 'mindre'}, och felen ungefär {times_sv} gånger så stora.",
        f"Rho of {what_en} is {verb_en} from {old_en} to {new_en}: a run loses {'more' if after > before else 'less'} "
        f"privacy, and errors become about {times_en} times as large.",
        stronger_if(after < before), About.PROTECTION,
    )  # fmt: skip


def _bound(before: Noise, after: Noise) -> Iterator[Change]:
    old, new = before.bound, after.bound
    if old.cells != new.cells:
        cut = ("mindre räknas bort, och bruset blir större", "less is cut off, and the noise grows")
        kept = ("mer räknas bort, och bruset blir mindre", "more is cut off, and the noise shrinks")
        sv, en = cut if new.cells > old.cells else kept
        yield say(
            f"En person räknas i högst {new.cells} celler i stället för {old.cells}: {sv}; löftet i rho är detsamma.",
            f"A person counts in at most {new.cells} cells in place of {old.cells}: {en}; the promise in rho is the "
            "same.",
            about=About.PROTECTION,
        )
    if old.per_cell != new.per_cell:
        yield say(
            f"Högst {new.per_cell} ärenden av en person räknas i en cell i stället för {old.per_cell}.",
            f"At most {new.per_cell} cases of a person count in a cell in place of {old.per_cell}.",
            about=About.PROTECTION,
        )
    if old.area != new.area:
        yield say(
            f"En person med flera områden räknas i {new.area} i stället för {old.area}.",
            f"A person with several areas counts in {new.area} in place of {old.area}.",
            about=About.PROTECTION,
        )


def _withheld(before: Fraction | None, after: Fraction | None) -> Iterator[Change]:
    if before == after:
        return
    (old_sv, old_en), (new_sv, new_en) = both(before), both(after)
    promise_sv, promise_en = "löftet i rho är detsamma", "the promise in rho is the same"
    if after is None:
        yield say(
            f"Skattningar under {old_sv} visas nu; {promise_sv}.",
            f"Estimates below {old_en} are shown now; {promise_en}.",
        )
    elif before is None:
        yield say(
            f"Skattningar under {new_sv} visas inte längre; {promise_sv}.",
            f"Estimates below {new_en} are no longer shown; {promise_en}.",
        )
    else:
        yield say(
            f"Skattningar visas inte under {new_sv} i stället för under {old_sv}; {promise_sv}.",
            f"Estimates are not shown below {new_en} in place of below {old_en}; {promise_en}.",
        )


def _uncertain(before: Noise, after: Noise) -> Iterator[Change]:
    old, new = _mark(before), _mark(after)
    if old != new:
        more = after.uncertain_cv < before.uncertain_cv
        yield say(
            f"Ett tal märks som osäkert när {new.sv} i stället för när {old.sv}: "
            f"{'fler' if more else 'färre'} tal märks.",
            f"A number is marked uncertain where {new.en} in place of where {old.en}: "
            f"{'more' if more else 'fewer'} are marked.",
        )


def _mark(noise: Noise) -> Text:
    if noise.uncertain_width is not None:
        sv, en = both(noise.uncertain_width)
        return Text(f"intervallet är bredare än {sv} gånger talet", f"the interval is wider than {en} times the number")
    sv, en = both(noise.uncertain_cv)
    return Text(f"medelfelet är över {sv} av talet", f"the standard error is above {en} of the number")


def _weights(before: Noise, after: Noise) -> Iterator[Change]:
    if before.weights is not after.weights:
        old, new = _WEIGHTS[before.weights], _WEIGHTS[after.weights]
        yield say(
            f"Felen fördelas så att {new.sv} väger, i stället för {old.sv}; löftet i rho är detsamma.",
            f"Errors are spread so that {new.en} weighs, in place of {old.en}; the promise in rho is the same.",
        )
    if set(before.times) != set(after.times):
        names = quoted(_group(g) for g in after.times) or "–"
        yield say(
            f"Grupper av celler som väger annorlunda är nu: {names}.",
            f"Groups of cells that weigh otherwise are now: {names}.",
        )
    elif before.times != after.times:
        yield say("Grupperna av vikter står i en annan ordning.", "The groups of weights stand in another order.")


def _group(weight: GroupWeight) -> str:
    return f"{' x '.join((weight.area, *weight.categories))} ({number(weight.times)})"
