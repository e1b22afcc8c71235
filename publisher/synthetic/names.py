"""Invented names of municipalities and areas, built of Swedish-sounding syllables.

No pair of syllables here makes the name of a municipality that exists: invented figures must not be read as those of
a real place (a test compares every possible name with the real ones where their register is at hand).
"""

from collections.abc import Sequence
from itertools import product

import numpy as np

FIRST = (
    "Alm", "Asp", "Brunn", "Dag", "Djup", "Fjäll", "Flis", "Furu", "Gran", "Grön", "Gull", "Hassel", "Helg", "Hög",
    "Järp", "Klint", "Korp", "Lerk", "Lind", "Loft", "Lärk", "Mall", "Måns", "Näck", "Orr", "Rams", "Ring", "Rosen",
    "Rönn", "Sand", "Silver", "Skarp", "Stav", "Sten", "Sval", "Säv", "Tall", "Tjäder", "Torn", "Ugg", "Vass", "Vid",
    "Vind", "Ving", "Äng", "Ör", "Ax", "Bäver",
)  # fmt: skip
MUNICIPALITY_LAST = (
    "aryd", "astad", "eberga", "hälla", "köping", "landa", "mora", "näs", "ånger", "sele", "stad", "holma",
)  # fmt: skip
AREA_LAST = (
    "backa", "backen", "berget", "boda", "bol", "bro", "by", "byn", "dal", "dalen", "dammen", "eke", "forsen", "garn",
    "gården", "gärdet", "haga", "hagen", "hammar", "holm", "hult", "hus", "hyttan", "högen", "höjden", "kulla", "källa",
    "kärr", "lid", "lunda", "lunden", "lycka", "löten", "malmen", "marken", "mossen", "muren", "nyckel", "odla",
    "parken", "red", "rud", "rydet", "sal", "slätten", "sta", "stigen", "strand", "sund", "sätra", "säter", "torp",
    "torpet", "tuna", "tomta", "udden", "vad", "vallen", "vik", "vret", "åkern", "åsen",
)  # fmt: skip
COMPASS = ("Norra ", "Södra ", "Östra ", "Västra ")


def every_municipality_name() -> tuple[str, ...]:
    """All municipality names that can be made: 576 different ones."""
    return tuple(a + b for a, b in product(FIRST, MUNICIPALITY_LAST))


def every_area_name() -> tuple[str, ...]:
    """All area names that can be made, without points of the compass: 2 976 different ones."""
    return tuple(a + b for a, b in product(FIRST, AREA_LAST))


def municipality_names(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    """`count` different names; ValueError where there are not so many."""
    pool = every_municipality_name()
    if count > len(pool):
        raise ValueError(f"at most {len(pool)} municipalities can be named")
    return tuple(pool[i] for i in rng.permutation(len(pool))[:count])


def area_names(rng: np.random.Generator, sizes: Sequence[int], repeats: int) -> tuple[str, ...]:
    """Names of the areas of municipalities with `sizes` areas each, in order.

    All are different, but for `repeats` of them, which are the first name of the next municipality: names
    repeat between municipalities in the real register too, so nothing may be keyed on them.
    """
    plain = every_area_name()
    pool = [*plain, *(c + n for c, n in product(COMPASS, plain))]
    count = sum(sizes)
    if count > len(pool):
        raise ValueError(f"at most {len(pool)} areas can be named")
    order = np.concatenate([rng.permutation(len(plain)), len(plain) + rng.permutation(len(pool) - len(plain))])
    names = [pool[i] for i in order[:count]]
    starts = np.cumsum([0, *sizes])[:-1]
    for k in range(min(repeats, len(sizes) // 2)):
        names[starts[2 * k]] = names[starts[2 * k + 1]]
    return tuple(names)
