"""JSON-stat 2 datasets of population (https://json-stat.org/full/): values in row-major order of the dimensions."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from publisher.geography.imports.fetching import Input

ROLES = {"region": "region", "regso": "region", "tid": "time", "år": "time", "year": "time", "kon": "sex", "kön": "sex",
         "sex": "sex", "alder": "age", "ålder": "age", "age": "age", "contentscode": "contents"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a dimension."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Cube:
    """`dimensions`: role -> categories, in the order of the dataset; `values`: people or None, row-major."""

    dimensions: Mapping[str, tuple[Category, ...]]
    values: Sequence[int | None]

    def cells(self) -> Iterator[tuple[Mapping[str, Category], int]]:
        """Each value that there is, with its category of each role."""
        for place, people in zip(product(*self.dimensions.values()), self.values, strict=True):
            if people is not None:
                yield dict(zip(self.dimensions, place, strict=True)), people


def read_json_stat(given: Input) -> Cube:
    """A dataset of regions and years, and sexes, ages and contents where they are there."""
    try:
        data = json.loads(given.data)
        names = [str(name) for name in data["id"]]
        categories = [_categories(data["dimension"][name]["category"]) for name in names]
        values, sizes = data["value"], [int(size) for size in data["size"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise given.fail("is no JSON-stat 2 dataset") from None
    dimensions = {ROLES.get(n.casefold(), n): c for n, c in zip(names, categories, strict=True)}
    if [len(c) for c in categories] != sizes or len(dimensions) != len(names):
        raise given.fail("its dimensions are not of the sizes that it states")
    _check_dimensions(given, dimensions)
    return Cube(dimensions, _values(given, values, math.prod(sizes)))


def _check_dimensions(given: Input, dimensions: Mapping[str, tuple[Category, ...]]) -> None:
    if not {"region", "time"} <= set(dimensions):
        raise given.fail("needs the dimensions Region and Tid")
    for role, categories in dimensions.items():
        if role not in ("region", "time", "sex") and (role not in ("age", "contents") or len(categories) != 1):
            raise given.fail(f"dimension {role} must have one value, such as a total")


def _categories(category: Mapping[str, object]) -> tuple[Category, ...]:
    """In the order of the index, which is a list of codes or says the place of each; one category may have none."""
    labels = category.get("label") or {}
    index = category.get("index", labels)
    if not isinstance(labels, dict) or not isinstance(index, dict | list):
        raise TypeError
    places = dict(zip(index, range(len(index)), strict=True)) if isinstance(index, list) else index
    if "index" in category and sorted(places.values()) != list(range(len(places))):
        raise ValueError
    codes = sorted(places, key=lambda code: places[code]) if "index" in category else list(places)
    return tuple(Category(str(code), str(labels.get(code, code))) for code in codes)


def _values(given: Input, values: object, size: int) -> list[int | None]:
    """The values, which are a list, or an object of those that there are by place."""
    if isinstance(values, dict) and all(str(k).isdecimal() and int(k) < size for k in values):
        values = [values.get(str(i)) for i in range(size)]
    if not isinstance(values, list) or len(values) != size:
        raise given.fail(f"its sizes say {size} values, and it has others")
    if any(v is not None and (type(v) is not int or not 0 <= v < 10**9) for v in values):
        raise given.fail("a population is no whole number")
    return values
