import csv
import gzip
import io
import json
from dataclasses import replace
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.errors import ReleaseError
from publisher.release.codec import FileDigest, LedgerMark, Manifest
from publisher.release.facts import release_from_obj, release_to_obj
from publisher.release.formats import DIALECTS, canonical, render_release
from publisher.release.model import (
    AREA_LEVELS,
    TOTAL,
    Area,
    Category,
    Cell,
    CellStatus,
    Dimension,
    Measure,
    NoiseFacts,
    Release,
    SuppressionFacts,
    Table,
    Text,
)
from publisher.release.reader import read_release

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
S, P, U = CellStatus.SUPPRESSED, CellStatus.PUBLISHED, CellStatus.UNCERTAIN


def both(text: str) -> Text:
    return Text(text, text)


def make_release(*tables: Table) -> Release:
    return Release(
        "fk-sjuk",
        "fk",
        "2022",
        1,
        "2023-02-15T07:00:00Z",
        both("Titel"),
        "FK",
        "a@example.se",
        "CC0-1.0",
        both("Källa"),
        tables,
    )


NOISE = NoiseFacts("0.02", "1e-7", "1.15", both("u"), both("b"), both("m"), both("p"), both("n"))
SEX = Dimension(
    "sex", Text("Kön", "Sex"), (Category(TOTAL, Text("Totalt", "Total")), Category("1", Text("Män", "Men")))
)
PERSONS = Measure("persons", "persons", both("Personer"), both("antal"), 0, additive=True, noisy=False)
RATE = Measure(
    "rate",
    "rate",
    both("Andel"),
    both("per 1 000"),
    1,
    additive=False,
    noisy=True,
    of="persons",
    per=1000,
    denominator="population",
)
AREAS = (
    Area("riket", "00", Text("Riket", "Sweden")),
    Area("kommun", "0180", both('Stad; den "stora", här')),
    Area("regso", "0180R001", both("Ön")),
)


def plain_table(**changes) -> Table:
    values = {
        "id": "t-1",
        "title": both("T"),
        "areas": AREAS,
        "dimensions": (SEX,),
        "measures": (PERSONS,),
        "periods": ("2021", "2022"),
        "cells": (
            Cell("0180R001", ("1",), "2022", "persons", None, S, None, None, 1),
            Cell("00", (TOTAL,), "2021", "persons", 1234, P, None, None, 2),
            Cell("0180", (TOTAL,), "2022", "persons", 0, P, None, None, 1),
        ),
        "notes": (both("n"),),
        "area_types": {"2022": {"0180R001": "1"}},
        "editions": {"2021": "e", "2022": "e"},
        "protection": SuppressionFacts(5, "persons", "published", "ambiguous"),
    }
    return Table(**{**values, **changes})


def noisy_table() -> Table:
    cells = (
        Cell("00", ("1",), "2022", "rate", 125, P, 118, 132, 1),
        Cell("00", (TOTAL,), "2022", "rate", -5, U, -12, 3, 1),
    )
    return plain_table(id="t-2", measures=(RATE,), cells=cells, protection=NOISE)


def test_csv_of_a_suppressed_table_is_these_bytes():
    files = render_release(make_release(plain_table()))
    assert files["tables/t-1/data.csv"].decode() == (
        "area_level,area,area_text,sex,sex_text,period,measure,value,status,version\r\n"
        "riket,00,Riket,TOT,Totalt,2021,persons,1234,,2\r\n"
        'kommun,0180,"Stad; den ""stora"", här",TOT,Totalt,2022,persons,0,,1\r\n'
        "regso,0180R001,Ön,1,Män,2022,persons,,suppressed,1\r\n"
    )
    assert b"riket,00,Sweden,TOT,Total,2021" in files["tables/t-1/data.en.csv"]


def test_csv_of_a_noisy_table_has_intervals_and_decimals():
    files = render_release(make_release(noisy_table()))
    assert files["tables/t-2/data.csv"].decode() == (
        "area_level,area,area_text,sex,sex_text,period,measure,value,status,lower,upper,version\r\n"
        "riket,00,Riket,1,Män,2022,rate,12.5,,11.8,13.2,1\r\n"
        "riket,00,Riket,TOT,Totalt,2022,rate,-0.5,uncertain,-1.2,0.3,1\r\n"
    )


def test_csv_for_excel_has_semicolons_decimal_comma_and_a_mark_in_front():
    data = render_release(make_release(noisy_table()))["tables/t-2/data.excel.csv"]
    assert data.startswith(b"\xef\xbb\xbfarea_level;area;")
    assert "riket;00;Riket;1;Män;2022;rate;12,5;;11,8;13,2;1\r\n".encode() in data


def test_every_csv_is_read_back_field_by_field_by_a_standard_reader():
    files = render_release(make_release(plain_table()))
    for name, dialect in DIALECTS.items():
        text = files[f"tables/t-1/{name}"].decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=dialect.separator))
        assert [r["area"] for r in rows] == ["00", "0180", "0180R001"]
        assert rows[1]["area_text"] == 'Stad; den "stora", här'


