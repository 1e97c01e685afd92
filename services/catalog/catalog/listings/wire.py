"""Offers and cards as messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from google.protobuf.message import DecodeError

from catalog.channels.model import View
from catalog.listings.offers import Offer
from catalog.search.tuning import NO_WORDING, Wording
from chassis.data.isolation import Loop
from chassis.line_item import ItemKind
from chassis.money import require_bounded
from chassis.rpc.wire import AVAILABILITIES, ITEM_KINDS, money, timestamp
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.prices_pb2 import QuantityPrice

_CARDS: Final = Loop("product_cards")
# A voucher for more than one thing is taxed when it pays (Directive 2006/112/EC, article 30b).
_UNTAXED: Final = "exempt"


def localize(page: pb.Product, wording: Wording) -> None:
    """Names and values of options and attributes in the page's language, where translated."""
    if wording.is_empty:
        return
    for option in page.options:
        values = [wording.value(option.name, value) for value in option.values]
        option.name, option.values[:] = wording.label(option.name), values
    for variant in page.variants:
        for chosen in variant.options:
            value = wording.value(chosen.name, chosen.value)
            chosen.name, chosen.value = wording.label(chosen.name), value
    facts = {
        wording.label(name): wording.value(name, value) for name, value in page.attributes.items()
    }
    page.attributes.clear()
    page.attributes.update(facts)


def encode_offer(
    offer: Offer, view: View, category_slugs: Sequence[str], wording: Wording = NO_WORDING
) -> pb.Offer:
    """Raises AmountTooLarge: what costs more than an amount may be is not sold."""
    require_bounded(offer.amount_minor, path="price")
    message = pb.Offer(
        variant_id=str(offer.variant_id),
        product_id=str(offer.product_id),
        sku=offer.sku,
        title=offer.title,
        options=[
            pb.OptionValue(name=wording.label(name), value=wording.value(name, value))
            for name, value in offer.options
        ],
        product_slug=offer.product_slug,
        price=money(offer.amount_minor, view.currency),
        available=offer.available + offer.promised,
        available_now=offer.available,
        promise=AVAILABILITIES.encode(offer.promise) if offer.promise else None,
        expected_at=timestamp(offer.expected_at) if offer.promise else None,
        tiers=[
            QuantityPrice(min_quantity=least, price=money(amount, view.currency))
            for least, amount in offer.tiers or ()
        ],
        compare_at=money(offer.compare_at_minor, view.currency)
        if offer.compare_at_minor is not None
        else None,
        weight_grams=offer.weight_grams,
        volume_cm3=offer.volume_cm3,
        tax_class=offer.tax_class if offer.kind is not ItemKind.GIFT_CARD else _UNTAXED,
        tax_included=offer.tax_included,
        unit_code=offer.unit_code,
        scale=offer.scale,
        increment=offer.increment,
        category_slugs=category_slugs,
        kind=ITEM_KINDS.encode(offer.kind),
        gift_card_value=money(value, view.currency)
        if (value := (offer.face_values or {}).get(view.currency)) is not None
        else None,
    )
    if offer.image:
        message.image.url, message.image.alt = offer.image
    return message


def encode_cards(product_ids: Iterable[UUID], cards: Mapping[UUID, bytes]) -> list[pb.ProductCard]:
    """Returns cards in the order of the ids, without unoffered and unreadable ones."""
    found: list[pb.ProductCard] = []
    for product_id in product_ids:
        if product_id in cards:
            try:
                found.append(pb.ProductCard.FromString(cards[product_id]))
            except DecodeError as error:
                _CARDS.skip(product_id, error)
    return found
