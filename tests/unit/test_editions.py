"""Tables over two editions of areas: a code means an area only together with its edition."""

from dataclasses import replace

import pytest

from publisher.draft.tables import join_periods
from publisher.errors import RunError
from publisher.release.formats import DIALECTS, check_table, write_csv
from publisher.release.model import Area, Cell, CellStatus, Measure, SuppressionFacts, Table, Text


def both(text: str) -> Text:
    return Text(text, text)


CASES = Measure("cases", "cases", both("Cases"), both("number"), 0, additive=True, noisy=False)


def table(period: str, edition: str, names: dict[str, str], *, breaks: tuple[str, ...] = ()) -> Table:
    """One cell an area: 10, 11, ..."""
    areas = tuple(Area("regso", code, both(name)) for code, name in names.items())
    cells = tuple(
        Cell(a.code, (), period, "cases", 10 + i, CellStatus.PUBLISHED, None, None, 1) for i, a in enumerate(areas)
    )
    return Table(
        id="t", title=both("T"), areas=areas, dimensions=(), measures=(CASES,), periods=(period,), cells=cells,
        notes=(), area_types={}, editions={period: edition},
        protection=SuppressionFacts(5, "persons", "published", "exact"),
        by_edition=True, breaks={edition: breaks} if breaks else {},
    )  # fmt: skip


OLD = table("2023", "e1", {"0180R001": "Norr", "0180R002": "Söder", "0180R003": "Väster"})
NEW = table("2024", "e2", {"0180R001": "Söder", "0180R002": "Norr", "0180R004": "Öster"}, breaks=("0180R002",))


def rows_of(joined: Table) -> list[list[str]]:
    return [line.split(",") for line in write_csv(joined, DIALECTS["data.csv"]).decode().splitlines()]


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)], ids=["old first", "new first"])
def test_the_edition_is_a_column_and_every_name_is_that_of_its_edition(order: tuple[Table, Table]) -> None:
    joined = join_periods(*order)
    check_table(joined)
    head, *rows = rows_of(joined)
    found = {(r[1], r[3]): dict(zip(head, r, strict=True)) for r in rows}
    assert [found["0180R001", p]["area_text"] for p in ("2023", "2024")] == ["Norr", "Söder"]
    assert [found["0180R001", p]["edition"] for p in ("2023", "2024")] == ["e1", "e2"]
    assert found["0180R003", "2024"]["status"] == "not_applicable"
    assert found["0180R004", "2023"]["status"] == "not_applicable"
    assert joined.absent == {"e1": ("0180R004",), "e2": ("0180R003",)}
    assert joined.breaks == {"e2": ("0180R002",)}


def test_a_third_period_of_an_edition_keeps_what_the_first_said() -> None:
    again = table("2025", "e2", {"0180R001": "Söder", "0180R002": "Norr", "0180R004": "Östra"})
    joined = join_periods(join_periods(OLD, NEW), again)
    assert joined.periods == ("2023", "2024", "2025")
    names = {a.code: joined.area_text(a, "2023").sv for a in joined.areas}
    assert names["0180R002"] == "Söder"
    assert {a.code: a.text.sv for a in joined.areas}["0180R004"] == "Östra"


def test_two_editions_are_never_joined_silently() -> None:
    silent = [replace(t, by_edition=False) for t in (OLD, NEW)]
    with pytest.raises(RunError, match="never joins two editions"):
        join_periods(*silent)


def test_a_column_edition_does_not_come_or_go_within_a_tables_life() -> None:
    with pytest.raises(RunError, match="its form changed"):
        join_periods(replace(OLD, by_edition=False), NEW)
