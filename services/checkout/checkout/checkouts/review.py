"""Review of a checkout: its price now, and the notices that block its completion."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Final

from chassis.line_item import Availability
from chassis.notice_texts import NoticeText, notice_text
from chassis.notices import Notice, NoticeCode, NoticeType, Severity
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.checkouts.net_prices import take_out_tax
from checkout.checkouts.totals import Fee, Totals, price_order
from checkout.delivery import seeds as delivery_seeds
from checkout.delivery.options import (
    DeliveryOption,
    Dispatch,
    delivery_options,
    digital_option,
)
from checkout.delivery.table import DeliveryTable, Goods
from checkout.errors.checkouts import CheckoutNotReady, OutOfStock
from checkout.errors.payments import PaymentMethodNotOffered
from checkout.gift_cards.shares import (
    NO_GIFT_CARDS,
    AppliedGiftCards,
    GiftCardShare,
    share_among_cards,
)
from checkout.payment_methods.offers import OfferedMethod, PaymentOffers
from checkout.payments.model import Settlement
from checkout.pickups.model import PickupStore
from checkout.settings import ChannelSettings
from checkout.tax_exemptions.model import NONE, ExemptionTable
from checkout.taxes import seeds
from checkout.taxes.calculation import Calculator, TaxRule, tax_order, taxed_lines
from checkout.taxes.model import Place
from checkout.taxes.relief import OrderRelief, TaxBuyer
from checkout.taxes.table import TaxTable, taxing_place
from checkout.vat_ids.model import VatIdStatus

_INPUT: Final = Severity.REQUIRES_BUYER_INPUT
_PAYMENT_PATH: Final = "$.payment_method_id"


@dataclass(frozen=True, slots=True)
class PriceTables:
    """The delivery settings, tax rates and exemptions of a shop, and what computes taxes."""

    delivery: DeliveryTable
    taxes: TaxTable
    calculate: Calculator = tax_order
    exemptions: ExemptionTable = NONE


SEEDED: Final = PriceTables(delivery_seeds.SEEDED, seeds.SEEDED)


@dataclass(frozen=True, slots=True)
class _Goods:
    """A cart and its delivery with their rule of taxes, to which a fee may come."""

    cart: CartForOrder
    fulfillment_minor: int
    rule: TaxRule
    calculate: Calculator

    def totals(self, fee: Fee | None = None) -> Totals:
        """Returns the totals. Raises TaxRateNotSet, AmountTooLarge."""
        return price_order(
            [line.item for line in self.cart.lines],
            fulfillment_minor=self.fulfillment_minor,
            currency=self.cart.currency,
            rule=self.rule,
            calculate=self.calculate,
            fee=fee,
        )

    @property
    def amount_minor(self) -> int:
        """Goods and delivery, without taxes that are not in the prices."""
        return self.fulfillment_minor + sum(
            line.item.total.amount_minor for line in self.cart.lines
        )


@dataclass(frozen=True, slots=True)
class Review:
    """A checkout priced now.

    `chosen` is the buyer's delivery option if it is one of the options, `store` where it is picked
    up, None for an address. `method` is their payment method if it is one of those offered;
    `refused_method` is its code if it is not. `gift_cards` is what each card pays.
    """

    cart: CartForOrder
    goods: _Goods
    totals: Totals
    options: tuple[DeliveryOption, ...]
    chosen: DeliveryOption | None
    methods: tuple[OfferedMethod, ...]
    method: OfferedMethod | None
    refused_method: str
    notices: tuple[Notice, ...]
    store: PickupStore | None = None
    relief: OrderRelief | None = None
    gift_cards: tuple[GiftCardShare, ...] = ()

    @property
    def due_minor(self) -> int:
        """The amount that is left for the payment method after the gift cards."""
        return self.totals.total_minor - sum(share.pays_minor for share in self.gift_cards)

    @property
    def status(self) -> CheckoutStatus:
        """The present status of the open checkout."""
        return CheckoutStatus.INCOMPLETE if self._errors else CheckoutStatus.READY_FOR_COMPLETE

    def require_ready(self) -> None:
        """Raises the first error: OutOfStock if only stock is missing, as the order would.

        Raises PaymentMethodNotOffered if the chosen method is not offered any more, and
        CheckoutNotReady for anything else.
        """
        errors = self._errors
        if not errors:
            return
        others = [error for error in errors if error.code is not NoticeCode.OUT_OF_STOCK]
        if not others:
            paths = {error.path for error in errors}
            sold_out = (
                line.item.variant_id
                for index, line in enumerate(self.cart.lines)
                if _path_of(index) in paths
            )
            raise OutOfStock(variant_id=next(sold_out, ""))
        if others[0].path == _PAYMENT_PATH and self.refused_method:
            raise PaymentMethodNotOffered(payment_method_id=self.refused_method, path=_PAYMENT_PATH)
        missing = ",".join(dict.fromkeys(error.code for error in errors))
        raise CheckoutNotReady(code=others[0].code, path=others[0].path, missing=missing)

    def with_payment_of(self, checkout: Checkout) -> "Review":
        """Returns the review after the buyer's choice of a payment method, with its fee.

        Raises TaxRateNotSet, AmountTooLarge.
        """
        code = checkout.payment_method_id
        method = next((each for each in self.methods if each.code == code), None)
        fee = Fee(method.title, method.fee_minor) if method and method.fee_minor else None
        totals = self.totals if fee == self.totals.fee else self.goods.totals(fee)
        due_minor = totals.total_minor - sum(share.pays_minor for share in self.gift_cards)
        missing = _missing(checkout, self.cart, self.chosen, due_minor, method)
        return replace(
            self,
            totals=totals,
            method=method,
            refused_method="" if method else code,
            notices=(*_notices_of_cart(self.cart), *missing, *_notices_of_vat_id(checkout)),
        )

    @property
    def _errors(self) -> list[Notice]:
        return [notice for notice in self.notices if notice.type is NoticeType.ERROR]


def review_checkout(
    checkout: Checkout,
    cart: CartForOrder,
    *,
    channel: ChannelSettings,
    now: datetime,
    offers: PaymentOffers,
    tables: PriceTables = SEEDED,
    gift_cards: AppliedGiftCards = NO_GIFT_CARDS,
) -> Review:
    """Returns the review of a checkout.

    Raises TariffNotSet, TaxRateNotSet, AmountTooLarge.

    Without an address there are options for the store to pick up in only, and without a store
    none. The tax and the payment methods are those of the place where the buyer gets the goods, or
    of the channel's first country. A cart of which nothing is delivered has one option, which is
    chosen, and is taxed at the billing address where there is no other. Gift cards pay first; the
    payment methods are those for what is left, before the fee of one.
    """
    address, store = checkout.delivery_address, checkout.pickup_store
    place = Place(channel.countries[0])
    if known := address or (None if cart.needs_delivery else checkout.billing_address):
        place = Place(known["address_country"], known["address_region"], known["postal_code"])
    if not cart.needs_delivery:
        store = None
    options, at_store = _options(
        checkout, cart, place if address else None, store, channel, tables.delivery, now
    )
    chosen = next((option for option in options if option.id == checkout.delivery_option_id), None)
    if not cart.needs_delivery:
        [chosen] = options
    is_picked_up = store is not None and chosen in at_store
    if store is not None and (is_picked_up or not address):
        place = store.place
    rule = _tax_rule(checkout, cart, place, channel, tables, now)
    gross = _Goods(cart, chosen.price_minor if chosen else 0, rule, tables.calculate)
    cart, chosen, rule = take_out_tax(cart, chosen, rule, tables.calculate)
    goods = _Goods(cart, chosen.price_minor if chosen else 0, rule, tables.calculate)
    totals = goods.totals()
    kept_from_cards = 0 if gift_cards.pays_gift_cards else cart.gift_cards_minor
    shares = share_among_cards(
        gift_cards.cards, payable_minor=totals.total_minor - kept_from_cards, now=now
    )
    methods = _payable(
        cart,
        offers.offer(
            channel=checkout.channel_id,
            country=place.country,
            currency=cart.currency,
            amount_minor=totals.total_minor - sum(share.pays_minor for share in shares),
            locale=checkout.locale,
            fee_share=Fraction(goods.amount_minor or 1, gross.amount_minor or 1),
        ),
    )
    picked_up_at = store if is_picked_up else None
    review = Review(
        cart,
        goods,
        totals,
        options,
        chosen,
        methods,
        None,
        "",
        (),
        picked_up_at,
        rule.relief,
        shares,
    )
    return review.with_payment_of(checkout)


def _tax_rule(
    checkout: Checkout,
    cart: CartForOrder,
    place: Place,
    channel: ChannelSettings,
    tables: PriceTables,
    now: datetime,
) -> TaxRule:
    settings = tables.taxes.settings_of(checkout.channel_id)
    exemption = tables.exemptions.find(
        checkout.owner_id,
        checkout.organization_id,
        place=taxing_place(place, channel.origin_country, settings) or place,
        day=now.date(),
        locale=checkout.locale,
    )
    rule = TaxRule(
        place,
        now.date(),
        is_included=cart.is_tax_included,
        table=tables.taxes,
        settings=settings,
        origin=channel.origin_country,
        locale=checkout.locale,
        buyer=TaxBuyer(checkout.vat_id, exemption),
    )
    return rule.with_import_scheme(taxed_lines([line.item for line in cart.lines]), cart.currency)


def _options(
    checkout: Checkout,
    cart: CartForOrder,
    place: Place | None,
    store: PickupStore | None,
    channel: ChannelSettings,
    table: DeliveryTable,
    now: datetime,
) -> tuple[tuple[DeliveryOption, ...], tuple[DeliveryOption, ...]]:
    """Returns all options, and those of them at the store: only there is picked up if it is one."""

    def at(destination: Place, *, is_pickup: bool | None) -> list[DeliveryOption]:
        goods = Goods(
            country=destination.country,
            region=destination.region,
            postal_code=destination.postal_code,
            origin=channel.origin_country,
            weight_grams=cart.weight_grams,
            volume_cm3=cart.volume_cm3,
            subtotal_minor=cart.goods_minor,
            currency=cart.currency,
            pieces=cart.pieces,
            channel=cart.channel_id,
        )
        return delivery_options(
            goods,
            now=now,
            has_pickup=channel.pickup,
            table=table,
            locale=cart.locale,
            is_pickup=is_pickup,
            dispatch=Dispatch(cart.arrivals, checkout.splits_shipments),
        )

    if not cart.needs_delivery:
        return (digital_option(cart.currency, now, cart.locale),), ()
    at_store = at(store.place, is_pickup=True) if store else []
    at_address = at(place, is_pickup=False if store else None) if place else []
    return (*at_store, *at_address), tuple(at_store)


def _payable(cart: CartForOrder, methods: tuple[OfferedMethod, ...]) -> tuple[OfferedMethod, ...]:
    """Returns the methods without those that are paid at the door, if nothing comes there."""
    if cart.needs_delivery:
        return methods
    return tuple(each for each in methods if each.settlement is not Settlement.DELIVERY)


def _missing(
    checkout: Checkout,
    cart: CartForOrder,
    chosen: DeliveryOption | None,
    due_minor: int,
    method: OfferedMethod | None,
) -> Iterator[Notice]:
    reported = {notice.path for notice in cart.notices if notice.type is NoticeType.ERROR}
    locale = checkout.locale

    def missing(code: NoticeCode, text: NoticeText, path: str) -> Notice:
        return Notice.error(code, path, notice_text(text, locale), _INPUT)

    for index, line in enumerate(cart.lines):
        path = _path_of(index)
        if line.availability is Availability.OUT_OF_STOCK and path not in reported:
            content = notice_text(NoticeText.OUT_OF_STOCK, locale)
            yield Notice.error(NoticeCode.OUT_OF_STOCK, path, content)
    if not checkout.email:
        yield missing(NoticeCode.MISSING_EMAIL, NoticeText.MISSING_EMAIL, "$.email")
    has_place = checkout.delivery_address or checkout.pickup_store
    if cart.needs_delivery and not has_place:
        code, text = NoticeCode.MISSING_DELIVERY_ADDRESS, NoticeText.MISSING_DELIVERY_ADDRESS
        yield missing(code, text, "$.delivery_address")
    elif chosen is None:
        code, text = NoticeCode.MISSING_DELIVERY_OPTION, NoticeText.MISSING_DELIVERY_OPTION
        yield missing(code, text, "$.delivery_option_id")
    has_means = method is not None and (checkout.has_instrument or not method.needs_token)
    if due_minor and not has_means:
        code, text = NoticeCode.MISSING_PAYMENT_METHOD, NoticeText.MISSING_PAYMENT_METHOD
        yield missing(code, text, _PAYMENT_PATH)


def _notices_of_cart(cart: CartForOrder) -> Iterator[Notice]:
    """The notices of a cart with paths into the checkout, which has no coupon codes."""
    for notice in cart.notices:
        is_coupon = notice.path.startswith("$.coupon_codes")
        yield replace(notice, path="$.cart_id") if is_coupon else notice


def _notices_of_vat_id(checkout: Checkout) -> Iterator[Notice]:
    match checkout.vat_id and checkout.vat_id.status:
        case VatIdStatus.INVALID:
            code, text = NoticeCode.VAT_ID_INVALID, NoticeText.VAT_ID_INVALID
        case VatIdStatus.UNCONFIRMED:
            code, text = NoticeCode.VAT_ID_UNCONFIRMED, NoticeText.VAT_ID_UNCONFIRMED
        case _:
            return
    yield Notice.warning(code, "$.vat_id", notice_text(text, checkout.locale))


def _path_of(index: int) -> str:
    return f"$.lines[{index}]"
