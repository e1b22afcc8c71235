"""Two tables of one policy that are measured together, from case records to sealed CSV."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import chain
from pathlib import Path

import pytest
from homes import AGES, CODES, NOW, Case, make_cases, put_in_force
from sharedpolicies import FIRST, JOINED, SECOND, TEXT, shared_home
from test_noise_neighbours import Blind

from publisher import counting, pipeline
from publisher.continuity import check_continues
from publisher.counting import count
from publisher.deployments.statement import Deployed, privacy_statement
from publisher.draft import noisy
from publisher.errors import AuditFailedError, LedgerError, PolicyError, RunError
from publisher.home import Home
from publisher.ledger import Account
from publisher.noise import agreement
from publisher.noise.mechanism import check_measurable, exact_counts
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.policy.loader import parse_policy
from publisher.policy.model import Policy
from publisher.preparation import Prepared, RunRequest, prepare
from publisher.reaudit import audit_release
from publisher.release.model import NoiseFacts
from publisher.standing.protection import of_facts, of_spec
from publisher.workspace import Workspace, open_workspace
from web.public.words import protection

Y2022 = Period.parse("2022")
ACCOUNT = Account("forsakringskassan", 2022)
BENEFITS = ("sjukpenning", "sjukersattning", "aktivitetsersattning")


def worst(benefits: int = len(BENEFITS)) -> list[Case]:
    """Somebody in several areas, with every benefit, in rows that stand twice."""
    rows = [
        Case(10**6 + n, "P999999999", CODES[n], date(2022, 12, 1 + n), BENEFITS[n], "woman", AGES[n], 1e5)
        for n in range(benefits)
    ]
    return rows * 2


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return shared_home(tmp_path_factory.mktemp("shared"), make_cases(persons=400))


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def sealed(template: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, RunResult]]:
    root = tmp_path_factory.mktemp("sealed") / "home"
    shutil.copytree(template.root, root)
    with open_workspace(Home(root), exclusive=True) as opened:
        yield opened, run_release(opened, RunRequest("fk-delad", Y2022), now=NOW)


def rows_of(work: Workspace, made: RunResult, table: str) -> list[dict[str, str]]:
    data = work.store.folder(made.record) / "tables" / table / "data.csv"
    with data.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_both_tables_are_one_charge_of_one_rho(sealed: tuple[Workspace, RunResult]) -> None:
    work, made = sealed
    assert made.rho_units == work.ledger.spent(ACCOUNT) == 50_000_000
    assert work.ledger.parts(made.release.id) == {f"{FIRST}/persons": 50_000_000}
    assert audit_release(work, made.release.id).passed


def test_the_csv_files_show_one_number_of_every_cell_that_both_have(sealed: tuple[Workspace, RunResult]) -> None:
    work, made = sealed
    first = {(r["area"], r["benefit"]): r for r in rows_of(work, made, FIRST) if r["measure"] == "persons"}
    both = [r for r in rows_of(work, made, SECOND) if r["sex"] == r["age_group"] == "TOT" and r["value"]]
    assert len(both) > 20
    for r in both:
        same = first[r["area"], r["benefit"]]
        assert [r[n] for n in ("value", "lower", "upper")] == [same[n] for n in ("value", "lower", "upper")]


def test_joined_codes_are_one_in_both_tables_and_told_with_their_parts(tmp_path: Path) -> None:
    home = shared_home(tmp_path, make_cases(persons=150), JOINED)
    with open_workspace(home, exclusive=True) as work:
        made = run_release(work, RunRequest("fk-delad", Y2022), now=NOW)
        first, second = (rows_of(work, made, t) for t in (FIRST, SECOND))
        assert audit_release(work, made.release.id).passed
        assert '"format":"release/5"' in (work.store.folder(made.record) / "release.json").read_text(encoding="utf-8")
    one = {(r["area"], r["benefit"]): r["value"] for r in first if r["measure"] == "persons"}
    two = {(r["area"], r["benefit"]): r["value"] for r in second if r["sex"] == r["age_group"] == "TOT"}
    assert {benefit for _, benefit in one} == {"TOT", "sjukpenning", "ersattning"}
    assert two.items() <= one.items()
    parts = [c.joins for t in made.release.tables for d in t.dimensions for c in d.categories if c.joins]
    assert parts == [("sjukersattning", "aktivitetsersattning")] * 2


def test_each_table_says_that_the_loss_is_of_both_together(sealed: tuple[Workspace, RunResult]) -> None:
    for table in sealed[1].release.tables:
        facts = table.protection
        assert isinstance(facts, NoiseFacts)
        assert (facts.rho, facts.together) == ("0.05", (FIRST, SECOND))
        assert facts.measured == (("persons", "0.05"),)
        assert f"in common for the tables {FIRST}, {SECOND}" in facts.bound.en
        assert any("measured together" in n.en for n in table.notes)
        assert any("tillsammans" in n.sv for n in table.notes)


def test_the_statement_and_the_pages_say_with_whom_the_loss_is_shared(sealed: tuple[Workspace, RunResult]) -> None:
    release = sealed[1].release
    deployed = [Deployed(release, t, None, "2024-03-01", "2024-03-01", {}) for t in release.tables]
    for lang, words in (("en", "The loss is shared with {}, measured together with this table, and counts once."),
                        ("sv", "Förlusten delas med {}, mätta tillsammans med tabellen, och räknas en gång.")):
        told = privacy_statement(deployed, lang)["deployments"]
        details = [d["deployment"]["privacy_loss"]["privacy_parameters_details"] for d in told]  # type: ignore[attr-defined]
        assert words.format(FIRST) in details[0]
        assert words.format(SECOND) in details[1]
    for table, spec in zip(release.tables, policy_of(TEXT).tables, strict=True):
        assert "once for the tables that are measured together" in of_facts(table.protection)["words"]["en"]
        assert of_spec(spec)["rho"] == "0.05"
        assert "rho 0.05, shared with one other table" in protection(table, "en")
        assert "rho 0,05, gemensamt med en annan tabell" in protection(table, "sv")


def prepared_of(work: Workspace, text: str = TEXT) -> Prepared:
    return prepare(work, policy_of(text), Y2022)


def policy_of(text: str) -> Policy:
    loaded, problems = parse_policy(text.encode(), "fk-delad.yaml")
    assert loaded, problems
    return loaded.policy


def distances(tmp_path: Path, text: str = TEXT) -> list[tuple[float, float]]:
    """For every query group of the joint workload: how far the worst person moves it, and how far is claimed."""
    others, seen = make_cases(persons=60), []
    for name, rows in (("with", [*others, *worst()]), ("without", others)):
        with open_workspace(shared_home(tmp_path / name, rows, text), exclusive=True) as work:
            prepared = prepared_of(work, text)
            (workload,) = prepared.workloads
            (part,) = workload.parts
            cube = count(prepared).bounded[part.name]
            groups = workload.plan(part).groups
            seen.append([exact_counts(cube.counts, part.keys, g) for g in groups])
    moved = [int(((a - b) ** 2).sum()) for a, b in zip(*seen, strict=True)]
    return [(m, g.squared_sensitivity) for m, g in zip(moved, groups, strict=True)]


@pytest.mark.parametrize("kind", ["persons", "cases"])
@pytest.mark.parametrize("text", [TEXT, JOINED], ids=["as declared", "joined"])
def test_the_worst_person_moves_every_group_of_both_tables_exactly_as_far_as_claimed(
    tmp_path: Path, kind: str, text: str
) -> None:
    """Two of the benefits count, in one area, of one sex and one age, in all tables together."""
    found = distances(tmp_path, text.replace("kind: persons", f"kind: {kind}"))
    assert {claimed for _, claimed in found} == {2, 4}
    assert all(moved == claimed for moved, claimed in found)


def test_a_bound_for_each_table_in_place_of_one_for_all_is_seen_and_refused(
    work: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: persons bounded as if each of the two tables had the whole bound."""
    honest = counting.bound_contributions

    def per_table(units, *, bound, **more):
        return honest(units, bound=replace(bound, cells=2 * bound.cells), **more)

    monkeypatch.setattr(counting, "bound_contributions", per_table)
    assert any(moved > claimed for moved, claimed in distances(tmp_path))
    source = Blind()
    with pytest.raises(PolicyError, match="another contribution bound"):
        run_release(work, RunRequest("fk-delad", Y2022), now=NOW, noise=source)
    assert (source.asked, work.ledger.rows()) == ([], [])


