"""Differences between two terms of suppression."""

from collections.abc import Iterator

from publisher.policy.editing.differences.words import (
    About,
    Change,
    Effect,
    both,
    came_and_went,
    moved,
    say,
    stronger_if,
)
from publisher.policy.model import (
    ContributorsRule,
    DominanceRule,
    PPercentRule,
    ProtectionLevel,
    Rule,
    ShareRule,
    Suppression,
    ThresholdRule,
    Zeros,
)
from publisher.release.model import Text

STRENGTH = (ProtectionLevel.EXACT, ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS)
"""Levels from the weakest to the strongest."""
LEVELS = {
    ProtectionLevel.EXACT: Text("exakt (bara det exakta talet skyddas)", "exact (only the exact number is protected)"),
    ProtectionLevel.INTERVAL: Text(
        "intervall (minst så brett som tröskelvärdet)", "interval (at least as wide as the threshold)"
    ),
    ProtectionLevel.AMBIGUOUS: Text(
        "tvetydig (ingen kan vara säker på att antalet är litet)",
        "ambiguous (nobody can be sure that the count is small)",
    ),
}


def of_suppression(before: Suppression, after: Suppression) -> Iterator[Change]:
    """What is different between the terms of a table under suppression."""
    yield from _rules(before, after)
    if before.level is not after.level:
        old, new = LEVELS[before.level], LEVELS[after.level]
        yield _decisive(
            f"Skyddsnivån ändras från {old.sv} till {new.sv}.",
            f"The protection level changes from {old.en} to {new.en}.",
            STRENGTH.index(after.level) > STRENGTH.index(before.level),
        )  # fmt: skip
    if before.insiders != after.insiders:
        yield (
            _decisive("Även den som är ensam i en cell hindras nu från att räkna ut andras värden.",
                      "Whoever is alone in a cell is now kept from working out the values of others, too.", True)
            if after.insiders
            else _decisive("Den som är ensam i en cell kan nu komma att räkna ut andras värden.",
                           "Whoever is alone in a cell may now work out the values of others.", False)
        )  # fmt: skip
    if before.zeros is not after.zeros:
        yield (
            _decisive("Nollor skyddas nu: det syns inte längre att ingen finns i en cell.",
                      "Zeros are protected now: it is no longer seen that nobody is in a cell.", True)
            if after.zeros is Zeros.PROTECTED
            else _decisive("Nollor visas nu: det syns att ingen finns i en cell.",
                           "Zeros are published now: it is seen that nobody is in a cell.", False)
        )  # fmt: skip
    if before.counted != after.counted:
        names = {"persons": ("personer", "persons"), "cases": ("ärenden", "cases")}
        sv, en = names[after.counted]
        yield _decisive(f"Tröskelvärdet räknar nu {sv}.", f"The threshold counts {en} now.", after.counted == "persons")
    yield from _forced(before, after)


def _decisive(sv: str, en: str, stronger: bool) -> Change:
    return say(sv, en, stronger_if(stronger), About.PROTECTION)


def _forced(before: Suppression, after: Suppression) -> Iterator[Change]:
    yield from came_and_went(
        before.forced, after.forced,
        ("Nivåer som nu måste visas, om de inte själva är känsliga: {}. Andra celler undertrycks i deras ställe.",
         "Levels that must be shown now unless they are sensitive themselves: {}. Other cells are suppressed instead."),
        ("Nivåer som nu får undertryckas för att skydda andra celler: {}.",
         "Levels that may now be suppressed to protect other cells: {}."),
        About.PROTECTION,
    )  # fmt: skip
    if before.forced != after.forced and set(before.forced) == set(after.forced):
        yield say(
            "Nivåerna som måste visas står i en annan ordning.", "The levels that must be shown stand in another order."
        )


