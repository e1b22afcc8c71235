"""What changed between two editions: which codes do not mean the same area in both."""

import csv
from pathlib import Path

from publisher.errors import GeographyError
from publisher.policy.declarations import GeographyFiles

COLUMNS = ("old_code", "new_code", "change", "date", "comparable")


def load_breaks(files: GeographyFiles, folder: Path) -> tuple[str, ...]:
    """Codes of the edition whose area is another one than in the edition before, in order; none where nothing is known.

    Reads the plain file that `geography import --changes` writes: COLUMNS, `comparable` being yes or no.
    GeographyError names file, line and rule.
    """
    if not files.changes:
        return ()
    path, found = folder / files.changes, set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="", strict=True)
            for row in reader:
                if tuple(row) != COLUMNS or row["comparable"] not in ("yes", "no"):
                    raise GeographyError(f"{path.name}:{reader.line_num}: columns are {', '.join(COLUMNS)} (yes or no)")
                if row["comparable"] == "no" and row["new_code"]:
                    found.add(row["new_code"])
    except FileNotFoundError:
        raise GeographyError(f"{path.name}: the file is missing in {path.parent.name}") from None
    except (UnicodeDecodeError, csv.Error):
        raise GeographyError(f"{path.name}: not CSV in UTF-8") from None
    return tuple(sorted(found))
