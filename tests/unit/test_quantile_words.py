"""What quantiles are called."""

from fractions import Fraction

import pytest
from valuetables import median_of

from publisher.draft.quantile_words import quantile_level, quantile_text
from publisher.policy.declarations import AmountDeclaration
from publisher.policy.model import MeasureSpec
from publisher.release.model import Text

NAME, UNIT = Text("Belopp", "Amount"), Text("kr", "SEK")
AMOUNT = AmountDeclaration("amount", "amount_sek", NAME, UNIT, "", {"": (0, 9)}, "clamp")


@pytest.mark.parametrize(
    ("q", "sv", "en", "level"),
    [
        ("0.5", "median", "median", "0.5"), ("0.25", "25:e percentilen", "25th percentile", "0.25"),
        ("0.01", "1:a percentilen", "1st percentile", "0.01"), ("0.02", "2:a percentilen", "2nd percentile", "0.02"),
        ("0.03", "3:e percentilen", "3rd percentile", "0.03"), ("0.11", "11:e percentilen", "11th percentile", "0.11"),
        ("0.12", "12:e percentilen", "12th percentile", "0.12"),
        ("0.91", "91:a percentilen", "91st percentile", "0.91"),
        ("0.975", "percentil 97,5", "percentile 97.5", "0.975"),
    ],
)  # fmt: skip
def test_a_quantile_is_called_median_or_by_its_percentile(q: str, sv: str, en: str, level: str) -> None:
    spec = median_of((0, 1), q=Fraction(q))
    assert quantile_text(spec, AMOUNT) == Text(f"Belopp per person, {sv}", f"Amount per person, {en}")
    assert quantile_level(spec) == level


def test_other_measures_have_no_level() -> None:
    assert quantile_level(MeasureSpec("n", "persons")) == ""
