"""The receipt of an audit."""

import json
import pickle

import pytest

from publisher.audit.report import AuditReport, Finding, combine, make_report
from publisher.audit.verdict import SuppressionPromise
from publisher.errors import AuditFailedError
from publisher.policy.model import ProtectionLevel, Zeros

FINDINGS = tuple(Finding("a rule", "table", f"0101R00{i}", ("a",)) for i in range(7))


def test_only_the_audit_makes_a_report() -> None:
    with pytest.raises(TypeError, match="made by that step only"):
        AuditReport((), 0, 0, 0, (), object())


def test_a_report_without_findings_passes_and_one_with_them_raises() -> None:
    make_report([]).require_passed()
    with pytest.raises(AuditFailedError) as caught:
        make_report(FINDINGS).require_passed()
    assert str(caught.value).count("a rule") == 5
    assert str(caught.value).endswith("and 2 more")


def test_a_report_prints_counts_and_no_cell() -> None:
    made = make_report(FINDINGS, suppressed=4, exact=2, narrow=1)
    assert repr(made) == f"{made}" == "<AuditReport: failed, 7 findings, 4 suppressed, 2 exact, 1 narrow>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(made)


def test_combined_reports_pass_only_together() -> None:
    good, bad = make_report([], suppressed=3, checked_jointly_with=["b"]), make_report(FINDINGS[:1], suppressed=1)
    assert combine([good, good]).passed
    both = combine([good, bad])
    assert (both.passed, both.suppressed, both.checked_jointly_with) == (False, 4, ("b",))
    with pytest.raises(ValueError, match="nothing was audited"):
        combine([])


def test_the_summary_is_canonical_and_tells_reports_apart() -> None:
    one, other = make_report(FINDINGS, suppressed=4), make_report(FINDINGS[:6], suppressed=4)
    assert one.summary_bytes() == make_report(FINDINGS, suppressed=4).summary_bytes() != other.summary_bytes()
    assert json.loads(one.summary_bytes())["findings"][0] == ["a rule", "table", "0101R000", ["a"]]


def test_a_promise_below_two_is_refused() -> None:
    with pytest.raises(ValueError, match="protects nobody"):
        SuppressionPromise(level=ProtectionLevel.EXACT, threshold=1, zeros=Zeros.PUBLISHED)
