"""Two versions of a policy compared in words: what is different, and whether records are better or worse protected."""

from publisher.policy.editing.differences.compare import differences, needs_reason
from publisher.policy.editing.differences.words import About, Change, Effect

__all__ = ["About", "Change", "Effect", "differences", "needs_reason"]
