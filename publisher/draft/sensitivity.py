"""What the public is told of how far one person can move a noisy table, and of what each measure costs."""

from collections.abc import Sequence
from math import isqrt

from publisher.ledger import format_units
from publisher.noise.parts import Part
from publisher.noise.strategy import squared_sensitivity
from publisher.noise.workloads import Workload
from publisher.policy.model import MeasureSpec, TableSpec
from publisher.release.model import Text


def _measured(table: TableSpec, parts: Sequence[Part]) -> list[MeasureSpec]:
    """The measures that have a measurement of their own, in the table's order."""
    names = {part.measure for part in parts}
    return [m for m in table.measures if m.id in names]


def charges_of(table: TableSpec, workload: Workload) -> tuple[tuple[str, str], ...]:
    """What each measured measure is charged: its id, and rho as decimal text."""
    parts = workload.parts
    return tuple(
        (m.id, format_units(sum(part.rho_units for part in parts if part.measure == m.id)))
        for m in _measured(table, parts)
    )


def sensitivity_text(table: TableSpec, workload: Workload) -> Text:
    """How far one person can move what is measured: the L2 distances over all marginals, at any area level."""
    parts, noise, sv, en = workload.parts, workload.noise, list[str](), list[str]()
    for m in _measured(table, parts):
        squares = {
            squared_sensitivity(part.keys.columns, kept=kept, bound=noise.bound, most=part.quantity.most)
            // (1 if m.clamp is None else part.quantity.most**2)
            for part in parts
            if part.measure == m.id
            for kept in {kept for _, kept in part.groups}
        }
        least, most = _root(min(squares)), _root(max(squares))
        sv.append(f"{m.id}: {least if least == most else f'{least} till {most}'}")
        en.append(f"{m.id}: {least if least == most else f'{least} to {most}'}")
        if m.clamp is not None:
            sv[-1] += " gånger beloppets gräns"
            en[-1] += " times the bound of the amount"
    return Text(
        "L2-avstånd som en person kan åstadkomma, på en områdesnivå och i en kombination av kategorier: "
        + "; ".join(sv),
        "L2 distance that one person can make, at one area level and in one combination of categories: "
        + "; ".join(en),
    )


def _root(square: int) -> str:
    whole = isqrt(square)
    return str(whole) if whole**2 == square else f"√{square}"
