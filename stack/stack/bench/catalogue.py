"""Pages that a benchmark's shoppers look at: drawn evenly, or as shoppers do."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from stack.shoppers.shopper import Api

# Popularity of a shop's products follows a power law; its exponent is near one.
ZIPF_EXPONENT: Final = 1.0
# How many products are put into carts.
BOUGHT: Final = 400


class Draw(StrEnum):
    EVEN = "even"
    ZIPF = "zipf"


@dataclass
class Drawer:
    """Draws from `things`, each as likely, or the one of rank r with a weight of 1/r.

    Deterministic per seed.
    """

    things: Sequence[Any]
    draw: Draw
    seed: int = 1
    _random: random.Random = field(init=False)
    _sums: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._sums = list(
            itertools.accumulate(1 / rank**ZIPF_EXPONENT for rank in range(1, len(self.things) + 1))
        )

    def __call__(self) -> Any:
        if self.draw is Draw.EVEN:
            return self._random.choice(self.things)
        return self.things[bisect.bisect(self._sums, self._random.random() * self._sums[-1])]


@dataclass(frozen=True)
class Stocked:
    """Paths and ids of what a catalogue holds.

    `words` are those of titles. Variants and SKUs are one each of some products, for carts.
    """

    products: list[str]
    categories: list[str]
    words: list[str]
    variants: list[str]
    skus: list[str]

    @classmethod
    async def read(
        cls, api: Api, *, slugs: Sequence[str], titles: Sequence[str], seed: int = 1
    ) -> Stocked:
        """Stock of a running shop.

        `slugs` and `titles` are those of the imported products, shuffled.
        """
        mixed = random.Random(seed)
        tree = (await api.call("GET", "/v1/categories")).body["categories"]
        words = sorted(
            {
                word.lower()
                for title in titles
                for word in title.split()
                if word.isalpha() and len(word) > 3
            }
        )
        products = [f"/v1/products/{slug}?currency=EUR" for slug in slugs]
        for things in (products, words):
            mixed.shuffle(things)
        bought = [(await api.call("GET", path)).body["variants"][0] for path in products[:BOUGHT]]
        return cls(
            products,
            [
                f"/v1/categories/{entry['slug']}/products?page_size=24&facets=true&currency=EUR"
                for entry in tree
            ],
            words,
            [variant["id"] for variant in bought],
            [variant["sku"] for variant in bought],
        )
