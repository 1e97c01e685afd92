"""Facets: what a listing can be narrowed by, and the filters that narrow it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from catalog.errors import InvalidFilter
from chassis.money import exponent

BRAND: Final = "brand"
CATEGORY: Final = "category"
AVAILABILITY: Final = "availability"
PRICE: Final = "price"
RESERVED_NAMES: Final = frozenset((BRAND, CATEGORY, AVAILABILITY, PRICE))
MOST_VALUES: Final = 50
# In major units; times 100 for currencies without a minor unit, whose major units are small.
_PRICE_STEPS: Final = (0, 25, 50, 100, 150, 250, 500, 1000)


@dataclass(frozen=True, slots=True)
class PriceRange:
    """From `from_minor` to below `to_minor`; open upwards where that is None."""

    from_minor: int
    to_minor: int | None

    @property
    def value(self) -> str:
        """As a filter takes it."""
        return f"{self.from_minor}-{'' if self.to_minor is None else self.to_minor}"


@dataclass(frozen=True, slots=True)
class Filters:
    """Chosen values: any of a facet's, and all facets at once.

    `terms` maps brand, availability and attributes to their values.
    """

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    categories: tuple[str, ...] = ()
    prices: tuple[PriceRange, ...] = ()

    @property
    def names(self) -> list[str]:
        """The facets that are narrowed."""
        named = [name for name, _ in self.terms]
        return [*named, *([CATEGORY] if self.categories else []), *([PRICE] if self.prices else [])]

    def without(self, name: str) -> "Filters":
        """The same but for one facet, whose counts its own filter must not reduce."""
        match name:
            case "category":
                return replace(self, categories=())
            case "price":
                return replace(self, prices=())
        return replace(self, terms=tuple(term for term in self.terms if term[0] != name))


def filters_of(asked: Iterable[tuple[str, Sequence[str]]]) -> Filters:
    """Filters from names and values, in an order of their own. Raises InvalidFilter."""
    by_name: dict[str, set[str]] = {}
    for name, values in asked:
        by_name.setdefault(name, set()).update(values)
    chosen = {name: tuple(sorted(values)) for name, values in sorted(by_name.items()) if values}
    return Filters(
        terms=tuple(
            (name, values) for name, values in chosen.items() if name not in (CATEGORY, PRICE)
        ),
        categories=chosen.get(CATEGORY, ()),
        prices=tuple(_range(value) for value in chosen.get(PRICE, ())),
    )


def _range(text: str) -> PriceRange:
    low, dash, high = text.partition("-")
    if (
        not (
            dash
            and low.isascii()
            and low.isdigit()
            and (not high or (high.isascii() and high.isdigit()))
        )
        or len(text) > 30
    ):
        raise InvalidFilter('a price range is "from-to" in minor units', value=text[:40])
    return PriceRange(int(low), int(high) if high else None)


def token(name: str, value: str) -> str:
    """Returns the stored form of a product's value of a facet."""
    return f"{name}={value}"


def split(stored: str) -> tuple[str, str]:
    """Name and value of a token. Names hold no equals sign; values may."""
    name, _, value = stored.partition("=")
    return name, value


def price_ranges(currency: str) -> list[PriceRange]:
    """The ranges in which prices are counted."""
    unit = 10 ** exponent(currency) if exponent(currency) else 100
    steps = [step * unit for step in _PRICE_STEPS]
    return [PriceRange(low, high) for low, high in zip(steps, [*steps[1:], None], strict=True)]
