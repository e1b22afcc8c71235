"""A realistic public folder for the tests of the site: invented numbers, a test key, two tables, several releases."""

import random
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from publisher.deployments.statement import Deployed, privacy_statement
from publisher.policy.declarations import Agency
from publisher.release.codec import FileDigest, LedgerMark, Manifest, canonical_json
from publisher.release.formats import render_release
from publisher.release.model import (
    TOTAL,
    Area,
    Category,
    Cell,
    CellStatus,
    Dimension,
    Measure,
    NoiseFacts,
    Release,
    SuppressionFacts,
    Table,
    Text,
)

REGSO_TABLE = "fk-ersattning-regso"
TYPE_TABLE = "fk-sjukpenning-omradestyp"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))

COUNTIES = {"01": "Stockholms län", "12": "Skåne län", "14": "Västra Götalands län"}
MUNICIPALITIES = {
    "0114": ("Upplands Väsby", 12),
    "0180": ("Stockholm", 60),
    "1280": ("Malmö", 40),
    "1281": ("Lund", 22),
    "1480": ("Göteborg", 50),
}
TYPE_TEXTS = (
    Text("Områdestyp saknas", "No area type"),
    Text("Områden med stora socioekonomiska utmaningar", "Areas with major socio-economic challenges"),
    Text("Områden med socioekonomiska utmaningar", "Areas with socio-economic challenges"),
    Text("Socioekonomiskt blandade områden", "Socio-economically mixed areas"),
    Text("Områden med goda socioekonomiska förutsättningar", "Areas with good socio-economic conditions"),
    Text("Områden med mycket goda socioekonomiska förutsättningar", "Areas with very good socio-economic conditions"),
)
_PLACES = ("Centrum", "Norra", "Södra", "Östra", "Västra", "Ängby", "Kronan", "Rosengård", "Högdalen", "Vårby", "Ekeby")
SEX = Dimension(
    "sex",
    Text("Kön", "Sex"),
    (
        Category(TOTAL, Text("Totalt", "Total")),
        Category("1", Text("Män", "Men")),
        Category("2", Text("Kvinnor", "Women")),
    ),
)
AGE = Dimension(
    "age_group",
    Text("Ålder", "Age"),
    (
        Category(TOTAL, Text("Totalt", "Total")),
        *(Category(a, Text(f"{a} år", f"{a} years")) for a in ("16-29", "30-44", "45-64")),
    ),
)
BENEFIT = Dimension(
    "benefit",
    Text("Ersättning", "Benefit"),
    (
        Category(TOTAL, Text("Alla ersättningar", "All benefits")),
        Category("aktivitet", Text("Aktivitetsersättning", "Activity compensation")),
        Category("sjuk", Text("Sjukersättning", "Sickness compensation")),
        Category("sjukpenning", Text("Sjukpenning", "Sickness benefit")),
    ),
)
PERSONS = Measure(
    "persons",
    "persons",
    Text("Personer med ersättning", "Persons with a benefit"),
    Text("antal", "number"),
    0,
    additive=True,
    noisy=False,
)
NOISY = Measure(
    "persons",
    "persons",
    Text("Personer med sjukpenning", "Persons with sickness benefit"),
    Text("antal", "number"),
    0,
    additive=True,
    noisy=True,
)
RATE = Measure(
    "rate",
    "rate",
    Text("Personer med sjukpenning per 1 000 invånare", "Persons with sickness benefit per 1,000 inhabitants"),
    Text("per 1 000 invånare 16–64 år", "per 1,000 inhabitants aged 16–64"),
    1,
    additive=False,
    noisy=True,
    of="persons",
    per=1000,
    denominator="population-16-64",
)


def _same(text: str) -> Text:
    return Text(text, text)


@cache
def regso_areas() -> tuple[Area, ...]:
    areas = [Area("riket", "00", Text("Riket", "Sweden"))]
    areas += [Area("lan", c, _same(n)) for c, n in COUNTIES.items()]
    areas += [Area("kommun", c, _same(n)) for c, (n, _) in MUNICIPALITIES.items()]
    for code, (name, count) in MUNICIPALITIES.items():
        names = [f"{_PLACES[i % 11]} {i // 11 + 1}" for i in range(count)]
        areas += [Area("regso", f"{code}R{i + 1:03d}", _same(n)) for i, n in enumerate(names)]
        areas.append(Area("regso", f"{code}X", Text(f"{name}, område ej angivet", f"{name}, no area stated")))
    return tuple(areas)


