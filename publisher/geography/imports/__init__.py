"""SCB's files as SCB gives them -> the plain files of an edition.  Public data: errors and reports may quote it."""

from publisher.geography.imports.model import ImportReport, ImportRequest, InputReport
from publisher.geography.imports.run import import_geography

__all__ = ["ImportReport", "ImportRequest", "InputReport", "import_geography"]
