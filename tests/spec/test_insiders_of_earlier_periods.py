"""A policy that changes its mind about insiders: what was promised of an earlier period is asked of it all the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from homes import NOW, ROOT, make_cases, make_home, put_in_force

import publisher.reaudit
from publisher.audit.attacker import Insiders
from publisher.audit.report import AuditReport
from publisher.errors import RunError
from publisher.home import Home
from publisher.memory import Remembered, recall
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.workspace import open_workspace

POLICY = "fk-familj-bostad"


def audited(tmp_path: Path, first: str, second: str, monkeypatch: pytest.MonkeyPatch | None = None) -> AuditReport:
    """The audit of 2022, sealed with `insiders: second` after 2021 with `insiders: first`."""
    home = make_home(tmp_path / "home", make_cases(persons=250, years=(2021, 2022)), policies=[])
    for year, insiders in (("2021", first), ("2022", second)):
        text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
        path = tmp_path / f"{POLICY}.yaml"
        path.write_text(text.replace("insiders: true", f"insiders: {insiders}"), "utf-8")
        put_in_force(home, [path])
        with open_workspace(home, exclusive=True) as work:
            run_release(work, RunRequest(POLICY, Period.parse(year)), now=NOW)
    if monkeypatch is not None:
        monkeypatch.setattr(publisher.reaudit, "recall", _as_if_one_person_stood_everywhere)
    with open_workspace(home, exclusive=True) as work:
        return audit_release(work, f"{POLICY}.2022.v1")


def _as_if_one_person_stood_everywhere(home: Home, keys: object, release: str) -> Remembered:
    known = recall(home, keys, release)  # type: ignore[arg-type]
    if known.insiders is None:
        return known
    alone = dict.fromkeys(list(known.insiders.alone)[:-1], 0)
    return replace(known, insiders=Insiders(alone, known.insiders.numbers))


def test_insiders_are_asked_of_an_earlier_period_that_promised_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        report = audited(tmp_path, "true", "false", monkeypatch)
    except RunError:
        return
    assert not report.passed


def test_a_release_does_not_state_of_an_earlier_period_what_it_was_not_sealed_with(tmp_path: Path) -> None:
    try:
        report = audited(tmp_path, "false", "true")
    except RunError:
        return
    assert report.passed, {f.rule for f in report.findings}
