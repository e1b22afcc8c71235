"""The project's six policies, and variants with every measure, from records to tables, against plain counting."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from homes import NOW, ROOT, Case, area_type, make_cases, make_home, put_in_force
from tabulator import cells_of_leaf, leaf

from publisher.errors import AuditFailedError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import Cell, CellStatus, Table
from publisher.workspace import Workspace, open_workspace

ALL = tuple(sorted(p.stem for p in (ROOT / "policies").glob("*.yaml")))
SUPPORT = "underhallsstod"
Cells = dict[tuple[str, ...], Cell]


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases(persons=4000)


@pytest.fixture(scope="module")
def template(rows: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("whole") / "home", rows, policies=ALL)


@pytest.fixture(scope="module")
def work(template: Home) -> Iterator[Workspace]:
    with open_workspace(template, exclusive=True) as opened:
        yield opened


def no_noise(values: np.ndarray, scale: float) -> np.ndarray:
    return values


def run(work: Workspace, policy: str, period: str = "2022") -> Table:
    result = run_release(work, RunRequest(policy, Period.parse(period)), now=NOW, noise=no_noise)
    assert audit_release(work, result.release.id).passed
    return result.release.tables[0]


def by_key(table: Table, measure: str) -> Cells:
    return {(c.area, *c.categories): c for c in table.cells if c.measure == measure}


def variant(home: Home, base: str, name: str, *changes: tuple[str, str]) -> str:
    """A policy like `base` under another name, put in force in place of it."""
    text = (ROOT / "policies" / f"{base}.yaml").read_text(encoding="utf-8")
    for before, after in ((f"policy: {base}\n", f"policy: {name}\n"), (f"id: {base}", f"id: {name}"), *changes):
        assert before in text, before
        text = text.replace(before, after)
    path = home.root / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    (home.active / f"{base}.yaml").unlink(missing_ok=True)
    put_in_force(home, [path])
    return name


def kind(code: str) -> str:
    return f"T{area_type(code, 2022)}"


def own(rows: Iterable[Case], benefits: tuple[str, ...]) -> list[Case]:
    """The cases of 2022, each once: of rows that stand twice all are alike in these records."""
    return list({(r.person_id, r.case_id): r for r in rows if r.date.year == 2022 and r.benefit in benefits}.values())


def groups(rows: Iterable[Case], levels: tuple[str, ...]) -> dict[tuple[str, str], list[Case]]:
    """Cases by area and sex or its total."""
    out: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for r in rows:
        for area in cells_of_leaf(leaf(r), kind, levels):
            for sex in (r.sex, "TOT"):
                out[area, sex].append(r)
    return out


def paid(row: Case) -> int:
    return min(145_000, int(row.amount_sek + 0.5))


def per_person(rows: Iterable[Case]) -> list[int]:
    sums: dict[str, int] = defaultdict(int)
    for r in rows:
        sums[r.person_id] += paid(r)
    return sorted(sums.values(), reverse=True)


@pytest.mark.parametrize("policy", ALL)
def test_every_policy_runs_audits_clean_and_verifies(work: Workspace, policy: str) -> None:
    period = "2022M03" if policy.endswith("manad") else "2022"
    table = run(work, policy, period)
    assert any(c.value for c in table.cells)
    assert work.store.verified(work.store.record(f"{policy}.{period}.v1"))[0].id == f"{policy}.{period}.v1"


def test_amounts_cases_and_means_are_exact_where_they_are_shown(work: Workspace, rows: list[Case]) -> None:
    table = run(work, "fk-underhallsstod")
    expected = groups(own(rows, (SUPPORT,)), ("riket", "lan", "kommun", "area_type"))
    shown = {m: by_key(table, m) for m in ("cases", "amount", "mean")}
    assert any(c.value for c in shown["amount"].values())
    for key, cell in shown["amount"].items():
        mine = expected.get((key[0], key[1]), [])
        if cell.value is None:
            assert shown["cases"][key].value is None
            assert shown["mean"][key].value is None
            continue
        assert (cell.value, shown["cases"][key].value) == (sum(map(paid, mine)), len(mine))
        mean = None if not mine else (2 * cell.value + len(mine)) // (2 * len(mine))
        assert shown["mean"][key].value == mean


def test_no_amount_is_shown_that_a_rule_makes_sensitive(work: Workspace, rows: list[Case]) -> None:
    table = run(work, "fk-underhallsstod")
    expected = groups(own(rows, (SUPPORT,)), ("riket", "lan", "kommun", "area_type"))
    sensitive = 0
    for key, cell in by_key(table, "amount").items():
        top = per_person(expected.get((key[0], key[1]), []))
        if not top:
            continue
        total, second = sum(top), top[1] if len(top) > 1 else 0
        broken = len(top) < 5 or 4 * top[0] > 3 * total or 10 * (total - top[0] - second) < top[0]
        sensitive += broken
        assert not broken or cell.status is CellStatus.SUPPRESSED
    assert sensitive


def test_monthly_cases_are_bounded_and_those_of_their_month(work: Workspace, rows: list[Case]) -> None:
    table = run(work, "fk-sjukfall-manad", "2022M05")
    mine = [r for r in own(rows, ("sjukpenning",)) if r.date.month == 5]
    persons: dict[str, list[Case]] = defaultdict(list)
    for r in mine:
        persons[r.person_id].append(r)
    cell = by_key(table, "cases")["00", "TOT"]
    assert cell.period == "2022M05"
    assert cell.value == sum(min(2, len(p)) for p in persons.values())


def test_distinct_persons_of_two_benefits_count_once_in_the_total(work: Workspace, rows: list[Case]) -> None:
    table = run(work, "fk-ohalsa-forman")
    illness = ("sjukpenning", "sjukersattning", "aktivitetsersattning")
    mine = own(rows, illness)
    cells = by_key(table, "persons")
    assert cells["00", "TOT"].value == len({r.person_id for r in mine})
    parts = [cells["00", b].value for b in illness]
    assert parts == [len({r.person_id for r in mine if r.benefit == b}) for b in illness]
    assert sum(p or 0 for p in parts) > (cells["00", "TOT"].value or 0)


def test_shares_and_rates_follow_from_the_counts_of_their_table(work: Workspace) -> None:
    table = run(work, "fk-assistans")
    persons, shares = by_key(table, "persons"), by_key(table, "share")
    assert any(c.value for c in shares.values())
    for key, cell in shares.items():
        part, whole = persons[key].value, persons[key[0], "TOT"].value
        if cell.value is not None:
            assert part is not None
            assert whole
            assert cell.value == (2 * part * 1000 + whole) // (2 * whole)
        else:
            assert part is None or not whole


EVENTS = ("{id: cases, kind: cases}", "{id: cases, kind: events}")
OUTSIDERS = ("insiders: true", "insiders: false")
DISTINCT = ("{id: persons, kind: persons}", "{id: persons, kind: persons_distinct}")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("base", "change"),
    [
        ("fk-assistans", ("title:", "title:")), ("fk-assistans", DISTINCT), ("fk-familj-bostad", EVENTS),
        ("fk-familj-bostad", (EVENTS[0], "{id: cases, kind: persons}")),
        ("fk-familj-bostad", (EVENTS[0], "{id: cases, kind: persons_distinct}")),
        ("fk-underhallsstod", ("title:", "title:")),
        ("fk-underhallsstod", ("kommun, area_type]", "kommun, regso, area_type]")),
    ],
    ids=["persons", "distinct", "events", "person-cells", "distinct by benefit", "sums", "sums by regso"],
)  # fmt: skip
def test_every_measure_is_protected_whatever_the_records(
    tmp_path: Path, seed: int, base: str, change: tuple[str, str]
) -> None:
    """The audit shares no code with the search; it refuses to seal what it can narrow."""
    home = make_home(tmp_path / "home", make_cases(persons=2500, seed=seed), policies=(base,))
    outsiders = [OUTSIDERS] if "persons_distinct" in change[1] else []
    name = variant(home, base, "fk-variant", change, *outsiders)
    with open_workspace(home, exclusive=True) as work:
        table = run(work, name)
    assert any(c.status is CellStatus.SUPPRESSED for c in table.cells)
    assert any(c.value for c in table.cells)


NOISY_SUM = (
    "      - {id: persons, kind: persons}\n",
    "      - {id: persons, kind: persons}\n"
    '      - {id: paid, kind: sum, of: amount, rho: "0.01", clamp: {all: "30000"}}\n'
    "      - {id: mean, kind: mean, of: paid}\n",
)


def test_a_noisy_sum_is_that_of_bounded_persons_and_charges_its_own_rho(tmp_path: Path, rows: list[Case]) -> None:
    home = make_home(tmp_path / "home", rows, policies=("fk-ohalsa",))
    name = variant(home, "fk-ohalsa", "fk-belopp", NOISY_SUM)
    with open_workspace(home, exclusive=True) as work:
        table = run(work, name)
        charged = work.ledger.parts("fk-belopp.2022.v1")
    assert charged == {"fk-belopp-omradestyp/persons": 50_000_000, "fk-belopp-omradestyp/paid": 10_000_000}
    bounds = {"sjukpenning": 310_000, "sjukersattning": 1_180_000, "aktivitetsersattning": 960_000}
    sums: dict[str, int] = defaultdict(int)
    for r in own(rows, tuple(bounds)):
        sums[r.person_id] += min(bounds[r.benefit], int(r.amount_sek + 0.5))
    clamped = sum(min(30_000, n) for n in sums.values())
    cell = by_key(table, "paid")["00", "TOT", "TOT"]
    assert cell.value is not None
    assert abs(cell.value - clamped) <= len(sums)  # a unit of the clamp is less than a krona
    mean, people = by_key(table, "mean")["00", "TOT", "TOT"], by_key(table, "persons")["00", "TOT", "TOT"].value
    assert people
    assert mean.value == (2 * cell.value + people) // (2 * people)


def test_a_layer_that_does_not_reach_as_far_as_its_rule_is_not_sealed(
    tmp_path: Path, rows: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    import publisher.draft.layers as module

    honest = module.find_sum_pattern

    def short(*args: object, **options: object) -> object:
        nothing = {k: v * 0 if k in ("rise", "fall") else v for k, v in options.items()}  # type: ignore[operator]
        return honest(*args, **nothing)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "find_sum_pattern", short)
    monkeypatch.setattr(module, "find_pattern", _primary_only(module.find_pattern))
    home = make_home(tmp_path / "home", rows, policies=("fk-underhallsstod",))
    name = variant(home, "fk-underhallsstod", "fk-variant", OUTSIDERS)
    with open_workspace(home, exclusive=True) as work, pytest.raises(AuditFailedError):
        run(work, name)
    assert list(home.vault.iterdir()) == []


def _primary_only(find: object) -> object:
    def lazy(*args: object, **options: object) -> object:
        pattern = find(*args, **options)  # type: ignore[operator]
        object.__setattr__(pattern, "suppressed", args[1].withheld | args[1].sensitive)  # type: ignore[attr-defined]
        return pattern

    return lazy
