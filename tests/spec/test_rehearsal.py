"""A rehearsal from records to words: what it tells, what it refuses, and that it changes nothing."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from homes import NOW, ROOT, Case, make_cases, make_home

from publisher.activation import active_policy
from publisher.cli.main import publisher
from publisher.cli.rehearsed import in_words
from publisher.counting import count, count_each
from publisher.draft.keys import shown_cells
from publisher.draft.reasons import reasons_of
from publisher.errors import RunError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release, suppress_tables
from publisher.policy.loader import load_policy
from publisher.policy.model import Suppression
from publisher.preparation import RunRequest, prepare
from publisher.rehearsal import rehearse
from publisher.rehearsal.trials import Beside
from publisher.workspace import open_workspace

POLICIES = ("fk-underhallsstod", "fk-assistans", "fk-ohalsa", "fk-familj-bostad")
ANYTHING = ("by_level", "totals", "areas", "reasons", "by_code", "lost_per_cent")
"""Keys of which the keys within are levels, rules or codes."""

Json = dict[str, Any]


def insiders(policy: str) -> str:
    """The alternative about insiders that a policy has, and whose table is told how many stand alone."""
    rule = load_policy(ROOT / "policies" / f"{policy}.yaml").policy.tables[0].protection
    return "insiders-off" if isinstance(rule, Suppression) and rule.insiders else "insiders-on"


def home_of(root: Path, rows: Sequence[Case]) -> Home:
    return make_home(root, rows, policies=POLICIES)


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Hundreds of cases in every municipality."""
    return home_of(tmp_path_factory.mktemp("dense") / "home", make_cases(persons=9000))


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A handful of cases in a municipality."""
    return home_of(tmp_path_factory.mktemp("sparse") / "home", make_cases(persons=300))


def rehearsed(home: Home, policy: str | Path, period: str = "2022", *, now: datetime = NOW, **how: Any) -> Json:
    said: list[str] = []
    with open_workspace(home, exclusive=True) as work:
        one = load_policy(policy) if isinstance(policy, Path) else active_policy(work.home, work.log, policy,
                                                                               work.settings)  # fmt: skip
        result = rehearse(prepare(work, one.policy, Period.parse(period)), now=now, say=said.append, **how)
    step = r"[a-z-]+ [0-9KM]+: (count|suppress, [a-z0-9_ -]+( \(\d+ of \d+\))?|[a-z_-]+)"
    assert all(re.fullmatch(step, s) for s in said)
    return json.loads(json.dumps(result))


def by_name(result: Json) -> dict[str, Json]:
    return {a["name"]: a for a in result["alternatives"]}


def monthly(folder: Path) -> Path:
    """The amounts' policy, month by month."""
    text = (ROOT / "policies" / "fk-underhallsstod.yaml").read_text(encoding="utf-8")
    path = folder / "fk-underhallsstod.yaml"
    path.write_text(text.replace("every: year, month: 2,", "every: month,"), encoding="utf-8")
    return path


def test_every_alternative_is_told_in_the_same_figures_as_the_policy(dense: Home) -> None:
    result = rehearsed(dense, "fk-underhallsstod", every=True)
    assert list(by_name(result)) == [
        "threshold-3", "threshold-10", "without-sex", "areas-lan", "level-exact", "level-interval",
        insiders("fk-underhallsstod"),
    ]  # fmt: skip
    own = result["tables"][0]
    for alternative in result["alternatives"]:
        (table,) = alternative["tables"]
        assert set(table) == set(own)
        assert alternative["refused"] == ""
    threes, tens = (by_name(result)[f"threshold-{t}"]["tables"][0] for t in (3, 10))
    assert threes["primary"] <= own["primary"] <= tens["primary"]
    assert set(by_name(result)["areas-lan"]["tables"][0]["by_level"]) == {"riket", "lan", "area_type"}
    assert by_name(result)["without-sex"]["tables"][0]["cells"] * 3 == own["cells"]
    other = by_name(result)[insiders("fk-underhallsstod")]["tables"][0]
    assert {own["alone"] is None, other["alone"] is None} == {True, False}, "told where the rule asks for insiders"


def test_insiders_are_tried_though_the_policy_check_may_refuse_them(dense: Home) -> None:
    (tried,) = rehearsed(dense, "fk-underhallsstod", names=[insiders("fk-underhallsstod")])["alternatives"]
    assert tried["tables"]
    assert all("insiders: true" in problem for problem in tried["check"])


