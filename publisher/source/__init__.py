"""The only reader of case records (ARCHITECTURE.md).  What it returns is opaque, what it says are counts of rows."""

from publisher.source.cases import CaseTable, open_cases

__all__ = ["CaseTable", "open_cases"]
