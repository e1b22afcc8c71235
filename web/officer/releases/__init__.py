"""Releases, the emergency stop, and what to do when something may have been disclosed."""

from web.officer.releases import disclosure, stop
from web.officer.releases.pages import releases

__all__ = ["disclosure", "releases", "stop"]
