"""The only door to records: declared files in, a checked, opaque `CaseTable` out."""

import hmac
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

import duckdb

from publisher.errors import SourceError
from publisher.opaque import Opaque, require_mint
from publisher.periods import Period
from publisher.policy.declarations import SourceDeclaration
from publisher.source.checks import (
    check_file,
    check_pattern,
    count_selected,
    create_category_types,
    find_keys,
    selected_sql,
)
from publisher.source.columns import SourceFile, open_file
from publisher.source.engine import Engine, Limits
from publisher.source.files import Stamp, check_stamps, keyed_digest, stamp_of
from publisher.source.identifiers import IdKey
from publisher.source.layout import Where, check_where

_MINT = object()
_CHECKS = f"checks of rows, version 2, by {duckdb.__version__}"
"""To be counted up where a rule for rows is added or made stricter: what was checked before is checked again."""

_KINDS = ("person", "case")


class CheckMemory(Protocol):
    """Remembers, by a keyed mark, that files passed the checks of their rows, and how their ids were told apart."""

    def get(self, key: str) -> Mapping[str, bool] | None:
        """What was found, or None."""

    def put(self, key: str, found: Mapping[str, bool]) -> None:
        """Remember."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CaseTable(Opaque):
    """The receipt of `open_cases`: records that have the declared form, and the period and filter that were asked for.

    `rows`: number of rows of the period that the filter lets through.  `snapshot_hmac`: HMAC-SHA256 of the files' bytes
    in order, hex.  Usable while its context is open.
    """

    mint: InitVar[object]
    engine: Engine
    declaration: SourceDeclaration
    period: Period
    where: Where
    files: tuple[SourceFile, ...]
    keys: tuple[IdKey, IdKey]
    rows: int
    snapshot_hmac: str
    paths: tuple[Path, ...]
    stamps: tuple[Stamp, ...]

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "CaseTable")

    def check_unchanged(self) -> None:
        """SourceError if a file is no longer the one that was opened.  To be called when the cube has been built."""
        check_stamps(self.paths, self.declaration.files, self.stamps)


@contextmanager
def open_cases(
    declaration: SourceDeclaration, *, folder: Path, period: Period, where: Where, spill: Path,
    limits: Limits, fingerprint_key: bytes, checked: CheckMemory | None = None,
) -> Iterator[CaseTable]:
    """Open and check the records of a source.

    Every row of every file is checked, not only those of the period: a file with a bad row is a bad file.  (Areas are
    checked when records are placed, for the rows of the period, since an older edition may stand in older rows.)
    A file without rows is refused; a period without rows is not.  `folder`: what the declared paths are relative to.
    `checked`: remembers files that were checked; the same bytes under the same declaration are not checked again.
    `spill`: existing folder for the engine's temporary files and transcoded text, which are removed at the end; what a
    killed process leaves there is wiped by the next run.
    Raises SourceError (file, column, rule, rows; never a value, and no cause or context that holds one), PolicyError
    for a filter on what is not declared, SettingsError for an unusable encoding, delimiter or pattern.
    """
    check_where(where, declaration.categories)
    paths = tuple(folder / name for name in declaration.files)
    _check_paths(paths, declaration.files)
    stamps = tuple(stamp_of(p, n) for p, n in zip(paths, declaration.files, strict=True))
    digest = keyed_digest(paths, declaration.files, stamps, fingerprint_key)
    with _working_folder(spill) as work, _engine(work, paths, limits) as engine:
        files = _open_files(engine, paths, declaration, work)
        mark = hmac.new(fingerprint_key, f"{_CHECKS} {digest} {declaration!r}".encode(), "sha256").hexdigest()
        rows, keys = _check_once(engine, files, declaration, (period, where), (checked, mark))
        check_stamps(paths, declaration.files, stamps)
        yield CaseTable(_MINT, engine, declaration, period, where, files, keys, rows, digest, paths, stamps)


@contextmanager
def _working_folder(spill: Path) -> Iterator[Path]:
    work = Path(mkdtemp(prefix="source-", dir=spill))  # mode 0700
    try:
        yield work
    finally:
        shutil.rmtree(work)


@contextmanager
def _engine(work: Path, paths: Sequence[Path], limits: Limits) -> Iterator[Engine]:
    engine = Engine(folder=work, files=paths, limits=limits)
    try:
        yield engine
    finally:
        engine.close()


def _check_paths(paths: Sequence[Path], names: Sequence[str]) -> None:
    """SourceError for names that the engine would take as patterns of several files."""
    for path, name in zip(paths, names, strict=True):
        if set(str(path)) & set("*?["):
            raise SourceError(file=name, rule="its path may not contain * ? or [")


def _open_files(
    engine: Engine, paths: Sequence[Path], declaration: SourceDeclaration, work: Path
) -> tuple[SourceFile, ...]:
    named = zip(paths, declaration.files, strict=True)
    return tuple(
        open_file(engine, path, name, declaration, copy=work / f"transcoded{i}.csv")
        for i, (path, name) in enumerate(named)
    )


def _check_once(
    engine: Engine, files: Sequence[SourceFile], declaration: SourceDeclaration, wanted: tuple[Period, Where],
    memory: tuple[CheckMemory | None, str],
) -> tuple[int, tuple[IdKey, IdKey]]:  # fmt: skip
    """`_check_files`, unless the same files passed before under the same declaration."""
    checked, mark = memory
    found = None if checked is None else checked.get(mark)
    if found is None or set(found) != set(_KINDS):
        rows, keys = _check_files(engine, files, declaration, *wanted)
        if checked is not None:
            checked.put(mark, {kind: key.shape is not None for kind, key in zip(_KINDS, keys, strict=True)})
        return rows, keys
    create_category_types(engine, declaration)
    keys = find_keys(engine, files, declaration)
    person, case = (k if found[kind] else replace(k, shape=None) for kind, k in zip(_KINDS, keys, strict=True))
    return sum(count_selected(engine, f, selected_sql(f, declaration, *wanted)) for f in files), (person, case)


def _check_files(
    engine: Engine, files: Sequence[SourceFile], declaration: SourceDeclaration, period: Period, where: Where
) -> tuple[int, tuple[IdKey, IdKey]]:
    """Check each file; returns the number of selected rows, and how ids are told apart."""
    check_pattern(engine, declaration)
    create_category_types(engine, declaration)
    rows, keys = 0, find_keys(engine, files, declaration)
    for file in files:
        chosen, keys = check_file(engine, file, declaration, keys, selected_sql(file, declaration, period, where))
        rows += chosen
    return rows, keys
