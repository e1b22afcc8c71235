"""What can go wrong, as types.

An error names a file, a line, a column, a rule or an id, and what to do.  It never carries a value from a
record: handlers print errors, logs keep them, and either may be read by somebody who may not see the records.
"""


class PublisherError(Exception):
    """Root of every error that this package raises on purpose."""


class PolicyError(PublisherError):
    """A policy file, or several together, cannot be used."""


class SettingsError(PublisherError):
    """`publisher.toml` or the home folder cannot be used."""


class SourceError(PublisherError):
    """Records do not have the form that was declared for them.

    Attributes: `file` (name of the source file), `column` (declared name, or empty), `rule` (what does not hold)
    and `rows` (how many rows break it, or None where rows cannot be counted).
    """

    def __init__(self, *, file: str, rule: str, column: str = "", rows: int | None = None) -> None:
        self.file, self.rule, self.column, self.rows = file, rule, column, rows
        where = f"{file}: column {column}" if column else file
        count = "" if rows is None else f" ({rows} rows)"
        super().__init__(f"{where}: {rule}{count}")


class GeographyError(PublisherError):
    """The register of areas, or a file that belongs to it, cannot be used."""


class TableError(PublisherError):
    """A plain table, its SPEC.yaml, or a file of either cannot be used."""


class SuppressionError(PublisherError):
    """No pattern satisfies the rules together with the cells that must be published.

    `cells`: indexes in the linked system of some that cannot be protected, where the search says so.
    """

    def __init__(self, message: str, *, cells: tuple[int, ...] = ()) -> None:
        self.cells = cells
        super().__init__(message)


class SearchEndedError(PublisherError):
    """A process that searched a part of the tables ended without an answer, which says nothing of the tables."""


class BudgetExceededError(PublisherError):
    """A charge would take an account over its cap.  Nothing was drawn."""


class LedgerError(PublisherError):
    """The account of privacy loss is broken, behind, or asked for something that it refuses."""


class AuditFailedError(PublisherError):
    """The audit found what must not be published.  Nothing was sealed."""


class SealError(PublisherError):
    """A release cannot be sealed, or a sealed one was changed."""


class ReleaseError(PublisherError):
    """A published release does not verify, or is not there."""


class AccountError(PublisherError):
    """Somebody is not who they must be for what they ask."""


class ProposalError(PublisherError):
    """A proposal does not allow what is asked, or was changed by somebody else meanwhile."""


class RequestError(PublisherError):
    """What is asked of the scheduler process is not known, or cannot be done."""


class RunError(PublisherError):
    """A run cannot start: its policy is not active, or its period or run key does not allow it."""
