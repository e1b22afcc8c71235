"""Texts that are made to break a YAML reader: refused quickly, with a line, and never by an error of the program."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.policy.loader import parse_policy

BOMBS = {
    "aliases that double": "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(30)),
    "merge keys": "a: &a {b: c}\nd:\n  <<: *a\n",
    "lists in lists": "[" * 60_000,
    "closed lists in lists": "[" * 900 + "]" * 900,
    "blocks in blocks": "- " * 30_000,
    "mappings in mappings": "{a: " * 15_000,
    "keys that are keys": "? " * 30_000,
    "an object": "!!python/object/apply:os.system [ls]",
    "a tag on a scalar": "policy: !x y",
    "two documents": "policy: a\n---\npolicy: b\n",
    "no character": 'policy: "\\U00110000"',
    "half a character": 'policy: "\\ud800"',
    "half a character in a key": '"\\ud800": x',
    "a control character": 'policy: "a\\x07"',
    "too large": "# " + "x" * 70_000,
    "another version": "%YAML 9.9\n--- a",
    "not UTF-8": "\x00",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_yaml_bomb_is_refused_quickly_with_a_line(name):
    began = process_time()
    loaded, problems = parse_policy(BOMBS[name].encode(), "a.yaml")
    assert loaded is None
    assert problems
    assert all(p.line >= 1 for p in problems)
    assert process_time() - began < 3


@given(st.text(alphabet="ab:-?[]{}&*!|>'\"%#,\n\\ud8 ~", max_size=60))
def test_no_text_makes_the_reader_fail_otherwise_than_by_problems(text):
    loaded, problems = parse_policy(text.encode(), "a.yaml")
    assert loaded is None
    assert problems
    "".join(str(p) for p in problems).encode()
