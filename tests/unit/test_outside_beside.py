"""Tables of others that are remembered stand beside those that are declared."""

from publisher.geography.outside import KnownNumber, KnownNumbers
from publisher.outside import beside, known_then


def numbers(name: str, value: int, *, remembered: bool) -> KnownNumbers:
    """One number of a table in the one file."""
    rows = (KnownNumber(2, "kommun", f"010{value}", (), value),)
    return KnownNumbers(name, "all.csv", "0" * 64, "cases", (), rows, remembered=remembered)


def test_a_second_table_of_a_file_that_is_declared_still_is_not_forgotten() -> None:
    kept, gone = numbers("kept", 1, remembered=False), numbers("gone", 2, remembered=True)
    memory = (numbers("kept", 1, remembered=True), gone)
    assert beside((kept,), memory) == (kept, gone)
    assert known_then((kept,), memory) == (kept, gone)


def test_two_tables_of_one_file_are_remembered_both() -> None:
    memory = (numbers("a", 1, remembered=True), numbers("b", 2, remembered=True))
    assert beside((), memory) == memory
