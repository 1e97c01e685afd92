"""Events of others as notices for the staff."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from notifications.mails.compose.variables import amount_variables, truncate
from notifications.staff_notices.model import (
    DisputedPayment,
    LowStock,
    StaffNotice,
    StaffNoticeKind,
)
from sojourn.catalog.v1 import stock_events_pb2
from sojourn.checkout.v1 import disputes_pb2, order_desk_events_pb2, refund_failures_pb2

# Of one mail; catalog lists all.
_MOST_LEVELS: Final = 200
_NEEDS_RESPONSE: Final = disputes_pb2.PAYMENT_DISPUTE_STATUS_NEEDS_RESPONSE
_KINDS: Final = {
    _NEEDS_RESPONSE: StaffNoticeKind.DISPUTE_OPENED,
    disputes_pb2.PAYMENT_DISPUTE_STATUS_UNDER_REVIEW: StaffNoticeKind.DISPUTE_OPENED,
    disputes_pb2.PAYMENT_DISPUTE_STATUS_WON: StaffNoticeKind.DISPUTE_WON,
    disputes_pb2.PAYMENT_DISPUTE_STATUS_LOST: StaffNoticeKind.DISPUTE_LOST,
}


def dispute_notice(event: disputes_pb2.PaymentDisputeChanged) -> StaffNotice | None:
    """Tells of a dispute that was opened or decided; None for a state of a later release."""
    kind, dispute = _KINDS.get(event.dispute.status), event.dispute
    if kind is None:
        return None
    awaits_evidence = dispute.status == _NEEDS_RESPONSE and dispute.HasField("respond_by")
    variables = {
        "number": _number(event.number, event.order_id),
        "amount": amount_variables(dispute.amount),
        "reason": truncate(dispute.reason),
        **(due_variables(dispute.respond_by.ToDatetime(UTC)) if awaits_evidence else {}),
    }
    return StaffNotice(kind, dispute.id, event.channel, variables)


def disputed_payment(event: disputes_pb2.PaymentDisputeChanged) -> DisputedPayment:
    """Returns a dispute as its event tells of it."""
    dispute = event.dispute
    awaits_evidence = dispute.status == _NEEDS_RESPONSE and dispute.HasField("respond_by")
    return DisputedPayment(
        dispute_id=UUID(dispute.id),
        order_version=event.version,
        number=_number(event.number, event.order_id),
        channel=event.channel,
        reason=truncate(dispute.reason),
        currency=dispute.amount.currency,
        amount_minor=dispute.amount.amount_minor,
        respond_by=dispute.respond_by.ToDatetime(UTC) if awaits_evidence else None,
    )


def evidence_notice(dispute: DisputedPayment, respond_by: datetime) -> StaffNotice:
    """Reminds of evidence, once for each date until which the provider takes it."""
    variables = {
        "number": dispute.number,
        "amount": {"amount_minor": dispute.amount_minor, "currency": dispute.currency},
        "reason": dispute.reason,
        **due_variables(respond_by),
    }
    subject = f"{dispute.dispute_id}:{respond_by.astimezone(UTC):%Y%m%dT%H%M%S}"
    return StaffNotice(StaffNoticeKind.EVIDENCE_DUE, subject, dispute.channel, variables)


def review_notice(event: order_desk_events_pb2.OrderHeld) -> StaffNotice | None:
    """Tells of an order that waits for its review; None for one that is held for another reason."""
    if not event.HasField("review_until"):
        return None
    variables = {
        "number": _number(event.number, event.order_id),
        **due_variables(event.review_until.ToDatetime(UTC)),
    }
    kind = StaffNoticeKind.ORDER_UNDER_REVIEW
    return StaffNotice(kind, event.order_id, event.channel, variables)


def refund_notice(event: refund_failures_pb2.RefundFailed) -> StaffNotice:
    """Tells of a refund that is owed to its buyer, once for each attempt that failed."""
    variables = {
        "number": _number(event.number, event.order_id),
        "amount": amount_variables(event.amount),
        "reason": truncate(event.failure_code),
    }
    subject = f"{event.refund_id}:{event.attempt}"
    return StaffNotice(StaffNoticeKind.REFUND_OWED, subject, event.channel, variables)


def stock_notice(levels: Sequence[LowStock], subject: str) -> StaffNotice:
    """Tells of stock levels that are low, up to a bound. Stock belongs to no channel."""
    variables = {
        "levels": [
            {"sku": each.sku, "warehouse": each.warehouse, "left": each.left_steps}
            for each in levels[:_MOST_LEVELS]
        ],
        "more": max(len(levels) - _MOST_LEVELS, 0),
    }
    return StaffNotice(StaffNoticeKind.STOCK_LOW, subject, "", variables)


def low_stock(event: stock_events_pb2.StockLow) -> LowStock:
    """Returns the level of an event."""
    return LowStock(
        variant_id=UUID(event.variant_id),
        warehouse=truncate(event.warehouse),
        sku=truncate(event.sku),
        left_steps=event.left,
    )


def due_variables(due_at: datetime) -> dict[str, Any]:
    """Returns the day and the time of a date, in UTC."""
    at = due_at.astimezone(UTC)
    return {"due_on": at.date(), "due_time": f"{at:%H:%M}"}


def _number(number: str, order_id: str) -> str:
    """Returns how staff find an order: by its number, or by its id in events that have none."""
    return truncate(number or order_id)
