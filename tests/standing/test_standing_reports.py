"""The yearly report and the extracts, on a small home."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from homes import NOW, make_cases, make_home

from publisher.errors import RequestError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.scheduler.publish import publish_due
from publisher.standing.report.files import write_reports
from publisher.standing.report.html import to_html
from publisher.standing.report.paper import Grid, Paper, Points, Section
from publisher.standing.report.pdf import quoted, to_pdf, to_typst
from publisher.standing.report.processing import impact_assessment, record_of_processing
from publisher.standing.report.yearly import yearly_report
from publisher.workspace import Workspace, open_workspace

NASTY = '<script>alert(1)</script> " \\ #panic("x") $x$ *b* \u202e@cite'


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = make_home(tmp_path_factory.mktemp("reports") / "home", make_cases(persons=100), policies=("fk-ohalsa",))
    with open_workspace(home, exclusive=True) as work:
        for period in ("2021", "2022"):
            run_release(work, RunRequest("fk-ohalsa", Period.parse(period)), now=NOW)
        list(publish_due(work, now=NOW))
        work.store.withdraw("fk-ohalsa.2022.v1", reason=NASTY, actor="bo", now=NOW, agencies=[])
        work.log.write(at="2024-03-01T13:00:00Z", actor="scheduler", action="run-failed", subject="fk-x 2022",
                       detail="SourceError")  # fmt: skip
    return home


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


def paper(*parts: object, title: str = "T") -> Paper:
    return Paper("sv", title, "L", NOW, (Section("S", parts),))  # type: ignore[arg-type]


def words(report: Paper) -> str:
    return to_html(report).decode()


def test_the_report_tells_what_was_published_how_protected_by_whom_and_what_was_withdrawn_and_failed(work):
    text = words(yearly_report(work, 2024, "sv", now=NOW))
    for told in (
        "2 utgåvor av 1 statistikprodukter", "1 drogs tillbaka", "fk-ohalsa.2021.v1", "rho 0,05", "OSL (2009:400)",
        "Another, skriven av One Author", "SourceError", "båda kedjorna var hela", "0,075",
    ):  # fmt: skip
        assert told in text, told
    other = words(yearly_report(work, 2023, "en", now=NOW))
    assert "0 releases of 0 statistical products" in other
    assert "fk-ohalsa.2021.v1" not in other


def test_a_broken_chain_is_told_in_the_report(work):
    work.db.conn.execute("DROP TRIGGER log_no_update")
    work.db.conn.execute("UPDATE log SET actor = 'x' WHERE sequence = 2")
    assert "broken at row 2" in words(yearly_report(work, 2024, "en", now=NOW))


def test_reasons_are_text_in_html_and_in_pdf(work):
    report = yearly_report(work, 2024, "sv", now=NOW)
    assert "<script>" not in words(report)
    assert "&lt;script&gt;" in words(report)
    assert to_pdf(report).startswith(b"%PDF-")


def test_no_text_is_read_as_markup():
    source = to_typst(paper(NASTY, Points((NASTY,)), Grid(NASTY, (NASTY,), ((NASTY,),)), title=NASTY))
    literal = quoted(NASTY)
    assert source.replace(literal, "").count("panic") == 0
    assert literal == '"<script>alert(1)</script> \\" \\\\ #panic(\\"x\\") $x$ *b*  @cite"'
    assert to_pdf(paper(NASTY, title=NASTY)).startswith(b"%PDF-")


def test_the_same_report_has_the_same_bytes(work):
    for make in (yearly_report, None):
        one, other = (
            make(work, 2024, "en", now=NOW) if make else impact_assessment(work, "en", now=NOW) for _ in range(2)
        )
        assert (to_html(one), to_pdf(one)) == (to_html(other), to_pdf(other))


def test_html_needs_nothing_from_elsewhere_and_runs_nothing(work):
    text = words(yearly_report(work, 2024, "sv", now=NOW))
    assert "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" in text
    assert not [w for w in ("src=", "href=", "<script", "url(") if w in text]


def test_the_extracts_tell_purpose_basis_data_retention_measures_and_what_is_not_promised(work):
    record, impact = words(record_of_processing(work, "sv", now=NOW)), words(impact_assessment(work, "en", now=NOW))
    for told in ("artikel 30", "statistik@example.se", "24 kap. 8 §", "förmån", "7 dagar", "epsilon 2,65"):
        assert told in record, told
    for told in ("article 35", "one of several in a cell", "rho 0.05 a period", "AUC is 0.64", "To be added"):
        assert told in impact, told


def test_files_are_written_in_both_languages_and_forms_for_their_owner_alone(work):
    names = write_reports(work, "2024", now=NOW)
    assert {"2024.sv.html", "2024.en.pdf", "record-of-processing.sv.pdf", "impact-assessment.en.html"} <= set(names)
    assert len(names) == 12
    for name in names:
        assert (work.home.desk.reports / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("year", ["../2024", "2025", "1", "٢٠٢٤", "", "2024.0"])
def test_what_is_no_year_that_has_begun_is_refused(work, year):
    with pytest.raises(RequestError, match="a year that has begun"):
        write_reports(work, year, now=NOW)


def test_a_year_is_a_year_in_sweden(work):
    work.db.conn.execute("UPDATE releases SET published_at = '2023-12-31T23:30:00Z'")
    assert "2 releases of 1" in words(yearly_report(work, 2024, "en", now=datetime(2024, 3, 1, tzinfo=UTC)))
