"""Attack 4, the singleton insider: who is alone in a withheld cell fixes it, and computes no other sensitive one."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from breaks import ALL, ROW, ROW_COUNTS, SQUARE, audited, edit_facts, rules, truth_of
from tables import PERIOD, Key, both, country, release_of, table_of

from publisher.audit.attacker import Insiders
from publisher.audit.earlier import EarlierVersion, Past, past_of
from publisher.audit.inside import Secrets
from publisher.audit.report import AuditReport
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.errors import AuditFailedError
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import CellStatus, Measure, Table

COMPUTED = "whoever is alone in a cell can compute another sensitive cell"
A, B, C = (("0101R001", (b,)) for b in "abc")
SMALL = {**ROW_COUNTS, A: 1, B: 4}
SIX = [(r, (b,)) for r in ("0101R001", "0101R002") for b in "abc"]
"""Two rows of three, whose sums are shown: who knows one cell of a row is left with two unknowns."""


def promising(counts: Mapping[Key, int], hide: Collection[Key], **options: str) -> Table:
    return edit_facts(table_of(ROW, counts, ALL, hide=hide, **options), insiders=True)


def inside(counts: Mapping[Key, int], hide: Collection[Key], alone: Mapping[Key, int]) -> Insiders:
    numbers = {k: n for k, n in truth_of(ROW, counts, ALL).items() if k[2:] in hide}
    return Insiders({("table", *k): label for k, label in alone.items()}, numbers)


def asked(
    counts: Mapping[Key, int], hide: Collection[Key], alone: Mapping[Key, int], *sensitive: Key,
    zeros: Zeros = Zeros.PUBLISHED, **options: object,
) -> AuditReport:  # fmt: skip
    table = promising(counts, hide, zeros=zeros.value)
    keys = [("table", *k) for k in sensitive]
    return audited(table, sensitive=keys, insiders=inside(counts, hide, alone), zeros=zeros, **options)  # type: ignore[arg-type]


def found(report: AuditReport) -> set[Key]:
    assert rules(report) <= {COMPUTED}
    return {(f.area, f.categories) for f in report.findings}


def test_who_is_alone_in_a_corner_of_a_square_computes_the_sensitive_corner_beside_it() -> None:
    assert found(asked(SMALL, SQUARE, {A: 7}, A, B)) == {B}


def test_a_cell_that_no_rule_protects_may_be_computed() -> None:
    assert found(asked(SMALL, SQUARE, {A: 7}, A)) == set()


def test_where_nobody_is_alone_there_is_no_insider() -> None:
    assert asked(SMALL, SQUARE, {}, A, B).passed


def test_a_third_column_protects_from_who_is_alone_in_one_cell() -> None:
    assert asked(SMALL, SIX, {A: 7}, A, B, C).passed


def test_one_person_in_two_cells_knows_both_and_two_persons_do_not() -> None:
    """Labels are of persons: told apart by cell, the one who is in both would be taken for two."""
    counts = {**SMALL, B: 1, C: 4}
    assert found(asked(counts, SIX, {A: 7, B: 7}, A, B, C)) == {C}
    assert asked(counts, SIX, {A: 7, B: 8}, A, B, C).passed


def test_the_other_cells_of_the_same_person_are_not_those_of_another() -> None:
    far = ("0101R002", ("b",))
    assert found(asked({**SMALL, far: 1}, SQUARE, {A: 7, far: 7}, A, far)) == set()
    assert found(asked({**SMALL, far: 1}, SQUARE, {A: 7, far: 8}, A, far)) == {A, far}


def test_a_person_with_five_cases_who_is_alone_knows_a_number_that_is_not_one() -> None:
    assert found(asked({**SMALL, A: 5}, SQUARE, {A: 7}, B)) == {B}


@pytest.mark.parametrize(("zeros", "computed"), [(Zeros.PUBLISHED, {B, C}), (Zeros.PROTECTED, set())])
def test_the_insider_knows_that_no_withheld_cell_is_zero_where_zeros_are_shown(
    zeros: Zeros, computed: set[Key]
) -> None:
    """3 + 1 + 1: for who stands in the first two are left, one each unless one may be 0."""
    assert found(asked({**ROW_COUNTS, A: 3, B: 1, C: 1}, SIX, {A: 7}, A, B, C, zeros=zeros)) == computed


def test_where_zeros_are_protected_the_insider_is_asked_all_the_same() -> None:
    assert found(asked(SMALL, SQUARE, {A: 7}, A, B, zeros=Zeros.PROTECTED)) == {B}


def test_a_number_that_an_earlier_version_showed_helps_the_insider_and_is_not_judged() -> None:
    first = promising(SMALL, [k for k in SIX if k[1] != ("b",)])
    now, before = promising(SMALL, SIX), EarlierVersion("first", (first,))
    past = past_of([before], [now], period=PERIOD, truth=truth_of(ROW, SMALL, ALL))
    assert found(asked(SMALL, SIX, {A: 7}, A, B, C, past=past)) == {C}


def test_tables_of_one_release_are_asked_together() -> None:
    """The sums of the areas stand in another table: without it the row of three is no equation."""
    first, second = promising(SMALL, SQUARE), promising(SMALL, SQUARE)
    apart = replace(first, cells=tuple(c for c in first.cells if c.categories != ("TOT",)))
    first = replace(apart, dimensions=(replace(apart.dimensions[0], categories=apart.dimensions[0].categories[1:]),))
    second = edit_facts(table_of(ROW, SMALL, ALL, dims=[], name="total"), insiders=True)
    secrets = {"sensitive": [("table", *A), ("table", *B)], "insiders": inside(SMALL, SQUARE, {A: 7})}
    assert found(audited(first, **secrets)) == set()  # type: ignore[arg-type]
    assert found(audited(first, second, **secrets)) == {B}  # type: ignore[arg-type]


def test_a_promise_about_insiders_is_not_kept_where_nobody_knows_who_is_alone() -> None:
    """A memory from before insiders were thought of never passes in silence."""
    report = audited(promising(SMALL, SQUARE), sensitive=[("table", *A)])
    assert {r.split(",")[0] for r in rules(report)} == {"insiders were not asked"}


def test_numbers_that_do_not_fit_the_tables_are_no_answer() -> None:
    numbers = inside({**SMALL, A: 2}, SQUARE, {A: 7})
    report = audited(promising(SMALL, SQUARE), sensitive=[("table", *A)], insiders=numbers)
    assert rules(report) == {"insiders could not be asked: the exact numbers do not fit the tables"}
    nothing = audited(promising(SMALL, SQUARE), sensitive=[("table", *A)], insiders=Insiders({}, {}))
    assert rules(nothing) == rules(report)


def test_a_table_states_of_insiders_what_its_policy_promises() -> None:
    promise = SuppressionPromise(level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED, insiders=True)
    plain = release_of(table_of(ROW, SMALL, ALL, hide=SQUARE))
    report = audit_suppressed(plain, period=PERIOD, promise=promise, secrets=Secrets(sensitive=[]))
    assert rules(report) == {"the table states another promise than its policy"}


def test_one_cell_of_two_contributors_is_refused() -> None:
    """A municipality of one RegSO is that RegSO: two labels would leave one of them out."""
    hide = [A, B, ("0101R002", ("a",)), ("0101R002", ("b",))]
    numbers = inside(SMALL, hide, {A: 7})
    second = edit_facts(table_of(ROW, SMALL, ALL, hide=hide, name="second"), insiders=True)
    labels = {**numbers.alone, ("second", *A): 8}
    both = Insiders(labels, {**numbers.numbers, **{("second", *k[1:]): n for k, n in numbers.numbers.items()}})
    with pytest.raises(AuditFailedError, match="0101R001 is said to have two contributors"):
        audited(promising(SMALL, hide), second, sensitive=[("table", *A)], insiders=both)


def test_a_cell_that_was_withheld_before_may_be_zero_to_the_insider_too() -> None:
    counts = {**ROW_COUNTS, A: 3, B: 1, C: 1}
    past = Past(("first",), frozenset(("table", *k) for k in (B, C)), {})
    assert found(asked(counts, SIX, {A: 7}, A, B, C)) == {B, C}
    assert found(asked(counts, SIX, {A: 7}, A, B, C, past=past)) == set()


PLACES = country(["0101R001", "0101R002", "0101R003", "0102R001"])
AMOUNTS = {"0101R001": 6000, "0101R002": 4000, "0101R003": 900, "0101X": 0, "0101": 10_900}


def amounts_asked(reach: tuple[int, int]) -> AuditReport:
    """Three withheld amounts; everybody knows the second to 5 above and 3 below, and one person is the third."""
    counts = {(code, ()): n for code, n in zip(PLACES.leaves, (20, 10, 1, 30), strict=False)}
    made = edit_facts(table_of(PLACES, counts, ["kommun", "regso"], counted="cases"), insiders=True)
    paid = Measure("paid", "sum", both("p"), both("kr"), 0, True, False, "amount", bounds={"": (0, 10**9)})
    hidden = [("table", code, ()) for code in ("0101R001", "0101R002", "0101R003")]
    cells = [cell for c in made.cells for cell in (c, c._replace(measure="paid", value=AMOUNTS.get(c.area, 0)))]
    shut = {"value": None, "status": CellStatus.SUPPRESSED}
    shown = tuple(c._replace(**shut) if ("table", c.area, ()) in hidden else c for c in cells)
    table = replace(made, measures=(*made.measures, paid), cells=shown)
    numbers = {("table", c.measure, c.area, ()): c.value for c in cells if ("table", c.area, ()) in hidden}
    own = Insiders({("table", "0101R003", ()): 7}, numbers)  # type: ignore[arg-type]
    key = ("table", "paid", "0101R001", ())
    secrets = Secrets(sensitive=hidden, reaches={key: reach}, insiders=own)
    promise = SuppressionPromise(level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED)
    limits = {("table", "paid", "0101R002", ()): (3997, 4005)}
    return audit_suppressed(release_of(table), period=PERIOD, promise=promise, secrets=secrets, limits=limits)


@pytest.mark.parametrize(("reach", "passes"), [((4, 4), True), ((1, 5), True), ((6, 6), False), ((1, 6), False)])
def test_an_amount_must_stay_open_to_the_insider_over_what_its_rules_ask(reach: tuple[int, int], passes: bool) -> None:
    """To who is the third the first lies between 5995 and 6003: 5 to one side."""
    report = amounts_asked(reach)
    assert found(report) == (set() if passes else {("0101R001", ())})
