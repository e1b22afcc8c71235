"""What is said of quantiles below and beside a table."""

from fractions import Fraction

from publisher.policy.declarations import AmountDeclaration, SourceDeclaration
from publisher.policy.model import MeasureSpec, TableSpec
from publisher.release.model import Text


def base_of(spec: MeasureSpec, table: TableSpec) -> MeasureSpec:
    """The measured quantile that a quantile is of, or itself."""
    return spec if spec.candidates else next(m for m in table.quantiles if m.id == spec.of)


def quantile_amount(spec: MeasureSpec, table: TableSpec, source: SourceDeclaration) -> AmountDeclaration:
    """The amount of which a quantile is."""
    return source.amount(base_of(spec, table).of)


def quantile_text(spec: MeasureSpec, amount: AmountDeclaration) -> Text:
    """The name of a quantile: median, or which percentile."""
    level = _level(spec.q or Fraction(1, 2))
    return Text(f"{amount.text.sv} per person, {level.sv}", f"{amount.text.en} per person, {level.en}")


def quantile_level(spec: MeasureSpec) -> str:
    """The level in plain decimals, or nothing for other measures."""
    return "" if spec.q is None else f"{float(spec.q):g}"


def quantile_note(table: TableSpec) -> tuple[Text, ...]:
    """How a quantile is to be read; nothing for a table without."""
    out = []
    for m in table.quantiles:
        ends = Text(*(f"{_number(m.candidates[0])} {to} {_number(m.candidates[-1])}" for to in ("till", "to")))
        out.append(
            Text(
                "Medianer och andra kvantiler gäller vad en person sammanlagt har i cellen, avrundat till det närmaste "
                f"av {len(m.candidates)} förutbestämda belopp från {ends.sv}; belopp utanför räknas som det närmaste "
                "av dem. Varje person i cellen räknas en gång. Där en ände av intervallet är det första eller sista "
                "beloppet kan kvantilen ligga utanför.",
                "Medians and other quantiles are of what a person has in the cell altogether, rounded to the nearest "
                f"of {len(m.candidates)} amounts set in advance from {ends.en}; amounts beyond count as the nearest of "
                "them. Each person in the cell counts once. Where an end of the interval is the first or last amount, "
                "the quantile can lie beyond.",
            )
        )
    return tuple(out)


def quantile_bound(table: TableSpec, several: int) -> Text | None:
    """What a person can change of the quantiles' counts, for the statement of the noise."""
    names = ", ".join(m.id for m in table.quantiles)
    if not names:
        return None
    return Text(
        f"; {names}: ett belopp per person i var och en av högst {several} celler",
        f"; {names}: one amount a person in each of at most {several} cells",
    )


def _number(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f").replace("-", "\u2212")


def _level(q: Fraction) -> Text:
    if q == Fraction(1, 2):
        return Text("median", "median")
    percent = q * 100
    if percent.denominator != 1:
        plain = f"{float(percent):g}"
        return Text(f"percentil {plain.replace('.', ',')}", f"percentile {plain}")
    number = int(percent)
    sv = "a" if number % 10 in (1, 2) and number not in (11, 12) else "e"
    en = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number not in (11, 12, 13) else "th"
    return Text(f"{number}:{sv} percentilen", f"{number}{en} percentile")
