"""The report of an import, as JSON and in words, and the lines of publisher.toml."""

from dataclasses import asdict

from publisher.geography.imports.edition import BORDERS, BY_SEX, CHANGES, DESO, POPULATION, REGISTER, EditionData
from publisher.geography.imports.model import ImportReport


def as_object(report: ImportReport) -> dict[str, object]:
    """The report as one JSON-able object."""
    return asdict(report)


def in_words(report: ImportReport) -> str:
    """The report as a person reads it."""
    lines = [f"{report.edition}: {report.areas} areas"]
    for one in report.inputs:
        lines.append(f"  {one.kind}: {one.file}: {one.rows} rows read, {one.matched} used")
        if one.unmatched_count:
            more = ", ..." if one.unmatched_count > len(one.unmatched) else ""
            lines.append(f"    not there for {one.unmatched_count} areas: {', '.join(one.unmatched)}{more}")
        lines += [f"    {note}" for note in one.notes]
    lines += ["changed since the last import:", *(f"  {c}" for c in report.changed)] if report.changed else []
    return "\n".join([*lines, "", "publisher.toml needs:", "", report.settings])


def settings_lines(data: EditionData, folder: str) -> str:
    """The lines of publisher.toml that the imported files need; `folder`: where editions lie, seen from there.

    The finest population that is known for every year is the one that counts of persons are held against: whoever
    reads a table knows it, too.
    """
    at = f"{folder}/{data.edition}"
    years = ", ".join(f'{y} = "area_type_{y}"' for y in sorted(data.types))
    lines = [f"[geography.{data.edition}]", f'register = "{at}/{REGISTER}"', f"area_types = {{{years}}}"]
    files = (("deso_key", DESO, data.deso), ("geometry", BORDERS, data.borders), ("changes", CHANGES, data.changes))
    lines += [f'{key} = "{at}/{name}"' for key, name, there in files if there]
    split, whole = ({year for _, year, sex in data.population if bool(sex) == by_sex} for by_sex in (True, False))
    if data.population:
        lines += _population("population", f"{at}/{POPULATION}", "", everyone=bool(whole))
    if split:
        lines += _population("population-by-sex", f"{at}/{BY_SEX}", 'sex = "sex"', everyone=not whole)
    return "\n".join(lines)


def _population(name: str, file: str, columns: str, *, everyone: bool) -> list[str]:
    return [
        "", f"[populations.{name}]", 'text = {sv = "hela befolkningen", en = "the whole population"}',
        f'file = "{file}"', f"columns = {{{columns}}}", *(["everyone = true"] if everyone else []),
    ]  # fmt: skip
