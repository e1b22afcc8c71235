"""The notes below a table: what is counted, what a total is, and what its protection does to the numbers."""

from publisher.policy.model import MeasureSpec, Noise, Policy, Suppression, TableSpec
from publisher.relations import KeySet
from publisher.release.model import Measure, Text

_WORDS = {
    "cases": Text("Ärenden", "Cases"),
    "persons": Text("Personer", "Persons"),
}
_UNITS = {"cases": Text("antal ärenden", "number of cases"), "persons": Text("antal personer", "number of persons")}


def describe_measure(spec: MeasureSpec, table: TableSpec, population: Text | None) -> Measure:
    """The published description of a measure."""
    if spec.kind != "rate":
        text, unit = _WORDS[spec.kind], _UNITS[spec.kind]
    else:
        counted = _WORDS[table.count.kind]
        names = population or Text("befolkningen", "the population")
        per = Text(f"{spec.per:,}".replace(",", "\u202f"), f"{spec.per:,}")
        text = Text(f"{counted.sv} per {per.sv} invånare", f"{counted.en} per {per.en} inhabitants")
        unit = Text(f"av {names.sv}", f"of {names.en}")
    return Measure(
        id=spec.id, kind=spec.kind, text=text, unit=unit, decimals=spec.decimals, additive=spec.kind != "rate",
        noisy=isinstance(table.protection, Noise), of=spec.of, per=spec.per, denominator=spec.denominator,
    )  # fmt: skip


def table_notes(policy: Policy, table: TableSpec, keys: KeySet) -> tuple[Text, ...]:
    """All notes of a table, the most needed first."""
    notes = [_total(table, keys), _areas()]
    if any(level.endswith("area_type") for level in table.areas):
        notes.append(_types(policy))
    protection = table.protection
    notes += _noise(protection, keys) if isinstance(protection, Noise) else _suppression(protection)
    if any(m.kind == "rate" for m in table.measures):
        notes.append(_rates())
    return tuple(notes)


def _total(table: TableSpec, keys: KeySet) -> Text:
    if table.count.kind == "cases":
        return Text(
            "Varje ärende räknas en gång. En total är summan av sina delar.",
            "Each case counts once. A total is the sum of its parts.",
        )
    if any(not c.personal for c in keys.columns) or isinstance(table.protection, Suppression):
        return Text(
            "En total är summan av sina delar: en person som finns i flera av dem räknas en gång i var och en.",
            "A total is the sum of its parts: a person who is in several of them counts once in each.",
        )
    return Text(
        "Varje person räknas en gång om året, i ett område. En total är summan av sina delar.",
        "Each person counts once a year, in one area. A total is the sum of its parts.",
    )


def _areas() -> Text:
    return Text(
        "Uppgifter utan känt område redovisas som ”område ej angivet” i den kommun eller det län som är känt, annars i "
        "riket. De fördelas inte på områden.",
        "Records without a known area are shown as “no area stated” in the municipality or county that is known, else "
        "in the nation. They are not spread over the areas.",
    )


def _types(policy: Policy) -> Text:
    if policy.type_year is None:
        return Text(
            "Områdestypen är den som gällde samma år som uppgiften. Ett område kan byta typ mellan åren.",
            "The area type is that of the same year as the figure. An area can change its type between years.",
        )
    year = policy.type_year
    return Text(
        f"Områdestypen är den som gällde {year}, för alla år.",
        f"The area type is that of {year}, for all years.",
    )


def _suppression(rule: Suppression) -> list[Text]:
    counted = Text("personer", "persons") if rule.counted == "persons" else Text("ärenden", "cases")
    return [
        Text(
            f"Uppgiften visas inte (..) där den bygger på färre än {rule.threshold} {counted.sv}, eller där den annars "
            "skulle avslöja en sådan uppgift. Det framgår inte vilket av skälen som gäller. Alla andra tal är exakta.",
            f"A figure is not shown (..) where it rests on fewer than {rule.threshold} {counted.en}, or where it would "
            "otherwise reveal such a figure. Which of the two applies is not told. All other numbers are exact.",
        ),
        Text(
            "Skyddet gäller den som står utanför. Den som själv är den enda i en cell kan veta mer än andra.",
            "The protection is against outsiders. Somebody who is the only one in a cell may know more than others.",
        ),
    ]


def _noise(noise: Noise, keys: KeySet) -> list[Text]:
    several = 1 if all(c.personal for c in keys.columns) else noise.bound.cells
    out = [
        Text(
            "Talen är skattningar: slumpmässigt brus har lagts till för att skydda enskilda. Intervallet täcker det "
            "tal som bruset lades till i 95 fall av 100. Talen är avrundade var för sig.",
            "The numbers are estimates: random noise was added to protect individuals. The interval covers the number "
            "that the noise was added to in 95 cases of 100. Numbers are rounded one by one.",
        ),
        Text(
            f"Före bruset begränsas vad en person kan bidra med till {several} per år, i det senaste området. Det tal "
            "som skattas kan därför vara något lägre än i registret.",
            f"Before the noise, what one person can contribute is bounded to {several} a year, in the latest area. The "
            "number estimated can therefore be slightly lower than in the register.",
        ),
    ]
    if noise.withhold_below is not None:
        limit = f"{float(noise.withhold_below):g}"
        out.append(
            Text(
                f"Skattningar under {limit} visas inte (..). Det avgörs av det brusiga talet, inte av det sanna.",
                f"Estimates below {limit} are not shown (..). The noisy number decides that, not the true one.",
            )
        )
    return out


def _rates() -> Text:
    return Text(
        "Nämnaren är offentlig befolkningsstatistik och är inte skyddad. Där område ej är angivet finns ingen nämnare.",
        "The denominator is public population statistics and is not protected. Where no area is stated there is none.",
    )