@pytest.mark.parametrize("policy", ["fk-underhallsstod", "fk-assistans"])
def test_the_rules_told_apart_are_together_what_is_sensitive(sparse: Home, policy: str) -> None:
    with open_workspace(sparse, exclusive=True) as work:
        prepared = prepare(work, active_policy(work.home, work.log, policy, work.settings).policy, Period.parse("2022"))
        counted = count(prepared)
        suppressed = suppress_tables(prepared, counted, ())
        assert suppressed is not None
        assert counted.whole is not None
        (table,) = prepared.policy.tables
        everyone = prepared.denominators(suppressed.keys)["population"]
        reasons = reasons_of(counted.whole, suppressed, kind=table.count.kind, everyone=everyone)
        together = np.any([c for by_rule in reasons.values() for c in by_rule.values()], axis=0)
        shown = shown_cells((table,), suppressed.keys).ravel()
        assert np.array_equal(together & shown, suppressed.pattern.sensitive)
        assert {r for by_rule in reasons.values() for r in by_rule} - {"threshold"} != set()


def test_a_sparse_table_is_said_to_be_mostly_holes_and_a_dense_one_is_not(sparse: Home, dense: Home) -> None:
    bad, good = (rehearsed(home, "fk-underhallsstod", every=True) for home in (sparse, dense))
    assert bad["tables"][0]["holes"]["mostly"]
    assert "table fk-underhallsstod-kommun would be mostly holes: at level kommun" in bad["warnings"][0]
    (advice,) = bad["advice"]
    assert advice["noise"] is not bool(advice["first"])
    assert not good["tables"][0]["holes"]["mostly"]
    assert (good["warnings"], good["advice"]) == ([], [])


def test_what_helps_first_is_not_mostly_holes(sparse: Home) -> None:
    result = rehearsed(sparse, "fk-familj-bostad", names=["areas-kommun", "without-benefit"])
    (advice,) = result["advice"]
    helping = {n: a["tables"][0] for n, a in by_name(result).items() if not a["tables"][0]["holes"]["mostly"]}
    most = max((t["published"] for t in helping.values()), default=None)
    assert [t["published"] for n, t in helping.items() if n == advice["first"]] == ([] if most is None else [most])


def test_the_year_stands_beside_a_month_where_the_source_covers_it(dense: Home, tmp_path: Path) -> None:
    result = rehearsed(dense, monthly(tmp_path), "2022M03", names=["year"])
    (year,) = result["alternatives"]
    assert (year["period"], year["refused"]) == ("2022", "")
    whole = rehearsed(dense, "fk-underhallsstod")
    assert year["tables"] == whole["tables"]
    assert year["tables"][0]["published"] > result["tables"][0]["published"]


def test_a_year_that_is_not_over_or_not_covered_is_no_alternative(sparse: Home, tmp_path: Path) -> None:
    early = datetime(2022, 7, 1, tzinfo=UTC)
    (year,) = rehearsed(sparse, monthly(tmp_path), "2022M03", names=["year"], now=early)["alternatives"]
    assert (year["refused"], year["tables"]) == ("2022 is not over", [])
    rows = [c for c in make_cases(persons=300) if c.date < date(2022, 12, 1)]
    short = home_of(tmp_path / "home", rows)
    (year,) = rehearsed(short, monthly(tmp_path), "2022M03", names=["year"])["alternatives"]
    assert year["refused"] == "the source has no record of 2022M12: it does not cover 2022"


def test_what_cannot_be_protected_says_why_and_what_could_be(sparse: Home, tmp_path: Path) -> None:
    text = (ROOT / "policies" / "fk-underhallsstod.yaml").read_text(encoding="utf-8")
    path = tmp_path / "fk-underhallsstod.yaml"
    path.write_text(text.replace("forced: [riket]", "forced: [riket, lan, kommun]"), encoding="utf-8")
    result = rehearsed(sparse, path, every=True)
    assert "forced levels riket, lan, kommun are sensitive" in result["refused"]
    assert result["tables"] == []
    assert result["warnings"][0] == f"a run would be refused: {result['refused']}"
    assert "cannot be protected as it is" in result["warnings"][1]
    assert "forced levels" in by_name(result)["threshold-10"]["refused"]
    assert "cannot be had: " in in_words(result)


