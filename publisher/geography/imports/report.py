"""The report of an import, as JSON and in words."""

from dataclasses import asdict

from publisher.geography.imports.run import ImportReport


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