def test_the_draws_of_both_tables_lose_exactly_the_rho_that_is_charged(work: Workspace) -> None:
    (workload,) = prepared_of(work).workloads
    (part,) = workload.parts
    groups = workload.plan(part).groups
    assert sum(Fraction(g.squared_sensitivity) / (2 * g.sigma2) for g in groups) == Fraction(5, 100)
    cube = count(prepared_of(work)).bounded[part.name]
    assert len(check_measurable(cube, part, workload.plan(part))) == len(groups) == 5 * 2 + 3 * 6


def test_a_failure_between_the_tables_draws_nothing_twice(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is drawn before the first table is made; what fails afterwards costs the one charge, and another try is
    another charge with noise of its own."""
    first, second = Blind(), Blind()
    with monkeypatch.context() as broken:
        broken.setattr(agreement, "_fitted", lambda *a: (_ for _ in ()).throw(RuntimeError("second table")))
        with pytest.raises(RuntimeError, match="second table"):
            run_release(work, RunRequest("fk-delad", Y2022), now=NOW, noise=first)
    assert len(first.asked) == 5 * 2 + 3 * 6
    assert list(work.home.vault.iterdir()) == []
    with pytest.raises(LedgerError, match="charged and not sealed"):
        run_release(work, RunRequest("fk-delad", Y2022), now=NOW, noise=second)
    assert not second.asked
    run_release(work, RunRequest("fk-delad", Y2022, again=True, reason="fault"), now=NOW, noise=second)
    assert (len(second.asked), work.ledger.spent(ACCOUNT)) == (len(first.asked), 100_000_000)


def test_tables_that_contradict_each_other_are_not_sealed(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two adds up by itself; only together they do not."""
    honest = noisy.shared_estimates

    def apart(measurement, workload):
        found = dict(honest(measurement, workload))
        kept = found[SECOND]
        found[SECOND] = replace(kept, mint=agreement._MINT, values=2 * kept.values, centre=2 * kept.centre)
        return found

    monkeypatch.setattr(noisy, "shared_estimates", apart)
    with pytest.raises(AuditFailedError, match="different numbers of one cell"):
        run_release(work, RunRequest("fk-delad", Y2022), now=NOW)
    assert list(work.home.vault.iterdir()) == []


THIRD = """\
  - id: fk-delad-lan
    title: {sv: Personer efter län, en: Persons by county}
    measures: [{id: persons, kind: persons}]
    categories: [{column: benefit, total: true}]
    areas: [riket, lan]
    protection:
      noise: {together_with: fk-delad-omrade, weights: all-cells-alike, uncertain_when: {interval_width: "1.2"}}
"""


APART = TEXT.replace(
    f"together_with: {FIRST}",
    'rho: "0.05"\n        bound: {cells: 2, area: last}\n        estimate: non-negative-integers',
)


def in_force(work: Workspace, text: str) -> None:
    """Put another edition of the policy in force."""
    path = work.home.root.parent / "fk-delad.yaml"
    path.write_text(text, encoding="utf-8")
    put_in_force(work.home, [path])


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "from before policies were kept"])
def test_a_withdrawn_release_whose_group_is_dissolved_is_audited_by_what_it_states_itself(
    work: Workspace, kept: bool
) -> None:
    first = run_release(work, RunRequest("fk-delad", Y2022), now=NOW).release
    work.store.publish(first.id, now=NOW, agencies=())
    work.store.withdraw(first.id, reason="Fel", actor="test", now=NOW, agencies=())
    in_force(work, APART.replace('"0.05"', '"0.02"'))
    if not kept:
        shutil.rmtree(work.home.sealed_policies)
    assert audit_release(work, first.id).passed
    second = run_release(work, RunRequest("fk-delad", Y2022, revise=True, reason="Apart"), now=NOW).release
    work.store.publish(second.id, now=NOW, agencies=())
    assert {name.split("/")[0] for name in work.ledger.parts(second.id)} == {FIRST, SECOND}
    assert all(audit_release(work, r.id).passed for r in (first, second))
    third = THIRD.replace(f"together_with: {FIRST}", 'rho: "0.01", bound: {cells: 2, area: last}, estimate: unbiased')
    in_force(work, APART.replace('"0.05"', '"0.02"').replace("schedule:", f"{third}schedule:"))
    more = run_release(work, RunRequest("fk-delad", Period.parse("2021")), now=NOW).release
    work.store.publish(more.id, now=NOW, agencies=())
    assert all(audit_release(work, r.id).passed for r in (second, more))


