"""Products: who views, adds and buys each, and what it brings.

A column of each kind of touchpoint names its product. That of an order may name several, parted by
spaces, each with its amount in minor units: `tent:12990 stove:4500`. An order's money net of
refunds is parted by these amounts, or alike where they are missing, so that products sum up to the
orders to the cent. Rates are of people: of those who viewed a product, who added it at or after
their first view; of those who added it, who ordered it at or after their first adding.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey.questions import orders
from journey.questions.credits import split
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Numbers

MOST_PRODUCTS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductColumns:
    """Kinds of touchpoints, and the columns that name their product.

    An order is always `order.placed`.
    """

    view_kind: str = "product.view"
    view: str = "subject"
    cart_kind: str = "cart.line_added"
    cart: str = "property:product_slug"
    order: str = "property:products"


@dataclass(slots=True)
class ProductCounts:
    """Counts of a product.

    `viewers`, `adders` and `buyers` are people; `added_after_view` and `bought_after_adding` those
    of them who came further. `revenue` is net of refunds, in minor units by currency.
    """

    views: int = 0
    viewers: int = 0
    adds: int = 0
    adders: int = 0
    added_after_view: int = 0
    orders: int = 0
    buyers: int = 0
    bought_after_adding: int = 0
    revenue: Counter[str] = field(default_factory=Counter)


class Products:
    """Counts products, those that brought most orders first."""

    before = AT_ONCE
    # Refunds of the period's orders.
    reads_later = True

    def __init__(self, columns: ProductColumns) -> None:
        self._named = columns
        self.columns = orders.COLUMNS | {columns.view, columns.cart, columns.order}
        self.kinds = frozenset(
            {columns.view_kind, columns.cart_kind, orders.PLACED, orders.REFUNDED, orders.CANCELLED}
        )
        self._found: dict[str, ProductCounts] = defaultdict(ProductCounts)

    def add(self, batch: Batch, counted: Mask) -> None:
        named = self._named
        names: dict[str, int] = {}
        views = _named(batch, counted, named.view_kind, named.view, names)
        adds = _named(batch, counted, named.cart_kind, named.cart, names)
        bought = self._orders(batch, counted, names)
        size = max(len(names), 1)
        person = batch.person
        keyed = [
            (person[places] * size + products, places) for places, products in (views, adds, bought)
        ]
        (viewers, viewed), _ = _ends_of(*keyed[0])
        (adders, added), added_last = _ends_of(*keyed[1])
        (buyers, _), bought_last = _ends_of(*keyed[2])
        self._count("views", names, views[1])
        self._count("viewers", names, viewers % size)
        self._count("adds", names, adds[1])
        self._count("adders", names, adders % size)
        self._count("buyers", names, buyers % size)
        came = _at_or_after(viewers, viewed, adders, added_last)
        self._count("added_after_view", names, viewers[came] % size)
        came = _at_or_after(adders, added, buyers, bought_last)
        self._count("bought_after_adding", names, adders[came] % size)

    def _orders(
        self, batch: Batch, counted: Mask, names: dict[str, int]
    ) -> tuple[Numbers, Numbers]:
        """Counts orders and their money; returns the places of orders and their products."""
        placed = orders.orders_of(batch, counted)
        lists = batch.texts[self._named.order].take(placed.places)
        places, products = [], []
        for place, net, currency, text in zip(
            placed.places.tolist(), placed.net_minor.tolist(), placed.currencies, lists, strict=True
        ):
            if not (bought := parse_products(text)):
                continue
            parts = split(net, list(bought.values()))
            for (name, _), money in zip(bought.items(), parts, strict=True):
                self._found[name].orders += 1
                if currency:
                    self._found[name].revenue[currency] += money
                places.append(place)
                products.append(names.setdefault(name, len(names)))
        return np.array(places, dtype=np.int64), np.array(products, dtype=np.int64)

    def _count(self, field: str, names: dict[str, int], products: Numbers) -> None:
        counts = np.bincount(products, minlength=len(names)).tolist()
        for name, count in zip(names, counts, strict=True):
            if count:
                found = self._found[name]
                setattr(found, field, getattr(found, field) + count)

    def answer(self) -> dict[str, ProductCounts]:
        largest = sorted(
            self._found.items(), key=lambda pair: (-pair[1].orders, -pair[1].views, pair[0])
        )
        return dict(largest[:MOST_PRODUCTS])


def parse_products(text: str) -> dict[str, int]:
    """Returns the products that an order names, with their amounts; 0 where one has none."""
    found: dict[str, int] = {}
    for word in text.split():
        name, _, amount = word.rpartition(":")
        if not name or not amount.isascii() or not amount.isdigit():
            name, amount = word, "0"
        found[name] = found.get(name, 0) + int(amount)
    return found


def _named(
    batch: Batch, counted: Mask, kind: str, column: str, names: dict[str, int]
) -> tuple[Numbers, Numbers]:
    """Returns the places of a kind's touchpoints that name a product, and these products."""
    texts = batch.texts[column]
    chosen = counted & batch.texts["kind"].where(kind.__eq__) & texts.given
    places = np.flatnonzero(chosen)
    codes, back = np.unique(texts.codes[places], return_inverse=True)
    known = [names.setdefault(texts.values[code], len(names)) for code in codes.tolist()]
    return places, np.array(known, dtype=np.int64)[back.reshape(-1)]


def _ends_of(keys: Numbers, places: Numbers) -> tuple[tuple[Numbers, Numbers], Numbers]:
    """Returns the different keys with their first places, and their last ones."""
    order = np.lexsort((places, keys))
    keys, places = keys[order], places[order]
    is_first = np.ones(len(keys), dtype=np.bool_)
    is_first[1:] = keys[1:] != keys[:-1]
    is_last = np.append(is_first[1:], True) if len(keys) else is_first
    return (keys[is_first], places[is_first]), places[is_last]


def _at_or_after(keys: Numbers, first: Numbers, others: Numbers, last: Numbers) -> Mask:
    """Returns which keys are among sorted others, whose last place is not before their first."""
    if not len(others):
        return np.zeros(len(keys), dtype=np.bool_)
    at = np.minimum(np.searchsorted(others, keys), len(others) - 1)
    came: Mask = (others[at] == keys) & (last[at] >= first)
    return came


def rate(part: int, whole: int) -> float:
    """Returns a share from 0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0