def type_areas() -> tuple[Area, ...]:
    areas = [Area("riket", "00", Text("Riket", "Sweden"))]
    areas += [Area("lan", c, _same(n)) for c, n in COUNTIES.items()]
    areas += [Area("area_type", f"T{i}", t) for i, t in enumerate(TYPE_TEXTS)]
    for (code, name), (i, text) in product(COUNTIES.items(), enumerate(TYPE_TEXTS)):
        low = Text(*(f"{name}: {t[0].lower()}{t[1:]}" for t in (text.sv, text.en)))
        areas.append(Area("lan_area_type", f"{code}T{i}", low))
    return tuple(areas)


def regso_table(periods: tuple[str, ...], version: int = 1) -> Table:
    """Suppressed counts.  A figure below 5 is left out, and now and then another one."""
    cells = [
        cell
        for period in periods
        for area in regso_areas()
        for cell in _regso_cells(area, period, version if period == periods[-1] else 1)
    ]
    types = {p: {a.code: str(i % 5 + 1) for i, a in enumerate(regso_areas()) if "R" in a.code} for p in periods}
    return Table(
        id=REGSO_TABLE,
        title=Text(
            "Personer med ersättning vid sjukdom, efter ersättning och RegSO",
            "Persons with sickness-related benefits, by benefit and RegSO area",
        ),
        areas=regso_areas(),
        dimensions=(BENEFIT,),
        measures=(PERSONS,),
        periods=periods,
        cells=tuple(cells),
        notes=(
            Text(
                "Personer räknas där de var folkbokförda den 31 december.",
                "Persons are counted where they were registered on 31 December.",
            ),
        ),
        area_types=types,
        editions=dict.fromkeys(periods, "regso-2020"),
        protection=SuppressionFacts(threshold=5, counted="persons", zeros="published", level="ambiguous"),
    )


def _regso_cells(area: Area, period: str, version: int) -> list[Cell]:
    scale = {"riket": 90000, "lan": 30000, "kommun": 9000, "regso": 60}[area.level]
    draw, cells = random.Random(f"{area.code}{period}"), []
    for code, share in zip(BENEFIT.codes, (1.0, 0.06, 0.3, 0.64), strict=True):
        value = int(scale * share * draw.uniform(0.3, 1.4))
        hidden = 0 < value < 5 or (area.level == "regso" and draw.random() < 0.06)
        status = CellStatus.SUPPRESSED if hidden else CellStatus.PUBLISHED
        cells.append(
            Cell(area.code, (code,), period, "persons", None if hidden else value, status, None, None, version)
        )
    return cells


def type_table(periods: tuple[str, ...]) -> Table:
    """Noisy counts and rates with intervals, a few uncertain, a few withheld."""
    keys = product(type_areas(), SEX.codes, AGE.codes, periods)
    cells = [c for area, sex, age, period in keys for c in _type_cells(area, (sex, age), period)]
    return Table(
        id=TYPE_TABLE,
        title=Text(
            "Personer med sjukpenning efter områdestyp, kön och ålder",
            "Persons with sickness benefit by area type, sex and age",
        ),
        areas=type_areas(),
        dimensions=(SEX, AGE),
        measures=(NOISY, RATE),
        periods=periods,
        cells=tuple(cells),
        notes=(
            Text("Områdestypen är den som området hade samma år.", "The area type is that of the same year."),
            Text("Talen har avrundats till hela personer.", "Figures are rounded to whole persons."),
        ),
        area_types={p: {} for p in periods},
        editions=dict.fromkeys(periods, "regso-2020"),
        protection=NoiseFacts(
            rho="0.02",
            delta="1e-7",
            epsilon="1.15",
            unit=Text("Alla ärenden för en person under ett år", "All cases of one person in one year"),
            bound=Text(
                "Högst 4 ersättningar per person och år, i ett område",
                "At most 4 benefits a person and year, in one area",
            ),
            mechanism=Text("Diskret normalfördelat brus (zCDP)", "Discrete Gaussian noise (zCDP)"),
            postprocessing=Text("Icke-negativa heltal, summor jämkade", "Non-negative integers, totals reconciled"),
            unprotected=Text("Folkmängd och områdestyper", "Population and area types"),
        ),
    )


