"""The officer's site: policies edited, rehearsed and approved, the account and the log read, releases withdrawn.

It reads and writes the officer's folder and nothing else: never records, never the ledger, never the public folder.
"""

from web.officer.app import create_app

__all__ = ["create_app"]
