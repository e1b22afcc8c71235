"""The search is made wrong on purpose, one fault at a time; what it finds then does not pass the attack.

A fault is planted where `protect` calls the search: the search itself works as ever, on what it was told wrongly.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from click.testing import CliRunner
from plain_worlds import (
    LEVELS,
    Asked,
    Key,
    PlainWorld,
    broken,
    broken_sums,
    counted,
    our_attack,
    overdone,
    protected,
    written,
)
from scipy import sparse

import publisher.tabular.protect as module
from publisher.cli.main import publisher
from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.relations import LinkedSystem
from publisher.suppression.pattern import CountTerms, Layer

Told = tuple[LinkedSystem, Layer, CountTerms]
Fault = Callable[[Told, list[Key]], Told]
SEEDS = range(4)


def some_world(seed: int) -> PlainWorld:
    """Eight areas in three municipalities and three kinds; the totals of municipalities must be shown."""
    draw = np.random.default_rng(seed)
    areas = [f"a{i}" for i in range(8)]
    small = {a: draw.random(3) < 0.4 for a in areas}
    counts = {a: np.where(small[a], draw.integers(0, 5, 3), draw.integers(5, 40, 3)).tolist() for a in areas}
    kommun, kind = ({a: of(i) for i, a in enumerate(areas)} for of in (lambda i: f"k{i // 3}", lambda i: f"t{i % 3}"))
    above = {"kommun": kommun, "kind": kind}
    forced = ({}, {"area": "kommun", "category": "total"})
    return counted(counts, above=above, hierarchies=(("kommun",), ("kind",)), forced=forced)


def ignore_kinds(told: Told, keys: list[Key]) -> Told:
    """The search does not know one of the two hierarchies."""
    system, layer, terms = told
    kinds = [i for i, (area, _) in enumerate(keys) if area.startswith("t")]
    left = np.flatnonzero(abs(system.equations[:, kinds]).sum(axis=1) == 0)
    return LinkedSystem(sparse.csr_array(system.equations[left]), system.shown), layer, terms


def drop_the_least_one(told: Told, _: list[Key]) -> Told:
    """The search does not know that a withheld count is at least 1 where zeros are shown."""
    return (*told[:2], replace(told[2], known_zeros=False))


def lower_the_level(told: Told, _: list[Key]) -> Told:
    """The search protects from points only."""
    return (*told[:2], replace(told[2], level=ProtectionLevel.EXACT))


def lower_the_threshold(told: Told, _: list[Key]) -> Told:
    """The search is content with an interval of 2."""
    return (*told[:2], replace(told[2], threshold=2))


def forget_forced_cells(told: Told, _: list[Key]) -> Told:
    """The search does not know what must be shown, and another measure withholds all of it but the nation."""
    system, layer, terms = told
    others = layer.forced & ~layer.sensitive & (np.arange(system.size) > 0)
    return system, replace(layer, forced=np.zeros_like(layer.forced), withheld=others), terms


def count_one_less(told: Told, _: list[Key]) -> Told:
    """The search takes a count right below the threshold for a harmless one."""
    system, layer, terms = told
    return system, replace(layer, sensitive=layer.sensitive & (layer.values < terms.threshold - 1)), terms


def withhold_zeros(told: Told, _: list[Key]) -> Told:
    """The search takes zeros for cells that can protect others; here it likes them best."""
    system, layer, terms = told
    liked = np.where(layer.zeros, 1, 1000)
    return system, replace(layer, zeros=np.zeros_like(layer.zeros), weights=liked), replace(terms, known_zeros=False)


@dataclass(frozen=True)
class Planted:
    """A fault, the levels at which it shows, and in how many of the worlds at least."""

    fault: Fault
    levels: tuple[str, ...]
    shows: int


FAULTS = (
    Planted(ignore_kinds, ("exact", "ambiguous"), 3),
    Planted(drop_the_least_one, ("exact", "ambiguous"), 1),
    Planted(lower_the_level, ("interval", "ambiguous"), 3),
    Planted(lower_the_threshold, ("ambiguous",), 2),
    Planted(forget_forced_cells, ("exact", "ambiguous"), 3),
    Planted(count_one_less, ("interval",), 1),
    Planted(withhold_zeros, ("exact", "ambiguous"), 2),
)
CASES = [pytest.param(p, level, id=f"{p.fault.__name__}-{level}") for p in FAULTS for level in p.levels]


def plant(monkeypatch: pytest.MonkeyPatch, fault: Fault, keys: list[Key]) -> None:
    find = module.find_pattern
    monkeypatch.setattr(module, "find_pattern", lambda *told: find(*fault(told, keys)))


def keys_of(world: PlainWorld) -> list[Key]:
    """The cells in the order of the search."""
    return list(protected(world, Asked("exact", "protected"))[1])


@pytest.mark.parametrize(("planted", "level"), CASES)
def test_a_search_with_a_fault_does_not_pass_the_attack(
    monkeypatch: pytest.MonkeyPatch, planted: Planted, level: str
) -> None:
    """Whatever the programmes of the test see the attack sees; and they see the fault in most worlds."""
    asked, shows = Asked(level), 0
    plant(monkeypatch, planted.fault, keys_of(some_world(0)))
    for seed in SEEDS:
        world = some_world(seed)
        try:
            _, cells = protected(world, asked)
        except SuppressionError:
            continue
        wrong = bool(broken(world, asked, cells) or overdone(world, asked, cells))
        assert bool(our_attack(world, asked, cells).reasons) == wrong
        shows += wrong
    assert shows >= planted.shows


@pytest.mark.parametrize("level", LEVELS)
def test_a_secondary_cell_that_is_published_after_the_search_is_found(level: str) -> None:
    """Each in turn: redundant ones were removed, so that hardly any could be given back."""
    asked, tried, found = Asked(level), 0, 0
    for seed in SEEDS:
        world = some_world(seed)
        truth = world.truth
        cells = protected(world, asked)[1]
        for key in (k for k, v in cells.items() if v is None and truth[k] >= world.threshold):
            given_back = {**cells, key: truth[key]}
            wrong = bool(broken(world, asked, given_back))
            assert bool(our_attack(world, asked, given_back).reasons) == wrong
            tried, found = tried + 1, found + wrong
    assert found >= 0.9 * tried > 20


@pytest.mark.parametrize("what", ["rise", "fall"])
def test_sums_that_are_protected_to_one_side_only_do_not_pass(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    find, shows = module.find_sum_pattern, 0

    def one_sided(*told: object, **more: np.ndarray) -> object:
        return find(*told, **{**more, what: np.zeros_like(more[what])})

    monkeypatch.setattr(module, "find_sum_pattern", one_sided)
    for seed in SEEDS:
        world = some_world(seed)
        draw = np.random.default_rng(seed)
        leaves = {k: tuple(sorted(draw.choice([1, 5, 40, 900], 4).tolist(), reverse=True)) for k in world.leaves}
        world = replace(world, leaves=leaves)
        _, cells = protected(world, Asked(sums=True))
        wrong = bool(broken_sums(world, cells))
        assert bool(our_attack(world, Asked(sums=True), cells).reasons) == wrong
        shows += wrong
    assert shows >= 1


def test_nothing_is_written_where_the_search_had_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    world, asked = some_world(1), Asked("ambiguous")
    with written(world, asked) as (folder, _):
        leaves, spec, out = (str(folder / name) for name in ("LEAVES.csv", "SPEC.yaml", "T.csv"))
        command = ["protect", leaves, "--spec", spec, "-o", out]
        assert CliRunner().invoke(publisher, command).exit_code == 0
        (folder / "T.csv").unlink()
        plant(monkeypatch, ignore_kinds, keys_of(world))
        assert CliRunner().invoke(publisher, command).exit_code != 0
        assert not (folder / "T.csv").exists()
