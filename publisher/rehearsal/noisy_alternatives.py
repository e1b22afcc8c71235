"""What else a noise policy could be: each alternative is a policy of its own, by a pure function of the one given."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from publisher.ledger import UNITS_PER_RHO, format_units
from publisher.policy.declarations import SourceDeclaration
from publisher.policy.model import Noise, Policy, TableSpec, Weights
from publisher.rehearsal.alternative import Alternative, Kind, made, not_possible, without_columns
from publisher.rehearsal.coarser import coarser_columns

Change = Callable[[Noise], Noise]
_UNIT = Fraction(1, UNITS_PER_RHO)


def noisy_alternatives(policy: Policy, source: SourceDeclaration) -> Iterator[Alternative]:
    """Half and twice the rho, half and twice as many combinations a person, other weights, coarser codes, a column or a
    level less; tables that are measured together each by itself."""
    yield from _rho(policy)
    yield from _bounds(policy)
    yield from _weights(policy)
    yield from _apart(policy)
    yield from coarser_columns(policy, source)
    yield from without_columns(policy)
    yield from _areas(policy)


def _changed(policy: Policy, change: Change) -> Policy:
    return replace(policy, tables=tuple(_terms(t, change) for t in policy.tables))


def _terms(table: TableSpec, change: Change) -> TableSpec:
    noise = table.protection
    return replace(table, protection=change(noise)) if isinstance(noise, Noise) else table


def _rho(policy: Policy) -> Iterator[Alternative]:
    yield _halved(policy)
    if max(t.rho for t in policy.noise_tables) * 2 <= 1:
        doubled = _changed(_sums(policy, 2, 1), lambda n: replace(n, rho=n.rho * 2))
        words = "Dubbla budgeten: rho av varje tabell och summa.", "Twice the budget: rho of every table and sum."
        yield made("rho-double", Kind.RHO, words, doubled, weaker=True)


def _halved(policy: Policy) -> Alternative:
    words = "Halva budgeten: rho av varje tabell och summa.", "Half the budget: rho of every table and sum."
    own = [m.rho for t in policy.noise_tables for m in t.measures if m.rho is not None]
    if min([*own, *(n.rho for n in _noises(policy))]) < 2 * _UNIT:
        return not_possible("rho-half", Kind.RHO, words, policy, refused=_too_little(2))
    return made("rho-half", Kind.RHO, words, _changed(_sums(policy, 1, 2), lambda n: replace(n, rho=n.rho / 2)))


def _too_little(parts: int) -> str:
    return f"rho in {parts} parts leaves less than {format_units(1)}, the least that the account can charge"


def _sums(policy: Policy, times: int, over: int) -> Policy:
    """The policy with another rho of its sums."""

    def scaled(table: TableSpec) -> TableSpec:
        measures = (m if m.rho is None else replace(m, rho=m.rho * times / over) for m in table.measures)
        return replace(table, measures=tuple(measures))

    return replace(policy, tables=tuple(scaled(t) for t in policy.tables))


def _bounds(policy: Policy) -> Iterator[Alternative]:
    """Fewer combinations a person mean less noise and more left out; more the other way."""
    now = max(n.bound.cells for n in _noises(policy))
    for name, cells in (("cells-half", now // 2), ("cells-double", now * 2)):
        if 1 <= cells <= 1000 and any(n.bound.cells > 1 or cells > 1 for n in _noises(policy)):
            words = (
                f"Högst {cells} kombinationer per person i stället för {now}.",
                f"At most {cells} combinations a person in place of {now}.",
            )
            changed = _changed(policy, lambda n, c=cells: replace(n, bound=replace(n.bound, cells=c)))  # type: ignore[misc]
            yield made(name, Kind.BOUND, words, changed)


def _weights(policy: Policy) -> Iterator[Alternative]:
    texts = {
        Weights.CELLS: ("Felet i alla celler väger lika.", "An error in every cell weighs alike."),
        Weights.LEVELS: ("Alla nivåer väger lika.", "All levels weigh alike."),
    }
    for weights, words in texts.items():
        if any(n.weights is not weights or n.times for n in _noises(policy)):
            changed = _changed(policy, lambda n, w=weights: replace(n, weights=w, times=()))  # type: ignore[misc]
            yield made(f"weights-{weights.value}", Kind.WEIGHTS, words, changed)


def _apart(policy: Policy) -> Iterator[Alternative]:
    """Tables that share a measurement each with an equal share of its rho: what sharing it gains."""
    shares = {t.id: len(group) for group in policy.measured_together for t in group}
    words = "Varje tabell mätt för sig, med lika del av rho.", "Every table by itself, with an equal share of rho."
    if min(n.rho / shares[t.id] for t, n in zip(policy.noise_tables, _noises(policy), strict=True)) < _UNIT:
        yield not_possible("apart", Kind.TOGETHER, words, policy, refused=_too_little(max(shares.values())))
    elif max(shares.values()) > 1:
        tables = tuple(
            _terms(t, lambda n, size=shares[t.id]: replace(n, rho=n.rho / size, together_with=""))  # type: ignore[misc]
            for t in policy.tables
        )
        yield made("apart", Kind.TOGETHER, words, replace(policy, tables=tables))


def _areas(policy: Policy) -> Iterator[Alternative]:
    for level, words in (
        ("regso", ("Utan RegSO.", "Without RegSO.")),
        ("kommun", ("Utan kommuner.", "Without municipalities.")),
    ):
        tables = tuple(_without_level(t, level) for t in policy.tables)
        if any(level in t.areas for t in policy.tables) and all(t.areas for t in tables):
            yield made(f"without-{level}", Kind.AREAS, words, replace(policy, tables=tables))


def _without_level(table: TableSpec, level: str) -> TableSpec:
    areas = tuple(a for a in table.areas if a != level)
    if not areas:
        return table

    def change(noise: Noise) -> Noise:
        return replace(noise, times=tuple(t for t in noise.times if t.area != level))

    return _terms(replace(table, areas=areas), change)


def _noises(policy: Policy) -> list[Noise]:
    return [t.protection for t in policy.tables if isinstance(t.protection, Noise)]
