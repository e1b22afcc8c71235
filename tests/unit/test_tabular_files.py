"""SPEC.yaml, areas.csv, LEAVES.csv and TABLE.csv are read strictly: one test a refusal, each with file and line."""

from pathlib import Path

import pytest

from publisher.errors import TableError
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.tabular.hierarchies import hierarchy_files, make_axis
from publisher.tabular.leaves import read_leaves
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import Spec, load_spec
from publisher.tabular.table import read_table

CONTRACT = """value: n
dimensions:
  - column: regso
    total: "00"
    hierarchies:
      - {file: areas.csv, levels: [regso, kommun, lan]}
      - {file: areas.csv, levels: [regso, area_type]}
  - {column: benefit, total: "TOT"}
contributors: [largest, second]
rules: [{threshold: 5}]
zeros: published
protection: {level: interval}
insiders: false
forced: ["total"]
"""
SUMS = CONTRACT.replace("[{threshold: 5}]", '[{dominance: {n: 1, k: "75"}}, {p_percent: "10"}]')
AREAS = "regso,kommun,lan,area_type\n0101R1,0101,01,1\n0101R2,0101,01,2\n0102R1,0102,01,\n"
LEAVES = "regso,benefit,n,note\n0101R1,vab,7,x\n0102R1,vab,3,y\n0101R1,assist,1,\n"


def spec_of(folder: Path, text: str = CONTRACT, areas: str = AREAS) -> Spec:
    (folder / "SPEC.yaml").write_text(text, encoding="utf-8")
    (folder / "areas.csv").write_text(areas, encoding="utf-8")
    return load_spec(folder / "SPEC.yaml")


