"""The text that a new policy begins from."""

from publisher.policy.declarations import Settings
from publisher.policy.editing.defaults import suppression
from publisher.policy.editing.writing import Value, entry


def new_policy(policy: str, settings: Settings | None) -> str:
    """A policy that the loader can read, of the first declared source, protected by suppression at its defaults."""
    source = next(iter(settings.sources.values()), None) if settings else None
    editions = list(settings.geography) if settings else []
    first = source.categories[0] if source and source.categories else None
    content: dict[str, Value] = {
        "policy": policy,
        "agency": source.agency if source else "agency",
        "title": {"sv": "Ny policy", "en": "New policy"},
        "contact": {"name": "Statistik", "email": "statistik@example.se"},
        "licence": "CC0-1.0",
        "legal_basis": "Skriv lagrum och beslut här",
        "source": source.id if source else "source",
        "where": {first.id: [first.codes[0]]} if first else {"benefit": ["code"]},
        "geography": {"edition": editions[0] if editions else "reference-year", "type_year": "same"},
        "unit": {"person": "person_id", "per": "reference-year"},
        "tables": [_table(policy)],
        "schedule": {
            "every": "year", "month": 2, "day": 15, "at": "03:30", "publish_at": "08:00",
            "timezone": "Europe/Stockholm",
        },
    }  # fmt: skip
    return "\n".join(line for key, value in content.items() for line in entry(key, value, 0)) + "\n"


def _table(policy: str) -> Value:
    return {
        "id": f"{policy}-1",
        "title": {"sv": "Personer efter kommun", "en": "Persons by municipality"},
        "measures": [{"id": "persons", "kind": "persons"}],
        "categories": [],
        "areas": ["riket", "lan", "kommun"],
        "protection": {"suppression": suppression(["riket"], "persons")},
    }
