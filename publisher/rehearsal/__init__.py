"""What a run would give, before it is decided: for the officer's eyes, sealing nothing and charging nothing.

The rehearsal of a suppressed policy reads the records and is as sensitive as they are.  That of a noise policy reads
no record.
"""

from publisher.rehearsal.answer import rehearse

__all__ = ["rehearse"]
