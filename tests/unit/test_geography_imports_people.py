"""Imports of population: CSV and JSON-stat 2, by sex or as totals, and what would pass for a whole and is none."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scb_files import CODES, NAMES, Imports, register

from publisher.errors import GeographyError
from publisher.geography.files import load_population
from publisher.geography.imports.fetching import Input
from publisher.geography.imports.people import totals_of, whole_years
from publisher.geography.imports.steps import merged
from publisher.policy.declarations import PopulationFile
from publisher.release.model import Text

TITLE = '"Folkmängden per region efter region, ålder, kön och år"\n\n'
SEXES = ("män", "kvinnor")


@pytest.fixture
def known(tmp_path: Path) -> Imports:
    imports = Imports(tmp_path)
    imports.run(register=register())
    return imports


def export(*rows: str, years: str = '"2022"') -> bytes:
    return (TITLE + f'"region","ålder","kön",{years}\n' + "\n".join(rows)).encode("latin-1")


def totals(*people: int | str) -> list[str]:
    return [f'"{n}","totalt","totalt",{p}' for n, p in zip(NAMES, people, strict=True)]


def dataset(regions: dict[str, str], sexes: dict[str, str], values: Any, **more: dict[str, str]) -> dict[str, Any]:
    dimensions = {"Region": regions, "Alder": {"tot": "totalt"}, "Kon": sexes, "Tid": {"2022": "2022"}} | more
    return {
        "version": "2.0", "class": "dataset", "id": list(dimensions), "size": [len(d) for d in dimensions.values()],
        "dimension": {
            name: {"category": {"index": {code: i for i, code in enumerate(labels)}, "label": labels}}
            for name, labels in dimensions.items()
        },
        "value": values,
    }  # fmt: skip


BY_CODE = {code: code for code in CODES}
WOMEN_AND_MEN = {"1": "män", "2": "kvinnor"}


def test_a_latin_1_export_with_titles_is_read(known: Imports) -> None:
    report = known.run(population=export(*totals(10, 20, 30, 40)))
    assert known.lines("population.csv") == [f"{c},2022,{n}" for c, n in zip(CODES, (10, 20, 30, 40), strict=True)]
    assert report.changed == ("population 2022: 100, new",)
    assert "population_by_sex.csv" not in known.everything()


def test_parts_by_sex_are_kept_and_their_totals_dropped(known: Imports) -> None:
    rows = [f'"{n}","totalt","{sex}",{p}' for n in NAMES for sex, p in (("män", 4), ("kvinnor", 6), ("totalt", 10))]
    known.run(population=export(*rows))
    assert known.lines("population_by_sex.csv")[:2] == ["0114R001,2022,man,4", "0114R001,2022,woman,6"]
    declared = PopulationFile("p", Text("p", "p"), "population_by_sex.csv", {"sex": "sex"}, {}, everyone=True)
    people = load_population(declared, known.folder / "regso-2020")
    assert people.rows["population"].astype(int).sum() == 40


def test_other_years_add_up_to_one_file(known: Imports) -> None:
    known.run(population=export(*totals(1, 2, 3, 4)))
    known.run(population=export(*(r + ",9" for r in totals(5, 6, 7, 8)), years='"2023","2024"'))
    assert [line for line in known.lines("population.csv") if line.startswith("0114R001")] == [
        "0114R001,2022,1", "0114R001,2023,5", "0114R001,2024,9",
    ]  # fmt: skip


def test_the_same_year_again_takes_the_place_of_the_old_one(known: Imports) -> None:
    known.run(population=export(*totals(1, 2, 3, 4)))
    report = known.run(population=export(*totals(1, 2, 3, 5)))
    assert report.changed == ("population 2022: 11, was 10",)


def test_totals_that_only_repeat_the_parts_leave_the_parts(known: Imports) -> None:
    known.run(population=dataset(BY_CODE, WOMEN_AND_MEN, [1, 2] * 4))
    before = known.everything()["population_by_sex.csv"]
    known.run(population=export(*totals(3, 3, 3, 3)))
    assert known.everything()["population_by_sex.csv"] == before
    report = known.run(population=export(*totals(3, 3, 3, 4)))
    assert "population 2022: no longer by sex" in report.changed
    assert "population_by_sex.csv" not in known.everything()


def test_missing_people_are_reported(known: Imports) -> None:
    report = known.run(population=export(*totals(1, "..", 3, 4)))
    assert report.inputs[0].unmatched == ("0114R002",)
    assert len(known.lines("population.csv")) == 3


@pytest.mark.parametrize(("rows", "rule"), [
    (['"Stockholm (Centrum)","0-15 år","totalt",3'], "is split by age"),
    (['"Stockholm (Centrum)","totalt","okänt",3'], "sex is none of"),
    (['"Stockholm (Centrum)","totalt","totalt",3', '"0180R001","totalt","totalt",3'], "0180R001 stands twice"),
    (['"Stockholm (Centrum)","totalt","totalt",3.5'], "no whole number"),
    (['"Stockholm (Centrum)","totalt","totalt",-3'], "no whole number"),
    (['"Stockholm (Centrum)","totalt","totalt",²'], "no whole number"),
    (['"Stockholm (Centrum)","totalt","totalt",..'], "has no population"),
    (['"00 Riket","totalt","totalt",3'], "1 areas are not in the register of regso-2020: 00 Riket"),
    (['"0180R001_RegSO2025","totalt","totalt",3'], "another edition"),
    (['"Stockholm (Centrum)","totalt","män",3'], "1 areas have one sex and no total: 0180R001"),
    ([f'"Stockholm (Centrum)","totalt","{s}",{n}' for s, n in (("män", 1), ("kvinnor", 1), ("totalt", 3))],
     "in 1 areas women and men are not the total: 0180R001"),
])  # fmt: skip
def test_a_population_that_is_not_whole_is_refused(known: Imports, rows: list[str], rule: str) -> None:
    with pytest.raises(GeographyError, match=rule):
        known.run(population=export(*rows))
    assert "population.csv" not in known.everything()


def test_a_population_without_a_year_is_refused(known: Imports) -> None:
    with pytest.raises(GeographyError, match="has no column of a year"):
        known.run(population=export(*totals(1, 2, 3, 4), years='"antal"'))


# JSON-stat 2


def test_json_stat_is_read_by_code(known: Imports) -> None:
    known.run(population=dataset(BY_CODE, WOMEN_AND_MEN | {"1+2": "totalt"}, [1, 2, 3, 4, 5, 9, 6, 7, 13, 8, 9, 17]))
    assert known.lines("population_by_sex.csv")[2:4] == ["0114R002,2022,man,4", "0114R002,2022,woman,5"]
    assert known.lines("population.csv")[3] == "2480R001,2022,17"


def test_json_stat_is_read_by_name_too(known: Imports) -> None:
    by_name = {str(i): name for i, name in enumerate(NAMES)}
    known.run(population=dataset(by_name, {"a": "kvinnor", "b": "män"}, list(range(8))))
    assert known.lines("population_by_sex.csv")[:2] == ["0114R001,2022,man,1", "0114R001,2022,woman,0"]


def test_json_stat_may_give_values_by_place_and_categories_as_a_list(known: Imports) -> None:
    given = dataset(BY_CODE, {"1+2": "totalt"}, {"0": 5, "3": 7})
    given["dimension"]["Region"]["category"] = {"index": list(CODES)}
    given["dimension"]["Tid"]["category"] = {"label": {"2022": "2022"}}
    report = known.run(population=given)
    assert known.lines("population.csv") == ["0114R001,2022,5", "2480R001,2022,7"]
    assert report.inputs[0].unmatched == ("0114R002", "0180R001")


def test_the_order_of_json_stat_is_that_of_its_index(known: Imports) -> None:
    given = dataset(BY_CODE, {"1+2": "totalt"}, [1, 2, 3, 4])
    given["dimension"]["Region"]["category"]["index"] = {code: 3 - i for i, code in enumerate(CODES)}
    known.run(population=given)
    assert known.lines("population.csv")[0] == "0114R001,2022,4"


@pytest.mark.parametrize(("given", "rule"), [
    ({"class": "dataset"}, "is no JSON-stat 2 dataset"),
    (dataset(BY_CODE, {"1": "män"}, [1, 2, 3, 4]), "4 areas have one sex"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1, 2, 3]), "its sizes say 4 values"),
    (dataset(BY_CODE, {"1+2": "totalt"}, {"9": 3}), "its sizes say 4 values"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1, 2, 3, 4.5]), "no whole number"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1, 2, 3, -4]), "no whole number"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1, 2, 3, True]), "no whole number"),
    (dataset({**BY_CODE, "0180R077": "x"}, {"1+2": "totalt"}, [1] * 5), "1 areas are not in the register"),
    (dataset({**BY_CODE, "0180R001_RegSO2025": "x"}, {"1+2": "totalt"}, [1] * 5), "another edition"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1] * 4, Alder={"16-24": "16-24 år"}), "is split by age"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1] * 8, Alder={"tot": "totalt", "0": "0 år"}), "dimension age must have one"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1] * 4, Fodelseland={"1": "Sverige"}), "dimension Fodelseland must have one"),
    (dataset(BY_CODE, {"1+2": "totalt"}, [1] * 4, Tid={"2022K1": "2022K1"}), "Tid must hold years"),
])  # fmt: skip
def test_json_stat_that_is_not_whole_is_refused(known: Imports, given: dict[str, Any], rule: str) -> None:
    with pytest.raises(GeographyError, match=rule):
        known.run(population=given)


# invariants

CELLS = st.dictionaries(
    st.tuples(st.sampled_from(CODES), st.sampled_from((2021, 2022))), st.tuples(st.integers(0, 50), st.integers(0, 50)),
    min_size=1,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(CELLS, st.sets(st.sampled_from(("parts", "total")), min_size=1))
def test_no_form_of_a_year_loses_anybody(cells: dict[tuple[str, int], tuple[int, int]], forms: set[str]) -> None:
    found = {}
    for (code, year), (men, women) in cells.items():
        found |= {(code, year, "man"): men, (code, year, "woman"): women} if "parts" in forms else {}
        found |= {(code, year, ""): men + women} if "total" in forms else {}
    kept = whole_years(Input("x", b""), found)
    assert totals_of(kept) == {key: sum(pair) for key, pair in cells.items()}
    assert all(bool(sex) == ("parts" in forms) for _, _, sex in kept)


@settings(max_examples=60, deadline=None)
@given(CELLS, CELLS, st.tuples(st.booleans(), st.booleans()))
def test_the_newest_people_of_a_year_are_those_that_count(
    old: dict[tuple[str, int], tuple[int, int]], new: dict[tuple[str, int], tuple[int, int]], by_sex: tuple[bool, bool]
) -> None:
    first, second = (
        {(c, y, sex): n for (c, y), pair in cells.items() for sex, n in (
            zip(("man", "woman"), pair, strict=True) if split else [("", sum(pair))])}
        for cells, split in ((old, by_sex[0]), (new, by_sex[1]))
    )  # fmt: skip
    years = {year for _, year in new}
    expected = {k: sum(p) for k, p in old.items() if k[1] not in years} | {k: sum(p) for k, p in new.items()}
    assert totals_of(merged(first, second)) == expected


def test_a_year_is_by_sex_only_where_every_area_is() -> None:
    found = {("a", 2022, "man"): 1, ("a", 2022, "woman"): 2, ("b", 2022, ""): 5}
    found |= {("c", 2022, "man"): 1, ("c", 2022, ""): 9}
    assert whole_years(Input("x", b""), found) == {("a", 2022, ""): 3, ("b", 2022, ""): 5, ("c", 2022, ""): 9}