def _rules(before: Suppression, after: Suppression) -> Iterator[Change]:
    old, new = {type(r): r for r in before.rules}, {type(r): r for r in after.rules}
    for kind, name in _NAMES.items():
        if kind in new and kind not in old:
            now = _parameters(new[kind])
            yield _decisive(f"Ny regel: {name.sv} ({now.sv}).", f"New rule: {name.en} ({now.en}).", True)
        elif kind in old and kind not in new:
            was = _parameters(old[kind])
            yield _decisive(
                f"Regeln {name.sv} ({was.sv}) tas bort: de celler som bara den gjorde känsliga visas.",
                f"The rule {name.en} ({was.en}) is removed: cells that it alone made sensitive are shown.", False,
            )  # fmt: skip
        elif kind in old and old[kind] != new[kind]:
            yield from _changed(old[kind], new[kind])
    if before.rules != after.rules and set(before.rules) == set(after.rules):
        yield say("Reglerna står i en annan ordning.", "The rules stand in another order.")


def _changed(before: Rule, after: Rule) -> Iterator[Change]:
    """A rule of one kind with other parameters."""
    match before, after:
        case ThresholdRule(), ThresholdRule():
            yield _threshold(before.threshold, after.threshold)
        case _:
            old, new, name = _parameters(before), _parameters(after), _NAMES[type(after)]
            yield say(
                f"Regeln {name.sv} ändras från {old.sv} till {new.sv}.", f"The rule {name.en} changes from {old.en} to "
                f"{new.en}.", _direction(before, after), About.PROTECTION,
            )  # fmt: skip


def _threshold(before: int, after: int) -> Change:
    low, high = sorted((before, after))
    cells = f"{low}–{high - 1}" if high - low > 1 else str(low)
    (verb_sv, verb_en), up = moved(before, after), after > before
    return _decisive(
        f"Tröskelvärdet {verb_sv} från {before} till {after}: celler med {cells} "
        f"{'blir känsliga' if up else 'är inte längre känsliga'}.",
        f"Threshold {verb_en} from {before} to {after}: cells of {cells.replace('–', '-')} "
        f"{'become sensitive' if up else 'are no longer sensitive'}.",
        up,
    )


def _direction(before: Rule, after: Rule) -> Effect:
    """Stronger where no parameter makes fewer cells sensitive, weaker where none makes more, else neither."""
    signs = {(b > a) - (b < a) for a, b in zip(_strengths(before), _strengths(after), strict=True)} - {0}
    return stronger_if(signs == {1}) if len(signs) == 1 else Effect.OTHER


def _strengths(rule: Rule) -> tuple[float, ...]:
    """A rule's parameters, each so that more of it makes more cells sensitive."""
    match rule:
        case DominanceRule():
            return rule.n, -float(rule.k)
        case PPercentRule():
            return (float(rule.p),)
        case ContributorsRule():
            return (rule.least,)
        case ShareRule():
            return rule.persons, rule.having
    return (rule.threshold,)


def _parameters(rule: Rule) -> Text:
    match rule:
        case DominanceRule():
            k_sv, k_en = both(rule.k)
            return Text(f"n = {rule.n}, k = {k_sv} %", f"n = {rule.n}, k = {k_en} %")
        case PPercentRule():
            sv, en = both(rule.p)
            return Text(f"p = {sv} %", f"p = {en} %")
        case ContributorsRule():
            return Text(f"minst {rule.least}", f"at least {rule.least}")
        case ShareRule():
            return Text(
                f"fler än {rule.persons} invånare, fler än {rule.having} av dem",
                f"more than {rule.persons} people, more than {rule.having} of them",
            )
    return Text(f"under {rule.threshold}", f"below {rule.threshold}")


_NAMES: dict[type[Rule], Text] = {
    ThresholdRule: Text("tröskelvärde", "threshold"),
    ShareRule: Text("andelsregel", "share rule"),
    PPercentRule: Text("p-procent", "p %"),
    DominanceRule: Text("dominans", "dominance"),
    ContributorsRule: Text("minsta antal bidragsgivare", "minimum number of contributors"),
}
