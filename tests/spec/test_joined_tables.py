"""Tables whose codes are joined, from records to CSV, against the same records with the codes already joined."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from homes import AGES, CODES, NOW, ROOT, Case, area_type, make_cases, make_home, put_in_force
from tabulator import spread, tabulate

from publisher.errors import PolicyError, RunError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.policy.loader import load_policy
from publisher.preparation import RunRequest, prepare
from publisher.reaudit import audit_release
from publisher.release.model import Cell, CellStatus, Table
from publisher.release.reader import read_release
from publisher.workspace import open_workspace

AGE_JOIN = (
    '{column: age_group, total: true, join: [{code: "16-34", text: {sv: 16–34 år, en: 16–34}, of: ["16-24", "25-34"]},'
    ' {code: "35-54", text: {sv: 35–54 år, en: 35–54}, of: ["35-44", "45-54"]}]}'
)
OTHER_AGES = AGE_JOIN.replace('["16-24", "25-34"]', '["16-24", "35-44"]').replace(
    '["35-44", "45-54"]', '["25-34", "45-54"]'
)
"""The same codes with other parts."""
FAMILY_JOIN = (
    "{column: benefit, total: true, join: [{code: familj, text: {sv: Familj, en: Family}, of: [foraldrapenning, vab]}]}"
)
ILLNESS = ("sjukpenning", "sjukersattning", "aktivitetsersattning")
FAMILY = ("foraldrapenning", "vab", "bostadsbidrag")
JOINED = {"16-24": "16-34", "25-34": "16-34", "35-44": "35-54", "45-54": "35-54"}
PARTS = {"16-34": ("16-24", "25-34"), "35-54": ("35-44", "45-54")}
AGES_ALONE = "{column: age_group, total: true}"
BY_SEX = "{column: sex, total: true}"
WITHIN = ("within: sex", "within: age_group")
BY_BENEFIT = "{column: benefit, total: true}"
FEWER_RULES = ("[{threshold: 5}, {share: {persons: 20, having: 4}}]", "[{threshold: 5}]")
Key = tuple[str, ...]


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases(persons=1500)


def home_of(folder: Path, rows: Sequence[Case], policy: str, *changes: tuple[str, str]) -> Home:
    """A home in which a policy of the project is in force, changed."""
    home = make_home(folder / "home", rows, policies=[])
    put_in_force(home, [written(folder, policy, *changes)])
    return home


def written(folder: Path, policy: str, *changes: tuple[str, str]) -> Path:
    text = (ROOT / "policies" / f"{policy}.yaml").read_text("utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    path = folder / f"{policy}.yaml"
    path.write_text(text, "utf-8")
    return path


def no_noise(values: np.ndarray, scale: float) -> np.ndarray:
    return values


def run(home: Home, policy: str, period: str = "2022", **options: object) -> RunResult:
    with open_workspace(home, exclusive=True) as work:
        request = RunRequest(policy, Period.parse(period), **options)  # type: ignore[arg-type]
        made = run_release(work, request, now=NOW, noise=no_noise)
        assert audit_release(work, made.release.id).passed
        return made


def by_key(table: Table, measure: str) -> dict[Key, Cell]:
    return {(c.area, *c.categories): c for c in table.cells if c.measure == measure}


def kind(code: str) -> str:
    return f"T{area_type(code, 2022)}"


def test_joined_ages_of_a_suppressed_table_are_counted_rated_and_shared_as_one(
    tmp_path: Path, rows: list[Case]
) -> None:
    policy = "fk-assistans"
    home = home_of(
        tmp_path, rows, policy, (BY_SEX, AGE_JOIN), WITHIN, FEWER_RULES,
        ("[assistansersattning]", "[assistansersattning, bostadsbidrag]"),
    )  # fmt: skip
    table = run(home, policy).release.tables[0]
    persons, rates, shares = (by_key(table, m) for m in ("persons", "rate", "share"))
    mine = [r for r in rows if r.date.year == 2022 and r.benefit in ("assistansersattning", "bostadsbidrag")]
    seen = 0
    for (area, age), cell in persons.items():
        if area.endswith("X") or cell.value is None or age == "TOT":
            continue
        seen += 1
        assert cell.value == person_cells(mine, area, age)
        people = inhabitants(area, 4 if age in JOINED.values() else 2)
        assert rates[area, age].value == (2 * cell.value * 100_000 + people) // (2 * people)
        whole = persons[area, "TOT"].value
        if whole:
            assert shares[area, age].value == (2 * cell.value * 1000 + whole) // (2 * whole)
    assert seen > 5
    assert any(c.status is CellStatus.SUPPRESSED for c in persons.values())
    assert [d.codes for d in table.dimensions] == [("TOT", "16-34", "35-54", "55-66")]
    assert [c.joins for c in table.dimensions[0].categories] == [(), ("16-24", "25-34"), ("35-44", "45-54"), ()]


def person_cells(mine: Sequence[Case], area: str, age: str) -> int:
    """Persons in the smallest areas of an area, added up; `age`: as it is, or joined."""
    inside = [r for r in mine if area in ("00", (r.regso or "00X")[: len(area)])]
    return len({(r.person_id, r.regso) for r in inside if age in (r.age_group, JOINED.get(r.age_group))})


def inhabitants(area: str, groups: int) -> int:
    """People of so many groups of sex and age, as `homes.write_population` makes them."""
    return groups * sum(100 + n for n, code in enumerate(CODES) if area in ("00", code[: len(area)]))


def test_who_has_two_joined_benefits_is_one_person_in_the_joined_one(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-familj-bostad"
    persons = ("{id: cases, kind: cases}", "{id: cases, kind: persons}")
    home = home_of(tmp_path, rows, policy, (BY_BENEFIT, FAMILY_JOIN), persons, ("of: cases,", "of: cases,"))
    made = run(home, policy)
    table = made.release.tables[0]
    mine = [r for r in rows if r.date.year == 2022 and r.benefit in FAMILY]
    family = {r.person_id for r in mine if r.benefit != "bostadsbidrag"}
    both = {r.person_id for r in mine if r.benefit == "vab"} & {r.person_id for r in mine if r.benefit == FAMILY[0]}
    cells = by_key(table, "cases")
    assert both
    # Movers stand in two areas, as they do in every table of person-cells that adds up.
    placed = len({(r.person_id, r.regso) for r in mine if r.benefit != "bostadsbidrag"})
    assert cells["00", "familj"].value == placed >= len(family)
    (note,) = [n.en for n in table.notes if "joined" in n.en]
    assert note == (
        "Benefit: categories are joined. “Family” is Parental benefit and Temporary parental benefit. Somebody who has "
        "several of them counts once in the joined one."
    )


def test_bounds_of_a_joined_amount_are_the_widest_of_its_parts(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-underhallsstod"
    home = home_of(
        tmp_path, rows, policy, (BY_SEX, FAMILY_JOIN), ("[underhallsstod]", "[foraldrapenning, vab, bostadsbidrag]"),
        ("insiders: true", "insiders: false"),
    )  # fmt: skip
    table = run(home, policy).release.tables[0]
    amount = table.measure("amount")
    assert amount.bounds_by == "benefit"
    assert amount.bounds["familj"] == (0, 240000)
    assert set(amount.bounds) >= {"familj", "bostadsbidrag"}
    assert "vab" not in amount.bounds
    shown = by_key(table, "amount")["00", "familj"].value
    paid = {"foraldrapenning": 240000, "vab": 31000}
    mine = {(r.person_id, r.case_id): r for r in rows if r.date.year == 2022 and r.benefit in paid}.values()
    assert shown == sum(min(paid[r.benefit], int(r.amount_sek + 0.5)) for r in mine)


def test_joined_ages_under_noise_are_those_of_recoded_records(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-ohalsa"
    home = home_of(tmp_path, rows, policy, (AGES_ALONE, AGE_JOIN))
    table = run(home, policy).release.tables[0]
    recoded = [replace(r, age_group=JOINED.get(r.age_group, r.age_group)) for r in rows]
    expected = spread(tabulate(recoded, 2022, ILLNESS, "persons"), kind, ("riket", "lan", "area_type", "lan_area_type"))
    found = {k: c.value or 0 for k, c in by_key(table, "persons").items() if c.status is CellStatus.PUBLISHED}
    assert found
    assert found == {k: expected.get(k, 0) for k in found}
    assert {k[2] for k in found} == {"TOT", "16-34", "35-54", "55-66"}


def test_what_is_published_names_joined_codes_in_both_languages(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-ohalsa"
    home = home_of(tmp_path, rows, policy, (AGES_ALONE, AGE_JOIN))
    made = run(home, policy)
    with open_workspace(home, exclusive=True) as work:
        folder = work.store.folder(made.record)
        assert read_release(folder, work.keys.public_pem).tables[0].dimensions == made.release.tables[0].dimensions
    facts = json.loads((folder / "release.json").read_bytes())
    assert facts["format"] == "release/4"
    assert ["16-34", "16–34 år", "16–34", ["16-24", "25-34"]] in facts["tables"][0]["dimensions"][1]["categories"]
    for language, text in (("", "16–34 år"), (".en", "16–34")):
        file = folder / "tables" / "fk-ohalsa-omradestyp" / f"data{language}.csv"
        listed = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
        assert {r["age_group_text"] for r in listed if r["age_group"] == "16-34"} == {text}
        assert {r["age_group"] for r in listed} == {"TOT", "16-34", "35-54", "55-66"}


def test_population_of_a_joined_code_is_that_of_its_parts(tmp_path: Path, rows: list[Case]) -> None:
    home = home_of(tmp_path, rows, "fk-ohalsa", (AGES_ALONE, AGE_JOIN))
    with open_workspace(home, exclusive=True) as work:
        joined = prepare(work, load_policy(tmp_path / "fk-ohalsa.yaml").policy, Period.parse("2022"))
        plain = prepare(work, load_policy(ROOT / "policies" / "fk-ohalsa.yaml").policy, Period.parse("2022"))
        counts = []
        for one in (joined, plain):
            keys = one.keys(one.policy.tables)
            counts.append(next(iter(one.denominators(keys).values())))
    fine = counts[1]
    assert np.array_equal(counts[0][..., 0], fine[..., 0] + fine[..., 1])
    assert np.array_equal(counts[0][..., 1], fine[..., 2] + fine[..., 3])
    assert np.array_equal(counts[0][..., 2:], fine[..., 4:])


TWO_TABLES = """\
  - id: fk-{name}
    title: {{sv: Efter ålder, en: By age}}
    measures:
      - {{id: persons, kind: persons}}
    categories: [{category}]
    areas: [riket, lan]
    protection:
"""


def two_tables(policy: str, name: str, category: str) -> tuple[str, str]:
    """A change that puts a second table into a policy, protected as the first is."""
    text = (ROOT / "policies" / f"{policy}.yaml").read_text("utf-8")
    protection = text[text.index("    protection:\n") : text.index("schedule:")].removeprefix("    protection:\n")
    return "schedule: {", TWO_TABLES.format(name=name, category=category) + protection + "schedule: {"


def test_two_noise_tables_may_join_otherwise_and_both_are_charged(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-ohalsa"
    second = two_tables(policy, "ohalsa-alder", AGE_JOIN)
    less = ('rho: "0.05"', 'rho: "0.02"')
    home = home_of(tmp_path, rows, policy, less, (second[0], second[1].replace(*less)))
    made = run(home, policy)
    fine, joined = made.release.tables
    assert fine.dimensions[1].codes == ("TOT", *AGES)
    assert joined.dimensions[0].codes == ("TOT", "16-34", "35-54", "55-66")
    with open_workspace(home, exclusive=True) as work:
        charged = work.ledger.parts(made.release.id)
    assert charged == {"fk-ohalsa-omradestyp/persons": 20_000_000, "fk-ohalsa-alder/persons": 20_000_000}


def test_fine_and_joined_codes_suppressed_apart_would_give_each_other_away(tmp_path: Path, rows: list[Case]) -> None:
    """Why two suppressed tables of one policy may not join otherwise: what one shows, and the other, is subtracted."""
    policy, tables = "fk-assistans", []
    few = [r for r in rows if int(r.person_id[1:]) < 900]
    for name, category in (("fine", AGES_ALONE), ("joined", AGE_JOIN)):
        folder = tmp_path / name
        folder.mkdir()
        home = home_of(
            folder, few, policy, (BY_SEX, category), WITHIN,
            FEWER_RULES,
            ("[assistansersattning]", "[assistansersattning, bostadsbidrag]"),
        )  # fmt: skip
        tables.append(by_key(run(home, policy).release.tables[0], "persons"))
    fine, joined = tables
    mine = [r for r in few if r.date.year == 2022 and r.benefit in ("assistansersattning", "bostadsbidrag")]
    learnt = 0
    for (area, both), cell in joined.items():
        for one, other in permutations(PARTS.get(both, ()), 2):
            shown = fine[area, other].value
            if fine[area, one].value is None and shown is not None and cell.value is not None:
                learnt += 1
                assert cell.value - shown == person_cells(mine, area, one)
    assert learnt


def test_two_suppressed_tables_with_other_joins_are_refused_by_every_way(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-assistans"
    change = two_tables(policy, "assistans-alder", AGE_JOIN)
    path = written(tmp_path, policy, (BY_SEX, AGES_ALONE), change, WITHIN)
    home = make_home(tmp_path / "home", rows, policies=[])
    with pytest.raises(PolicyError, match=r"fk-assistans.yaml:\d+: table fk-assistans-alder: join: table fk-"):
        put_in_force(home, [path])
    with open_workspace(home, exclusive=True) as work:
        prepared = prepare(work, load_policy(path).policy, Period.parse("2022"))
        with pytest.raises(PolicyError, match="two tables of one system join other codes"):
            prepared.keys(prepared.policy.tables)


def test_a_join_that_changes_needs_a_new_table_id_also_where_the_codes_keep_their_names(
    tmp_path: Path, rows: list[Case]
) -> None:
    policy = "fk-ohalsa"
    home = home_of(tmp_path, rows, policy, (AGES_ALONE, AGE_JOIN))
    run(home, policy, "2021")
    for changed in (OTHER_AGES, AGES_ALONE):
        put_in_force(home, [written(tmp_path, policy, (AGES_ALONE, changed))])
        with pytest.raises(RunError, match="its columns changed; give the changed table a new id"):
            run(home, policy)
    renamed = AGE_JOIN.replace("år", "års ålder")
    put_in_force(home, [written(tmp_path, policy, (AGES_ALONE, renamed))])
    assert run(home, policy).release.tables[0].periods == ("2021", "2022")


def test_a_revision_with_another_join_is_refused_even_where_nothing_sealed_is_live(
    tmp_path: Path, rows: list[Case]
) -> None:
    """The codes are the same, so that the numbers would be compared, and what differs taken for changed records."""
    policy = "fk-assistans"
    terms = (WITHIN, ("insiders: true", "insiders: false"))
    home = home_of(tmp_path, rows, policy, (BY_SEX, AGE_JOIN), *terms)
    first = run(home, policy).release.id
    with open_workspace(home, exclusive=True) as work:
        work.store.withdraw(first, reason="wrong", actor="test", now=NOW, agencies=[])
    put_in_force(home, [written(tmp_path, policy, (BY_SEX, OTHER_AGES), *terms)])
    with pytest.raises(RunError, match="joined other codes of column age_group"):
        run(home, policy, revise=True, reason="other ages")
    put_in_force(home, [written(tmp_path, policy, (BY_SEX, AGE_JOIN), *terms)])
    assert run(home, policy, revise=True, reason="as it was").release.version == 2


def test_a_rolling_year_does_not_overlap_one_with_another_join(tmp_path: Path, rows: list[Case]) -> None:
    policy = "fk-assistans"
    terms = (
        WITHIN, ("insiders: true", "insiders: false"), ("type_year: same", 'type_year: "2022"'), FEWER_RULES,
        ("[riket, lan, kommun]", "[riket, lan]"),
        ("every: year, month: 2", "every: month, window: rolling-year"),
    )  # fmt: skip
    home = home_of(tmp_path, rows, policy, (BY_SEX, AGE_JOIN), *terms)
    first = run(home, policy, "2022M06R12").release.id
    with open_workspace(home, exclusive=True) as work:
        work.store.withdraw(first, reason="wrong", actor="test", now=NOW, agencies=[])
    put_in_force(home, [written(tmp_path, policy, (BY_SEX, OTHER_AGES), *terms)])
    with pytest.raises(RunError, match="joins other codes of column age_group"):
        run(home, policy, "2022M07R12")
    put_in_force(home, [written(tmp_path, policy, (BY_SEX, AGE_JOIN), *terms)])
    assert run(home, policy, "2022M07R12").release.tables[0].dimensions[0].codes == ("TOT", "16-34", "35-54", "55-66")
