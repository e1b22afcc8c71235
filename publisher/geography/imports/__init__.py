"""SCB's files as SCB gives them -> the plain files of an edition.  Public data: errors and reports may quote it."""

from publisher.geography.imports.run import ImportRequest, import_geography

__all__ = ["ImportRequest", "import_geography"]
