"""What an outsider can infer from the suppressed tables of a release, from their published form alone.

The equations are rebuilt from the labels: this package imports neither the relations nor the suppression that it
checks, so that a mistake there is not repeated here.  The attackers: one knows that counts are not negative (A0); one
knows too that a withheld cell is no zero, where the rules show zeros (A1).
"""

from publisher.audit.attacker.attack import AttackResult, CellKey, FeasibilityInterval, ValueKey, attack
from publisher.audit.attacker.equations import Limits

__all__ = ["AttackResult", "CellKey", "FeasibilityInterval", "Limits", "ValueKey", "attack"]
