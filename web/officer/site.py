"""How the officer's site is reached."""

from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Site:
    """`base_url`: where officers reach the site, empty for this machine alone.  `names`: other host names of it.

    `proxies`: how many proxies of ours stand in front of it and say whom they speak for.
    """

    base_url: str = ""
    names: tuple[str, ...] = ()
    proxies: int = 0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if self.base_url and (parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query):
            raise ValueError("the address of the officer's site is https://HOST, without a path")
        if self.proxies < 0:
            raise ValueError("a number of proxies is not negative")

    @property
    def hosts(self) -> frozenset[str]:
        """The host names that requests may give, without ports."""
        own = urlsplit(self.base_url).hostname
        return frozenset(name.lower() for name in ((own, *self.names) if own else (*LOOPBACK, *self.names)))

    @property
    def public(self) -> bool:
        """Whether others than this machine reach it."""
        return bool(self.base_url)
