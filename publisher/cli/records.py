"""`source`: does what is declared fit the files."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from publisher.bounding import collapse
from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.errors import SettingsError
from publisher.geography.files import load_register
from publisher.geography.places import load_places
from publisher.geography.placing import locate
from publisher.home import wipe
from publisher.periods import Period
from publisher.policy.declarations import REFERENCE_YEAR
from publisher.source import Limits, open_cases
from publisher.workspace import Workspace, open_workspace


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
    try:
        chosen = Period.parse(period or str(now().year - 1))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from None
    with open_workspace(the_home(home_path), exclusive=True) as work:
        if name not in work.settings.sources:
            declared = ", ".join(work.settings.sources) or "none"
            raise SettingsError(f"source {name} is not declared; declared: {declared}")
        result = _checked(work, name, chosen)
    counts = [f"  {kind}: {n}" for kind, n in {**result["placed"], **result["duplicates"]}.items()]
    answer(as_json, result, "\n".join([f"{name}: {result['rows']} rows", *counts]))


def _checked(work: Workspace, name: str, period: Period) -> dict[str, Any]:
    """Counts of rows: all, by how they were placed, and those that stand more than once."""
    settings, declared = work.settings, work.settings.sources[name]
    edition = settings.edition_of(declared.edition or REFERENCE_YEAR, period.year)
    files = settings.geography[edition]
    others = [load_register(g, settings.folder) for e, g in settings.geography.items() if e != edition]
    wipe(work.home.spill)
    with open_cases(
        declared, folder=settings.folder, period=period, where=(), spill=work.home.spill,
        limits=Limits(settings.memory_mb, settings.threads), fingerprint_key=work.keys.derive("records-snapshot"),
    ) as cases:  # fmt: skip
        located = locate(
            cases, load_register(files, settings.folder), places=load_places(declared, files, settings.folder),
            unknown_areas=declared.unknown_areas, others=others,
        )  # fmt: skip
        distinct = collapse(located)
        cases.check_unchanged()
    wipe(work.home.spill)
    return {
        "source": name,
        "period": period.code,
        "edition": edition,
        "rows": located.rows,
        "placed": asdict(located.placed),
        "duplicates": {"same case again": distinct.collapsed, "of those in another place": distinct.conflicting},
    }
