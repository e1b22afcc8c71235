"""`geography import`: everything is read and checked first, then the whole folder is replaced at once."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from publisher.errors import GeographyError
from publisher.files import replace_folder
from publisher.geography.imports.compare import differences
from publisher.geography.imports.edition import EditionData, load_edition
from publisher.geography.imports.matching import listed
from publisher.geography.imports.model import ImportReport, ImportRequest, InputReport
from publisher.geography.imports.report import settings_lines
from publisher.geography.imports.steps import steps_of
from publisher.geography.register import AreaIndex

REPORT = "import.json"


def import_geography(request: ImportRequest, folder: Path, *, at: str, say: Callable[[str], None]) -> ImportReport:
    """Import into `folder` (HOME/geography); GeographyError where anything is wrong, and nothing is written then.

    What an import does not bring stays as it was.  A reader sees the whole old or the whole new folder.
    """
    target = folder / request.edition
    if target.exists() and not target.is_symlink():
        raise GeographyError(f"{folder.name}/{request.edition} was made by hand; move it away, then import")
    before = load_edition(request.edition, target)
    after, inputs = before, list[InputReport]()
    for kind, step in steps_of(request).items():
        say(f"reading {kind}")
        after, told = step(after)
        inputs.append(told)
    _check_whole(after)
    report = ImportReport(
        request.edition, at, len(after.areas), tuple(inputs), tuple(differences(before, after)),
        settings_lines(after, folder.name),
    )  # fmt: skip
    say("writing")
    content = after.files() | {REPORT: _history(target, report)}
    folder.mkdir(parents=True, exist_ok=True)
    replace_folder(target, content)
    return report


def _history(target: Path, report: ImportReport) -> bytes:
    """Every import of the edition in order: what is there now may stem from several."""
    file = target / REPORT
    earlier = json.loads(file.read_bytes())["imports"] if file.exists() else []
    told = {key: value for key, value in asdict(report).items() if key not in ("edition", "settings")}
    content = {"edition": report.edition, "imports": [*earlier, told]}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _check_whole(data: EditionData) -> None:
    """What stayed from an earlier import must fit a register that is new."""
    if not data.areas:
        raise GeographyError(f"edition {data.edition} has no areas yet: import its register, or its geometry, first")
    areas = set(data.areas)
    for kind, codes in (
        ("area types", {c for types in data.types.values() for c in types}), ("deso_key", set(data.deso.values())),
        ("population", {c for c, _, _ in data.population}), ("changes", {row[1] for row in data.changes if row[1]}),
        ("geometry", set(data.borders.codes if data.borders else ())),
    ):  # fmt: skip
        gone = sorted(codes - areas)
        if gone:
            raise GeographyError(
                f"edition {data.edition}: {kind} has {len(gone)} areas that the register has not: {listed(gone)}; "
                "import it again together with the register"
            )
    lacking = sorted(areas - set(data.deso.values())) if data.deso else []
    if lacking:
        raise GeographyError(f"edition {data.edition}: {len(lacking)} areas have no DeSO: {listed(lacking)}")
    AreaIndex(data.edition, tuple(a for _, a in sorted(data.areas.items())), data.types)  # its checks apply
