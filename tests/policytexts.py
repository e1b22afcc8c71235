"""Policies' texts for the tests of editing: those of the project, and two in which every key stands."""

from functools import cache
from pathlib import Path

from publisher.policy.declarations import Settings
from publisher.settings import load_settings

ROOT = Path(__file__).parents[1]
NAMES = tuple(sorted(p.stem for p in (ROOT / "policies").glob("*.yaml")))

NOISY = """\
# A policy in which every key of noise stands.
policy: all-noise
agency: forsakringskassan
title: {sv: Allt med brus, en: All with noise}
contact: {name: Statistik, email: statistik@example.se}
licence: CC0-1.0
legal_basis: "OSL (2009:400) 24 kap. 8 §"
source: fk-cases
where: {benefit: [vab]}            # one benefit
geography: {edition: regso-2020, type_year: "2022"}
unit: {person: person_id, per: reference-year}
tables:
  # the one table
  - id: all-noise
    title: {sv: Allt, en: All}
    measures:
      - {id: persons, kind: persons}
      - {id: cases, kind: cases, rho: "0.001"}
      - {id: one, kind: sum, of: amount, rho: "0.001", clamp: {all: "9000"}}
      - {id: median, kind: quantile, of: amount, q: "0.5", candidates: {from: 0, to: 9000, step: 500}, rho: "0.001"}
      - {id: high, kind: quantile, of: median, q: "0.9"}
      - {id: mean, kind: mean, of: one, decimals: 1}
    categories:
      - {column: sex, total: true}
      - column: age_group
        total: true
        join:                      # older people as one
          - {code: "45-66", text: {sv: 45–66 år, en: 45–66}, of: ["45-54", "55-66"]}
          - {code: young, text: {sv: Unga, en: The young}, of: ["16-24", "25-34"]}
    areas: [riket, lan]
    protection:
      noise:
        rho: "0.01"                # a month
        bound: {cells: 1, area: last, per_cell: 2}
        weights: {base: all-cells-alike, groups: [{area: riket, categories: [], times: "100"}]}
        estimate: unbiased
        uncertain_when: {interval_width: "1.2"}
        withhold_below: "5"
  - id: all-noise-codes
    title: {sv: Allt, en: All}
    measures:
      - {id: persons, kind: persons}
      - {id: sum, kind: sum, of: amount, rho: "0.001", clamp: {column: sex, bounds: {woman: "9000", man: "8000"}}}
      - {id: share, kind: share, of: persons, within: sex, per: "100", decimals: 1}
      - {id: median, kind: quantile, of: amount, q: "0.5", candidates: [100, 200, 300], rho: "0.001"}
    categories:
      - {column: sex, total: true}
    areas: [riket, lan]
    protection:
      noise:
        rho: "0.001"
        bound: {cells: 1, area: last}
        weights: all-levels-alike
        estimate: non-negative-integers
        uncertain_when: {coefficient_of_variation: "0.3"}
  - id: all-noise-first
    title: {sv: Först, en: First}
    measures: [{id: persons, kind: persons}]
    categories: [{column: sex, total: true}]
    areas: [riket, lan]
    protection:
      noise:
        rho: "0.001"
        bound: {cells: 1, area: last}
        weights: all-levels-alike
        estimate: non-negative-integers
        uncertain_when: {coefficient_of_variation: "0.3"}
  - id: all-noise-together
    title: {sv: Tillsammans, en: Together}
    measures: [{id: persons, kind: persons}]
    categories: [{column: age_group, total: true}]
    areas: [riket, lan]
    protection:
      noise:
        together_with: all-noise-first
        weights: all-cells-alike
        uncertain_when: {interval_width: "1.2"}
        withhold_below: "5"
schedule: {every: year, month: 2, day: 15, at: "03:30", publish_at: "08:00", timezone: Europe/Stockholm}
"""

SUPPRESSED = """\
policy: all-rules
agency: forsakringskassan
title:
  sv: Alla regler
  en: All rules
contact: {name: Statistik, email: statistik@example.se}
licence: CC0-1.0
legal_basis: beslut
source: fk-cases
where:
  benefit: [vab]
geography: {edition: regso-2020, type_year: "2022"}
unit: {person: person_id, per: reference-year}
tables:
- id: all-rules
  title: {sv: Alla, en: All}
  measures:
  - {id: persons, kind: persons}
  - {id: amount, kind: sum, of: amount}
  - {id: rate, kind: rate, of: persons, denominator: population, per: "1000", decimals: 1}
  categories: []
  areas: [riket, lan, kommun]
  protection:
    suppression:
      rules:
      - threshold: 5   # customary
      - share: {persons: 20, having: 4}
      - p_percent: "10"
      - dominance:
          n: 1
          k: "75"
      - min_contributors: 3
      zeros: published
      level: ambiguous
      counted: persons
      insiders: false
      forced: [riket]
# monthly
schedule:
  every: month
  window: rolling-year
  day: 15
  at: "03:30"
  publish_at: "08:00"
  timezone: Europe/Stockholm
"""


@cache
def settings() -> Settings:
    """The declarations of the demo."""
    return load_settings(ROOT / "publisher" / "demo.toml")


@cache
def policy_texts() -> dict[str, str]:
    """Every text by the id of its policy."""
    found = {n: (ROOT / "policies" / f"{n}.yaml").read_text(encoding="utf-8") for n in NAMES}
    return found | {"all-noise": NOISY, "all-rules": SUPPRESSED}
