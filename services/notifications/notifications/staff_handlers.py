"""Handlers of other services' events of which the staff is mailed."""

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from notifications.mails.model import MailRules
from notifications.staff_notices.actions import notify_staff, record_dispute
from notifications.staff_notices.notices import (
    dispute_notice,
    disputed_payment,
    low_stock,
    refund_notice,
    review_notice,
)
from notifications.staff_notices.stock import record_low_stock
from sojourn.catalog.v1 import stock_events_pb2
from sojourn.checkout.v1 import disputes_pb2, order_desk_events_pb2, refund_failures_pb2


class StaffHandlers:
    """Handles events, which may arrive in any order and repeatedly."""

    def __init__(self, rules: MailRules, *, stock_minutes: int) -> None:
        self._rules, self._stock_minutes = rules, stock_minutes

    async def on_dispute_changed(
        self, tx: Tx, event: disputes_pb2.PaymentDisputeChanged, envelope: Envelope
    ) -> None:
        """Tells that a dispute was opened or decided, and keeps until when evidence is due."""
        await record_dispute(tx, disputed_payment(event))
        if notice := dispute_notice(event):
            await notify_staff(tx, notice, self._rules)

    async def on_order_held(
        self, tx: Tx, event: order_desk_events_pb2.OrderHeld, envelope: Envelope
    ) -> None:
        """Tells that an order waits for its review."""
        if notice := review_notice(event):
            await notify_staff(tx, notice, self._rules)

    async def on_refund_failed(
        self, tx: Tx, event: refund_failures_pb2.RefundFailed, envelope: Envelope
    ) -> None:
        await notify_staff(tx, refund_notice(event), self._rules)

    async def on_stock_low(
        self, tx: Tx, event: stock_events_pb2.StockLow, envelope: Envelope
    ) -> None:
        """Keeps a low level for a mail that tells of all that fell within some minutes."""
        await record_low_stock(tx, low_stock(event), minutes=self._stock_minutes)

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            disputes_pb2.PaymentDisputeChanged: self.on_dispute_changed,
            order_desk_events_pb2.OrderHeld: self.on_order_held,
            refund_failures_pb2.RefundFailed: self.on_refund_failed,
            stock_events_pb2.StockLow: self.on_stock_low,
        }
