"""Ways in which withheld cells have been computed from published ones, each caught by the attack and the verdict."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from breaks import ALL, ROW, ROW_COUNTS, SQUARE, attacked, audited, edit_area, edit_facts, ends, known, rules
from tables import country, edit, table_of

from publisher.audit.attacker.ranges import Ranges
from publisher.errors import AuditFailedError


def test_a_margin_reveals_the_only_withheld_cell_of_a_row() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=[("0101R001", ("a",))])
    assert ends(known(attacked(table), "0101R001", ("a",))) == [(9, 9), (9, 9)]
    assert rules(audited(table)) == {"a withheld cell can be computed"}


def test_a_square_of_withheld_cells_leaves_its_cells_open() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    result = attacked(table)
    assert ends(known(result, "0101R001", ("a",))) == [(0, 16), (1, 15)]
    assert ends(known(result, "0101R001", ("b",))) == [(5, 21), (6, 20)]
    assert all(i.certified for i in (*result.a0, *result.a1))
    assert audited(table).passed


def test_three_singletons_in_a_row_are_known_to_be_ones() -> None:
    place = country(["0101R001", "0101R002"], benefit=("a", "b", "c"))
    counts = {(r, (b,)): 1 for r in ("0101R001", "0101R002") for b in "abc"}
    table = table_of(place, counts, ["regso"], hide=[*counts])
    assert ends(known(attacked(table), "0101R001", ("a",))) == [(0, 3), (1, 1)]
    report = audited(edit_facts(table, threshold=3), threshold=3)
    assert rules(report) == {"a withheld cell can be computed"}
    assert (report.suppressed, report.exact) == (6, 6)


def test_one_and_one_under_a_total_of_two_are_exact_only_for_who_knows_that_zeros_are_shown() -> None:
    counts = {("0101R001", ()): 1, ("0101R002", ()): 1, ("0102R001", ()): 50}
    hide = [("0101R001", ()), ("0101R002", ())]
    table = table_of(country(["0101R001", "0101R002", "0102R001"]), counts, ALL, hide=hide)
    assert ends(known(attacked(table), "0101R001")) == [(0, 2), (1, 1)]
    assert ends(known(attacked(table, zeros=False), "0101R001")) == [(0, 2), (0, 2)]


def test_a_municipality_with_one_regso_and_its_regso_are_one_cell() -> None:
    place = country(["0101R001", "0102R001", "0102R002"])
    counts = {("0101R001", ()): 3, ("0102R001", ()): 4, ("0102R002", ()): 8}
    # The unstated cell of the municipality is shown as zero, so that total and RegSO are the same number.
    table = table_of(place, counts, ALL, hide=[("0101R001", ())])
    assert known(attacked(table), "0101R001")[0].exact
    hidden = table_of(place, counts, ALL, hide=[("0101R001", ()), ("0101", ()), ("0102", ()), ("0102R001", ())])
    assert ends(known(attacked(hidden), "0101R001")) == ends(known(attacked(hidden), "0101"))


def test_a_municipality_by_type_cell_of_one_regso_gives_it_back() -> None:
    place = country(["0101R001", "0101R002", "0101R003"], {"0101R001": "1", "0101R002": "2", "0101R003": "2"})
    counts = {(f"0101R00{i}", ()): 2 + i for i in (1, 2, 3)}
    hide = [("0101R001", ()), ("0101R002", ())]
    levels = [*ALL, "kommun_area_type"]
    assert not known(attacked(table_of(place, counts, ALL, hide=hide)), "0101R001")[0].exact
    assert ends(known(attacked(table_of(place, counts, levels, hide=hide)), "0101R001")) == [(3, 3), (3, 3)]


def test_area_type_totals_take_away_what_municipalities_leave_open() -> None:
    place = country(["0101R001", "0101R002"], {"0101R001": "1", "0101R002": "5"})
    counts = {("0101R001", ()): 8, ("0101R002", ()): 40}
    hide = [("0101R001", ()), ("0101R002", ())]
    plain, typed = (table_of(place, counts, lv, hide=hide) for lv in (ALL, (*ALL, "area_type")))
    assert ends(known(attacked(plain), "0101R001")) == [(0, 48), (1, 47)]
    assert ends(known(attacked(typed), "0101R001")) == [(8, 8), (8, 8)]
    assert rules(audited(typed)) == {"a withheld cell can be computed"}


def test_linked_tables_are_each_safe_and_jointly_not() -> None:
    place = country(["0101R001", "0102R001"], sex=("f", "m"), benefit=("a", "b"))
    parts = [(r, (s, b)) for r in ("0101R001", "0102R001") for s in "fm" for b in "ab"]
    counts = {part: 2 + i for i, part in enumerate(parts)}
    by_benefit = table_of(place, counts, ["kommun"], dims=["benefit"], totals=[True], name="benefit", threshold=2,
                          hide=[("0101", ("a",)), ("0101", ("TOT",))])  # fmt: skip
    by_sex = table_of(place, counts, ["kommun"], dims=["sex"], totals=[False], name="sex", threshold=2)
    assert not any(i.exact for i in attacked(by_benefit).a1)
    assert all(i.exact for i in attacked(by_benefit, by_sex).a1)
    assert rules(audited(by_benefit, by_sex, threshold=2)) == {"a withheld cell can be computed"}
    assert audited(by_benefit, threshold=2).checked_jointly_with == ("benefit",)


def test_tables_that_share_only_an_unpublished_total_are_linked_by_it() -> None:
    place = country(["0101R001", "0102R001"], sex=("f", "m"), benefit=("a", "b"))
    counts = {(r, (s, b)): 9 for r in ("0101R001", "0102R001") for s in "fm" for b in "ab"}
    by_benefit = table_of(place, counts, ["kommun"], dims=["benefit"], totals=[False], name="benefit",
                          hide=[("0101", ("a",))])  # fmt: skip
    by_sex = table_of(place, counts, ["kommun"], dims=["sex"], totals=[False], name="sex")
    assert ends(known(attacked(by_benefit), "0101", ("a",))) == [(0, None), (1, None)]
    assert ends(known(attacked(by_benefit, by_sex), "0101", ("a",))) == [(18, 18), (18, 18)]


@pytest.mark.parametrize("names", [("age", "benefit", "sex"), ("age", "benefit", "length", "sex")])
def test_a_ring_of_tables_of_two_dimensions_tells_what_no_two_of_them_tell(names: tuple[str, ...]) -> None:
    place = country(["0101R001"], **dict.fromkeys(names, ("1", "2")))
    counts = {("0101R001", (i,) * len(names)): n for i, n in (("1", 7), ("2", 9))}
    # Each dimension decides the next one, so that the withheld table of the last and the first has no choice left.
    rings = [table_of(place, counts, ["riket"], dims=p, name="-".join(p)) for p in pairwise(names)]
    hide = [("00", (x, y)) for x in "12" for y in "12"]
    last = table_of(place, counts, ["riket"], dims=[names[-1], names[0]], name="last", hide=hide)
    assert ends(known(attacked(last, *rings[1:], zeros=False), "00", ("1", "1"))) == [(0, 7), (0, 7)]
    assert ends(known(attacked(last, *rings, zeros=False), "00", ("1", "1"))) == [(7, 7), (7, 7)]


def test_a_municipality_has_only_the_types_of_its_regsos() -> None:
    place = country(["0101R001", "0102R001"], {"0101R001": "1", "0102R001": "2"})
    counts = {("0101R001", ()): 8, ("0102R001", ()): 9}
    hide = [("0101", ()), ("0102", ())]
    plain, typed = (table_of(place, counts, lv, hide=hide) for lv in (["riket", "kommun"], ["kommun", "area_type"]))
    assert ends(known(attacked(plain), "0101")) == [(0, 17), (1, 16)]
    assert ends(known(attacked(typed), "0101")) == [(8, 8), (8, 8)]


def test_bounds_are_rounded_inward() -> None:
    seen = np.array([0.5, 1.0000001, 0.9999999]), np.array([2.5, 2.9999999, 3.0000001])
    low, high = Ranges(*seen, np.zeros(3, dtype=bool)).whole()
    assert (low.tolist(), high.tolist()) == ([1, 1, 1], [2, 3, 3])


def test_a_cell_withheld_in_one_table_is_not_shown_in_another() -> None:
    hide = [*SQUARE]
    first = table_of(ROW, ROW_COUNTS, ALL, hide=hide, name="first")
    second = table_of(ROW, ROW_COUNTS, ["regso"], name="second")
    report = audited(first, second)
    assert "a cell withheld in one place is shown in another" in rules(report)
    assert all(i.exact for i in attacked(first, second).a0)


def test_tables_that_do_not_add_up_are_found() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    wrong = edit(table, "00", ("c",), value=51)
    assert not attacked(wrong).consistent
    assert rules(audited(wrong)) == {"the tables do not add up"}
    fewer = edit(edit(table, "0101", ("a",), value=0), "00", ("a",), value=0)
    assert not attacked(fewer).consistent


def test_two_tables_that_show_other_numbers_for_a_cell_do_not_add_up() -> None:
    first, same = (table_of(ROW, ROW_COUNTS, ["lan"], totals=[False], name=n) for n in ("first", "second"))
    second = edit(same, "01", ("a",), value=17)
    assert rules(audited(first, second)) == {"the tables do not add up"}


def test_an_infeasible_system_that_only_a_programme_sees_is_found() -> None:
    # Each equation by itself could hold: 10 + 10 under the rows, 10 + 11 under the columns.
    table = table_of(ROW, ROW_COUNTS, ["kommun", "regso"], hide=SQUARE)
    assert not attacked(edit(table, "0101", ("a",), value=17)).consistent


def test_a_withheld_zero_contradicts_that_zeros_are_shown() -> None:
    hide = [("0101R001", ()), ("0101R002", ())]
    table = table_of(country(["0101R001", "0101R002"]), {}, ALL, hide=hide)
    result = attacked(table)
    assert result.consistent
    assert not result.informed_consistent
    assert rules(audited(table)) == {"the withheld cells cannot all be at least one, although zeros are shown"}


def test_a_derived_small_cell_that_no_table_shows_is_found() -> None:
    place = country(["0101R001", "0101R002"], sex=("f", "m"))
    counts = {("0101R001", ("f",)): 20, ("0101R002", ("f",)): 5, ("0101R001", ("m",)): 6, ("0101X", ("f",)): 3}
    municipality = table_of(place, counts, ["kommun"], dims=["sex"], totals=[False], name="municipality")
    whole = table_of(place, counts, ["riket"], dims=["sex"], totals=[False], name="whole")
    shown = edit(whole, "00", ("m",), value=8)
    assert rules(audited(municipality, shown)) == {"a count below the threshold that no table shows can be computed"}
    assert audited(municipality, whole).passed


def test_a_cell_without_any_total_above_it_has_no_upper_bound() -> None:
    table = table_of(country(["0101R001"]), {("0101R001", ()): 3}, ["regso"], hide=[("0101R001", ())])
    assert ends(known(attacked(table), "0101R001")) == [(0, None), (1, None)]


def test_cases_and_persons_are_attacked_each_among_themselves() -> None:
    cases = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE, counted="cases", name="cases")
    persons = table_of(ROW, {k: n - 1 for k, n in ROW_COUNTS.items()}, ALL, hide=SQUARE, name="persons")
    result = attacked(cases, persons)
    assert result.consistent
    assert {i.table for i in result.a0} == {"cases", "persons"}
    assert "the table states another promise than its policy" not in rules(audited(cases, persons))


def test_labels_that_contradict_each_other_stop_the_audit() -> None:
    table = table_of(ROW, ROW_COUNTS, [*ALL, "area_type"], hide=SQUARE)
    other = table_of(country(["0101R001", "0101R002"], {"0101R001": "3"}, benefit=("a", "b", "c")), ROW_COUNTS, ALL)
    typed = table_of(country(["0101R001", "0101R002"], {"0101R001": "2"}, benefit=("a", "b", "c")), ROW_COUNTS, ALL)
    with pytest.raises(AuditFailedError, match="another type"):
        attacked(typed, other)
    fewer = table_of(country(["0101R001", "0101R002"], benefit=("a", "b")), {}, ALL)
    with pytest.raises(AuditFailedError, match="other categories"):
        attacked(table, fewer)
    with pytest.raises(AuditFailedError, match="no code of level"):
        attacked(edit_area(table, "0101", "01010"))


def test_what_the_attack_learns_does_not_print_or_pickle() -> None:
    result = attacked(table_of(ROW, ROW_COUNTS, ALL, hide=[("0101R001", ("a",))]))
    for secret in (result, result.a0[0]):
        assert repr(secret) == f"<{type(secret).__name__}: withheld>"
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(secret)
