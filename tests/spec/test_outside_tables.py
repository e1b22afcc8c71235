"""Tables that others have published about the same records, declared: known to the search, and to the attacker."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from homes import NOW, ROOT, Case, make_cases, make_home, put_in_force

from publisher import pipeline
from publisher.draft import suppressed as drafting
from publisher.errors import AuditFailedError, PolicyError, RunError, SettingsError, SuppressionError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import CellStatus, Release
from publisher.settings import load_settings
from publisher.workspace import open_workspace

POLICY, TABLE = "fk-familj-bostad", "fk-familj-bostad-regso"
FAMILY = ("foraldrapenning", "vab", "bostadsbidrag")
FILE = "outside/kommun.csv"
Key = tuple[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    """So many persons that few cells are sensitive: the search is a matter of a second, and of half a minute where
    half of them are."""
    return make_cases(persons=3000)


@pytest.fixture(scope="module")
def few_rows() -> list[Case]:
    """Municipalities have sensitive cells."""
    return make_cases(persons=500)


@pytest.fixture(scope="module", autouse=True)
def _one_key() -> Iterator[None]:
    weigh = drafting.public_weights
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafting, "public_weights", lambda sizes, *, key: weigh(sizes, key=bytes(len(key))))
        yield


def numbers(rows: Sequence[Case], *columns: str) -> dict[Key, tuple[int, int]]:
    """Cases and persons of 2022 by municipality and columns, counted by hand."""
    own = {r.case_id: r for r in rows if r.date.year == 2022 and r.benefit in FAMILY and r.regso and len(r.regso) > 2}
    cases = Counter((r.regso[:4], tuple(getattr(r, c) for c in columns)) for r in own.values() if r.regso)
    people = Counter(key for key, _ in {((r.regso[:4], tuple(getattr(r, c) for c in columns)), r.person_id)
                                        for r in own.values() if r.regso})  # fmt: skip
    return {key: (n, people[key]) for key, n in cases.items()}


def lines(rows: Sequence[Case], *columns: str, least: int = 5) -> list[str]:
    """The CSV of those that rest on enough persons."""
    found = sorted(numbers(rows, *columns).items())
    return [",".join(["area", *columns, "period", "value"]),
            *(",".join([a, *c, "2022", str(n)]) for (a, c), (n, p) in found if p >= least)]  # fmt: skip


def declare(home: Home, text: Sequence[str], *, kind: str = "cases", where: str = "", sha256: str = "") -> None:
    path = home.root / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*text, ""]), "utf-8")
    kept = where or "benefit = [" + ", ".join(f'"{b}"' for b in FAMILY) + "]"
    digest = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    with home.settings_file.open("a", encoding="utf-8") as stream:
        stream.write(f'\n[outside.kommun]\nsource = "fk-cases"\nfile = "{FILE}"\nsha256 = "{digest}"\n')
        stream.write(f'kind = "{kind}"\nwhere = {{{kept}}}\n')


def home_with(
    folder: Path, rows: Sequence[Case], text: Sequence[str] | None = None, *, insiders: bool = True, **terms: str
) -> Home:
    """A home where the project's policy is in force.  `insiders`: whether it promises anything about them."""
    home = make_home(folder / "home", rows, policies=[])
    if text is not None:
        declare(home, text, **terms)
    policy = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    assert "insiders: true" in policy
    path = folder / f"{POLICY}.yaml"
    path.write_text(policy.replace("insiders: true", f"insiders: {str(insiders).lower()}"), "utf-8")
    put_in_force(home, [path])
    return home


def run(home: Home) -> Release:
    with open_workspace(home, exclusive=True) as work:
        return run_release(work, RunRequest(POLICY, Period.parse("2022")), now=NOW).release


def withheld(release: Release) -> set[Key]:
    return {(c.area, c.categories) for c in release.table(TABLE).cells if c.status is CellStatus.SUPPRESSED}


@pytest.mark.parametrize(
    ("insiders", "found"),
    [
        (False, r"a withheld cell can be computed|too narrow"),
        (True, r"can be computed|too narrow|whoever is alone in a cell can compute another"),
    ],
)
def test_a_pattern_that_is_safe_alone_is_broken_by_a_table_of_others_and_another_is_found(
    rows: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, insiders: bool, found: str
) -> None:
    known = [line for line in lines(rows, "benefit") if line.startswith(("area", "0114,vab"))]
    for name in ("alone", "ignored", "known"):
        (tmp_path / name).mkdir()
    hidden = ("0114", ("vab",))
    assert hidden in withheld(run(home_with(tmp_path / "alone", rows, insiders=insiders)))
    home = home_with(tmp_path / "ignored", rows, known, insiders=insiders)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_elsewhere", lambda *_: None)
        with pytest.raises(AuditFailedError, match=found):
            run(home)
    home = home_with(tmp_path / "known", rows, known, insiders=insiders)
    release = run(home)
    assert hidden not in withheld(release)
    with open_workspace(home, exclusive=False) as work:
        report = audit_release(work, release.id)
    assert report.passed
    assert "outside-kommun" in report.checked_jointly_with


