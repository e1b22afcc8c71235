"""Small tables that are measured together: a made-up register, tables over it, and random groups of them.

Everything that the estimate is compared with is written out in full matrices here, sharing no algebra with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from noisetables import charge_for, cube_of, terms

from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, measure
from publisher.noise.workloads import Workload, workloads
from publisher.policy.check_together import ESTIMATES, check_together
from publisher.policy.model import CategorySpec, ContributionBound, EstimateKind, MeasureSpec, Noise, TableSpec
from publisher.relations import AreaLevel, Column, IntArray, KeySet
from publisher.release.model import AREA_LEVELS, Text

SEX = Column("sex", ("m", "w"), True)
AGE = Column("age", ("a", "b"), True)
BENEFIT = Column("benefit", ("p", "q", "r"), False)
FORM = Column("form", ("x", "y"), False)
COLUMNS = (BENEFIT, FORM, SEX, AGE)
LEAVES = ("0180R1", "0180R2", "0180X", "0114R1", "0114R2", "0301R1", "0301X", "01X", "00X")
TYPES = (1, 2, 0, 1, 1, 2, 0, 0, 0)


def _cell(level: str, leaf: str, kind: int) -> str | None:
    place = {"riket": "00", "lan": leaf[:2] if leaf != "00X" else leaf, "kommun": None, "regso": None}
    if len(leaf) > 3:
        place |= {"kommun": leaf[:4], "regso": leaf}
    elif leaf != "00X":
        place["kommun"] = leaf
    if level == "area_type":
        return f"T{kind}"
    if level == "lan_area_type":
        return f"{leaf[:2]}T{kind}" if leaf != "00X" else None
    return place[level]


def _level(name: str) -> AreaLevel:
    cells = [_cell(name, leaf, kind) for leaf, kind in zip(LEAVES, TYPES, strict=True)]
    codes = tuple(sorted({c for c in cells if c is not None}))
    return AreaLevel(name, codes, np.array([-1 if c is None else codes.index(c) for c in cells], dtype=np.int64))


LEVELS = {n: _level(n) for n in AREA_LEVELS if n != "kommun_area_type"}


def keys_of(tables: tuple[TableSpec, ...]) -> KeySet:
    """The key set of some tables together, as `policy_keys` makes it."""
    used = {c.column for t in tables for c in t.categories}
    columns = tuple(c for c in COLUMNS if c.id in used)
    totals = tuple(
        any(all(k.total for k in t.categories if k.column == c.id) for t in tables) for c in columns
    )
    levels = tuple(LEVELS[n] for n in AREA_LEVELS if any(n in t.areas for t in tables))
    return KeySet(LEAVES, levels, columns, totals)


def table(name: str, areas: Iterable[str], columns: Iterable[str], noise: Noise, kind: str = "persons") -> TableSpec:
    categories = tuple(CategorySpec(c, total=True) for c in columns)
    return TableSpec(name, Text(name, name), (MeasureSpec("n", kind),), categories, tuple(areas), noise)


def together(*tables: TableSpec) -> tuple[TableSpec, ...]:
    """The tables as they are read when all but the first share its measurement."""
    first, *others = tables
    assert isinstance(first.protection, Noise)
    rho, bound, estimate = first.protection.shared
    shared = [
        replace(t, protection=replace(t.protection, rho=rho, bound=bound, estimate=estimate, together_with=first.id))
        for t in others
    ]  # type: ignore[type-var]
    return (first, *shared)


def workload_of(tables: tuple[TableSpec, ...]) -> Workload:
    return workloads([tables], keys_of)[0]


def counts_of(keys: KeySet, rng: np.random.Generator, mean: float = 6) -> IntArray:
    """Counts of a joint key set, half of its areas nearly empty."""
    lots = rng.choice([0.05, mean], (len(keys.leaves), *[1] * len(keys.columns)))
    return rng.poisson(lots * np.ones([len(keys.leaves), *[len(c.codes) for c in keys.columns]])).astype(np.int64)


def measured(workload: Workload, counts: IntArray, source: NoiseSource) -> Measurement:
    (part,) = workload.parts
    cube = cube_of(part.keys, counts, workload.noise.bound, part.quantity)
    return measure(cube, part, strategy=workload.plan(part), charge=charge_for([part]), noise=source)


PLACES = (
    ("riket",), ("riket", "lan"), ("riket", "lan", "kommun"), ("riket", "area_type"),
    ("riket", "lan", "area_type", "lan_area_type"), tuple(LEVELS),
)  # fmt: skip


@st.composite
def groups(draw: st.DrawFn, estimates: Iterable[EstimateKind] = ESTIMATES) -> tuple[TableSpec, ...]:
    """Two or three tables that can be measured together."""
    noise = terms(
        rho=Fraction(draw(st.sampled_from([1, 5, 20])), 20), bound=ContributionBound(draw(st.integers(1, 4)), "last"),
        estimate=draw(st.sampled_from(list(estimates))),
    )  # fmt: skip
    case = draw(st.sampled_from([(), ("benefit",)]))
    kind = draw(st.sampled_from(["persons", "cases"]))
    if kind == "cases":
        case = draw(st.sampled_from([(), ("benefit",), ("benefit", "form")]))
    made = []
    for n in range(draw(st.integers(2, 3))):
        own = draw(st.lists(st.sampled_from(["sex", "age"]), unique=True))
        cases = draw(st.lists(st.sampled_from(case), unique=True)) if kind == "cases" and case else case
        columns = [c.id for c in COLUMNS if c.id in {*own, *cases}]
        made.append(table(f"t{n}", draw(st.sampled_from(PLACES)), columns, noise, kind))
    tables = together(*made)
    st_assume(not list(check_together(tables, ["sex", "age"])))
    return tables


def st_assume(holds: bool) -> None:
    from hypothesis import assume

    assume(holds)


def published(values: Mapping[str, np.ndarray], tables: Iterable[TableSpec]) -> dict[tuple[object, ...], list[float]]:
    """Every number by what it is the number of, however many tables show it."""
    out: dict[tuple[object, ...], list[float]] = {}
    for t in tables:
        keys = keys_of((t,))
        for i, area in enumerate(keys.area_codes):
            for at, codes in zip(np.ndindex(*keys.category_shape), keys.category_keys, strict=True):
                named = frozenset((c.id, code) for c, code in zip(keys.columns, codes, strict=True) if code != "TOT")
                out.setdefault((area, named), []).append(float(values[t.id][(i, *at)]))
    return out
