"""The only reader of case records (ARCHITECTURE.md).  What it returns is opaque, what it says are counts of rows."""

from publisher.source.cases import CaseTable, open_cases
from publisher.source.engine import Limits

__all__ = ["CaseTable", "Limits", "open_cases"]
