"""Labelling: counts of facet values as shoppers read them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from catalog.categories.model import CategoryTree
from catalog.channels.model import View
from catalog.listings.facets import AVAILABILITY, BRAND, CATEGORY, MOST_VALUES, PRICE, price_ranges
from catalog.reservations.actions import CatalogContext
from catalog.search.index import Counts
from catalog.search.tuning import NO_WORDING, Wording
from chassis.line_item import Availability
from chassis.money import exponent
from sojourn.catalog.v1 import catalog_pb2 as pb

_MOST_FACETS: Final = 16
_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        CATEGORY: "Category",
        PRICE: "Price",
        AVAILABILITY: "Availability",
        BRAND: "Brand",
    },
    "de": {
        CATEGORY: "Kategorie",
        PRICE: "Preis",
        AVAILABILITY: "Verfügbarkeit",
        BRAND: "Marke",
    },
}
_AVAILABILITY: Final[Mapping[str, Mapping[Availability, str]]] = {
    "en": {
        Availability.IN_STOCK: "In stock",
        Availability.LOW_STOCK: "Only a few left",
        Availability.BACKORDER: "On backorder",
        Availability.PREORDER: "Preorder",
        Availability.OUT_OF_STOCK: "Sold out",
    },
    "de": {
        Availability.IN_STOCK: "Auf Lager",
        Availability.LOW_STOCK: "Nur noch wenige",
        Availability.BACKORDER: "Nachbestellt",
        Availability.PREORDER: "Vorbestellbar",
        Availability.OUT_OF_STOCK: "Ausverkauft",
    },
}


def labelled(
    counts: Counts, context: CatalogContext, view: View, wording: Wording = NO_WORDING
) -> list[pb.Facet]:
    """Returns facets in display order: category, price, availability, brand, attributes.

    Attributes of most products come first.
    """
    known = dict(counts.by_name)
    names = _NAMES.get(view.locale.split("-")[0], _NAMES["en"])
    ordered = [
        _facet(CATEGORY, names[CATEGORY], _categories(known.pop(CATEGORY, {}), context, view)),
        _facet(PRICE, names[PRICE], _prices(known.pop(PRICE, {}), view), is_sorted=True),
        _facet(
            AVAILABILITY,
            names[AVAILABILITY],
            _availabilities(known.pop(AVAILABILITY, {}), view),
        ),
        _facet(BRAND, names[BRAND], _plain(BRAND, known.pop(BRAND, {}), wording)),
    ]
    by_reach = sorted(known.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    ordered += [
        _facet(name, wording.label(name), _plain(name, values, wording))
        for name, values in by_reach
        if name not in wording.hidden_facets
    ]
    return [facet for facet in ordered if facet.values][:_MOST_FACETS]


def _facet(
    name: str, label: str, values: Iterable[pb.FacetValue], *, is_sorted: bool = False
) -> pb.Facet:
    chosen = (
        list(values) if is_sorted else sorted(values, key=lambda value: (-value.count, value.label))
    )
    return pb.Facet(name=name, label=label, values=chosen[:MOST_VALUES])


def _plain(name: str, counts: Mapping[str, int], wording: Wording) -> list[pb.FacetValue]:
    return [
        pb.FacetValue(value=value, label=wording.value(name, value), count=count)
        for value, count in counts.items()
    ]


def _categories(
    counts: Mapping[str, int], context: CatalogContext, view: View
) -> list[pb.FacetValue]:
    """Counts of categories, those below each included."""
    tree: CategoryTree = context.tree
    sums: dict[str, int] = {}
    for slug, count in counts.items():
        for above in tree.way_to(tree.by_slug[slug].id) if slug in tree.by_slug else []:
            sums[above.slug] = sums.get(above.slug, 0) + count
    fallback = context.channels.by_code[view.channel].locales[0]
    return [
        pb.FacetValue(
            value=slug, label=tree.by_slug[slug].name_in(view.locale, fallback), count=count
        )
        for slug, count in sums.items()
    ]


def _prices(counts: Mapping[str, int], view: View) -> list[pb.FacetValue]:
    return [
        pb.FacetValue(
            value=each.value,
            label=_range(each.from_minor, each.to_minor, view.currency),
            count=counts[each.value],
        )
        for each in price_ranges(view.currency)
        if counts.get(each.value)
    ]


def _range(from_minor: int, to_minor: int | None, currency: str) -> str:
    low, high = (
        None if minor is None else f"{Decimal(minor).scaleb(-exponent(currency)):f}"
        for minor in (from_minor, to_minor)
    )
    return f"{low}+ {currency}" if high is None else f"{low} – {high} {currency}"


def _availabilities(counts: Mapping[str, int], view: View) -> list[pb.FacetValue]:
    words = _AVAILABILITY.get(view.locale.split("-")[0], _AVAILABILITY["en"])
    return [
        pb.FacetValue(value=kind, label=words[kind], count=counts[kind])
        for kind in Availability
        if counts.get(kind)
    ]
