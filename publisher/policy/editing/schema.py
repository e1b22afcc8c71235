"""The form's schema: every field that the loader reads, with what is said of it.

A test derives the loader's keys by watching it read, and asks that each stands here and no other does.
"""

from types import MappingProxyType

from publisher.policy.editing import schema_policy, schema_protection, schema_tables
from publisher.policy.editing.fields import Field
from publisher.policy.editing.places import Place

SCHEMA = MappingProxyType(
    {
        f.pattern: f
        for part in (schema_policy.FIELDS, schema_tables.NAMES, schema_protection.FIELDS, schema_tables.SHOWN)
        for f in part
    }
)
"""Pattern -> field, in the order of the form: of a table its protection comes first."""


def inside(pattern: Place) -> tuple[Field, ...]:
    """The fields directly below a pattern, in the order of the form."""
    return tuple(f for p, f in SCHEMA.items() if len(p) == len(pattern) + 1 and p[: len(pattern)] == pattern)


def item_of(pattern: Place) -> Field:
    """The field that describes each item of a list."""
    return SCHEMA[(*pattern, "*")]


def pattern_of(place: Place) -> Place | None:
    """The pattern that a place belongs to, or None where the schema has none."""
    pattern: Place = ()
    for name in place:
        if (*pattern, name) in SCHEMA:
            pattern = (*pattern, name)
        elif name.isdecimal() and (*pattern, "*") in SCHEMA:
            pattern = (*pattern, "*")
        else:
            return None
    return pattern
