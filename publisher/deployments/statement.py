"""The public privacy statement: every noisy table with the fields of the OpenDP deployments registry.

Sections, names and words of choice are those of the registry's schema, `schemas/deployments-schema.yaml` of
https://github.com/opendp/deployments-registry-data.  Its proposal: Dwork, Kohli and Mulligan 2019,
"Differential privacy in practice: expose your epsilons".  One document a language: the English one is what the registry
takes, the Swedish one says the same.  It is made of published facts only, and of no record.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from publisher.deployments import texts
from publisher.ledger import DEFAULT_CAP, cap_units, format_units, rho_units
from publisher.periods import Period
from publisher.policy.declarations import Agency
from publisher.policy.model import RUNS_A_YEAR
from publisher.release.model import NoiseFacts, Release, Table, Text
from publisher.statement import meaning

FORMAT = "privacy-statement/1"
LANGUAGES = ("sv", "en")
Section = dict[str, object]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A published noisy table: its latest release, and what is known of it beside.

    `first_published`, `last_published`: UTC times.  `versions`: of the programs that made the latest release.
    """

    release: Release
    table: Table
    agency: Agency | None
    first_published: str
    last_published: str
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        if not isinstance(self.table.protection, NoiseFacts):
            raise ValueError(f"table {self.table.id}: a privacy statement in rho is for tables under noise alone")

    @property
    def facts(self) -> NoiseFacts:
        """What was sealed of its protection."""
        facts = self.table.protection
        if not isinstance(facts, NoiseFacts):
            raise ValueError(f"table {self.table.id} is not protected by noise")
        return facts

    @property
    def cap(self) -> str:
        """The cap of its account, as decimal text."""
        return format_units(cap_units(self.agency.cap if self.agency else DEFAULT_CAP))


def statement_file(lang: str) -> str:
    """The name of the document in a language."""
    return f"statement.{lang}.json"


def privacy_statement(deployed: Sequence[Deployed], lang: str) -> dict[str, object]:
    """The document: one entry a table, in order of table id; numbers that are not whole are decimal texts."""
    ordered = sorted(deployed, key=lambda d: d.table.id)
    return {"format": FORMAT, "language": lang, "deployments": [_entry(d, lang) for d in ordered]}


def _entry(d: Deployed, lang: str) -> dict[str, object]:
    return {
        "url_slug": d.table.id,
        "deployment": {
            "basic": _basic(d, lang),
            "dp_variant": _variant(d, lang),
            "privacy_loss": _loss(d, lang),
            "deployment_model": _model(d, lang),
            "implementation": _implementation(d, lang),
            "administrative": _administrative(d, lang),
        },
    }


def _basic(d: Deployed, lang: str) -> Section:
    kind = Text("Myndighet", "Government").get(lang)
    return {
        "name": d.table.title.get(lang),
        "data_curators": [{"data_curator_name": d.release.source.get(lang), "data_curator_type": kind}],
        "data_curators_details": f"{d.release.contact_name}, {d.release.contact_email}",
        "description": _description(d, lang),
        "intended_use": texts.USE.get(lang),
        "data_product_type": Text("Sammanfattande statistik", "Summary statistics").get(lang),
        "data_product_type_details": Text(
            f"Tabeller som sidor och som CSV, licens {d.release.licence}.",
            f"Tables as pages and as CSV, licence {d.release.licence}.",
        ).get(lang),
        "data_product_region": Text("Sverige", "Sweden").get(lang),
        "data_product_sector": Text("Offentlig förvaltning", "Government").get(lang),
        "publication_date": d.first_published[:10],
        "publication_date_details": Text(
            f"Första utgåvan. Den senaste är {d.release.id}, publicerad {d.last_published[:10]}.",
            f"The first release. The latest is {d.release.id}, published {d.last_published[:10]}.",
        ).get(lang),
    }


def _description(d: Deployed, lang: str) -> str:
    measures = "; ".join(m.text.get(lang) for m in d.table.measures)
    columns = ", ".join(c.text.get(lang).lower() for c in d.table.dimensions)
    first, last = d.table.periods[0], d.table.periods[-1]
    span = first if first == last else f"{first}\u2013{last}"
    return Text(
        f"{d.release.title.sv}. Mått: {measures}. Indelning: område{f', {columns}' if columns else ''}. "
        f"Perioder: {span}.",
        f"{d.release.title.en}. Measures: {measures}. By area{f', {columns}' if columns else ''}. Periods: {span}.",
    ).get(lang)


def _variant(d: Deployed, lang: str) -> Section:
    return {
        "variant_name": Text("Nollkoncentrerad differentiell integritet (zCDP)", "Zero-concentrated DP").get(lang),
        "data_domain": texts.DOMAIN.get(lang),
        "unprotected_quantities": _sentence(d.facts.unprotected, lang),
    }


def _loss(d: Deployed, lang: str) -> Section:
    facts = d.facts
    moved = f" {_sentence(facts.sensitivity, lang)}" if facts.sensitivity else ""
    bounded = Text("Bidrag begränsas före räkningen", "Contributions are bounded before counting").get(lang)
    return {
        "privacy_unit": Text("Person och år", "Person-year").get(lang),
        "privacy_unit_details": (
            f"{_sentence(facts.unit, lang)} {texts.ADJACENT.get(lang)} {bounded}: {facts.bound.get(lang)}.{moved}"
        ),
        "number_of_privacy_units_details": texts.NUMBER.get(lang),
        "privacy_parameters": {"rho": facts.rho, "epsilon": facts.epsilon, "delta": facts.delta},
        "privacy_parameters_details": _parameters(d, lang),
    }