def test_compressed_files_hold_the_same_bytes_and_no_time():
    files = render_release(make_release(plain_table()))
    for name in DIALECTS:
        packed = files[f"tables/t-1/{name}.gz"]
        assert gzip.decompress(packed) == files[f"tables/t-1/{name}"]
        assert packed[3:8] == bytes(5)


def test_the_same_release_gives_the_same_bytes_whatever_the_order_of_its_cells():
    table = plain_table()
    turned = replace(table, cells=table.cells[::-1])
    assert render_release(make_release(table)) == render_release(make_release(turned))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.parametrize("where", ["area", "category", "code"])
def test_a_text_that_a_spreadsheet_would_run_is_refused(start, where):
    bad = both(f"{start}1+1")
    if where == "area":
        table = plain_table(areas=(*AREAS[:2], Area("regso", "0180R001", bad)))
    elif where == "category":
        table = plain_table(dimensions=(replace(SEX, categories=(*SEX.categories, Category("2", bad))),))
    else:
        table = plain_table(dimensions=(replace(SEX, categories=(*SEX.categories, Category(f"{start}2", both("x")))),))
    with pytest.raises(ReleaseError, match="formula"):
        render_release(make_release(table))


def test_a_cell_that_stands_twice_is_refused():
    table = plain_table()
    with pytest.raises(ReleaseError, match="twice"):
        render_release(make_release(replace(table, cells=table.cells + table.cells[:1])))


@pytest.mark.parametrize(
    "cell",
    [
        Cell("0181", (TOTAL,), "2022", "persons", 1, P, None, None, 1),
        Cell("00", ("9",), "2022", "persons", 1, P, None, None, 1),
        Cell("00", (), "2022", "persons", 1, P, None, None, 1),
        Cell("00", (TOTAL,), "2023", "persons", 1, P, None, None, 1),
        Cell("00", (TOTAL,), "2022", "cases", 1, P, None, None, 1),
    ],
)
def test_a_cell_that_the_table_does_not_declare_is_refused(cell):
    with pytest.raises(ReleaseError, match="declare"):
        render_release(make_release(plain_table(cells=(cell,))))


@pytest.mark.parametrize("shown", [(3, None, None), (None, 1, None), (None, None, 4)])
def test_a_suppressed_cell_that_carries_a_number_is_refused(shown):
    cell = Cell("00", (TOTAL,), "2022", "persons", shown[0], S, shown[1], shown[2], 1)
    with pytest.raises(ReleaseError, match="withheld cell carries"):
        render_release(make_release(plain_table(cells=(cell,))))


def test_a_published_cell_without_a_number_is_refused():
    cell = Cell("00", (TOTAL,), "2022", "persons", None, P, None, None, 1)
    with pytest.raises(ReleaseError, match="no number"):
        render_release(make_release(plain_table(cells=(cell,))))


def test_areas_out_of_order_are_refused():
    with pytest.raises(ReleaseError, match="ordered"):
        render_release(make_release(plain_table(areas=AREAS[::-1])))


def seal(folder, release: Release) -> None:
    files = render_release(release)
    sealed = Manifest(
        "release",
        release.id,
        {p: FileDigest.of(d) for p, d in files.items()},
        release.publish_at,
        "",
        LedgerMark(0, 0, ""),
        "",
        "",
        "",
        {},
    )
    for path, data in {
        **files,
        "manifest.json": sealed.to_bytes(),
        "manifest.sig": KEY.sign(sealed.to_bytes()),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=6).map(
    lambda t: f"å{t}"
)
TEXTS = st.builds(Text, WORDS, WORDS)
CODES = st.text("abcxyz0123456789", min_size=1, max_size=4)


@st.composite
def tables(draw, table_id: str) -> Table:
    found = draw(st.dictionaries(CODES, st.tuples(st.sampled_from(AREA_LEVELS), TEXTS), min_size=1, max_size=4))
    areas = sorted((Area(v, c, t) for c, (v, t) in found.items()), key=lambda a: (AREA_LEVELS.index(a.level), a.code))
    kinds = draw(st.lists(st.lists(CODES, min_size=1, max_size=3, unique=True), max_size=2))
    dims = tuple(
        Dimension(f"d{i}", draw(TEXTS), tuple(Category(c, draw(TEXTS)) for c in codes)) for i, codes in enumerate(kinds)
    )
    noisy = draw(st.booleans())
    measure = replace(RATE, decimals=draw(st.integers(0, 6)), noisy=noisy)
    periods = ("2021", "2022K1")[: draw(st.integers(1, 2))]
    keys = product([a.code for a in areas], product(*[d.codes for d in dims]), periods)
    cells = tuple(draw(cells_at(*key, noisy=noisy)) for key in keys if draw(st.integers(0, 5)))
    facts = NOISE if noisy else SuppressionFacts(draw(st.integers(2, 9)), "cases", "protected", "exact")
    return Table(
        table_id,
        draw(TEXTS),
        tuple(areas),
        dims,
        (measure,),
        periods,
        draw(st.permutations(cells).map(tuple)),
        tuple(draw(st.lists(TEXTS, max_size=2))),
        {p: {} for p in periods},
        dict.fromkeys(periods, "e"),
        facts,
    )


