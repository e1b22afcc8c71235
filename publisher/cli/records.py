"""`source`: does what is declared fit the files."""

from dataclasses import asdict
from pathlib import Path

import click

from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.errors import SettingsError
from publisher.geography.files import load_register
from publisher.geography.placing import locate
from publisher.home import wipe
from publisher.periods import Period
from publisher.source import open_cases
from publisher.workspace import open_workspace


@click.group()
def source() -> None:
    """Sources of case records."""


@source.command("check")
@click.argument("name")
@click.option("--period", help="The period whose rows are placed (default: last year).")
@home_option
@json_option
def source_check(name: str, period: str | None, home_path: Path | None, as_json: bool) -> None:
    """Open a source, compare it with its declaration, count rows and how they can be placed.  Prints no value."""
    with open_workspace(the_home(home_path), exclusive=True) as work:
        settings = work.settings
        if name not in settings.sources:
            raise SettingsError(f"source {name} is not declared; declared: {', '.join(settings.sources) or 'none'}")
        declared = settings.sources[name]
        index = load_register(settings.geography[declared.edition], settings.folder)
        chosen = Period.parse(period or str(now().year - 1))
        wipe(work.home.spill)
        with open_cases(
            declared, folder=settings.folder, period=chosen, where=(), spill=work.home.spill,
            memory_limit_mb=settings.memory_mb, threads=settings.threads,
            fingerprint_key=work.keys.derive("records-snapshot"),
        ) as cases:  # fmt: skip
            rows = cases.rows
            placed = locate(cases, index, unknown_areas=declared.unknown_areas).placed
            cases.check_unchanged()
        wipe(work.home.spill)
    result = {"source": name, "period": chosen.code, "rows": rows, "placed": asdict(placed)}
    words = "\n".join([f"{name}: {rows} rows", *(f"  {k}: {v}" for k, v in asdict(placed).items())])
    answer(as_json, result, words)
