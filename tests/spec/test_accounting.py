"""One account over time: months, quarters and years of the same people, revisions, the cap, what the public reads."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from homes import NOW, ROOT, make_cases, make_home, put_in_force

import publisher.pipeline
from publisher.activation import active_policies
from publisher.chain import open_state
from publisher.cli.rehearsed import in_words
from publisher.errors import BudgetExceededError, PolicyError
from publisher.forecast import units_of_run
from publisher.home import Home
from publisher.ledger import Account, Intent, PrivacyLedger, rho_units
from publisher.noise.accounting import best_auc, best_true_positive_rate, epsilon, gaussian_mu
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.preparation import RunRequest, prepare
from publisher.rehearsal import rehearse
from publisher.rehearsal.noise import charge_of
from publisher.release.reader import Catalogue
from publisher.scheduler.publish import publish_due
from publisher.workspace import Workspace, open_workspace
from web.public import create_app

FK = "forsakringskassan"
SCHEDULES = {
    "month": "every: month, day: 15",
    "quarter": "every: quarter, day: 15",
    "year": "every: year, month: 2, day: 15",
}
RHO = {"month": "0.003", "quarter": "0.01", "year": "0.04"}
"""Twelve months, four quarters and a year ask 0.116 of the cap of 0.125."""


class Source:
    """A noise source that adds nothing, and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, values: np.ndarray, scale: float) -> np.ndarray:
        self.calls += 1
        return values


def policy_text(every: str) -> str:
    """The same people, the same records: only period and rho differ."""
    text = (ROOT / "policies" / "fk-sjukfall-manad.yaml").read_text(encoding="utf-8")
    for before, after in (
        ("fk-sjukfall-manad", f"fk-{every}"),
        ('rho: "0.003" ', f'rho: "{RHO[every]}" '),
        ("every: month, day: 15", SCHEDULES[every]),
        ("areas: [riket, lan, area_type]", "areas: [riket, lan]"),
    ):
        assert before in text
        text = text.replace(before, after)
    return text


