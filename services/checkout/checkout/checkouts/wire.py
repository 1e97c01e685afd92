"""Checkouts and their reviews as protobuf messages, and requests as values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chassis import postal_addresses
from chassis.money import Money
from chassis.notice_texts import NoticeText, notice_text
from chassis.notices import Notice, NoticeCode, Severity
from chassis.rpc import wire
from chassis.rpc.ids import parse_id_or
from chassis.rpc.wire import EnumCodec, timestamp
from checkout.checkouts.model import Checkout, CheckoutChanges, CheckoutStatus
from checkout.checkouts.review import Review
from checkout.errors.saved_payments import SavedPaymentMethodNotFound
from checkout.gift_cards.wire import delivery_from_proto, delivery_to_proto, share_to_proto
from checkout.gift_messages.messages import gift_message_to_proto
from checkout.gift_messages.wire import messages_from_proto
from checkout.orders.messages import (
    address_to_proto,
    option_to_proto,
    order_to_proto,
    store_to_proto,
    tax_line_to_proto,
    totals_to_proto,
)
from checkout.orders.view import OrderView
from checkout.payment_methods.offers import OfferedMethod
from checkout.placing.model import Expectation
from checkout.vat_ids.messages import check_to_proto
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.common.v1 import address_pb2

STATUSES: Final = EnumCodec(pb.CheckoutStatus, CheckoutStatus)


def changes_from_proto(
    request: pb.UpdateCheckoutRequest | pb.CreateCheckoutRequest,
) -> CheckoutChanges:
    """Returns the fields that the request sets. `email` is as typed."""

    def given(name: str) -> str | None:
        return str(getattr(request, name)) if request.HasField(name) else None  # type: ignore[arg-type]  # names of optional fields

    return CheckoutChanges(
        email=given("email")
        if isinstance(request, pb.UpdateCheckoutRequest)
        else request.email or None,
        delivery_address=address_from_proto(request.delivery_address)
        if request.HasField("delivery_address")
        else None,
        billing_address=address_from_proto(request.billing_address)
        if request.HasField("billing_address")
        else None,
        gift_messages=messages_from_proto(request.gift_messages)
        if request.HasField("gift_messages")
        else None,
        delivery_option_id=given("delivery_option_id"),
        payment_method_id=given("payment_method_id"),
        payment_token=given("payment_token"),
        return_url=given("return_url"),
        pickup_location=given("pickup_location"),
        vat_id=given("vat_id"),
        saved_method_id=parse_id_or(request.saved_payment_method_id, SavedPaymentMethodNotFound())
        if request.saved_payment_method_id
        else None,
        drops_saved_method=given("saved_payment_method_id") == "",
        saves_payment_method=request.save_payment_method
        if request.HasField("save_payment_method")
        else None,
        splits_shipments=request.split_shipments if request.HasField("split_shipments") else None,
        gift_card_deliveries=tuple(
            map(delivery_from_proto, request.gift_card_deliveries.deliveries)
        )
        if isinstance(request, pb.UpdateCheckoutRequest)
        and request.HasField("gift_card_deliveries")
        else None,
    )


def address_from_proto(address: address_pb2.Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in postal_addresses.FIELDS}


def expectation_from_proto(request: pb.CompleteCheckoutRequest) -> Expectation:
    total = Money.from_proto(request.expected_total) if request.HasField("expected_total") else None
    due = Money.from_proto(request.expected_due) if request.HasField("expected_due") else None
    return Expectation(total, request.expected_version, due)


def open_to_proto(checkout: Checkout, review: Review) -> pb.Checkout:
    """Returns an open checkout, priced now, with the payment methods to choose from."""
    message = bare_to_proto(checkout)
    message.status = STATUSES.encode(review.status)
    message.cart_version = review.cart.version
    message.lines.extend(_lines(review))
    message.totals.extend(totals_to_proto(review.totals.entries, checkout.currency))
    message.messages.extend(wire.notice(notice) for notice in review.notices)
    line_ids = [line.id for line in review.cart.lines]
    message.delivery_options.extend(option_to_proto(option, line_ids) for option in review.options)
    message.delivery_option_id = review.chosen.id if review.chosen else ""
    message.payment_methods.extend(_method(method, checkout.currency) for method in review.methods)
    message.payment_method_id = review.method.code if review.method else ""
    message.tax_lines.extend(
        tax_line_to_proto(line, checkout.currency) for line in review.totals.taxes.tax_lines
    )
    message.gift_cards.extend(
        share_to_proto(share, checkout.currency) for share in review.gift_cards
    )
    message.gift_card_deliveries.extend(map(delivery_to_proto, checkout.gift_card_deliveries))
    message.gift_messages.extend(map(gift_message_to_proto, checkout.gift_messages))
    message.due.CopyFrom(wire.money(review.due_minor, checkout.currency))
    return message


def ordered_to_proto(checkout: Checkout, view: OrderView) -> pb.Checkout:
    """Returns a checkout with an order, with the lines and totals of that order."""
    order = order_to_proto(view)
    message = bare_to_proto(checkout)
    message.lines.extend(order.lines)
    message.totals.extend(order.totals)
    message.tax_lines.extend(order.tax_lines)
    message.delivery_options.append(order.delivery_option)
    if checkout.status is CheckoutStatus.REQUIRES_ESCALATION:
        message.messages.append(wire.notice(_challenge(checkout.locale)))
    return message


def bare_to_proto(checkout: Checkout) -> pb.Checkout:
    """Returns a checkout without lines, prices and choices, as a canceled one is shown."""
    return pb.Checkout(
        id=str(checkout.id),
        cart_id=str(checkout.cart_id),
        status=STATUSES.encode(checkout.status),
        version=checkout.version,
        currency=checkout.currency,
        channel=checkout.channel_id,
        email=checkout.email,
        delivery_address=address_to_proto(checkout.delivery_address)
        if checkout.delivery_address
        else None,
        delivery_option_id=checkout.delivery_option_id,
        payment_method_id=checkout.payment_method_id,
        saved_payment_method_id=str(checkout.saved_payment_method_id or ""),
        save_payment_method=checkout.saves_payment_method,
        split_shipments=checkout.splits_shipments,
        order_id=str(checkout.order_id or ""),
        continue_url=checkout.continue_url,
        expires_at=timestamp(checkout.expires_at),
        locale=checkout.locale,
        pickup_store=store_to_proto(checkout.pickup_store) if checkout.pickup_store else None,
        vat_id=check_to_proto(checkout.vat_id) if checkout.vat_id else None,
        billing_address=address_to_proto(checkout.billing_address)
        if checkout.billing_address
        else None,
    )


def _method(method: OfferedMethod, currency: str) -> pb.PaymentMethod:
    return pb.PaymentMethod(
        id=method.code,
        title=method.title,
        provider=method.provider,
        description=method.description,
        needs_token=method.needs_token,
        preferred=method.is_preferred,
        fee=wire.money(method.fee_minor, currency) if method.fee_minor else None,
        can_be_saved=method.can_be_saved,
    )


def _lines(review: Review) -> Sequence[pb.OrderLine]:
    return [
        pb.OrderLine(
            id=line.id,
            item=wire.line_item(line.item),
            tax=wire.money(tax_minor, review.cart.currency),
            shipped=wire.quantity(replace(line.item.quantity, steps=0)),
        )
        for line, tax_minor in zip(
            review.cart.lines, review.totals.taxes.of_lines_minor, strict=True
        )
    ]


def _challenge(locale: str) -> Notice:
    content = notice_text(NoticeText.CHALLENGE_REQUIRED, locale)
    severity = Severity.REQUIRES_BUYER_INPUT
    return Notice.error(NoticeCode.CHALLENGE_REQUIRED, "$.continue_url", content, severity)