def test_an_audit_afterwards_judges_by_the_rules_that_were_in_force_at_the_seal(work: Workspace) -> None:
    made = run_release(work, RunRequest("fk-delad", Y2022), now=NOW).release
    in_force(work, TEXT.replace('coefficient_of_variation: "0.3"', 'coefficient_of_variation: "0.1"'))
    assert audit_release(work, made.id).passed
    (file,) = work.home.sealed_policies.rglob("*.yaml")
    data = file.read_bytes()
    file.write_bytes(data.replace(b"Statistik", b"Statistix"))
    with pytest.raises(RunError, match="is not what was sealed by; restore it from the backup"):
        audit_release(work, made.id)
    shutil.rmtree(work.home.sealed_policies)
    assert not audit_release(work, made.id).passed
    in_force(work, TEXT.replace(TEXT[TEXT.index(f"  - id: {SECOND}"):TEXT.index("schedule:")], ""))
    with pytest.raises(RunError, match="is not kept, and none with these tables is in force; put that file at"):
        audit_release(work, made.id)
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    assert audit_release(work, made.id).passed


def test_tables_that_name_another_group_than_the_policy_s_are_not_sealed(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = pipeline.noise_facts
    monkeypatch.setattr(pipeline, "noise_facts", lambda *given: replace(honest(*given), together=()))
    with pytest.raises(AuditFailedError, match="a table names other tables than it was measured with"):
        run_release(work, RunRequest("fk-delad", Y2022), now=NOW)


@pytest.mark.parametrize("change", ["added", "apart"])
def test_another_group_of_tables_is_another_form(sealed: tuple[Workspace, RunResult], change: str) -> None:
    work, made = sealed
    text = TEXT.replace("schedule:", f"{THIRD}schedule:")
    if change == "apart":
        text = APART
    with pytest.raises(RunError, match="its together changed; give the changed table a new id"):
        check_continues(prepared_of(work, text), made.release)
    check_continues(prepared_of(work), made.release)


def test_the_next_period_continues_both_tables(sealed: tuple[Workspace, RunResult]) -> None:
    work, _ = sealed
    made = run_release(work, RunRequest("fk-delad", Period.parse("2021")), now=NOW)
    assert all(t.periods == ("2021", "2022") for t in made.release.tables)
    assert audit_release(work, made.release.id).passed
    assert len(list(chain(*(t.cells for t in made.release.tables)))) > 1000


def test_numbers_of_the_second_table_add_up_to_those_of_the_first(sealed: tuple[Workspace, RunResult]) -> None:
    """Men and women of all ages in a municipality are as many as its RegSO have."""
    _, made = sealed
    (small,) = [t for t in made.release.tables if t.id == FIRST]
    value = {(c.area, c.categories): c.value for c in small.cells if c.measure == "persons"}
    (large,) = [t for t in made.release.tables if t.id == SECOND]
    shown = {(c.area, c.categories): c.value for c in large.cells if c.period == "2022"}
    checked = 0
    for (area, (benefit, sex, age)), whole in shown.items():
        parts = [shown.get((area, (benefit, s, a))) for s in ("woman", "man") for a in AGES]
        if sex == age == "TOT" and len(area) == 4 and None not in (whole, *parts):
            regso = [v for (code, (b,)), v in value.items() if b == benefit and code[:4] == area and len(code) > 4]
            assert sum(parts) == whole == sum(regso)
            checked += 1
    assert checked
