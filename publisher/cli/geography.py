"""`geography`: SCB's files into the home."""

from pathlib import Path

import click

from publisher.cli.common import Progress, answer, home_option, json_option, now, the_home
from publisher.geography.imports import ImportRequest, import_geography
from publisher.geography.imports.report import as_object, in_words
from publisher.log import utc


@click.group()
def geography() -> None:
    """Registers of areas, their types, keys, borders and population."""


@geography.command("import")
@click.option("--edition", required=True, help="Such as regso-2020: the name that publisher.toml and policies use.")
@click.option("--register", default="", help="CSV or workbook of areas: code, name, municipality, county.")
@click.option("--deso-key", default="", help="CSV or workbook of DeSO and RegSO.")
@click.option("--types", default="", help="CSV of area types; with --year.")
@click.option("--year", type=click.IntRange(1900, 2100), help="The year of --types.")
@click.option("--population", default="", help="CSV or JSON-stat 2 of people by area, year and sex.")
@click.option("--geometry", default="", help="GeoJSON or GeoPackage of borders, or the address of a WFS answer.")
@click.option("--changes", default="", help="CSV of what changed since the edition before.")
@home_option
@json_option
def import_command(home_path: Path | None, as_json: bool, **given: str | int | None) -> None:
    """Import files as SCB gives them: all of them, or nothing."""
    home = the_home(home_path)
    request = ImportRequest(**given)  # type: ignore[arg-type]
    with Progress() as progress:
        report = import_geography(request, home.root / "geography", at=utc(now()), say=progress)
    answer(as_json, as_object(report), in_words(report))
