"""What audits find, as the programs say it, and in Swedish; the place of a finding follows in brackets."""

from types import MappingProxyType

FINDINGS = MappingProxyType(
    {
        "a cell differs between releases": "en cell skiljer sig mellan utgåvor",
        "a cell has no exact number to compare with": "en cell har inget exakt tal att jämföra med",
        "a cell is missing": "en cell saknas",
        "a cell is not declared": "en cell är inte deklarerad",
        "a cell is withheld although no rule withholds": "en cell visas inte, fast ingen regel döljer den",
        "a cell of a suppressed table carries an interval": "en cell i en tabell med dolda tal har ett intervall",
        "a cell stands twice": "en cell står två gånger",
        "a cell that must be published is withheld": "en cell som ska visas visas inte",
        "a cell withheld in an earlier version is shown": "en cell som doldes i en tidigare version visas",
        "a cell withheld in one place is shown in another": "en cell som döljs på ett ställe visas på ett annat",
        "a count below the threshold is shown": "ett antal under tröskeln visas",
        "a count below the threshold that no table shows can be computed": (
            "ett antal under tröskeln, som ingen tabell visar, går att räkna ut"
        ),
        "a mask differs by measure": "olika mått döljer olika celler",
        "a part was charged and not measured": "en del är belastad och inte mätt",
        "a period states other rules than it was sealed with": "en period uppger andra regler än den förseglades med",
        "a quantile is no declared candidate": "en kvantil är ingen deklarerad kandidat",
        "a quantile is shown of which nothing is known": "en kvantil visas som ingenting är känt om",
        "an uncertain quantile is not marked": "en osäker kvantil är inte märkt",
        "a row that can occur is not applicable": "en rad som kan förekomma uppges inte kunna anges",
        "a sensitive cell is not withheld": "en känslig cell visas",
        "a sensitive cell lies in too narrow an interval": "en känslig cell ligger i ett för smalt intervall",
        "a shown cell carries no whole number, or a negative count": (
            "en cell som visas har inget heltal, eller ett negativt antal"
        ),
        "a shown noisy cell lacks its value or its interval": "en cell med brus saknar sitt tal eller sitt intervall",
        "a shown number is not the exact one": "ett tal som visas är inte det exakta",
        "a table names other tables than it was measured with": "en tabell nämner andra tabeller än den är mätt med",
        "a total is not the sum of its parts": "en summa är inte summan av sina delar",
        "a value lies outside its interval": "ett tal ligger utanför sitt intervall",
        "a withheld cell can be computed": "en cell som inte visas går att räkna ut",
        "a withheld cell carries a number": "en cell som inte visas har ett tal",
        "a zero is withheld, although zeros are shown": "en nolla visas inte, fast nollor ska visas",
        "a zero is shown, although zeros are protected": "en nolla visas, fast nollor ska skyddas",
        "an estimate below the declared limit is shown": "en skattning under den deklarerade gränsen visas",
        "an exact number lies outside the interval of its cell": "ett exakt tal ligger utanför cellens intervall",
        "an uncertain estimate is not marked": "en osäker skattning är inte märkt",
        "cells of one period have several versions": "celler i en period har olika versioner",
        "insiders could not be asked: the exact numbers do not fit the tables": (
            "insiders kunde inte prövas: de exakta talen passar inte tabellerna"
        ),
        "insiders were not asked, although the tables promise it: who is alone in a cell is not known": (
            "insiders prövades inte, fast tabellerna lovar det: vem som är ensam i en cell är inte känt"
        ),
        "it is not decided whether whole numbers leave a withheld cell wide enough": (
            "det är inte avgjort om heltal lämnar en dold cell bred nog"
        ),
        "more privacy loss was measured than was charged": "större integritetsförlust är mätt än belastad",
        "nothing was measured": "ingenting är mätt",
        "quantiles of one amount are out of order": "kvantiler av ett belopp står inte i ordning",
        "tables that were measured together do not name each other": "tabeller som mättes ihop nämner inte varandra",
        "tables that were measured together show different numbers of one cell": (
            "tabeller som mättes ihop visar olika tal för en cell"
        ),
        "the exact numbers do not add up, or lie beyond what is publicly known of them": (
            "de exakta talen går inte ihop, eller ligger utanför vad som är allmänt känt om dem"
        ),
        "the interval of a sensitive number ends too near to it": "ett känsligt tals intervall slutar för nära det",
        "the period is not declared": "perioden är inte deklarerad",
        "the stated rho is less than what was measured": "det uppgivna rho är mindre än vad som är mätt",
        "the stated rho is no number": "det uppgivna rho är inget tal",
        "the table states another promise than its policy": "tabellen uppger ett annat löfte än sin policy",
        "the tables do not add up": "tabellerna går inte ihop",
        "the withheld cells cannot all be at least one, although zeros are shown": (
            "de dolda cellerna kan inte alla vara minst ett, fast nollor visas"
        ),
        "whoever is alone in a cell can compute another sensitive cell": (
            "den som är ensam i en cell kan räkna ut en annan känslig cell"
        ),
        "a {} is not what follows from the numbers shown": "måttet {} är inte vad som följer av talen som visas",
        "a {} is shown where its count is withheld": "måttet {} visas där dess antal inte visas",
        "a {} is shown where its denominator is withheld": "måttet {} visas där dess nämnare inte visas",
        "a {} is not marked where a part of it is uncertain": "måttet {} är inte märkt där en del av det är osäker",
        "a {} is not the ratio of its parts": "måttet {} är inte kvoten av sina delar",
        "a {} is shown where a part of it is withheld": "måttet {} visas där en del av det inte visas",
        "a {} is withheld although no part of it is": "måttet {} visas inte, fast alla dess delar visas",
        "status {} has no place in a suppressed table": "status {} hör inte hemma i en tabell med dolda tal",
        "status {} has no place here": "status {} hör inte hemma här",
    }
)
