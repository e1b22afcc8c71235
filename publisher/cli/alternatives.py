"""What each alternative of a rehearsal means, in words."""

from collections.abc import Iterator, Sequence
from typing import Any


def explained(alternatives: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A sentence for each, and why it cannot be had or would not pass the policy check."""
    for a in alternatives:
        yield f"{a['name']}: {a['text']['en']}{' Promises less than the policy.' if a['weaker'] else ''}"
        yield from (f"  the policy check would refuse it: {problem}" for problem in a["check"])
        if a["refused"]:
            yield f"  cannot be had: {a['refused']}"