def _type_cells(area: Area, categories: tuple[str, str], period: str) -> list[Cell]:
    level, kind = area.level, area.code[-1]
    draw = random.Random(f"{area.code}{categories}{period}")
    people = {"riket": 6_100_000, "lan": 1_500_000, "area_type": 1_200_000, "lan_area_type": 260_000}[level]
    people = 900 if kind == "0" and level.endswith("type") else people
    people //= (1 if categories[0] == TOTAL else 2) * (1 if categories[1] == TOTAL else 3)
    rate = {"1": 61, "2": 55, "3": 48, "4": 39, "5": 31}.get(kind, 46) if level.endswith("type") else 46
    value = int(people * rate / 1000 * draw.uniform(0.9, 1.1))
    if value < 12:
        hidden = CellStatus.SUPPRESSED
        return [Cell(area.code, categories, period, m, None, hidden, None, None, 1) for m in ("persons", "rate")]
    status = CellStatus.UNCERTAIN if value < 120 else CellStatus.PUBLISHED
    half = 41 if level == "lan_area_type" else 26
    low, high = max(0, value - half), value + half
    per = [round(n * 10000 / people) for n in (value, low, high)]
    return [
        Cell(area.code, categories, period, "persons", value, status, low, high, 1),
        Cell(area.code, categories, period, "rate", per[0], status, per[1], per[2], 1),
    ]


def release(period: str = "2022", version: int = 1, *, policy: str = "fk-sjukpenning", reason: str = "") -> Release:
    periods = tuple(p for p in ("2020", "2021", "2022") if p <= period)
    tables = {"fk-sjukpenning": type_table(periods), "fk-ersattning": regso_table(periods, version)}
    return Release(
        policy=policy,
        agency="forsakringskassan",
        period=period,
        version=version,
        publish_at=f"{int(period) + 1}-02-{14 + version}T07:00:00Z",
        title=Text("Sjukpenning efter område", "Sickness benefit by area"),
        contact_name="Försäkringskassan statistik",
        contact_email="statistik@example.se",
        licence="CC0-1.0",
        source=Text("Försäkringskassan (påhittade data)", "Försäkringskassan (invented data)"),
        tables=(tables[policy],),
        reason=reason,
    )


def public_key(key: Ed25519PrivateKey = KEY) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def manifest_of(kind: str, name: str, files: dict[str, bytes], publish_at: str) -> Manifest:
    return Manifest(
        kind=kind,
        id=name,
        files={p: FileDigest.of(d) for p, d in files.items()},
        publish_at=publish_at,
        policy_digest="a" * 64 if kind == "release" else "",
        ledger=LedgerMark(7, 40_000_000, "b" * 64),
        records_hmac="c" * 64 if kind == "release" else "",
        audit_hmac="",
        log_head_hmac="d" * 64,
        versions={"publisher": "0.1.0"},
    )


def seal(root: Path, manifest: Manifest, files: dict[str, bytes], key: Ed25519PrivateKey = KEY) -> Path:
    """Write a sealed folder.  Only tests sign here; the site holds no private key."""
    folder = root / ("releases" if manifest.kind == "release" else "catalogues") / manifest.id
    for path, data in {**files, "manifest.json": manifest.to_bytes()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "manifest.sig").write_bytes(key.sign(manifest.to_bytes()))
    return folder


@cache
def rendered(period: str, version: int, policy: str, reason: str = "") -> tuple[Release, dict[str, bytes]]:
    made = release(period, version, policy=policy, reason=reason)
    return made, render_release(made)


