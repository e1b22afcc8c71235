"""The log and the ledger of a home, row by row with their hashes, so that whoever reads them can verify the chains."""

from publisher.workspace import Workspace


def log_document(work: Workspace) -> dict[str, object]:
    """All rows, the oldest first."""
    return {"log": work.log.rows(), "ledger": work.ledger.rows()}