def test_the_audit_afterwards_has_what_was_declared_since(rows: list[Case], tmp_path: Path) -> None:
    home = home_with(tmp_path, rows)
    release = run(home)
    declare(home, lines(rows, "benefit"))
    with pytest.raises(RunError, match="changed after the approval"), open_workspace(home, exclusive=False) as work:
        audit_release(work, release.id)
    put_in_force(home, [ROOT / "policies" / f"{POLICY}.yaml"])
    with open_workspace(home, exclusive=False) as work:
        assert not audit_release(work, release.id).passed


def test_a_table_of_columns_that_the_policy_does_not_have_enters_the_system(rows: list[Case], tmp_path: Path) -> None:
    known = [line for line in lines(rows, "sex") if line.startswith(("area", "0180"))]
    home = home_with(tmp_path, rows, known)
    release = run(home)
    assert [d.id for d in release.table(TABLE).dimensions] == ["benefit"]
    with open_workspace(home, exclusive=False) as work:
        assert audit_release(work, release.id).passed


def joined_home(folder: Path, rows: list[Case], text: Sequence[str]) -> Home:
    """A home whose policy shows two benefits as one."""
    home = make_home(folder / "home", rows, policies=[])
    declare(home, text)
    policy = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    join = "join: [{code: barn, text: {sv: Barn, en: Children}, of: [foraldrapenning, vab]}]"
    path = folder / f"{POLICY}.yaml"
    joined = policy.replace("{column: benefit, total: true}", f"{{column: benefit, total: true, {join}}}")
    path.write_text(joined.replace("insiders: true", "insiders: false"), "utf-8")
    put_in_force(home, [path])
    return home


def test_a_number_of_a_code_that_the_policy_joins_is_refused_with_file_and_line_and_what_to_do(
    rows: list[Case], tmp_path: Path
) -> None:
    """It is a part of a cell, and what else is in the cell follows from both."""
    text = lines(rows, "benefit")
    first = next(n for n, line in enumerate(text, 1) if ",foraldrapenning," in line or ",vab," in line)
    with pytest.raises(SuppressionError, match=f"kommun.csv:{first}: this number is of a code that the policy joins"):
        run(joined_home(tmp_path, rows, text))


def test_numbers_of_codes_left_alone_and_of_totals_are_held_against_joined_ones(
    rows: list[Case], tmp_path: Path
) -> None:
    head, *alone = [line for line in lines(rows, "benefit") if "foraldrapenning" not in line and "vab" not in line]
    totals = [f"{a},TOT,2022,{n}" for (a, _), (n, p) in sorted(numbers(rows).items()) if p >= 5]
    assert alone
    assert totals
    made = run(joined_home(tmp_path, rows, [head, alone[0], totals[0]]))
    assert made.table(TABLE).dimensions[0].codes == ("TOT", "barn", "bostadsbidrag")


def test_a_sensitive_cell_that_is_known_is_refused_with_its_codes_and_no_value(
    few_rows: list[Case], tmp_path: Path
) -> None:
    few = {key: n for key, (n, persons) in numbers(few_rows, "benefit").items() if persons < 5}
    assert few
    with pytest.raises(SuppressionError, match="sensitive cells are known from tables published elsewhere") as caught:
        run(home_with(tmp_path, few_rows, lines(few_rows, "benefit", least=0)))
    assert all(f"{area} {codes[0]}" in str(caught.value) for area, codes in few)


def test_a_number_that_contradicts_the_records_is_refused_with_file_and_line_and_no_value(
    rows: list[Case], tmp_path: Path
) -> None:
    text = lines(rows, "benefit")
    before, value = text[2].rsplit(",", 1)
    text[2] = f"{before},{int(value) + 7351}"
    with pytest.raises(SuppressionError, match=rf"{FILE}:3: is another number than the records give") as caught:
        run(home_with(tmp_path, rows, text))
    assert not {value, str(int(value) + 7351)} & set(str(caught.value).replace(":", " ").split())