def write_policy(folder: Path, every: str, text: str = "") -> Path:
    path = folder / f"fk-{every}.yaml"
    path.write_text(text or policy_text(every), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("accounting")
    home = make_home(folder / "home", make_cases(persons=300), policies=())
    put_in_force(home, [write_policy(folder, every) for every in SCHEDULES])
    return home


@pytest.fixture
def home(template: Home, tmp_path: Path) -> Home:
    shutil.copytree(template.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def work(home: Home) -> Iterator[Workspace]:
    with open_workspace(home, exclusive=True) as opened:
        yield opened


def run(work: Workspace, every: str, period: str, *, noise: Any = None, **options: Any) -> RunResult:
    return run_release(
        work, RunRequest(f"fk-{every}", Period.parse(period), **options), now=NOW, noise=noise or Source()
    )


def spent(work: Workspace, year: int = 2022) -> int:
    return work.ledger.spent(Account(FK, year))


def fill(work: Workspace, left: str) -> None:
    """Charge the account of 2022 until so much is left."""
    units = rho_units(Fraction("0.125")) - spent(work) - rho_units(Fraction(left))
    work.ledger.book(account=Account(FK, 2022), units=units, releases=[], at="now", reason="a test")


def test_months_quarters_and_the_year_of_the_same_people_share_one_account(work: Workspace) -> None:
    run(work, "month", "2022M03")
    run(work, "quarter", "2022K1")
    run(work, "year", "2022")
    assert spent(work) == 3_000_000 + 10_000_000 + 40_000_000
    assert spent(work, 2021) == 0


def test_three_policies_that_ask_too_much_together_are_not_put_in_force(home: Home, tmp_path: Path) -> None:
    more = policy_text("quarter").replace('rho: "0.01" ', 'rho: "0.0125" ')
    with pytest.raises(PolicyError, match=r"charge rho 0\.126 a year together; the cap is 0\.125"):
        put_in_force(home, [write_policy(tmp_path, "quarter", more)])


def test_a_rolling_year_is_not_put_in_force_under_noise(home: Home, tmp_path: Path) -> None:
    rolling = policy_text("month").replace("every: month,", "every: month, window: rolling-year,")
    with pytest.raises(PolicyError, match="rolling years are not published by noise"):
        put_in_force(home, [write_policy(tmp_path, "month", rolling)])


def test_a_revision_is_charged_anew_and_the_same_run_is_not(work: Workspace) -> None:
    run(work, "year", "2022")
    source = Source()
    run(work, "year", "2022", noise=source)
    assert (spent(work), source.calls) == (40_000_000, 0)
    run(work, "year", "2022", noise=source, revise=True, reason="late records")
    assert spent(work) == 80_000_000
    assert source.calls > 0


@pytest.mark.parametrize(
    ("every", "period", "following", "date"),
    [
        ("month", "2022M09", "2023M01", "2023-02-15"),
        ("quarter", "2022K3", "2023K1", "2023-04-15"),
        ("year", "2022", "2023", "2024-02-15"),
    ],
)
def test_at_the_cap_a_run_is_refused_before_any_draw_and_told_the_next_possible_date(
    work: Workspace, every: str, period: str, following: str, date: str
) -> None:
    fill(work, left="0.002")
    before, source = work.ledger.rows(), Source()
    with pytest.raises(BudgetExceededError) as refused:
        run(work, every, period, noise=source)
    assert source.calls == 0
    assert work.ledger.rows() == before
    assert list(work.home.vault.iterdir()) == []
    assert str(refused.value) == (
        f"forsakringskassan 2022: 0.123 of 0.125 rho is spent, and the run asks {RHO[every]}, which would exceed the "
        f"cap; nothing was drawn. The account of 2022 never refills: {period} can never be published under this cap "
        "with this rho; only a smaller rho, a coarser table that needs less, or a cap raised by decision helps; the "
        f"next period with room is {following}, which can be run from {date}"
    )


def test_a_smaller_run_still_fits_where_a_larger_one_does_not(work: Workspace) -> None:
    fill(work, left="0.003")
    with pytest.raises(BudgetExceededError):
        run(work, "quarter", "2022K1")
    run(work, "month", "2022M01")
    assert spent(work) == 125_000_000
    with pytest.raises(BudgetExceededError, match=r"0\.125 of 0\.125 rho .* only a cap raised by decision helps"):
        run(work, "month", "2022M02")


def test_a_revision_over_the_cap_is_refused_and_the_sealed_version_stays(work: Workspace) -> None:
    run(work, "year", "2022")
    fill(work, left="0.039999999")
    with pytest.raises(BudgetExceededError, match="2022 can never be published anew under this cap"):
        run(work, "year", "2022", revise=True, reason="late records")
    assert run(work, "year", "2022").release.version == 1


def test_who_loses_a_race_for_the_rest_of_the_account_draws_nothing(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection charges the rest between the first look at the account and this run's own charge."""
    fill(work, left="0.04")
    count = publisher.pipeline.count

    def overtaken(*args: Any) -> Any:
        other = PrivacyLedger(open_state(work.home.root / "state.db"))
        cap, parts = Fraction("0.125"), {"t/m": 40_000_000}
        other.charge(Intent(Account(FK, 2022), "fk-other.2022.v1", parts, cap, "", False), at="now")
        return count(*args)

    monkeypatch.setattr(publisher.pipeline, "count", overtaken)
    source = Source()
    with pytest.raises(BudgetExceededError, match="the next period with room is 2023"):
        run(work, "year", "2022", noise=source)
    assert source.calls == 0
    assert spent(work) == 125_000_000


def rehearsed(work: Workspace, every: str, period: str, now: datetime) -> dict[str, Any]:
    policy = next(p.policy for p in active_policies(work.home, work.log) if p.policy.id == f"fk-{every}")
    result = rehearse(prepare(work, policy, Period.parse(period)), now=now, say=print)
    return json.loads(json.dumps(result))  # type: ignore[no-any-return]


JUNE = datetime(2022, 6, 20, tzinfo=UTC)


def test_a_rehearsal_foresees_what_the_schedules_still_ask(work: Workspace) -> None:
    result = rehearsed(work, "month", "2022M05", JUNE)
    forecast = result["forecast"]
    assert {r["policy"]: (r["number"], r["rho"], r["first"], r["last"]) for r in forecast["runs"]} == {
        "fk-month": (8, "0.024", "2022M05", "2022M12"),
        "fk-quarter": (4, "0.04", "2022K1", "2022K4"),
        "fk-year": (1, "0.04", "2022", "2022"),
    }
    assert (forecast["rho_to_come"], forecast["left_at_the_end"], forecast["reached_in"]) == ("0.104", "0.021", "")
    assert (result["refused"], result["next_period"], result["warnings"]) == ("", "", [])
    assert "ask 0.104, and leave 0.021" in in_words(result)


def test_a_rehearsal_says_in_which_period_the_cap_is_reached(work: Workspace) -> None:
    fill(work, left="0.075")
    result = rehearsed(work, "month", "2022M05", JUNE)
    forecast = result["forecast"]
    assert (forecast["reached_in"], forecast["reached_by"], forecast["reached_on"]) == ("2022", "fk-year", "2023-02-15")
    assert forecast["left_at_the_end"] == "0.011"
    assert any("the cap of 0.125 would be reached in 2022" in w for w in result["warnings"])


def test_a_rehearsal_refuses_in_the_words_of_the_run_and_charges_nothing(work: Workspace) -> None:
    fill(work, left="0.002")
    before = work.ledger.rows()
    result = rehearsed(work, "month", "2022M09", NOW)
    with pytest.raises(BudgetExceededError) as refused:
        run(work, "month", "2022M09")
    assert result["refused"] == str(refused.value)
    assert (result["next_period"], result["next_date"]) == ("2023M01", "2023-02-15")
    assert result["warnings"] == [f"the run would be refused: {refused.value}"]
    assert work.ledger.rows() == before


def test_a_forecast_asks_for_a_run_what_the_run_charges(tmp_path: Path) -> None:
    noisy = ("fk-ohalsa", "fk-ohalsa-forman", "fk-sjukfall-manad")
    home = make_home(tmp_path / "home", make_cases(persons=50), policies=noisy)
    with open_workspace(home, exclusive=True) as work:
        for one in active_policies(home, work.log):
            code = "2022M01" if one.policy.schedule.every == "month" else "2022"
            prepared = prepare(work, one.policy, Period.parse(code))
            assert units_of_run(one.policy) == charge_of(prepared) > 0


def command(home: Home, *args: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "publisher", "--home", str(home.root), *args]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_commands_say_what_is_left_and_refuse_with_exit_code_1(home: Home) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, "year", "2021")
        fill(work, left="0.002")
    refused = command(home, "run", "fk-month", "--period", "2022M09")
    assert refused.returncode == 1
    reason = refused.stderr.strip().splitlines()[-1]
    assert "nothing was drawn" in reason
    assert "the next period with room is 2023M01, which can be run from 2023-02-15" in reason
    shown = json.loads(command(home, "ledger", "show", "--json").stdout)
    assert [(a["reference_year"], a["charged"], a["left"]) for a in shown["accounts"]] == [
        (2021, "0.04", "0.085"), (2022, "0.123", "0.002"),
    ]  # fmt: skip
    assert {f["reference_year"] for f in shown["forecasts"]} >= {2021, 2022}
    words = command(home, "ledger", "show").stdout
    assert "forsakringskassan lifetime: rho 0.163 over 2 years (epsilon " in words
    assert "% true positives at 0.1 % false ones" in words


def test_the_account_is_shown_though_an_active_policy_was_edited(home: Home) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, "year", "2022")
    path = home.active / "fk-year.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('rho: "0.04" ', 'rho: "0.01" '), encoding="utf-8")
    shown = json.loads(command(home, "ledger", "show", "--json").stdout)
    assert shown["accounts"][0]["charged"] == "0.04"
    assert shown["forecasts"] == []
    assert "fk-year: the active file is not the one that was approved" in shown["no_forecast"]


def test_the_lifetime_adds_up_over_the_years_and_says_what_it_means(work: Workspace) -> None:
    run(work, "year", "2021")
    run(work, "year", "2022")
    run(work, "quarter", "2022K4")
    list(publish_due(work, now=NOW))
    account = Catalogue(work.home.public).snapshot().account
    (lifetime,) = account.lifetimes
    rho = Fraction("0.09")
    assert (lifetime.charged, lifetime.years) == ("0.09", 2)
    assert lifetime.epsilon == f"{epsilon(rho):.2f}"
    assert lifetime.mu == f"{gaussian_mu(rho):.2f}"
    assert lifetime.auc == f"{best_auc(rho):.2f}"
    assert lifetime.true_positive_per_cent == f"{100 * best_true_positive_rate(rho):.2f}"
    assert [(a.reference_year, a.charged, a.mu) for a in account.accounts] == [
        (2021, "0.04", f"{gaussian_mu(Fraction('0.04')):.2f}"), (2022, "0.05", f"{gaussian_mu(Fraction('0.05')):.2f}"),
    ]  # fmt: skip


def test_the_public_statement_tells_of_published_noisy_tables_and_is_sealed(work: Workspace) -> None:
    run(work, "year", "2022")
    run(work, "month", "2022M12")
    list(publish_due(work, now=NOW))
    live = Catalogue(work.home.public).snapshot()
    assert [d.table for d in live.statements["en"]] == ["fk-month", "fk-year"]
    month = live.statement("en", "fk-month")
    assert month is not None
    assert "rho 0.003" in month.sections["privacy_loss"]["privacy_parameters"]
    assert "A whole year, 12 periods, costs rho 0.036" in month.sections["privacy_loss"]["privacy_parameters_details"]
    assert "L2 distance that one person can make" in month.sections["privacy_loss"]["privacy_unit_details"]
    assert month.sections["deployment_model"]["release_type_details"].startswith("Twelve periods a year.")
    assert "OpenDP 0.16" in month.sections["implementation"]["mechanisms"]
    site = create_app(Catalogue(work.home.public)).test_client()
    for name in ("statement.sv.json", "statement.en.json", "account.json"):
        served = site.get(f"/privacy/{name}")
        assert served.status_code == 200
        assert served.data == (work.home.public / "catalogues" / live.name / name).read_bytes()
    assert "Hela integritetsdeklarationen" in site.get("/sv/privacy").text


def test_a_withdrawn_table_leaves_the_statement(work: Workspace) -> None:
    released = run(work, "year", "2022").release.id
    list(publish_due(work, now=NOW))
    assert Catalogue(work.home.public).snapshot().statement("sv", "fk-year") is not None
    work.store.withdraw(released, reason="wrong file", actor="test", now=NOW, agencies=[])
    assert Catalogue(work.home.public).snapshot().statement("sv", "fk-year") is None


def test_a_restored_ledger_does_not_make_the_public_documents_say_less(home: Home) -> None:
    old = home.root / "old.db"
    with open_workspace(home, exclusive=True) as work:
        run(work, "year", "2021")
        list(publish_due(work, now=NOW))
        shutil.copy(home.root / "state.db", old)
        run(work, "month", "2022M12")
        list(publish_due(work, now=NOW))
    told = Catalogue(home.public).snapshot()
    shutil.copy(old, home.root / "state.db")
    with open_workspace(home, exclusive=True) as work:
        work.store.reconcile(now=NOW, agencies=[])
    after = Catalogue(home.public).snapshot()
    assert after.name != told.name, "the lost release is not listed by a ledger that does not know it"
    for name in ("account.json", "statement.sv.json", "statement.en.json"):
        assert after.files[name] == told.files[name]


def test_what_waits_for_its_time_is_not_announced_by_the_statement(work: Workspace) -> None:
    early = datetime(2023, 2, 15, 6, 59, 59, tzinfo=UTC)
    run_release(work, RunRequest("fk-year", Period.parse("2022")), now=early, noise=Source())
    run_release(work, RunRequest("fk-month", Period.parse("2022M11")), now=early, noise=Source())
    list(publish_due(work, now=early))
    assert [d.table for d in Catalogue(work.home.public).snapshot().statements["sv"]] == ["fk-month"]
