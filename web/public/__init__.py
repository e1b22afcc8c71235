"""The public site: pages around sealed releases, and the sealed bytes themselves.  It reads one folder only."""

from web.public.app import create_app

__all__ = ["create_app"]
