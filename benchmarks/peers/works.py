"""The works D1, D2 and D3 as the peers are given them: bounded rows and public keys in a folder."""

import json
from pathlib import Path

import contract
import duckdb
import with_publisher
from noise import BENEFITS, CLAMPS, bounded_rows, columns_of

NAMES = ("D1", "D2", "D3")
TERMS = {"rho": 0.1, "epsilon": 2.35, "delta": 1e-7, "bound": 4}
AREAS = """
    SELECT '00' AS riket, lan, kommun, regso, 'T' || area_type AS area_type, population
    FROM read_csv('{folder}/areas.csv', all_varchar = true) ORDER BY regso
"""
ROWS = """
    SELECT dense_rank() OVER (ORDER BY md5(person_id)) AS person, {columns}, {units} AS units,
    riket, lan, kommun, regso, area_type FROM ({bounded}) JOIN ({areas}) USING (regso) ORDER BY 1, 2
"""
ROTATED = """
    WITH steps AS (SELECT *, CAST(md5_number_lower(regso) % {n} AS INT) AS step FROM ({rows}))
    SELECT * EXCLUDE (step) REPLACE ({benefits}[(list_position({benefits}, benefit) - 1 + step) % {n} + 1] AS benefit)
    FROM steps ORDER BY person, benefit
"""


def write_work(name: str, folder: Path, target: Path, rotate: bool = False) -> contract.Work:
    """The input of every peer.  `rotate`: with the benefits of each RegSO exchanged in a ring."""
    target.mkdir()
    areas = AREAS.format(folder=folder)
    rows = ROWS.format(
        columns=", ".join(c.id for c in columns_of(name)), units=_in_clamps() if name == "D3" else "1", areas=areas,
        bounded=bounded_rows(folder, "year(date) = 2022"),
    )  # fmt: skip
    if rotate:
        rows = ROTATED.format(benefits=list(BENEFITS), n=len(BENEFITS), rows=rows)
    duckdb.execute(f"COPY ({areas}) TO '{target}/areas.csv' (HEADER)")
    duckdb.execute(f"COPY ({rows}) TO '{target}/rows.csv' (HEADER)")
    _write_terms(name, target, [])
    _write_terms(name, target, with_publisher.split_of(contract.read_work(target)))
    return contract.read_work(target)


def _in_clamps() -> str:
    """SQL of an amount in units of its benefit's clamp."""
    limits = " ".join(f"WHEN '{benefit}' THEN {clamp}" for benefit, clamp in CLAMPS.items())
    limit = f"(CASE benefit {limits} END)"
    return f"((least(amount, {limit}) * {contract.UNITS}) // {limit})::BIGINT"


def _write_terms(name: str, target: Path, split: list[tuple[str, contract.Kept, float]]) -> None:
    """The budget and the keys; `split`: our part of rho for each query group."""
    columns = {c.id: c.codes for c in columns_of(name)}
    clamps = [CLAMPS[benefit] for benefit in BENEFITS] if name == "D3" else []
    terms = {**TERMS, "columns": columns, "clamps": clamps, "split": split}
    (target / "work.json").write_text(json.dumps(terms))