def test_an_edition_without_area_types_has_none_to_offer(sparse: Home, tmp_path: Path) -> None:
    text = (ROOT / "policies" / "fk-familj-bostad.yaml").read_text(encoding="utf-8")
    path = tmp_path / "fk-familj-bostad.yaml"
    path.write_text(text.replace("regso, area_type]", "regso]"), encoding="utf-8")
    home = home_of(tmp_path / "home", make_cases(persons=100))
    settings = home.settings_file.read_text(encoding="utf-8")
    home.settings_file.write_text(settings.replace('2021 = "area_type_2021", ', ""), encoding="utf-8")
    (typed,) = rehearsed(home, path, "2021", names=["areas-kommun-type"])["alternatives"]
    assert "has no area types of 2021" in typed["refused"]


def test_a_rehearsal_changes_no_byte_of_the_home(dense: Home) -> None:
    """That the files were checked is remembered by the first reading, whoever does it."""
    with open_workspace(dense, exclusive=True) as work:
        run_release(work, RunRequest("fk-underhallsstod", Period.parse("2021")), now=NOW)

    def files() -> dict[str, bytes]:
        return {str(p.relative_to(dense.root)): p.read_bytes() for p in dense.root.rglob("*") if p.is_file()}

    before = files()
    assert any(name.startswith("vault/") for name in before)
    rehearsed(dense, "fk-underhallsstod", every=True)
    rehearsed(dense, "fk-ohalsa")
    assert files() == before


