"""The query engine, with its mouth shut: DuckDB's own errors print the offending record, so none of them gets out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
from duckdb.func import FunctionNullHandling, PythonUDFType
from numpy.typing import NDArray

from publisher.errors import SourceError
from publisher.opaque import Opaque

T = TypeVar("T")

BROKEN = "the query engine failed"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may use: megabytes of memory, and threads."""

    memory_mb: int
    threads: int


class Engine(Opaque):
    """One in-process DuckDB connection.  Every failure becomes a SourceError without cause or context.

    `raise ... from None` would only hide the engine's error: it stays reachable as `__context__`, with the record in
    its text.  Therefore errors are raised after the `except` block has ended.
    """

    __slots__ = ("_connection", "_serial")

    def __init__(self, *, folder: Path, files: Sequence[Path], limits: Limits) -> None:
        """Open a connection that can read `files` and `folder` only, and spills into `folder`."""
        self._serial = 0
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": limits.threads,
            "memory_limit": f"{limits.memory_mb}MiB",
            "temp_directory": str(folder / "duckdb"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection = _guarded(lambda: duckdb.connect(":memory:", config=config), "source", "settings refused")
        self.rows(f"SET allowed_directories = [{quoted(str(folder))}]")
        self.rows(f"SET allowed_paths = [{', '.join(quoted(str(f)) for f in files)}]")
        self.rows("SET enable_external_access = false")
        self.rows("SET lock_configuration = true")

    def rows(self, sql: str, *, file: str = "source", rule: str = BROKEN) -> list[tuple[Any, ...]]:
        """Run one statement and fetch all; SourceError(file, rule) if it fails."""
        return _guarded(lambda: self._connection.execute(sql).fetchall(), file, rule)

    def arrays(self, sql: str) -> dict[str, NDArray[Any]]:
        """Run one query and fetch its columns as arrays of integers or texts.

        SourceError where a column holds NULL, or would come as floats: the engine gives 128-bit integers as such, and
        they lose their last digits on the way.
        """
        columns = _guarded(lambda: self._connection.execute(sql).fetchnumpy(), "source", BROKEN)
        if any(np.ma.is_masked(column) or column.dtype.kind not in "iuO" for column in columns.values()):
            raise SourceError(file="source", rule="the query engine gave back missing values, or floats")
        return {name: np.asarray(column) for name, column in columns.items()}

    def lend(self, name: str, columns: Mapping[str, NDArray[Any]]) -> None:
        """Make arrays of one length readable as the columns of table `name`."""
        _guarded(lambda: self._connection.register(name, dict(columns)), "source", BROKEN)

    def take_back(self, name: str) -> None:
        """End what `lend` began."""
        _guarded(lambda: self._connection.unregister(name), "source", BROKEN)

    def add_function(self, name: str, call: Callable[..., Any], takes: Sequence[str], gives: str) -> None:
        """Make a function of Arrow arrays callable in SQL; it gets NULL as such and is asked once a row at most."""
        _guarded(
            lambda: self._connection.create_function(
                name, call, list(takes), gives, type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL, side_effects=False,
            ),
            "source", BROKEN,
        )  # fmt: skip

    def new_name(self, stem: str) -> str:
        """A table name that was not given before."""
        self._serial += 1
        return f"{stem}{self._serial}"

    def close(self) -> None:
        """Drop everything that was read."""
        self._connection.close()


def _guarded(call: Callable[[], T], file: str, rule: str) -> T:
    try:
        return call()
    except duckdb.OutOfMemoryException:
        failure = SourceError(file=file, rule="needs more memory or spill space than is allowed")
    except Exception as error:  # whatever its type: the binding's own errors can hold a value, too
        failure = SourceError(file=file, rule=f"{rule} ({type(error).__name__})")
    raise failure


def quoted(text: str) -> str:
    """A text literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def named(text: str) -> str:
    """An identifier of SQL."""
    return '"' + text.replace('"', '""') + '"'