def test_the_spec_of_the_contract_is_read(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    assert spec.rules == (ThresholdRule(5),)
    assert (spec.value, spec.zeros, spec.level) == ("n", Zeros.PUBLISHED, ProtectionLevel.INTERVAL)
    assert spec.dimensions[0].levels == ("total", "lan", "kommun", "area_type", "regso")
    assert spec.dimensions[1].levels == ("total", "benefit")
    assert [dict(f) for f in spec.forced] == [{"regso": "total", "benefit": "total"}]
    assert not spec.is_sum
    assert spec_of(tmp_path, SUMS).is_sum


def test_the_codes_of_every_level_are_those_of_the_file(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    axis = make_axis(spec.dimensions[0], hierarchy_files(spec), found=())
    assert axis.codes == ("00", "01", "0101", "0102", "T1", "T2", "0101R1", "0101R2", "0102R1")
    assert axis.levels[3].level == "area_type"
    assert axis.levels[3].member.tolist() == [0, 1, -1]


def test_a_level_is_forced_in_words_or_by_dimension(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, CONTRACT.replace('["total"]', "[lan, {regso: kommun, benefit: total}, {benefit: total}]"))
    assert [dict(f) for f in spec.forced] == [
        {"regso": "lan"}, {"regso": "kommun", "benefit": "total"}, {"benefit": "total"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("insiders: false", "insider: false", 13, "unknown key insider"),
        ("zeros: published", "zeros: published\nzeros: protected", 12, "key zeros stands twice"),
        ("zeros: published\n", "", 1, "key zeros is missing"),
        ('total: "00"', "total: 00", 4, "quote this text"),
        ('total: "00"', "total: 0114", 4, "quote this text"),
        ('total: "TOT"', 'total: ""', 8, "an empty text"),
        ("{threshold: 5}", "{threshold: 05}", 10, "a whole number"),
        ("{threshold: 5}", "{threshold: 1}", 10, "protects nobody"),
        ("{threshold: 5}", "{threshold: 5}, {threshold: 6}", 1, "a kind of rule may stand once"),
        ("{threshold: 5}", "{share: {persons: 20, having: 5}}", 1, "needs a population"),
        ("{threshold: 5}", "{n: 5}", 10, "unknown key n"),
        ('[{threshold: 5}]', '[{threshold: 5}, {p_percent: "10"}]', 1, "does not go with rules for sums"),
        ('{threshold: 5}', "{p_percent: 10}", 10, "in quotes"),
        ("{threshold: 5}", "{min_contributors: 4}", 1, "need 3 columns in contributors"),
        ("{threshold: 5}", '{dominance: {n: 3, k: "75"}}', 1, "need 3 columns in contributors"),
        ("[largest, second]", "[largest, largest]", 1, "two of them have the same name"),
        ("[largest, second]", "[a, b, c, d, e, f]", 9, "at most 5"),
        ("value: n", "value: status", 1, "called status"),
        ("interval", "wide", 12, "wide is not known here"),
        ("zeros: published", "zeros: hidden", 11, "hidden is not known here"),
        ('forced: ["total"]', "forced: [nation]", 14, "nation is no level; known: total, lan, kommun"),
        ('forced: ["total"]', "forced: [{regso: nation}]", 14, "nation is not known here"),
        ('forced: ["total"]', "forced: [{}]", 14, "name at least one dimension"),
        ('forced: ["total"]', "forced: [{sex: total}]", 14, "unknown key sex"),
        ("levels: [regso, area_type]", "levels: [deso, area_type]", 3, "first levels must be the same"),
        ("levels: [regso, area_type]", "levels: [regso, regso]", 7, "different columns"),
        ("levels: [regso, area_type]", "levels: [regso, total]", 7, "none of them total"),
        ('{column: benefit, total: "TOT"}', '{column: benefit, total: "TOT", codes: [a, a]}', 8, "a code stands twice"),
        ('{column: benefit, total: "TOT"}', '{column: benefit, total: "TOT", codes: [a, TOT]}', 8, "of the total"),
        ('{column: benefit, total: "TOT"}', '{column: benefit, total: "TOT", size: people}', 8, "a flat dimension"),
        ('{column: benefit, total: "TOT"}', '{column: regso, total: "TOT"}', 1, "two of them have the same name"),
        ("insiders: false", "insiders: no", 13, "true or false"),
    ],
)  # fmt: skip
def test_what_a_spec_cannot_mean_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, message: str
) -> None:
    assert before in CONTRACT
    with pytest.raises(TableError) as refused:
        spec_of(tmp_path, CONTRACT.replace(before, after))
    problems = [p for p in str(refused.value).splitlines() if message in p]
    assert problems, str(refused.value)
    assert problems[0].startswith(f"SPEC.yaml:{line}: ")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("zeros: published", "zeros: protected", "SPEC.yaml:1: a sum tells that nobody contributes by being 0"),
        ("insiders: false", "insiders: true", "SPEC.yaml:1: insiders: true is for counts"),
    ],
)
def test_what_sums_cannot_promise_is_refused(tmp_path: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        spec_of(tmp_path, SUMS.replace(before, after))


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        (AREAS.replace("lan", "county"), "areas.csv:1: columns are missing: lan"),
        (AREAS + "0101R1,0101,01,1\n", "areas.csv:5: regso 0101R1 stands on line 2 too"),
        (AREAS + "0103R1,0102,02,1\n", "areas.csv:5: kommun 0102 lies in two of lan"),
        (AREAS + ",0102,01,1\n", "areas.csv:5: column regso is empty"),
        (AREAS + "0103R1,0103,01\n", "areas.csv:5: 3 values under 4 columns"),
        (AREAS.replace("0102R1,0102,01", "0102R1,01,01"), "code 01 stands at level lan and at level kommun"),
        (AREAS.replace(",0101,", ",00,"), "code 00 stands at level total and at level kommun"),
        (AREAS.replace("0102R1", "=SUM"), "begins like a spreadsheet formula"),
        (AREAS.replace("area_type", "kommun"), "areas.csv:1: two columns have the same name"),
        ("", "areas.csv:1: columns are missing: regso"),
    ],
)
def test_areas_that_are_no_hierarchy_are_refused_with_their_line(tmp_path: Path, areas: str, message: str) -> None:
    spec = spec_of(tmp_path, areas=areas)
    with pytest.raises(TableError, match=message.replace("(", r"\(")):
        make_axis(spec.dimensions[0], hierarchy_files(spec), found=())