def test_the_records_are_read_once_for_all_alternatives_of_a_period(
    dense: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publisher import counting

    opened, cubes = [], []
    read, cube = counting.open_cases, counting.count_cases
    monkeypatch.setattr(counting, "open_cases", lambda *a, **k: opened.append(k["period"].code) or read(*a, **k))
    monkeypatch.setattr(counting, "count_cases", lambda *a, **k: cubes.append(k["keys"].shape) or cube(*a, **k))
    rehearsed(dense, "fk-assistans", every=True)
    assert opened == ["2022"]
    assert len(cubes) == 3, "one for what has the policy's own cells, one without sex, one without municipalities"


def test_policies_over_other_records_are_not_counted_together(sparse: Home) -> None:
    with open_workspace(sparse, exclusive=True) as work:
        policy = active_policy(work.home, work.log, "fk-assistans", work.settings).policy
        both = [prepare(work, policy, Period.parse(p)) for p in ("2021", "2022")]
        with pytest.raises(ValueError, match="of the same records"):
            count_each(both)


def test_an_alternative_that_a_policy_has_not_is_refused_before_anything_is_read(sparse: Home) -> None:
    with pytest.raises(RunError, match="has no alternative coarser"):
        rehearsed(sparse, "fk-assistans", names=["coarser"])
    with pytest.raises(RunError, match="has no alternative threshold-3"):
        rehearsed(sparse, "fk-ohalsa", names=["threshold-3"])


def paths_of(value: object, at: str = "") -> Iterator[str]:
    """Every key of an answer as docs/rehearsal.md writes it."""
    if isinstance(value, dict):
        anything = at.rpartition(".")[2] in ANYTHING and bool(value) and all(isinstance(v, (dict, float))
                                                                           for v in value.values())  # fmt: skip
        for key, inner in value.items():
            here = f"{at}.{'*' if anything else key}".removeprefix(".")
            if not anything:
                yield here
            yield from paths_of(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from paths_of(inner, f"{at}[]")


def documented(heading: str) -> set[str]:
    text = (ROOT / "docs" / "rehearsal.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {key for line in section.splitlines() if line.startswith("| `")
            for key in re.findall(r"`([^`]+)`", line.split("|")[1])}  # fmt: skip


def in_short(path: str) -> str:
    """What the page says of a table holds for those of alternatives, at every level, and for both kinds of areas."""
    path = path.replace("alternatives[].tables[]", "tables[]")
    return re.sub(r"^tables\[\](\.measures\[\])?\.by_level\.\*\.", lambda m: f"tables[]{m[1] or ''}.", path)


def test_every_key_of_the_answer_is_documented_and_every_documented_key_is_there(sparse: Home) -> None:
    suppressed = rehearsed(sparse, "fk-underhallsstod", every=True, beside=Beside(audit=True))
    common = documented("Every rehearsal")
    assert {in_short(p) for p in paths_of(suppressed)} == common | documented("Of suppression")
    noise = documented("Of noise") - {"tables[].groups[].by_code"}  # of sums, which fk-ohalsa has not
    noise -= {p for p in noise if p.startswith("tables[].simulated.rows[].")}  # of shrunken tables, which it has not
    noise -= {"tables[].marks.rows[].share_of_inhabitants"} if published(sparse, "fk-ohalsa") else set()
    assert {in_short(p) for p in paths_of(rehearsed(sparse, "fk-ohalsa", every=True))} == common | noise


def published(home: Home, policy: str) -> bool:
    with open_workspace(home, exclusive=False) as work:
        return any(r.policy == policy and r.state == "published" for r in work.store.records())


def test_a_rehearsal_of_noise_reads_no_record_and_says_what_it_reckons_from(dense: Home, tmp_path: Path) -> None:
    """The same answer whatever the records are: here without any file of them."""
    copy = tmp_path / "home"
    shutil.copytree(dense.root, copy)
    for file in (copy / "data").glob("cases*"):
        file.unlink()
    answers = [rehearsed(home, "fk-ohalsa", every=True) for home in (dense, Home(copy))]
    assert answers[0] == answers[1]
    table = answers[0]["tables"][0]
    assert table["marks"]["basis"].startswith("assumed shares of the inhabitants")
    assert {row["share_of_inhabitants"] for row in table["marks"]["rows"]} == {0.01, 0.05, 0.2}
    assert "every person has one cell" in table["truncation"]["basis"]


def test_alternatives_of_noise_stand_side_by_side_and_move_the_error_as_they_should(dense: Home) -> None:
    answer = rehearsed(dense, "fk-ohalsa", every=True)
    others = by_name(answer)
    assert set(others) == {"rho-half", "rho-double", "cells-half", "cells-double", "weights-all-cells-alike",
                           "coarser-age_group", "without-sex", "without-age_group"}  # fmt: skip
    own = answer["tables"][0]["groups"][0]["expected_error"]
    errors = {n: a["tables"][0]["groups"][0]["expected_error"] for n, a in others.items() if a["tables"]}
    assert errors["rho-half"] == pytest.approx(own * 2**0.5, rel=1e-2)
    assert errors["rho-double"] == pytest.approx(own / 2**0.5, rel=1e-2)
    assert errors["weights-all-cells-alike"] > own
    assert others["rho-double"]["weaker"] is True
    assert {n for n, a in others.items() if a["refused"] == "it would change nothing"} == {"cells-half", "cells-double"}
    words = in_words(answer)
    for phrase in ("Alternatives side by side", "rho-half", "by size of area", "Share of cells that would be marked"):
        assert phrase in words


def shrunken(folder: Path) -> Path:
    """The policy of ill health, with shrunken estimates."""
    text = (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
    path = folder / "fk-ohalsa.yaml"
    path.write_text(text.replace("estimate: unbiased", "estimate: shrunken"), encoding="utf-8")
    return path


def test_what_shrunken_numbers_may_be_off_by_is_simulated_without_any_record(dense: Home, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(dense.root, copy)
    for file in (copy / "data").glob("cases*"):
        file.unlink()
    answers = [rehearsed(home, shrunken(tmp_path), names=["rho-half"]) for home in (dense, Home(copy))]
    assert answers[0] == answers[1]
    (table,), (half,) = answers[0]["tables"], answers[0]["alternatives"]
    told = table["simulated"]
    assert told["basis"].startswith("assumed shares of the inhabitants")
    documented_rows = {p for p in documented("Of noise") if p.startswith("tables[].simulated")}
    assert {p for p in map(in_short, paths_of(answers[0])) if p.startswith("tables[].simulated")} == documented_rows
    stated = {(g["area_level"], *g["attributes"]): g["expected_error"] for g in table["groups"]}
    shown = {(r["area_level"], *r["attributes"]): r["shown_error"] for r in told["rows"]}
    assert shown.keys() == stated.keys()
    cells = {(g["area_level"], *g["attributes"]): g["cells"] for g in table["groups"]}
    assert sum(n * shown[g] ** 2 for g, n in cells.items()) < 0.9 * sum(n * stated[g] ** 2 for g, n in cells.items())
    assert half["tables"][0]["simulated"] == {"basis": "", "draws": 0, "rows": []}
    words = in_words(answers[0])
    assert "simulated (8 draws) on assumed shares of the inhabitants" in words
    assert "no promise" in words


def test_half_of_a_rho_that_is_one_unit_is_said_to_be_impossible(dense: Home, tmp_path: Path) -> None:
    """A table of one number, for as little as the account can charge."""
    text = (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
    changes = (
        ('rho: "0.05"', 'rho: "0.000000001"'), ("areas: [riket, lan, area_type, lan_area_type]", "areas: [riket]"),
        ("      - {column: sex, total: true}\n", ""), ("      - {column: age_group, total: true}\n", ""),
        ("    categories:\n", "    categories: []\n"),
    )  # fmt: skip
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "fk-ohalsa.yaml"
    path.write_text(text, encoding="utf-8")
    answer = rehearsed(dense, path, every=True)
    half = by_name(answer)["rho-half"]
    assert (answer["rho"], half["rho"], half["tables"]) == ("0.000000001", "0", [])
    assert "the least that the account can charge" in half["refused"]
    assert by_name(answer)["rho-double"]["tables"]
    assert f"cannot be had: {half['refused']}" in in_words(answer)


def by_age(folder: Path, *changes: tuple[str, str]) -> Path:
    """The policy of few persons, by age in place of sex."""
    text = (ROOT / "policies" / "fk-assistans.yaml").read_text(encoding="utf-8")
    for old, new in (("{column: sex,", "{column: age_group,"), ("within: sex", "within: age_group"), *changes):
        assert old in text
        text = text.replace(old, new)
    path = folder / "fk-assistans.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_coarser_ages_of_a_suppressed_table_show_more_and_are_what_a_policy_with_them_gives(
    dense: Home, tmp_path: Path
) -> None:
    result = rehearsed(dense, by_age(tmp_path), names=["coarser-age_group", "without-age_group"])
    coarser, without = result["alternatives"]
    own, joined = result["tables"][0], coarser["tables"][0]
    assert coarser["text"]["en"] == "Coarser age_group: 16-34, 35-54, 55-66."
    assert (coarser["kind"], coarser["weaker"], coarser["check"], coarser["refused"]) == ("categories", False, [], "")
    assert own["cells"] * 4 == joined["cells"] * 6 == without["tables"][0]["cells"] * 24
    assert joined["non_zero_per_cent"] < own["non_zero_per_cent"]
    join = (
        '{column: age_group, join: [{code: "16-34", text: {sv: a, en: b}, of: ["16-24", "25-34"]}, '
        '{code: "35-54", text: {sv: c, en: d}, of: ["35-44", "45-54"]}],'
    )
    as_written = rehearsed(dense, by_age(tmp_path, ("{column: age_group,", join)))["tables"][0]
    told = {key for key in as_written if key != "examples"}
    assert {key: joined[key] for key in told} == {key: as_written[key] for key in told}


def test_coarser_ages_of_noise_cost_the_same_and_have_less_error_in_a_table_of_fewer_cells(dense: Home) -> None:
    answer = rehearsed(dense, "fk-ohalsa", names=["coarser-age_group"])
    (coarser,) = answer["alternatives"]
    assert (coarser["rho"], coarser["check"], coarser["refused"]) == (answer["rho"], [], "")
    own, joined = answer["tables"][0], coarser["tables"][0]
    assert own["cells"] * 4 == joined["cells"] * 6
    errors = [{(g["area_level"], *g["attributes"]): g["expected_error"] for g in t["groups"]} for t in (own, joined)]
    assert errors[0].keys() == errors[1].keys()
    assert sum(errors[1].values()) < sum(errors[0].values())


def test_the_command_prints_one_object_or_words_and_progress_elsewhere(sparse: Home) -> None:
    at = ["--home", str(sparse.root), "rehearse", "fk-assistans", "--period", "2022"]
    done = CliRunner().invoke(publisher, [*at, "--alternative", "areas-lan", "--json"])
    assert done.exit_code == 0
    result = json.loads(done.stdout)
    assert list(by_name(result)) == ["areas-lan"]
    assert "fk-assistans 2022: suppress, areas-lan (1 of 1)" in done.stderr
    words = CliRunner().invoke(publisher, [*at, "--alternatives", "all"]).stdout
    for phrase in ("as sensitive as the records", "nothing here is audited", "Withheld, by rule", "hit hardest",
                   "Alternatives side by side", "without-sex: Not divided by sex"):  # fmt: skip
        assert phrase.lower() in words.lower()
