"""The published description of each measure: what it is called, its unit, and what it follows from."""

from publisher.draft.quantile_words import quantile_amount, quantile_level, quantile_text
from publisher.policy.declarations import AmountDeclaration, SourceDeclaration
from publisher.policy.joining import shown_categories
from publisher.policy.model import DERIVED, MeasureSpec, Noise, TableSpec
from publisher.release.model import Measure, Text

COUNTED = {
    "cases": Text("Ärenden", "Cases"),
    "events": Text("Händelser", "Events"),
    "persons": Text("Personer", "Persons"),
    "persons_distinct": Text("Personer", "Persons"),
}
_UNITS = {
    "cases": Text("antal", "number"),
    "events": Text("antal", "number"),
    "persons": Text("antal", "number"),
    "persons_distinct": Text("antal, var person en gång", "number, each person once"),
}


def describe_measure(
    spec: MeasureSpec, table: TableSpec, source: SourceDeclaration, population: Text | None
) -> Measure:
    """The published description of a measure; `population`: the name of a rate's denominator."""
    text, unit = _words(spec, table, source, population)
    amount = source.amount(spec.of) if spec.kind == "sum" else None
    return Measure(
        id=spec.id, kind=spec.kind, text=text, unit=unit, decimals=spec.decimals,
        additive=spec.kind not in (*DERIVED, "persons_distinct", "quantile"), noisy=isinstance(table.protection, Noise),
        of=spec.of, per=spec.per, denominator=spec.denominator, within=spec.within,
        bounds_by=amount.by if amount else "", bounds=_bounds(amount, table, source) if amount else {},
        q=quantile_level(spec),
    )  # fmt: skip


def _bounds(amount: AmountDeclaration, table: TableSpec, source: SourceDeclaration) -> dict[str, tuple[int, int]]:
    """The bounds of one case's amount by the codes that the table shows."""
    spec = next((c for c in table.categories if c.column == amount.by), None)
    if spec is None:
        return dict(amount.bounds)
    shown = shown_categories(spec, source.category(amount.by))
    return {c.code: amount.bound_of(c.joins or (c.code,)) for c in shown}


def _words(
    spec: MeasureSpec, table: TableSpec, source: SourceDeclaration, population: Text | None
) -> tuple[Text, Text]:
    """Name and unit."""
    counted = COUNTED[table.count.kind]
    if spec.kind in COUNTED:
        return COUNTED[spec.kind], _UNITS[spec.kind]
    if spec.kind == "sum":
        amount = source.amount(spec.of)
        return amount.text, amount.unit
    if spec.kind == "quantile":
        amount = quantile_amount(spec, table, source)
        return quantile_text(spec, amount), amount.unit
    if spec.kind == "mean":
        amount = source.amount(next(s.of for s in table.sums if s.id == spec.of))
        one = Text("ärende", "case") if table.count.kind == "cases" else Text("person", "person")
        return Text(f"{amount.text.sv} per {one.sv}", f"{amount.text.en} per {one.en}"), amount.unit
    if spec.kind == "share":
        column = source.category(spec.within).text
        name = Text(f"Andel efter {_lower(column.sv)}", f"Share by {_lower(column.en)}")
        return name, _share_unit(spec, counted)
    return _rate(spec, table, source, population)


def _rate(
    spec: MeasureSpec, table: TableSpec, source: SourceDeclaration, population: Text | None
) -> tuple[Text, Text]:
    per = Text(f"{spec.per:,}".replace(",", "\u202f"), f"{spec.per:,}")
    names = population or Text("befolkningen", "the population")
    amounts = {s.id: source.amount(s.of).text for s in table.sums}
    above = amounts.get(spec.of, COUNTED[table.count.kind])
    text = Text(f"{above.sv} per {per.sv} invånare", f"{above.en} per {per.en} inhabitants")
    return text, Text(f"av {names.sv}", f"of {names.en}")


def _share_unit(spec: MeasureSpec, counted: Text) -> Text:
    if spec.per == 100:
        return Text(f"procent av {_lower(counted.sv)}", f"per cent of {_lower(counted.en)}")
    return Text(f"av {spec.per} {_lower(counted.sv)}", f"of {spec.per} {_lower(counted.en)}")


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