def test_hierarchies_in_two_files_must_have_the_same_leaves(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, CONTRACT.replace("areas.csv, levels: [regso, area", "t.csv, levels: [regso, area"))
    (tmp_path / "t.csv").write_text("regso,area_type\n0101R1,1\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"t\.csv: column regso has other codes than the first hierarchy"):
        make_axis(spec.dimensions[0], hierarchy_files(spec), found=())


def test_a_level_of_two_files_must_be_one_level(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, CONTRACT.replace("areas.csv, levels: [regso, area_type]", "t.csv, levels: [regso, lan]"))
    (tmp_path / "t.csv").write_text("regso,lan\n0101R1,01\n0101R2,01\n0102R1,02\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"t\.csv: level lan is another one in another file"):
        make_axis(spec.dimensions[0], hierarchy_files(spec), found=())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    (tmp_path / "areas.csv").unlink()
    with pytest.raises(TableError, match=r"areas\.csv: the file cannot be read"):
        hierarchy_files(spec)


def read(spec: Spec, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    read_leaves(CsvFile("LEAVES.csv", data), spec, hierarchy_files(spec))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0103R1,vab,7,x", "column regso: the code is none of its finest level, regso"),
        ("0101,vab,7,x", "column regso: the code is none of its finest level, regso"),
        ("0101R1,,7,x", "column benefit: the code is none of its finest level, benefit"),
        ("0101R1,vab,8,x", "the same cell stands on line 2"),
        ("0101R2,vab,-7,x", "column n: a whole number"),
        ("0101R2,vab,7.5,x", "column n: a whole number"),
        ("0101R2,vab,,x", "column n: a whole number"),
        ("0101R2,vab,1234567890123456,x", "at most 15 digits"),
        ("0101R2,vab,٣,x", "column n: a whole number"),
        ("0101R2,vab,7", "3 values under 4 columns"),
    ],
)
def test_a_wrong_leaf_is_refused_with_its_line_and_without_its_value(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(TableError) as refused:
        read(spec_of(tmp_path), f"{LEAVES}{row}\n")
    assert str(refused.value).startswith("LEAVES.csv:5: ")
    assert message in str(refused.value)
    assert "1234567890123456" not in str(refused.value)
    assert "7.5" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("regso,n\n0101R1,7\n", "LEAVES.csv:1: columns are missing: benefit"),
        ("regso,benefit,n\n0101R1,våb,7\n".encode("latin-1"), "LEAVES.csv: not CSV in UTF-8"),
        ('regso,benefit,n\n0101R1,"vab,7\n', "LEAVES.csv: not CSV in UTF-8"),
        ("regso,benefit,n\n", "dimension benefit has no code"),
    ],
)
def test_what_is_no_file_of_leaves_is_refused(tmp_path: Path, data: str | bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read(spec_of(tmp_path), data)


def test_numbers_whose_sum_no_solver_holds_exactly_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"0101R1,b{k},999999999999999\n" for k in range(10))
    with pytest.raises(TableError, match="column n adds up to 2"):
        read(spec_of(tmp_path), f"regso,benefit,n\n{rows}")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0101R2,vab,10,3,4", "largest first"),
        ("0101R2,vab,10,7,4", "no more than the value"),
        ("0101R2,vab,10,7,0", "yet no further one is there"),
        ("0101R2,vab,10,-7,0", "column largest: a whole number"),
    ],
)
def test_contributions_that_cannot_be_are_refused_with_their_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(TableError, match=f"LEAVES.csv:3: .*{message}"):
        read(spec_of(tmp_path, SUMS), f"regso,benefit,n,largest,second\n0101R1,vab,10,10,0\n{row}\n")


def test_contributors_are_counted_as_far_as_the_columns_tell(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, SUMS)
    text = "regso,benefit,n,largest,second\n0101R1,vab,10,10,0\n0101R2,vab,10,6,4\n0102R1,vab,10,4,4\n"
    leaves = read_leaves(CsvFile("LEAVES.csv", text.encode()), spec, hierarchy_files(spec))
    assert leaves.contributors[:, 0].tolist() == [1, 2, 3]
    assert "withheld" in repr(leaves)


TABLE = "regso,benefit,value,status\n00,TOT,9,published\n00,vab,,suppressed\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("00,TOT,9,published", "this cell stands in the table before"),
        ("01,TOT,9,primary", "the status is published or suppressed"),
        ("01,TOT,9,suppressed", "a suppressed cell has no value"),
        ("01,TOT,,published", "a suppressed cell has no value"),
        ("01,TOT,x,published", "column value: a whole number"),
    ],
)
def test_a_table_that_is_not_plain_is_refused_with_its_line(row: str, message: str) -> None:
    with pytest.raises(TableError, match=f"TABLE.csv:4: {message}"):
        read_table(CsvFile("TABLE.csv", f"{TABLE}{row}\n".encode()), ["regso", "benefit"])
