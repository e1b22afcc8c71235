import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from publicfolder import build_public

from publisher.release.reader import Catalogue
from web.public import create_app


class Clock:
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def tick(self) -> None:
        self.seconds += 1.5


@pytest.fixture(scope="session")
def sealed_public(tmp_path_factory) -> Path:
    return build_public(tmp_path_factory.mktemp("sealed") / "public")


@pytest.fixture
def public(sealed_public, tmp_path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(sealed_public, tmp_path / "public"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(public, clock):
    """A catalogue over the copy, with the test's clock; the day is in 2024."""
    return Catalogue(public, monotonic=clock, now=lambda: datetime(2024, 5, 1, tzinfo=UTC))


@pytest.fixture
def client(live):
    """A client over the copy."""
    return create_app(live).test_client()


@pytest.fixture(scope="session")
def site(sealed_public):
    """A client over the undamaged folder."""
    return create_app(Catalogue(sealed_public)).test_client()
