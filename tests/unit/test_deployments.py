"""The public privacy statement: every field of the registry, in both languages, from published facts."""

import json
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from homes import ROOT

from publisher.deployments.statement import LANGUAGES, Deployed, privacy_statement
from publisher.errors import ReleaseError
from publisher.policy.declarations import Agency
from publisher.release.codec import canonical_json
from publisher.release.documents import parse_statement
from publisher.release.model import NoiseFacts, Text

sys.path.insert(0, str(ROOT / "tests" / "web"))
from publicfolder import release

from web.public.texts import FIELDS, SECTIONS

REGISTRY = {
    "basic": {
        "name", "data_curators", "data_curators_details", "description", "intended_use", "data_product_type",
        "data_product_type_details", "data_product_region", "data_product_sector", "publication_date",
        "publication_date_details",
    },
    "dp_variant": {"variant_name", "data_domain", "unprotected_quantities"},
    "privacy_loss": {
        "privacy_unit", "privacy_unit_details", "number_of_privacy_units_details", "privacy_parameters",
        "privacy_parameters_details",
    },
    "deployment_model": {
        "model_name", "model_name_details", "trust_assumptions", "actors", "release_type", "release_type_details",
        "data_source_type", "data_source_type_details", "access_type", "access_type_details",
    },
    "implementation": {
        "preprocessing_and_hyperparameter_tuning", "mechanisms", "composition", "post_processing", "justification",
        "utility", "additional_information",
    },
    "administrative": {"evidence_sources", "status", "registry_authors", "tier"},
}  # fmt: skip
"""Sections and fields of the registry's schema.  How many persons there are is not stated, and a field says why."""


def deployed(**facts: object) -> Deployed:
    made = release("2022")
    table = made.tables[0]
    table = replace(table, protection=replace(table.protection, **facts))  # type: ignore[type-var]
    agency = Agency("forsakringskassan", made.source, Fraction("0.2"), "Decision 7 of the board.")
    times = ("2021-02-15T07:00:00Z", "2023-02-15T07:00:00Z")
    return Deployed(replace(made, tables=(table,)), table, agency, *times, {"opendp": "0.16.0"})


def sections(one: Deployed, lang: str = "en") -> dict[str, dict[str, object]]:
    (entry,) = json.loads(canonical_json(privacy_statement([one], lang)))["deployments"]
    assert entry["url_slug"] == one.table.id
    return entry["deployment"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_of_the_registry_is_there_and_says_something(lang: str) -> None:
    found = sections(deployed(), lang)
    assert {name: set(fields) for name, fields in found.items()} == REGISTRY
    assert all(value for fields in found.values() for value in fields.values())


def test_every_field_has_a_name_on_the_page_in_both_languages() -> None:
    assert set(FIELDS) == {field for fields in REGISTRY.values() for field in fields}
    assert tuple(SECTIONS) == tuple(REGISTRY)


def test_words_of_choice_are_those_of_the_registry() -> None:
    found = sections(deployed())
    assert found["basic"]["data_product_type"] == "Summary statistics"
    assert found["basic"]["data_product_sector"] == "Government"
    assert found["basic"]["publication_date"] == "2021-02-15"
    assert found["dp_variant"]["variant_name"] == "Zero-concentrated DP"
    assert found["deployment_model"]["model_name"] == "Central"
    assert found["deployment_model"]["release_type"] == "Many releases"
    assert found["deployment_model"]["data_source_type"] == "Dynamic"
    assert found["deployment_model"]["access_type"] == "Non-interactive"
    assert (found["administrative"]["status"], found["administrative"]["tier"]) == ("Draft", 3)


def test_the_facts_of_the_table_stand_in_it() -> None:
    measured = (("a", "0.01"), ("b", "0.01"))
    found = sections(deployed(sensitivity=Text("L2-avstånd 2", "L2 distance 2"), measured=measured))
    loss, model = found["privacy_loss"], found["implementation"]
    assert loss["privacy_parameters"] == {"rho": "0.02", "epsilon": "1.15", "delta": "1e-7"}
    assert "By measure: a 0.01, b 0.01." in str(loss["privacy_parameters_details"])
    assert "A whole year, 1 period, costs rho 0.02" in str(loss["privacy_parameters_details"])
    assert str(loss["privacy_unit_details"]).endswith("L2 distance 2.")
    assert "rho 0.2" in str(model["composition"])
    assert "mu 0.63, AUC 0.67" in str(model["justification"]), "what the agency's own cap means"
    assert str(model["justification"]).endswith("Decision 7 of the board.")
    assert "OpenDP 0.16.0" in str(model["mechanisms"])


def test_months_tell_what_a_whole_year_costs() -> None:
    one = deployed()
    monthly = replace(one, table=replace(one.table, periods=("2022M01",)))
    assert "Ett helt år, 12 perioder, kostar rho 0,24" in str(
        sections(monthly, "sv")["privacy_loss"]["privacy_parameters_details"]
    )


def test_swedish_words_have_decimal_commas_and_parameters_stay_numbers() -> None:
    found = sections(deployed(), "sv")
    assert "0.2" not in str(found["implementation"]["composition"])
    assert "rho 0,02" in str(found["privacy_loss"]["privacy_parameters_details"])
    assert found["privacy_loss"]["privacy_parameters"]["rho"] == "0.02"  # type: ignore[index]


def test_a_suppressed_table_has_no_statement() -> None:
    suppressed = release("2022", policy="fk-ersattning")
    with pytest.raises(ValueError, match="for tables under noise alone"):
        Deployed(suppressed, suppressed.tables[0], None, "x", "x", {})


def test_a_release_of_before_has_a_statement_too() -> None:
    old = deployed()
    assert isinstance(old.table.protection, NoiseFacts)
    assert old.table.protection.sensitivity is None
    assert str(sections(old)["privacy_loss"]["privacy_unit_details"]).endswith("in one area.")


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", "privacy-statement/2"), ("language", "sv"), ("deployments", {}), ("deployments", [{"url_slug": "a"}])],
)
def test_a_statement_of_another_form_is_refused(name: str, value: object) -> None:
    good = privacy_statement([deployed()], "en")
    assert parse_statement(canonical_json(good), "en")[0].table == deployed().table.id
    with pytest.raises(ReleaseError, match="privacy statement"):
        parse_statement(canonical_json({**good, name: value}), "en")


def test_a_table_stands_once_in_a_statement() -> None:
    with pytest.raises(ReleaseError, match="stands twice"):
        parse_statement(canonical_json(privacy_statement([deployed(), deployed()], "en")), "en")
