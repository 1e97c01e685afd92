"""The rows of a new order, from a reviewed checkout."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.line_item import LineItem
from chassis.runtime.clock import uuid7
from checkout.checkouts.model import Checkout
from checkout.checkouts.review import Review
from checkout.gift_cards.model import GIFT_CARD, STORE_CREDIT
from checkout.gift_cards.shares import GiftCardShare
from checkout.gift_messages.model import messages_of_order
from checkout.orders.model import SYNTHETIC_PREFIX, Actor, Order, OrderLine
from checkout.payment_methods.offers import OfferedMethod
from checkout.payments.model import CapturePoint, Payment, PaymentStatus, Settlement
from checkout.payments.references import creditor_reference
from checkout.pickups.model import Pickup
from checkout.placing.model import Attempt, OrderTerms
from checkout.saved_payments.model import NO_MEANS, PaymentMeans
from checkout.taxes.taxation import taxation_of


def draft_order(
    checkout: Checkout,
    review: Review,
    terms: OrderTerms,
    now: datetime,
    means: PaymentMeans = NO_MEANS,
) -> Attempt:
    """Returns the order, its lines and its payments, not inserted yet.

    A free order has no payment, one that gift cards pay has none besides.
    """
    order_id, cart, chosen = uuid7(), review.cart, review.chosen
    assert chosen is not None
    store, lines = review.store, _draft_lines(order_id, checkout, review)
    assert store or checkout.delivery_address or not cart.needs_delivery
    order = Order(
        id=order_id,
        number_prefix=SYNTHETIC_PREFIX if checkout.is_synthetic else terms.order_prefix,
        owner_id=checkout.owner_id,
        organization_id=checkout.organization_id,
        channel_id=checkout.channel_id,
        checkout_id=checkout.id,
        cart_id=cart.cart_id,
        cart_version=cart.version,
        currency=review.totals.currency,
        locale=checkout.locale,
        email=checkout.email,
        delivery_address=(None if store else checkout.delivery_address) or {},
        billing_address=checkout.billing_address,
        gift_messages=messages_of_order(
            checkout.gift_messages,
            {of_cart.id: str(line.id) for of_cart, line in zip(cart.lines, lines, strict=True)},
        ),
        delivery_option=chosen,
        totals=review.totals.entries,
        tax_lines=list(review.totals.taxes.tax_lines),
        promotion_codes=list(cart.promotion_codes),
        total_minor=review.totals.total_minor,
        is_synthetic=checkout.is_synthetic,
        placed_by=checkout.placed_by,
        placed_via=checkout.placed_via,
        pickup=Pickup(store) if store else None,
        taxation=taxation_of(
            review.totals.taxes, review.relief, checkout.vat_id, review.goods.rule.ioss_number
        ),
        earns=None if checkout.is_synthetic else terms.earns,
        created_at=now,
        expires_at=now + timedelta(seconds=terms.reservation_seconds),
    )
    payments = list[Payment]()
    if review.due_minor and review.method:
        payments.append(_draft_payment(order, checkout, review, terms, means))
    payments += [
        _draft_card_payment(order, share) for share in review.gift_cards if share.pays_minor
    ]
    return Attempt(order, lines, payments, Actor.BUYER)


def _draft_card_payment(order: Order, share: GiftCardShare) -> Payment:
    """Returns a payment whose card holds the amount from the insert on."""
    return Payment(
        id=uuid7(),
        order_id=order.id,
        provider=GIFT_CARD,
        method_id=STORE_CREDIT if share.is_store_credit else GIFT_CARD,
        provider_method=GIFT_CARD,
        status=PaymentStatus.AUTHORIZED,
        currency=order.currency,
        amount_minor=share.pays_minor,
        gift_card_id=share.card_id,
        gift_card_ending=share.ending,
        created_at=order.created_at,
    )


def _draft_payment(
    order: Order, checkout: Checkout, review: Review, terms: OrderTerms, means: PaymentMeans
) -> Payment:
    method = review.method
    assert method is not None
    payment_id, is_later = uuid7(), method.settlement is not Settlement.NOW
    days = _payment_days(method, terms)
    return Payment(
        id=payment_id,
        order_id=order.id,
        provider=method.provider,
        method_id=method.code,
        provider_method=method.provider_method,
        currency=order.currency,
        amount_minor=review.due_minor,
        token=means.token or checkout.payment_token,
        saved_payment_method_id=means.saved_method_id,
        provider_customer=means.provider_customer,
        saves_method=means.saves,
        is_off_session=means.is_off_session,
        capture_at=_capture_point(method, checkout, review),
        return_url=checkout.return_url,
        settlement=method.settlement,
        reference=creditor_reference(payment_id) if days is not None else None,
        instructions=method.description if is_later else "",
        due_at=order.created_at + timedelta(days=days) if days is not None else None,
        credit_limit=method.credit.code if method.credit else None,
        created_at=order.created_at,
    )


def _capture_point(method: OfferedMethod, checkout: Checkout, review: Review) -> CapturePoint:
    """Returns when an order is paid: with its shipments only if all of it is shipped."""
    is_shipped = review.store is None and all(
        line.item.needs_delivery for line in review.cart.lines
    )
    if checkout.is_synthetic or not is_shipped:
        return CapturePoint.ORDER
    return method.capture_at


def _payment_days(method: OfferedMethod, terms: OrderTerms) -> int | None:
    """Returns the days in which a payment is to be transferred; None for one that is not."""
    match method.settlement:
        case Settlement.TRANSFER:
            return terms.transfer_days
        case Settlement.INVOICE:
            assert method.credit is not None, "an invoice is offered to who has credit"
            return method.credit.payment_days
        case Settlement.NOW | Settlement.DELIVERY | Settlement.TILL | Settlement.EXCHANGE:
            return None


def _draft_lines(order_id: UUID, checkout: Checkout, review: Review) -> list[OrderLine]:
    taxes_minor: Sequence[int] = review.totals.taxes.of_lines_minor
    drafts = []
    for position, (line, tax_minor) in enumerate(zip(review.cart.lines, taxes_minor, strict=True)):
        draft = draft_line(order_id, position, line.item, tax_minor)
        draft.gift_card_deliveries = [
            each for each in checkout.gift_card_deliveries if each.line_id == line.id
        ]
        drafts.append(draft)
    return drafts


def draft_line(order_id: UUID, position: int, item: LineItem, tax_minor: int) -> OrderLine:
    """Returns the line of an order for a priced item, not inserted yet."""
    return OrderLine(
        id=uuid7(),
        order_id=order_id,
        position=position,
        variant_id=item.variant_id,
        product_id=item.product_id,
        sku=item.sku,
        title=item.title,
        options=item.options,
        product_slug=item.product_slug,
        image_url=item.image_url,
        quantity=item.quantity.steps,
        scale=item.quantity.scale,
        increment=item.quantity.increment,
        unit_code=item.quantity.unit_code,
        mass_grams=item.mass_grams,
        volume_cm3=item.volume_cm3,
        promise=item.promise,
        expected_at=item.expected_at,
        kind=item.kind,
        gift_card_value_minor=item.gift_card_value.amount_minor if item.gift_card_value else None,
        unit_price_minor=item.unit_price.amount_minor,
        discount_minor=item.discount.amount_minor,
        total_minor=item.total.amount_minor,
        tax_minor=tax_minor,
        tax_class=item.tax_class,
    )
