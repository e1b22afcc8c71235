"""Values that depend on records: they do not print, do not pickle, and are made by one module only."""

from typing import NoReturn


class Opaque:
    """Base of every value that holds records or exact counts, and of every receipt.

    Its representation withholds the content, so that a log line or a traceback cannot show it, and it does not
    pickle, so that it cannot travel to another process unseen.  A subclass is made by the module that defines it:
    the constructor takes that module's private token (`mint`), and refuses any other.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: withheld>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds sensitive values and is not pickled")


def require_mint(given: object, expected: object, name: str) -> None:
    """Refuse to construct `name` outside the module that owns the token `expected`."""
    if given is not expected:
        raise TypeError(f"{name} is the receipt of a step and is made by that step only")
