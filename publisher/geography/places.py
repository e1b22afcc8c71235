"""What records are placed by, beside the register: the key from DeSO to RegSO, or the borders of the areas."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import GeographyError
from publisher.geography.borders import Borders, load_borders
from publisher.geography.register import AreaIndex
from publisher.policy.declarations import GeographyFiles, SourceDeclaration

_DESO, _REGSO = re.compile(r"[0-9]{4}[ABC][0-9]{4}"), re.compile(r"[0-9]{4}R[0-9]{3}")


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """`deso`: DeSO code -> RegSO code, where records hold DeSO codes; `borders`: where they hold coordinates."""

    deso: Mapping[str, str]
    borders: Borders | None

    def check_fits(self, placing: str, index: AreaIndex) -> None:
        """GeographyError unless this is what `placing` needs, of the very areas of the index.

        An area that the key or the borders lack would have no record, and its zeros would look like any other.
        """
        if placing == "regso":
            return
        by_deso, known = placing == "deso", {a.code for a in index.areas}
        have = set(self.deso.values()) if by_deso else set(self.borders.codes if self.borders else ())
        if have != known:
            what = "deso_key" if by_deso else "geometry"
            raise GeographyError(
                f"edition {index.edition}: {what} and register are not of the same areas: {len(known - have)} are in "
                f"the register alone, {len(have - known)} are not in it; import both again"
            )


BY_CODE = Places({}, None)
"""Nothing but the register: records hold RegSO codes."""


def load_places(declaration: SourceDeclaration, files: GeographyFiles, folder: Path) -> Places:
    """Read what the source's records are placed by; GeographyError where the edition does not have it."""
    if declaration.placing == "deso":
        if not files.deso_key:
            raise GeographyError(f"edition {files.edition} declares no deso_key, to place records by DeSO")
        return Places(_load_key(folder / files.deso_key), None)
    if declaration.placing == "coordinates":
        if not files.geometry:
            raise GeographyError(f"edition {files.edition} declares no geometry, to place records by coordinates")
        return Places({}, load_borders(folder / files.geometry))
    return BY_CODE


def _load_key(path: Path) -> dict[str, str]:
    """Plain CSV with columns deso and regso; a DeSO lies in one RegSO."""
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="", strict=True)
            for row in reader:
                deso, regso = row.get("deso", ""), row.get("regso", "")
                if not _DESO.fullmatch(deso) or not _REGSO.fullmatch(regso) or deso[:4] != regso[:4]:
                    raise GeographyError(f"{path.name}:{reader.line_num}: not a DeSO and the RegSO that it lies in")
                if deso in found:
                    raise GeographyError(f"{path.name}:{reader.line_num}: {deso} stands twice")
                found[deso] = regso
    except FileNotFoundError:
        raise GeographyError(f"{path.name}: the file is missing in {path.parent.name}") from None
    except (UnicodeDecodeError, csv.Error):
        raise GeographyError(f"{path.name}: not CSV in UTF-8") from None
    return found
