"""Codes that are ranges: told from other codes, and joined under a name that says what they are."""

import pytest

from publisher.policy.model import JoinedCode
from publisher.policy.ranges import are_ranges, joined, pairs, range_of
from publisher.release.model import Category, Text


@pytest.mark.parametrize(
    ("code", "found"),
    [("16-24", (16, 24)), ("0-15", (0, 15)), ("17", (17, 17)), ("65+", (65, None)), ("65-", (65, None)),
     ("vab", None), ("-15", None), ("16-24 år", None), ("", None), ("1-2-3", None)],
)  # fmt: skip
def test_a_range_is_two_numbers_one_or_a_beginning(code: str, found: object) -> None:
    assert range_of(code) == found


@pytest.mark.parametrize(
    ("codes", "follow"),
    [
        (["0-15", "16-24", "25-"], True), (["16", "17", "18-19"], True), (["16-24", "25-34"], True),
        (["16-24", "35-44"], False), (["25-34", "16-24"], False), (["16-", "25-34"], False), (["16-24", "vab"], False),
        (["1", "2", "3"], False), ([], False), (["24-16", "17-20"], False), (["16-24", "24-34"], False),
    ],
)  # fmt: skip
def test_ranges_follow_each_other_without_gap_or_overlap_and_plain_numbers_may_be_anything(
    codes: list[str], follow: bool
) -> None:
    assert are_ranges(codes) is follow


def category(code: str, sv: str, en: str, *joins: str) -> Category:
    return Category(code, Text(sv, en), joins)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([category("16-24", "16–24 år", "aged 16–24"), category("25-34", "25–34 år", "aged 25–34")],
         JoinedCode("16-34", Text("16–34 år", "aged 16–34"), ("16-24", "25-34"))),
        ([category("55-64", "55–64 år", "55–64"), category("65+", "65 år och äldre", "65 and over")],
         JoinedCode("55+", Text("55 år och äldre", "55 and over"), ("55-64", "65+"))),
        ([category("55-66", "55–66", "55–66"), category("67-", "67–", "67–")],
         JoinedCode("55-", Text("55–", "55–"), ("55-66", "67-"))),
        ([category("16", "16 år", "16"), category("17-19", "17–19 år", "17–19")],
         JoinedCode("16-19", Text("16–19 år", "16–19"), ("16", "17-19"))),
        ([category("16-24", "Unga vuxna", "Young"), category("25-34", "25–34", "25–34")],
         JoinedCode("16-34", Text("Unga vuxna, 25–34", "Young, 25–34"), ("16-24", "25-34"))),
        ([category("16-34", "16–34", "16–34", "16-24", "25-34"), category("35-44", "35–44", "35–44")],
         JoinedCode("16-44", Text("16–44", "16–44"), ("16-24", "25-34", "35-44"))),
        ([category("vab", "Vab", "Temporary"), category("fp", "Föräldrapenning", "Parental")],
         JoinedCode("vab_fp", Text("Vab, Föräldrapenning", "Temporary, Parental"), ("vab", "fp"))),
    ],
    ids=["closed", "open", "open by a hyphen", "a single year", "names without numbers", "joined before", "no ranges"],
)  # fmt: skip
def test_joined_codes_are_named_after_their_ends(parts: list[Category], expected: JoinedCode) -> None:
    assert joined(parts) == expected


def test_neighbours_stand_in_pairs_and_the_last_of_an_odd_number_alone() -> None:
    codes = [category(str(n), "a", "b") for n in range(5)]
    assert [[c.code for c in pair] for pair in pairs(codes)] == [["0", "1"], ["2", "3"], ["4"]]
