"""Which alternative is said to help first, and when noise is."""

from dataclasses import replace

import pytest
from homes import ROOT
from policytexts import settings

from publisher.policy.loader import load_policy
from publisher.rehearsal.advice import advice_of
from publisher.rehearsal.alternatives import alternatives_of
from publisher.rehearsal.effects import Effect
from publisher.rehearsal.figures import TableFigures
from publisher.rehearsal.holes import Holes
from publisher.rehearsal.shares import Group
from publisher.rehearsal.trials import Trial

POLICY = load_policy(ROOT / "policies" / "fk-familj-bostad.yaml").policy
KNOWN = {a.name: a for a in alternatives_of(POLICY, settings().sources["fk-cases"])}


def table(shown: int, *, mostly: bool) -> TableFigures:
    group = Group(100, 80, shown, 10, 10, 20.0, 25.0)
    holes = Holes(mostly, "regso", 60.0, 10, 3)
    return TableFigures("t", group, 0, None, {}, {}, (), {}, {}, holes, Effect("", (), ()))


def trial(name: str, shown: int, *, mostly: bool = False, check: tuple[str, ...] = (), refused: str = "") -> Trial:
    tables = () if refused else (table(shown, mostly=mostly),)
    return Trial(KNOWN.get(name), "2022", check, refused, tables)


OWN = trial("", 20, mostly=True)


def test_a_table_that_is_not_mostly_holes_needs_no_advice() -> None:
    assert advice_of([trial("", 60), trial("areas-kommun", 70)], ["t"]) == ()


def test_the_alternative_that_shows_most_is_said_first() -> None:
    (advice,) = advice_of([OWN, trial("areas-kommun", 40), trial("without-benefit", 45)], ["t"])
    assert (advice.first, advice.weaker, advice.noise) == ("without-benefit", "", False)
    assert "would be mostly holes: at level regso, 60 %" in advice.text
    assert "3 of 10 municipalities" in advice.text
    assert "what would help first is without-benefit" in advice.text
    assert "45 of 80" in advice.text


@pytest.mark.parametrize(
    "bad",
    [
        trial("areas-kommun-type", 79, mostly=True),
        trial("areas-kommun-type", 79, check=("not available",)),
        trial("areas-kommun-type", 0, refused="cannot be protected"),
    ],
)
def test_what_is_mostly_holes_or_refused_is_no_help(bad: Trial) -> None:
    (advice,) = advice_of([OWN, trial("areas-kommun", 40), bad], ["t"])
    assert advice.first == "areas-kommun"
    (alone,) = advice_of([OWN, bad], ["t"])
    assert (alone.first, alone.noise) == ("", True)


def test_a_weaker_promise_is_said_to_be_one_and_does_not_keep_noise_away() -> None:
    (advice,) = advice_of([OWN, trial("threshold-3", 70), trial("level-exact", 60)], ["t"])
    assert (advice.first, advice.weaker, advice.noise) == ("", "threshold-3", True)
    assert "only a weaker promise would help: threshold-3" in advice.text
    (both,) = advice_of([OWN, trial("threshold-3", 70), trial("areas-kommun", 40)], ["t"])
    assert (both.first, both.weaker, both.noise) == ("areas-kommun", "threshold-3", False)


def test_noise_is_advised_where_all_alternatives_stay_bad_and_not_before_any_was_tried() -> None:
    (advice,) = advice_of([OWN, trial("areas-kommun", 40, mostly=True)], ["t"])
    assert advice.noise
    assert "noise would" in advice.text
    (untried,) = advice_of([OWN], ["t"])
    assert not untried.noise
    assert "--alternatives all" in untried.text


def test_a_policy_that_cannot_be_protected_is_told_what_could_be() -> None:
    (advice,) = advice_of([trial("", 0, refused="no pattern"), trial("areas-kommun", 40)], ["t"])
    assert advice.first == "areas-kommun"
    assert "cannot be protected as it is" in advice.text


def test_a_trial_has_tables_or_a_reason_why_not() -> None:
    with pytest.raises(ValueError, match="or a reason"):
        replace(OWN, tables=())
    with pytest.raises(ValueError, match="or a reason"):
        replace(OWN, refused="both")
