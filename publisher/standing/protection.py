"""How a table is protected, in words of both languages."""

from collections.abc import Sequence

from publisher.draft.facts import facts_of
from publisher.ledger import format_units, rho_units
from publisher.noise.accounting import DELTA, epsilon
from publisher.policy.model import Noise, TableSpec
from publisher.release.model import NoiseFacts, SuppressionFacts, Text

Words = dict[str, str]

_COUNTED = {"persons": Text("personer", "persons"), "cases": Text("ärenden", "cases")}
_LEVELS = {
    "exact": Text("inget dolt tal går att räkna fram", "no withheld number can be worked out"),
    "interval": Text(
        "dolda tal går inte att ringa in under tröskeln", "withheld numbers cannot be narrowed below the threshold"
    ),
    "ambiguous": Text(
        "ett dolt tal kan lika gärna vara stort som litet", "a withheld number may as well be large as small"
    ),
}
_RULES = {
    "dominance": Text(
        "summor där de {0} största bidragen är mer än {1} % visas inte",
        "sums of which the {0} largest contributions make more than {1} % are not shown",
    ),
    "p_percent": Text(
        "belopp som andra kan skatta inom {0} % visas inte",
        "amounts that others can estimate within {0} % are not shown",
    ),
    "min_contributors": Text(
        "summor av färre än {0} personer visas inte", "sums of fewer than {0} persons are not shown"
    ),
    "share": Text(
        "antal bland högst {0} invånare, eller av vilka högst {1} räknas, visas inte",
        "numbers among at most {0} inhabitants, or of whom at most {1} are counted, are not shown",
    ),
}


def plain(text: Text) -> Words:
    """A text as an object."""
    return {"sv": text.sv, "en": text.en}


def of_spec(table: TableSpec) -> dict[str, object]:
    """The protection that a policy asks for of one table."""
    rule = table.protection
    if isinstance(rule, Noise):
        rho, delta = format_units(rho_units(table.loss)), f"{float(DELTA):g}"
        return _noise(rho, f"{epsilon(table.loss):.2f}", delta, (rule.bound.cells, bool(rule.together_with)))
    return _suppression(facts_of(rule))


def of_facts(facts: SuppressionFacts | NoiseFacts) -> dict[str, object]:
    """The protection that a sealed table states."""
    if isinstance(facts, SuppressionFacts):
        return _suppression(facts)
    return _noise(facts.rho, facts.epsilon, facts.delta, (None, bool(facts.together)))


def _noise(rho: str, eps: str, delta: str, shown: tuple[int | None, bool]) -> dict[str, object]:
    """`shown`: the cells a person counts in, where that is told; and whether the loss is that of several tables."""
    cells, shared = shown
    others = Text(
        ", en gång för de tabeller som mäts tillsammans", ", once for the tables that are measured together"
    )
    bound = Text(f"; en person räknas i högst {cells} celler", f"; a person counts in at most {cells} cells")
    words = Text(
        f"Slumpmässigt tillägg (differentiell integritet): rho {_comma(rho)} varje period, det vill säga epsilon "
        f"{_comma(eps)} vid delta {delta}{others.sv if shared else ''}{bound.sv if cells else ''}.",
        f"Random noise (differential privacy): rho {rho} a period, that is epsilon {eps} at delta {delta}"
        f"{others.en if shared else ''}{bound.en if cells else ''}.",
    )
    return {"by": "noise", "rho": rho, "epsilon": eps, "delta": delta, "words": plain(words)}


def _suppression(facts: SuppressionFacts) -> dict[str, object]:
    counted = _COUNTED.get(facts.counted, _COUNTED["cases"])
    few = f"{0 if facts.zeros == 'protected' else 1}\u2013{facts.threshold - 1}"
    level, rules = _LEVELS[facts.level], [_rule(r) for r in facts.rules]
    alone = Text("Skyddar även mot den som är ensam i en cell.", "Holds against who is alone in a cell too.")
    sv = [f"Tal som bygger på {few} {counted.sv} visas inte", *(r.sv for r in rules), level.sv]
    en = [f"Figures based on {few} {counted.en} are not shown", *(r.en for r in rules), level.en]
    words = Text(_sentence(sv, alone.sv if facts.insiders else ""), _sentence(en, alone.en if facts.insiders else ""))
    return {"by": "suppression", "threshold": facts.threshold, "words": plain(words)}


def _sentence(parts: Sequence[str], more: str) -> str:
    return f"{'; '.join(parts)}. {more}".rstrip()


def _rule(rule: str) -> Text:
    name, *numbers = rule.split()
    words = _RULES[name]
    return Text(words.sv.format(*map(_comma, numbers)), words.en.format(*numbers))


def _comma(number: str) -> str:
    return number.replace(".", ",")