def test_a_file_that_was_changed_is_not_the_one_that_was_approved(rows: list[Case], tmp_path: Path) -> None:
    home = home_with(tmp_path, rows, lines(rows, "benefit"))
    (home.root / FILE).write_text("\n".join([*lines(rows, "benefit")[:-1], ""]), "utf-8")
    with pytest.raises(SettingsError, match=r"is not the file that outside\.kommun\.sha256 names"):
        run(home)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("area,benefit,", "place,benefit,"), r"kommun\.csv:1: outside table kommun lacks area"),
        (("area,benefit,period,value", "area,benefit,period,value,colour"), "has unknown or doubled columns colour"),
        (("area,benefit,period,value", "area,benefit,period,measure,value"), "column measure and outside"),
        (("\n0180,vab,2022,", "\n0199,vab,2022,"), "this is no area of the edition"),
        (("\n0180,vab,2022,", "\nT1,vab,2022,"), "area types are not taken"),
        (("\n0180,vab,2022,", "\n0180,shoes,2022,"), "column benefit has a code that is not declared"),
        (("\n0180,vab,2022,", "\n0180,sjukpenning,2022,"), "of records that the policy leaves out"),
        (("\n0180,vab,2022,", "\n0180,vab,2022K1,"), "2022K1 shares time with 2022"),
        (("\n0180,vab,2022,", "\n0180,vab,last year,"), "this is no period"),
        (("\n0180,vab,2022,", "\n0180,vab,2022,-"), "a value is no whole number, or negative"),
        (("\n0180,vab,2022,", "\n0180,foraldrapenning,2022,"), "this cell stands twice"),
    ],
)
def test_a_file_that_cannot_be_held_against_the_records_is_refused(
    rows: list[Case], tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    text = "\n".join(lines(rows, "benefit"))
    assert change[0] in text
    home = home_with(tmp_path, rows, text.replace(*change).split("\n"))
    with pytest.raises((SettingsError, SuppressionError), match=message) as caught:
        run(home)
    assert FILE in str(caught.value)


def test_numbers_of_other_years_and_withheld_ones_are_left_out(rows: list[Case], tmp_path: Path) -> None:
    text = ["area_level,area,area_text,benefit,benefit_text,period,value,status",
            "kommun,0180,Kommun,vab,Vab,2021,1,", "kommun,0180,Kommun,vab,Vab,2022,,suppressed"]  # fmt: skip
    assert run(home_with(tmp_path, rows, text)).period == "2022"


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"kind": "persons"}, "shows persons, the policy another count"),
        ({"where": 'benefit = ["vab"]'}, "counts other records"),
        ({"where": 'benefit = ["vab", "sjukpenning"]'}, "counts other records"),
    ],
)
def test_a_table_of_other_records_or_another_count_is_refused(
    rows: list[Case], tmp_path: Path, terms: dict[str, str], message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        home_with(tmp_path, rows, lines(rows, "benefit"), **terms)


def test_exact_numbers_of_records_that_are_protected_by_noise_are_refused(rows: list[Case], tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", rows, policies=[])
    declare(home, lines(rows, "benefit"), where='benefit = ["sjukpenning"]')
    with pytest.raises(PolicyError, match="they bound the noisy ones"):
        put_in_force(home, [ROOT / "policies" / "fk-ohalsa.yaml"])


def test_rolling_years_and_tables_of_others_are_refused_together(rows: list[Case], tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", rows, policies=[])
    declare(home, lines(rows, "benefit"))
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8").replace("type_year: same", 'type_year: "2022"')
    path = tmp_path / f"{POLICY}.yaml"
    path.write_text(text.replace("every: year, month: 2", "every: month, window: rolling-year"), "utf-8")
    with pytest.raises(PolicyError, match="against rolling years yet"):
        put_in_force(home, [path])


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('source = "fk-cases"\nfile', 'source = "other"\nfile', "its source, a column or a code is not declared"),
        ("where = {benefit", "where = {shoe", "its source, a column or a code is not declared"),
        ('kind = "cases"', 'kind = "sum"', "kind must be cases, events or persons"),
        ('sha256 = "', 'sha256 = "x', "sha256 must be 64 digits"),
        ('kind = "cases"', 'kind = "cases"\ncolour = "red"', "unknown colour"),
    ],
)
def test_a_declaration_is_checked(rows: list[Case], tmp_path: Path, before: str, after: str, message: str) -> None:
    home = make_home(tmp_path / "home", rows, policies=[])
    declare(home, lines(rows, "benefit"))
    text = home.settings_file.read_text("utf-8")
    head, tail = text[: text.index("[outside")], text[text.index("[outside") :]
    assert before in tail
    home.settings_file.write_text(head + tail.replace(before, after), "utf-8")
    with pytest.raises(SettingsError, match=message):
        load_settings(home.settings_file)
