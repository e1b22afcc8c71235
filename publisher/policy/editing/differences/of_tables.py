"""Differences between two tables: protection, areas, categories, measures, words."""

from collections.abc import Iterator
from dataclasses import replace

from publisher.policy.editing.differences.of_measures import of_measures
from publisher.policy.editing.differences.of_noise import of_noise
from publisher.policy.editing.differences.of_suppression import LEVELS, of_suppression
from publisher.policy.editing.differences.words import About, Change, both, came_and_went, quoted, say
from publisher.policy.model import JoinedCode, Noise, Suppression, TableSpec
from publisher.release.model import Text


def of_tables(before: tuple[TableSpec, ...], after: tuple[TableSpec, ...]) -> Iterator[Change]:
    """What is different between the tables of two versions of a policy."""
    old, new = {t.id: t for t in before}, {t.id: t for t in after}
    for table in after:
        if table.id not in old:
            yield _of(table, _added(table))
    for table in before:
        if table.id not in new:
            yield _of(table, _removed(table))
        else:
            yield from (_of(table, change) for change in of_table(table, new[table.id]))
    kept = [t.id for t in before if t.id in new]
    if kept != [t.id for t in after if t.id in old]:
        yield say("Tabellerna står i en annan ordning.", "The tables stand in another order.", about=About.WORDS)


def _of(table: TableSpec, change: Change) -> Change:
    return replace(change, table=table.id)


def _added(table: TableSpec) -> Change:
    terms = _terms(table)
    return say(
        f"Ny tabell, {table.title.sv}: {terms.sv}.", f"New table, {table.title.en}: {terms.en}.", about=About.RECORDS
    )


def _removed(table: TableSpec) -> Change:
    return say(
        f"Tabellen {table.title.sv} publiceras inte längre; det som är publicerat ligger kvar.",
        f"The table {table.title.en} is no longer published; what is published stays.",
        about=About.RECORDS,
    )


def _terms(table: TableSpec) -> Text:
    """A table's protection in a few words."""
    if isinstance(table.protection, Noise):
        sv, en = both(table.loss)
        if other := table.protection.together_with:
            return Text(f"brus, mätt tillsammans med {other}", f"noise, measured together with {other}")
        return Text(f"brus, rho {sv} för en körning", f"noise, rho {en} for a run")
    level = LEVELS[table.protection.level]
    threshold = table.protection.threshold
    return Text(
        f"undertryckning, tröskelvärde {threshold}, skyddsnivå {level.sv}",
        f"suppression, threshold {threshold}, protection level {level.en}",
    )


def of_table(before: TableSpec, after: TableSpec) -> Iterator[Change]:
    """What is different between two versions of one table."""
    old, new = before.protection, after.protection
    if isinstance(old, Noise) and isinstance(new, Noise):
        yield from of_noise(old, new)
    elif isinstance(old, Suppression) and isinstance(new, Suppression):
        yield from of_suppression(old, new)
    else:
        was, now = _terms(before), _terms(after)
        yield say(
            f"Skyddet byts från {was.sv} till {now.sv}. De två kan inte jämföras: det ena döljer celler, det andra "
            "lägger brus på alla.",
            f"The protection changes from {was.en} to {now.en}. The two cannot be compared: one hides cells, the other "
            "adds noise to all.",
            about=About.PROTECTION,
        )
    yield from _areas(before, after)
    yield from _categories(before, after)
    yield from of_measures(before.measures, after.measures)
    if before.title != after.title:
        yield say(
            f"Tabellens titel blir ”{after.title.sv}” ({after.title.en}).",
            f"The table's title becomes “{after.title.en}” ({after.title.sv}).", about=About.WORDS,
        )  # fmt: skip


def _areas(before: TableSpec, after: TableSpec) -> Iterator[Change]:
    yield from came_and_went(
        before.areas, after.areas,
        ("Nya områdesnivåer: {}.", "New area levels: {}."),
        ("Områdesnivåer som inte längre visas: {}.", "Area levels no longer shown: {}."),
        About.SHOWN,
    )  # fmt: skip
    if before.areas != after.areas and set(before.areas) == set(after.areas):
        yield say("Områdesnivåerna står i en annan ordning.", "The area levels stand in another order.")


def _categories(before: TableSpec, after: TableSpec) -> Iterator[Change]:
    old, new = {c.column: c.total for c in before.categories}, {c.column: c.total for c in after.categories}
    yield from came_and_went(
        old, new,
        ("Tabellen delas nu även efter {}: cellerna blir mindre.",
         "The table is now split by {} too: cells get smaller."),
        ("Tabellen delas inte längre efter {}.", "The table is no longer split by {}."),
        About.SHOWN,
    )  # fmt: skip
    for column in [c for c in old if c in new and old[c] != new[c]]:
        yield (
            say(f"Summan över {column} visas nu.", f"The total over {column} is shown now.")
            if new[column]
            else say(f"Summan över {column} visas inte längre.", f"The total over {column} is no longer shown.")
        )
    joins = {c.column: c.join for c in before.categories}
    for c in (c for c in after.categories if c.column in joins):
        yield from _joins(c.column, joins[c.column], c.join)
    if list(old) != list(new) and set(old) == set(new):
        order = quoted(new)
        yield say(f"Kolumnerna står nu i ordningen {order}.", f"The columns stand in the order {order} now.")


def _joins(column: str, before: tuple[JoinedCode, ...], after: tuple[JoinedCode, ...]) -> Iterator[Change]:
    """What of a column is joined otherwise than it was."""
    old, new = {j.code: j for j in before}, {j.code: j for j in after}
    for code, j in new.items():
        yield from _joined(column, old.get(code), j)
    still = {part for j in after for part in j.of}
    for code in (c for c in old if c not in new):
        parts, alone = quoted(old[code].of), quoted(p for p in old[code].of if p not in still)
        yield say(
            f"Koden {code} av {column} ({parts}) visas inte längre"
            + (f"; {alone} visas var för sig: cellerna blir mindre." if alone else "."),
            f"Code {code} of {column} ({parts}) is no longer shown"
            + (f"; {alone} are shown by themselves: cells get smaller." if alone else "."),
        )
    was, now = ([(j.code, j.of) for j in joins] for joins in (before, after))
    if was != now and sorted((c, sorted(of)) for c, of in was) == sorted((c, sorted(of)) for c, of in now):
        yield say(
            f"Sammanslagna koder av {column} står i en annan ordning.",
            f"Joined codes of {column} stand in another order.",
        )


def _joined(column: str, before: JoinedCode | None, after: JoinedCode) -> Iterator[Change]:
    """What is new of one joined code."""
    code, parts = after.code, quoted(after.of)
    if before is None:
        yield say(
            f"Koderna {parts} av {column} visas som en, {code}: cellerna blir större.",
            f"Codes {parts} of {column} are shown as one, {code}: cells get larger.",
        )
        return
    if set(before.of) != set(after.of):
        yield say(
            f"Koden {code} av {column} är nu {parts} i stället för {quoted(before.of)}.",
            f"Code {code} of {column} is {parts} now in place of {quoted(before.of)}.",
        )
    if before.text != after.text:
        yield say(
            f"Koden {code} av {column} heter nu ”{after.text.sv}” ({after.text.en}).",
            f"Code {code} of {column} is called “{after.text.en}” now ({after.text.sv}).", about=About.WORDS,
        )  # fmt: skip
