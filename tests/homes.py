"""A small home for tests: a made-up register, population and cases, and the project's own policies in force."""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from publisher.activation import activate
from publisher.home import Home
from publisher.log import ActionLog

ROOT = Path(__file__).parents[1]
NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
AGES = ("16-24", "25-34", "35-44", "45-54", "55-66")
BENEFITS = ("sjukpenning", "foraldrapenning", "vab", "bostadsbidrag", "sjukersattning", "aktivitetsersattning",
            "assistansersattning", "underhallsstod")  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One row of a case file."""

    case_id: int
    person_id: str
    regso: str | None
    date: date
    benefit: str
    sex: str
    age_group: str
    amount_sek: float


def regso_codes(*, municipalities: Sequence[tuple[str, int]]) -> list[str]:
    return [f"{m}R{n:03d}" for m, count in municipalities for n in range(1, count + 1)]


MUNICIPALITIES = (("0114", 3), ("0180", 5), ("0301", 1), ("0302", 4), ("0509", 2))
CODES = regso_codes(municipalities=MUNICIPALITIES)


def area_type(code: str, year: int) -> str:
    return str(1 + (int(code[1:4]) + int(code[5:]) + (year == 2022 and code.endswith("1"))) % 5)


def amount(row: int) -> float:
    """Amounts of every size, each case its own; a few beyond the demo's bounds."""
    return 400_000.5 if row % 97 == 0 else 500.0 + row * 7919 % 20_000 + 0.25 * (row % 4)


def make_cases(*, persons: int = 900, seed: int = 1, years: Sequence[int] = (2021, 2022)) -> list[Case]:
    """Cases of people who mostly live in one area; some without an area, some movers, some duplicates."""
    rng = random.Random(seed)
    rows: list[Case] = []
    for p in range(persons):
        home, sex, age = rng.choice(CODES), rng.choice(("woman", "man")), rng.choice(AGES)
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            place = rng.choices((home, home[:4], home[:2], None, rng.choice(CODES)), (90, 3, 2, 1, 4))[0]
            day = date(rng.choice(list(years)), 1, 1) + timedelta(days=rng.randrange(365))
            rows.append(Case(len(rows), f"P{p:09d}", place, day, rng.choice(BENEFITS), sex, age, amount(len(rows))))
    return rows + rng.sample(rows, 20)


def write_cases(path: Path, rows: Sequence[Case]) -> None:
    names = list(Case.__dataclass_fields__)
    pq.write_table(pa.table({n: [getattr(r, n) for r in rows] for n in names}), path)


TWO = ("fk-familj-bostad", "fk-ohalsa")
"""A policy of each protection: enough for most tests."""


def make_home(
    root: Path, rows: Sequence[Case], *, key: bytes = bytes(range(32)), policies: Sequence[str] = TWO
) -> Home:
    """A home with data, settings and some of the project's policies approved by two names.

    The HMAC key is fixed, so that what depends on it (which secondary cells are withheld) is the same in every run.
    """
    home = Home(root)
    home.create()
    (root / "keys" / "hmac.key").write_bytes(key)
    data = root / "data"
    data.mkdir()
    write_register(data / "areas.csv")
    write_population(data / "population.csv")
    write_cases(data / "cases.parquet", rows)
    home.settings_file.write_bytes((ROOT / "publisher" / "demo.toml").read_bytes())
    put_in_force(home, [ROOT / "policies" / f"{name}.yaml" for name in policies])
    return home


def put_in_force(home: Home, files: Sequence[Path], *, at: str = "2024-01-01T00:00:00Z") -> None:
    db = home.state()
    for path in files:
        activate(path, home=home, log=ActionLog(db), author="One Author", approver="Another", at=at)
    db.close()


def write_register(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        names = ("regso", "regso_name", "kommun", "kommun_name", "lan", "lan_name")
        out.writerow([*names, "area_type_2021", "area_type_2022"])
        for code in CODES:
            types = [area_type(code, y) for y in (2021, 2022)]
            out.writerow([code, f"Area {code}", code[:4], f"Kommun {code[:4]}", code[:2], f"Lan {code[:2]}", *types])


def write_population(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["regso", "year", "sex", "age_group", "population"])
        for n, code in enumerate(CODES):
            for year in (2021, 2022):
                for sex in ("woman", "man"):
                    for age in ("0-15", *AGES, "67-"):
                        out.writerow([code, year, sex, age, 100 + n])
