"""A checkout and its cart together: what would be bought, for how much, and what is still in the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.line_item import Availability
from chassis.notices import Notice, NoticeCode, NoticeType, Severity
from checkout.checkouts import totals
from checkout.checkouts.cart import Basket
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.checkouts.price_tables import SEEDED, PriceTables
from checkout.checkouts.totals import Totals
from checkout.delivery import options as delivery
from checkout.delivery.options import DeliveryOption, Goods
from checkout.errors import CheckoutNotReady
from checkout.settings import ChannelSettings
from checkout.taxes.calculation import TaxRule

_INPUT: Final = Severity.REQUIRES_BUYER_INPUT


@dataclass(frozen=True, slots=True)
class Review:
    """A checkout priced now."""

    basket: Basket
    totals: Totals
    options: tuple[DeliveryOption, ...]
    chosen: DeliveryOption | None
    notices: tuple[Notice, ...]

    @property
    def status(self) -> CheckoutStatus:
        """What the checkout's status is as far as the buyer is concerned."""
        blocked = any(notice.type is NoticeType.ERROR for notice in self.notices)
        return CheckoutStatus.INCOMPLETE if blocked else CheckoutStatus.READY_FOR_COMPLETE

    def require_ready(self) -> None:
        """Raises CheckoutNotReady with `codes`."""
        codes = [notice.code for notice in self.notices if notice.type is NoticeType.ERROR]
        if codes:
            raise CheckoutNotReady(codes=",".join(dict.fromkeys(codes)))


def of(checkout: Checkout, basket: Basket, *, channel: ChannelSettings, now: datetime, tables: PriceTables = SEEDED) -> Review:
    """The review of a checkout. Without an address, tax is that of the channel's first country and there are no options."""
    address = checkout.delivery_address
    country = address["address_country"] if address else channel.countries[0]
    options = tuple(options_for(basket, country=country, channel=channel, tables=tables, now=now)) if address else ()
    chosen = next((option for option in options if option.id == checkout.delivery_option_id), None)
    rule = TaxRule(country, address["address_region"] if address else "", is_included=basket.is_tax_included, rates=tables.tax_rates)
    priced = totals.of(
        [line.item for line in basket.lines],
        fulfillment_minor=chosen.price_minor if chosen else 0,
        currency=basket.currency,
        rule=rule,
    )
    return Review(basket, priced, options, chosen, (*basket.notices, *_missing(checkout, basket, chosen, priced)))


def options_for(basket: Basket, *, country: str, channel: ChannelSettings, tables: PriceTables, now: datetime) -> list[DeliveryOption]:
    """Ways to deliver the basket to a country."""
    goods = Goods(
        country=country, origin=channel.origin_country, weight_grams=basket.weight_grams, subtotal_minor=basket.goods_minor,
        currency=basket.currency,
    )  # fmt: skip
    return delivery.options(goods, now=now, has_pickup=channel.pickup, tariffs=tables.tariffs)


def _missing(checkout: Checkout, basket: Basket, chosen: DeliveryOption | None, priced: Totals) -> Iterator[Notice]:
    told = {notice.path for notice in basket.notices if notice.type is NoticeType.ERROR}
    for index, line in enumerate(basket.lines):
        path = f"$.lines[{index}]"
        if line.availability is Availability.OUT_OF_STOCK and path not in told:
            yield Notice.error(NoticeCode.OUT_OF_STOCK, path, "This is sold out.")
    if not checkout.email:
        yield Notice.error(NoticeCode.MISSING_EMAIL, "$.email", "Tell us where to write.", _INPUT)
    if not checkout.delivery_address:
        yield Notice.error(NoticeCode.MISSING_DELIVERY_ADDRESS, "$.delivery_address", "Tell us where to deliver.", _INPUT)
    elif chosen is None:
        yield Notice.error(NoticeCode.MISSING_DELIVERY_OPTION, "$.delivery_option_id", "Choose how to deliver.", _INPUT)
    if priced.total_minor and not (checkout.payment_method_id and checkout.payment_token):
        yield Notice.error(NoticeCode.MISSING_PAYMENT_METHOD, "$.payment_method_id", "Choose how to pay.", _INPUT)