def _parameters(d: Deployed, lang: str) -> str:
    """What a period costs and means, measure by measure, and what all periods of a year cost."""
    period, year = rho_units(Fraction(d.facts.rho)), runs_a_year(d)
    one, all_of_them = meaning(period), meaning(period * year)
    whole = format_units(period * year)
    names = ", ".join(t for t in d.facts.together if t != d.table.id)
    split = ", ".join(f"{m} {rho}" for m, rho in d.facts.measured)
    shown = len(d.facts.measured) > 1
    other = {p: f.rho for p, f in sorted(d.table.other_rules.items()) if isinstance(f, NoiseFacts)}
    changed = ", ".join(f"{p} {rho}" for p, rho in other.items() if rho != d.facts.rho)
    sv = (
        f"Gäller varje period: rho {d.facts.rho}, det vill säga mu {one['mu']}, AUC {one['auc']} och "
        f"{one['true_positive_per_cent']} % rätt utpekade vid 0.1 % fel utpekade."
        f"{f' Fördelat på mått: {split}.' if shown else ''}{_shared_sv(names)} Ett helt år, {_periods_sv(year)}, "
        f"kostar rho {whole}, det vill säga epsilon {all_of_them['epsilon']} vid delta {d.facts.delta}."
        f"{f' Andra perioder har ett annat rho: {changed}.' if changed else ''}"
    )
    en = (
        f"For each period: rho {d.facts.rho}, which means mu {one['mu']}, AUC {one['auc']} and "
        f"{one['true_positive_per_cent']} % true positives at 0.1 % false ones."
        f"{f' By measure: {split}.' if shown else ''}{_shared_en(names)} A whole year, {year} "
        f"period{'s' if year > 1 else ''}, costs rho {whole}, that is epsilon {all_of_them['epsilon']} at delta "
        f"{d.facts.delta}.{f' Other periods have another rho: {changed}.' if changed else ''}"
    )
    return en if lang == "en" else _with_commas(sv)


def _shared_sv(others: str) -> str:
    return f" Förlusten delas med {others}, mätta tillsammans med tabellen, och räknas en gång." if others else ""


def _shared_en(others: str) -> str:
    return f" The loss is shared with {others}, measured together with this table, and counts once." if others else ""


def _periods_sv(number: int) -> str:
    return "en period" if number == 1 else f"{number} perioder"


def _with_commas(words: str) -> str:
    """Decimal commas, as Swedish has them."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", words)


def _numbers(words: dict[str, str], lang: str) -> dict[str, str]:
    return words if lang == "en" else {name: _with_commas(text) for name, text in words.items()}


def runs_a_year(d: Deployed) -> int:
    """How many periods of a year the table has."""
    return RUNS_A_YEAR[Period.parse(d.table.periods[-1]).grain]


def _model(d: Deployed, lang: str) -> Section:
    every = texts.CADENCE[Period.parse(d.table.periods[-1]).grain]
    return {
        "model_name": Text("Central modell", "Central").get(lang),
        "model_name_details": texts.CENTRAL.get(lang),
        "trust_assumptions": texts.TRUST.get(lang),
        "actors": texts.ACTORS.get(lang),
        "release_type": Text("Många utgåvor", "Many releases").get(lang),
        "release_type_details": f"{every.get(lang)} {texts.RELEASES.get(lang)}",
        "data_source_type": Text("Växande", "Dynamic").get(lang),
        "data_source_type_details": texts.SOURCE.get(lang),
        "access_type": Text("Utan frågor", "Non-interactive").get(lang),
        "access_type_details": texts.ACCESS.get(lang),
    }


def _implementation(d: Deployed, lang: str) -> Section:
    library = f"OpenDP {d.versions.get('opendp', '')}".rstrip()
    at_cap = {"cap": d.cap, **meaning(rho_units(Fraction(d.cap)))}
    reason = f" {d.agency.cap_reason}" if d.agency and d.agency.cap_reason else ""
    return {
        "preprocessing_and_hyperparameter_tuning": texts.PREPARED.get(lang),
        "mechanisms": f"{_sentence(d.facts.mechanism, lang)} {texts.DRAWN.get(lang).format(library=library)}",
        "composition": texts.COMPOSED.get(lang).format(**_numbers({"cap": d.cap}, lang)),
        "post_processing": f"{_sentence(d.facts.postprocessing, lang)} {texts.MARKED.get(lang)}",
        "justification": texts.CHOSEN.get(lang).format(**_numbers(at_cap, lang)) + reason,
        "utility": texts.UTILITY.get(lang),
        "additional_information": texts.MORE.get(lang).format(table=d.table.id),
    }


def _administrative(d: Deployed, lang: str) -> Section:
    page = {"title": d.table.title.get(lang), "url": f"/{lang}/tables/{d.table.id}"}
    return {
        "evidence_sources": {"data_product": {"misc": page}},
        "status": Text("Utkast", "Draft").get(lang),
        "registry_authors": [d.release.contact_name],
        "tier": 3,
    }


def _sentence(text: Text, lang: str) -> str:
    words = text.get(lang)
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"
