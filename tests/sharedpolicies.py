"""A policy of two tables that are measured together, and a home where it is in force."""

from collections.abc import Sequence
from pathlib import Path

from homes import Case, make_home, put_in_force

from publisher.home import Home

FIRST, SECOND = "fk-delad-omrade", "fk-delad-kommun"
TEXT = """\
policy: fk-delad
agency: forsakringskassan
title: {sv: Två tabeller med en mätning, en: Two tables of one measurement}
contact: {name: Statistik, email: statistik@example.se}
licence: CC0-1.0
legal_basis: "OSL (2009:400) 24 kap. 8 §"
source: fk-cases
where: {benefit: [sjukpenning, sjukersattning, aktivitetsersattning]}
geography: {edition: regso-2020, type_year: same}
unit: {person: person_id, per: reference-year}
tables:
  - id: fk-delad-omrade
    title: {sv: Personer efter område, en: Persons by area}
    measures:
      - {id: persons, kind: persons}
      - {id: rate, kind: rate, of: persons, denominator: population-16-66, per: "1000", decimals: 1}
    categories: [{column: benefit, total: true}]
    areas: [riket, lan, kommun, regso, area_type]
    protection:
      noise:
        rho: "0.05"
        bound: {cells: 2, area: last}
        weights: all-cells-alike
        estimate: non-negative-integers
        uncertain_when: {coefficient_of_variation: "0.3"}
  - id: fk-delad-kommun
    title: {sv: Personer efter kommun, en: Persons by municipality}
    measures:
      - {id: persons, kind: persons}
    categories:
      - {column: benefit, total: true}
      - {column: sex, total: true}
      - {column: age_group, total: true}
    areas: [riket, lan, kommun]
    protection:
      noise:
        together_with: fk-delad-omrade
        weights: all-levels-alike
        uncertain_when: {interval_width: "1.2"}
schedule: {every: year, month: 2, day: 15, at: "03:30", publish_at: "08:00", timezone: Europe/Stockholm}
"""
_BY_BENEFIT = "{column: benefit, total: true"
_JOIN = "{code: ersattning, text: {sv: Ersättning, en: Compensation}, of: [sjukersattning, aktivitetsersattning]}"
JOINED = TEXT.replace(_BY_BENEFIT, f"{_BY_BENEFIT}, join: [{_JOIN}]")
"""The same, and two of the three benefits are one in both tables."""
OTHERWISE = TEXT.replace(f"[{_BY_BENEFIT}", f"[{_BY_BENEFIT}, join: [{_JOIN}]")
"""Two of the benefits are one in the first table only."""


def shared_home(folder: Path, rows: Sequence[Case], text: str = TEXT) -> Home:
    """A home with the policy in force."""
    folder.mkdir(parents=True, exist_ok=True)
    home = make_home(folder / "home", rows, policies=())
    (folder / "fk-delad.yaml").write_text(text, encoding="utf-8")
    put_in_force(home, [folder / "fk-delad.yaml"])
    return home
