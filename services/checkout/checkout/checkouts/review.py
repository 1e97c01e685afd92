"""Review of a checkout: its price now, and the notices that block its completion."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.line_item import Availability
from chassis.notices import Notice, NoticeCode, NoticeType, Severity
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.checkouts.totals import Totals, price_order
from checkout.delivery import tariffs
from checkout.delivery.options import DeliveryOption, Goods, delivery_options
from checkout.delivery.tariffs import Tariffs
from checkout.errors import CheckoutNotReady
from checkout.settings import ChannelSettings
from checkout.taxes import rates
from checkout.taxes.calculation import TaxRule
from checkout.taxes.rates import TaxRates

_INPUT: Final = Severity.REQUIRES_BUYER_INPUT


@dataclass(frozen=True, slots=True)
class PriceTables:
    """The tariffs of delivery and the tax rates of a shop."""

    tariffs: Tariffs
    tax_rates: TaxRates


SEEDED: Final = PriceTables(tariffs.SEEDED, rates.SEEDED)


@dataclass(frozen=True, slots=True)
class Review:
    """A checkout priced now.

    `chosen` is the buyer's delivery option if it is one of the options.
    """

    cart: CartForOrder
    totals: Totals
    options: tuple[DeliveryOption, ...]
    chosen: DeliveryOption | None
    notices: tuple[Notice, ...]

    @property
    def status(self) -> CheckoutStatus:
        """The present status of the open checkout."""
        return CheckoutStatus.INCOMPLETE if self._error_codes else CheckoutStatus.READY_FOR_COMPLETE

    def require_ready(self) -> None:
        """Raises CheckoutNotReady with `codes`."""
        if codes := self._error_codes:
            raise CheckoutNotReady(codes=",".join(dict.fromkeys(codes)))

    @property
    def _error_codes(self) -> list[NoticeCode]:
        return [notice.code for notice in self.notices if notice.type is NoticeType.ERROR]


def review_checkout(
    checkout: Checkout,
    cart: CartForOrder,
    *,
    channel: ChannelSettings,
    now: datetime,
    tables: PriceTables = SEEDED,
) -> Review:
    """Returns the review of a checkout.

    Raises TariffNotSet, TaxRateNotSet, AmountTooLarge.

    Without an address there are no delivery options, and the tax is that of the channel's first
    country.
    """
    address = checkout.delivery_address
    country = address["address_country"] if address else channel.countries[0]
    options = tuple(_options(cart, country, channel, tables.tariffs, now)) if address else ()
    chosen = next((option for option in options if option.id == checkout.delivery_option_id), None)
    totals = price_order(
        [line.item for line in cart.lines],
        fulfillment_minor=chosen.price_minor if chosen else 0,
        currency=cart.currency,
        rule=TaxRule(
            country,
            address["address_region"] if address else "",
            is_included=cart.is_tax_included,
            rates=tables.tax_rates,
        ),
    )
    return Review(
        cart, totals, options, chosen, (*cart.notices, *_missing(checkout, cart, chosen, totals))
    )


def _options(
    cart: CartForOrder, country: str, channel: ChannelSettings, tariffs: Tariffs, now: datetime
) -> list[DeliveryOption]:
    goods = Goods(
        country=country,
        origin=channel.origin_country,
        weight_grams=cart.weight_grams,
        subtotal_minor=cart.goods_minor,
        currency=cart.currency,
    )
    return delivery_options(goods, now=now, has_pickup=channel.pickup, tariffs=tariffs)


def _missing(
    checkout: Checkout, cart: CartForOrder, chosen: DeliveryOption | None, totals: Totals
) -> Iterator[Notice]:
    reported = {notice.path for notice in cart.notices if notice.type is NoticeType.ERROR}
    for index, line in enumerate(cart.lines):
        path = f"$.lines[{index}]"
        if line.availability is Availability.OUT_OF_STOCK and path not in reported:
            yield Notice.error(NoticeCode.OUT_OF_STOCK, path, "This is sold out.")
    if not checkout.email:
        yield Notice.error(NoticeCode.MISSING_EMAIL, "$.email", "Tell us where to write.", _INPUT)
    if not checkout.delivery_address:
        yield Notice.error(
            NoticeCode.MISSING_DELIVERY_ADDRESS,
            "$.delivery_address",
            "Tell us where to deliver.",
            _INPUT,
        )
    elif chosen is None:
        yield Notice.error(
            NoticeCode.MISSING_DELIVERY_OPTION,
            "$.delivery_option_id",
            "Choose how to deliver.",
            _INPUT,
        )
    if totals.total_minor and not (checkout.payment_method_id and checkout.payment_token):
        yield Notice.error(
            NoticeCode.MISSING_PAYMENT_METHOD, "$.payment_method_id", "Choose how to pay.", _INPUT
        )