def seal_release(
    root: Path,
    period: str = "2022",
    version: int = 1,
    *,
    policy: str = "fk-sjukpenning",
    reason: str = "",
    key: Ed25519PrivateKey = KEY,
) -> Release:
    made, files = rendered(period, version, policy, reason)
    seal(root, manifest_of("release", made.id, files, made.publish_at), files, key)
    return made


@dataclass(frozen=True)
class Listed:
    table: str
    policy: str
    latest: str | None
    releases: tuple[dict[str, object], ...]


def entry(made: Release, **changes: object) -> dict[str, object]:
    return {
        "release": made.id,
        "period": made.period,
        "version": made.version,
        "published_at": made.publish_at,
        "status": "published",
        "reason": made.reason,
        **changes,
    }


def seal_catalogue(root: Path, number: int, tables: tuple[Listed, ...], key: Ed25519PrivateKey = KEY) -> None:
    files = {
        "catalogue.json": canonical_json(
            {
                "tables": [
                    {"table": t.table, "policy": t.policy, "latest": t.latest, "releases": list(t.releases)}
                    for t in tables
                ]
            }
        ),
        "account.json": canonical_json(ACCOUNT),
        **{f"statement.{lang}.json": canonical_json(statement(lang)) for lang in ("sv", "en")},
    }
    name = f"c{number:06d}"
    seal(root, manifest_of("catalogue", name, files, "2024-02-15T07:00:00Z"), files, key)
    (root / "current.new").write_text(f"{name}\n")
    (root / "current.new").replace(root / "current")


def statement(lang: str) -> dict[str, object]:
    """The privacy statement of the one noisy table."""
    made = release("2022")
    agency = Agency("forsakringskassan", made.source, Fraction("0.125"), "")
    times = ("2021-02-15T07:00:00Z", "2023-02-15T07:00:00Z")
    return privacy_statement([Deployed(made, made.tables[0], agency, *times, {"opendp": "0.16.0"})], lang)


ACCOUNT = {
    "cap_default": "0.125",
    "delta": "1e-7",
    "false_positive_per_cent": "0.1",
    "accounts": [
        {
            "agency": "forsakringskassan",
            "reference_year": year,
            "cap": "0.125",
            "charged": "0.02",
            "left": "0.105",
            "epsilon": "1.15",
            "auc": "0.56",
            "mu": "0.20",
            "true_positive_per_cent": "0.19",
            "charges": [
                {
                    "release": f"fk-sjukpenning.{year}.v1",
                    "rho": "0.02",
                    "charged_at": f"{year + 1}-02-15T02:30:00Z",
                    "reason": "",
                }
            ],
        }
        for year in (2021, 2022)
    ],
    "lifetimes": [
        {
            "agency": "forsakringskassan",
            "charged": "0.04",
            "years": 2,
            "epsilon": "1.63",
            "auc": "0.58",
            "mu": "0.28",
            "true_positive_per_cent": "0.25",
        }
    ],
}

WITHDRAWN_REASON = "Fel indelning i områden"


def build_public(root: Path) -> Path:
    """The usual folder: the type table with three yearly releases, the RegSO table with a withdrawn and a revision."""
    (root / "keys").mkdir(parents=True)
    (root / "keys" / "signing.pem").write_bytes(public_key())
    types = tuple(seal_release(root, p) for p in ("2020", "2021", "2022"))
    first = seal_release(root, "2021", policy="fk-ersattning")
    taken = release("2022", 1, policy="fk-ersattning")
    revised = seal_release(root, "2022", 2, policy="fk-ersattning", reason="Rättad indelning i områden")
    seal_catalogue(root, 7, usual_tables(types, first, taken, revised))
    return root


def usual_tables(types: tuple[Release, ...], first: Release, taken: Release, revised: Release) -> tuple[Listed, ...]:
    withdrawn = entry(taken, status="withdrawn", reason=WITHDRAWN_REASON, withdrawn_at="2023-02-15T09:12:00Z")
    return (
        Listed(TYPE_TABLE, "fk-sjukpenning", types[-1].id, tuple(entry(r) for r in types)),
        Listed(REGSO_TABLE, "fk-ersattning", revised.id, (entry(first), withdrawn, entry(revised))),
    )
