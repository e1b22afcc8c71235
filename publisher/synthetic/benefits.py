"""The eight benefits of the synthetic country: how common they are, among whom, and what is paid."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benefit:
    """`rate`: cases a year and inhabitant of 16-66 in type 3; `slope`: log of the factor for each type nearer to 1.

    `amount`: mean in SEK; `women`: their rate over that of all; `ages`: factors of CASE_AGES; `trend`: log a year.
    """

    name: str
    rate: float
    slope: float
    amount: float
    women: float
    ages: tuple[float, float, float, float, float]
    trend: float = 0.0


BENEFITS = (
    Benefit("sjukpenning", 0.085, 0.06, 31000, 1.28, (0.45, 0.85, 1.0, 1.1, 1.4), 0.015),
    Benefit("foraldrapenning", 0.120, 0.02, 24000, 1.12, (0.25, 2.0, 1.8, 0.5, 0.05), -0.01),
    Benefit("vab", 0.110, -0.03, 3100, 1.15, (0.05, 1.7, 2.1, 0.8, 0.1), 0.03),
    Benefit("bostadsbidrag", 0.022, 0.45, 18000, 1.35, (1.4, 1.5, 1.2, 0.8, 0.2), -0.03),
    Benefit("sjukersattning", 0.028, 0.22, 118000, 1.15, (0.05, 0.4, 0.8, 1.2, 2.2), -0.02),
    Benefit("aktivitetsersattning", 0.0045, 0.20, 96000, 0.90, (3.0, 1.4, 0.0, 0.0, 0.0)),
    Benefit("assistansersattning", 0.0016, 0.05, 620000, 0.95, (0.8, 0.8, 0.9, 1.0, 1.4)),
    Benefit("underhallsstod", 0.021, 0.28, 14500, 1.30, (0.5, 1.1, 1.9, 1.2, 0.2), -0.01),
)