@st.composite
def cells_at(draw, area: str, categories: tuple[str, ...], period: str, *, noisy: bool) -> Cell:
    status = draw(st.sampled_from(CellStatus))
    shown = status in (P, U)
    number = st.integers(-(2**62), 2**62)
    value = draw(number) if shown else None
    low, high = sorted((draw(number), draw(number))) if shown and noisy else (None, None)
    return Cell(area, categories, period, "rate", value, status, low, high, draw(st.integers(1, 9)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_sealed_release_is_read_back_as_it_was(tmp_path_factory, data):
    release = make_release(data.draw(tables("a")), data.draw(tables("b")))
    folder = tmp_path_factory.mktemp("r") / release.id
    seal(folder, release)
    found = read_release(folder, PEM)
    assert found == canonical(release)
    assert canonical(found) == found
    assert render_release(found) == render_release(release)


def noisy_release(facts: NoiseFacts) -> Release:
    return make_release(replace(noisy_table(), protection=facts))


def test_what_is_told_of_noise_since_release_2_is_read_back():
    facts = replace(NOISE, sensitivity=both("s"), measured=(("persons", "0.01"), ("amount", "0.01")))
    obj = release_to_obj(noisy_release(facts))
    assert obj["format"] == "release/2"
    assert release_from_obj(json.loads(json.dumps(obj))).tables[0].protection == facts


def test_tables_that_were_measured_as_one_are_told_since_release_5():
    facts = replace(NOISE, sensitivity=both("s"), measured=(("persons", "0.01"),), together=("t-1", "t-2"))
    obj = release_to_obj(noisy_release(facts))
    assert obj["format"] == "release/5"
    assert release_from_obj(json.loads(json.dumps(obj))).tables[0].protection == facts


def test_a_release_of_before_keeps_its_form_and_is_still_read():
    for old in (noisy_release(NOISE), make_release(plain_table())):
        obj = release_to_obj(old)
        assert obj["format"] == "release/1"
        assert not {"sensitivity", "measured"} & obj["tables"][0]["protection"].keys()
        assert release_from_obj(json.loads(json.dumps(obj))).tables[0].protection == old.tables[0].protection


def test_periods_that_were_suppressed_by_other_rules_are_told_since_release_3():
    table = plain_table()
    stricter = replace(table.protection, threshold=10, rules=("dominance 1 75",))
    obj = release_to_obj(make_release(replace(table, other_rules={table.periods[0]: stricter})))
    assert obj["format"] == "release/3"
    read = release_from_obj(json.loads(json.dumps(obj))).tables[0]
    assert (read.promised(table.periods[0]), read.promised("1999")) == (stricter, table.protection)


def test_codes_that_a_category_joins_are_told_since_release_4():
    table = plain_table()
    first = table.dimensions[0]
    joined = tuple(replace(c, joins=("a", "b")) if c.code != "TOT" else c for c in first.categories)
    release = make_release(replace(table, dimensions=(replace(first, categories=joined), *table.dimensions[1:])))
    obj = release_to_obj(release)
    assert obj["format"] == "release/4"
    assert release_from_obj(json.loads(json.dumps(obj))).tables[0].dimensions == release.tables[0].dimensions
    with pytest.raises(ReleaseError, match="none of the forms release/1"):
        release_from_obj(json.loads(json.dumps({**obj, "format": "release/3"})))


@pytest.mark.parametrize("form", ["release/1", "release/3", ""])
def test_a_release_that_tells_more_under_another_form_is_refused(form):
    obj = release_to_obj(noisy_release(replace(NOISE, sensitivity=both("s"))))
    with pytest.raises(ReleaseError, match="none of the forms release/1"):
        release_from_obj(json.loads(json.dumps({**obj, "format": form})))


def test_a_release_is_not_read_from_a_folder_whose_cells_were_changed(tmp_path):
    release = make_release(plain_table())
    folder = tmp_path / release.id
    seal(folder, release)
    path = folder / "tables/t-1/cells.sqlite"
    path.write_bytes(path.read_bytes().replace(b"suppressed", b"uncertain_"))
    with pytest.raises(ReleaseError, match="not the file that was sealed"):
        read_release(folder, PEM)


def test_a_release_under_another_name_is_not_read(tmp_path):
    release = make_release(plain_table())
    seal(tmp_path / "fk-sjuk.2023.v1", release)
    with pytest.raises(ReleaseError, match="another folder"):
        read_release(tmp_path / "fk-sjuk.2023.v1", PEM)
