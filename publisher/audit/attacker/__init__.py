"""What an outsider can infer from the suppressed tables of a release, from their published form alone.

The equations are rebuilt from the labels: this package imports neither the relations nor the suppression that it
checks, so that a mistake there is not repeated here.  The attackers: one knows that counts are not negative (A0); one
knows too that a withheld cell is no zero, where the rules show zeros (A1); and whoever is alone in a withheld cell
knows that cell besides (insiders).
"""

from publisher.audit.attacker.alternatives import NamedAlternatives
from publisher.audit.attacker.attack import AttackResult, CellKey, FeasibilityInterval, Means, ValueKey, attack
from publisher.audit.attacker.equations import Limits
from publisher.audit.attacker.insiders import InsiderQuestion, Insiders, attack_insiders

__all__ = [
    "AttackResult",
    "CellKey",
    "FeasibilityInterval",
    "InsiderQuestion",
    "Insiders",
    "Limits",
    "Means",
    "NamedAlternatives",
    "ValueKey",
    "attack",
    "attack_insiders",
]
