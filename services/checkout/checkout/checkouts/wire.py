"""Checkouts and their reviews as protobuf messages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chassis.notices import Notice, NoticeCode, Severity
from chassis.rpc import wire
from chassis.rpc.wire import EnumCodec, timestamp
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.checkouts.review import Review
from checkout.orders import wire as messages
from checkout.orders.view import OrderView
from checkout.payments.provider import PaymentProvider
from sojourn.checkout.v1 import checkout_pb2 as pb

_STATUSES: Final = EnumCodec(pb.CheckoutStatus, CheckoutStatus)
_CHALLENGE: Final = Notice.error(
    NoticeCode.CHALLENGE_REQUIRED, "$.continue_url", "Confirm the payment with your bank.", Severity.REQUIRES_BUYER_INPUT
)


def reviewed(checkout: Checkout, review: Review, provider: PaymentProvider) -> pb.Checkout:
    """An open checkout, priced now."""
    message = _bare(checkout, provider)
    message.status = _STATUSES.encode(review.status)
    message.lines.extend(_lines(review))
    message.totals.extend(messages.totals_to_proto(review.totals.entries, checkout.currency))
    message.messages.extend(wire.notice(notice) for notice in review.notices)
    message.delivery_options.extend(messages.option_to_proto(option) for option in review.options)
    message.delivery_option_id = review.chosen.id if review.chosen else ""
    message.tax_lines.extend(messages.tax_line_to_proto(line, checkout.currency) for line in review.totals.taxes.tax_lines)
    return message


def ordered(checkout: Checkout, view: OrderView, provider: PaymentProvider) -> pb.Checkout:
    """A checkout whose order is under way or placed: what was bought is the order's."""
    order = messages.order_to_proto(view)
    message = _bare(checkout, provider)
    message.lines.extend(order.lines)
    message.totals.extend(order.totals)
    message.tax_lines.extend(order.tax_lines)
    message.delivery_options.append(order.delivery_option)
    if checkout.status is CheckoutStatus.REQUIRES_ESCALATION:
        message.messages.append(wire.notice(_CHALLENGE))
    return message


def closed(checkout: Checkout, provider: PaymentProvider) -> pb.Checkout:
    """A checkout that was given up."""
    return _bare(checkout, provider)


def _bare(checkout: Checkout, provider: PaymentProvider) -> pb.Checkout:
    return pb.Checkout(
        id=str(checkout.id),
        cart_id=str(checkout.cart_id),
        status=_STATUSES.encode(checkout.status),
        version=checkout.version,
        currency=checkout.currency,
        channel=checkout.channel_id,
        email=checkout.email,
        delivery_address=messages.address_to_proto(checkout.delivery_address) if checkout.delivery_address else None,
        delivery_option_id=checkout.delivery_option_id,
        payment_methods=[pb.PaymentMethod(id=each.id, title=each.title, provider=provider.name) for each in provider.methods],
        payment_method_id=checkout.payment_method_id,
        order_id=str(checkout.order_id or ""),
        continue_url=checkout.continue_url,
        expires_at=timestamp(checkout.expires_at),
    )


def _lines(review: Review) -> Sequence[pb.OrderLine]:
    return [
        pb.OrderLine(
            id=line.id,
            item=wire.line_item(line.item),
            tax=wire.money(tax_minor, review.basket.currency),
            shipped=wire.quantity(replace(line.item.quantity, steps=0)),
        )
        for line, tax_minor in zip(review.basket.lines, review.totals.taxes.of_lines_minor, strict=True)
    ]
