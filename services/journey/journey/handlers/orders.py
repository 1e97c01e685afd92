"""Events of orders. Each names its order, and its checkout and cart where the event does.

Money: `order.placed` and `order.cancelled` have the order's total, `order.refunded` what was given
back. What an order brought is its total less its refunds; a cancellation gives back by refunds.
"""

from collections import Counter
from dataclasses import replace
from typing import Final

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from journey.costs.margins import margin_of
from journey.costs.model import costs_of
from journey.handlers.recording import Fact, Recorder, Trust, uuid_of
from journey.people.keys import order_key
from journey.reminders.model import FOR_GOOD
from journey.surveys.mailing import Address
from journey.touchpoints.model import MOST_TEXT
from sojourn.catalog.v1 import digital_events_pb2 as digital
from sojourn.checkout.v1 import checkout_pb2, claim_pb2, disputes_pb2
from sojourn.checkout.v1 import claim_events_pb2 as claims
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.checkout.v1 import gift_card_events_pb2 as gift_cards
from sojourn.checkout.v1 import pickup_events_pb2 as pickup
from sojourn.checkout.v1 import return_events_pb2 as returns
from sojourn.checkout.v1 import shipment_events_pb2 as shipments
from sojourn.common.v1 import money_pb2

_DEVICES: Final = {
    checkout_pb2.ORDER_CONTACT_POINT_POS: "till",
    checkout_pb2.ORDER_CONTACT_POINT_CALL_CENTER: "call_center",
}
ReturnEvent = (
    returns.ReturnRequested
    | returns.ReturnAccepted
    | returns.ReturnRejected
    | returns.ReturnCancelled
    | returns.ReturnReceived
    | returns.ReturnRefunded
)
_RETURNS: Final[dict[type[Message], str]] = {
    returns.ReturnRequested: "return.requested",
    returns.ReturnAccepted: "return.accepted",
    returns.ReturnRejected: "return.rejected",
    returns.ReturnCancelled: "return.cancelled",
    returns.ReturnReceived: "return.received",
    returns.ReturnRefunded: "return.refunded",
}


_CLAIMS: Final = {
    claim_pb2.CLAIM_STATUS_OPEN: "claim.opened",
    claim_pb2.CLAIM_STATUS_SETTLED: "claim.settled",
    claim_pb2.CLAIM_STATUS_REJECTED: "claim.rejected",
    claim_pb2.CLAIM_STATUS_WITHDRAWN: "claim.withdrawn",
}


class OrderHandlers(Recorder):
    """Handlers of checkout's events about orders."""

    async def on_placed(self, tx: Tx, event: checkout.OrderPlaced, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, FOR_GOOD)
        order = event.order
        # The browser of a member of the staff who places it is no shopper's.
        trust = Trust.OWNER_ONLY if order.placed_via else Trust.IF_CONSENTED
        placed = _of_order("order.placed", order, trust, cart_id=event.cart_id)
        sold = map(uuid_of, (line.item.variant_id for line in order.lines))
        costs = await costs_of(tx, filter(None, sold))
        fact = replace(
            placed,
            properties={**placed.properties, "margin_minor": margin_of(order, costs)},
            device=_DEVICES.get(order.placed_via, ""),
            address=_address(event),
            keys=(
                order_key(order.id),
                *((order_key(order.number),) if order.number else ()),
                *self._email_keys(order.email),
            ),
        )
        await self._record(tx, envelope, fact)

    async def on_refused(self, tx: Tx, event: checkout.OrderRefused, envelope: Envelope) -> None:
        fact = Fact(
            kind="order.refused",
            owner_id=event.owner_id,
            trust=Trust.IF_CONSENTED,
            channel=event.channel,
            subject=event.order_id,
            outcome="refused",
            reason=event.reason,
            properties={"order_id": event.order_id, "cart_id": event.cart_id},
        )
        await self._record(tx, envelope, fact)

    async def on_cancelled(
        self, tx: Tx, event: checkout.OrderCancelled, envelope: Envelope
    ) -> None:
        fact = _of_order("order.cancelled", event.order, Trust.OWNER_ONLY, cart_id=event.cart_id)
        await self._record(tx, envelope, replace(fact, address=_address(event)))

    async def on_digital_goods_delivered(
        self, tx: Tx, event: digital.DigitalGoodsDelivered, envelope: Envelope
    ) -> None:
        fact = Fact(
            kind="order.digital_goods_delivered",
            owner_id=event.owner_id,
            trust=Trust.OWNER_ONLY,
            channel=event.channel,
            subject=event.order_id,
            properties={"order_id": event.order_id, "checkout_id": event.checkout_id},
        )
        await self._record(tx, envelope, fact)

    async def on_gift_card_sent(
        self, tx: Tx, event: gift_cards.GiftCardSent, envelope: Envelope
    ) -> None:
        """Records it for the buyer; a card that no order bought is nobody's act."""
        if not event.order_id:
            return
        fact = Fact(
            kind="order.gift_card_sent",
            owner_id=event.owner_id,
            trust=Trust.OWNER_ONLY,
            channel=event.channel,
            subject=event.order_id,
            properties={"order_id": event.order_id, "checkout_id": event.checkout_id},
        )
        await self._record(tx, envelope, fact)

    async def on_store_credit_changed(
        self, tx: Tx, event: gift_cards.StoreCreditChanged, envelope: Envelope
    ) -> None:
        """Records it without an amount: it is no money that the customer spent."""
        fact = Fact(
            kind="store_credit.changed",
            owner_id=event.customer_id,
            trust=Trust.OWNER_ONLY,
            channel=event.channel,
            subject=event.store_credit_id,
            properties={
                "added_minor": event.amount.amount_minor,
                "currency": event.amount.currency,
            },
        )
        await self._record(tx, envelope, fact)

    async def on_lines_cancelled(
        self, tx: Tx, event: checkout.OrderLinesCancelled, envelope: Envelope
    ) -> None:
        """Records it without an amount: the refunds have it."""
        fact = _of_order("order.lines_cancelled", event.order, Trust.OWNER_ONLY, has_amount=False)
        await self._record(tx, envelope, replace(fact, address=_address(event)))

    async def on_shipped(self, tx: Tx, event: checkout.OrderShipped, envelope: Envelope) -> None:
        fact = _of_order("order.shipped", event.order, Trust.OWNER_ONLY, has_amount=False)
        await self._record(tx, envelope, replace(fact, address=_address(event)))

    async def on_ready_for_pickup(
        self, tx: Tx, event: pickup.OrderReadyForPickup, envelope: Envelope
    ) -> None:
        fact = _of_order("order.ready_for_pickup", event.order, Trust.OWNER_ONLY, has_amount=False)
        await self._record(tx, envelope, replace(fact, address=_address(event)))

    async def on_collected(self, tx: Tx, event: pickup.OrderCollected, envelope: Envelope) -> None:
        """Records it as a delivery: the buyer has the goods."""
        fact = _of_order("order.delivered", event.order, Trust.OWNER_ONLY, has_amount=False)
        await self._record(tx, envelope, replace(fact, address=_address(event)))

    async def on_delivered(
        self, tx: Tx, event: checkout.OrderDelivered, envelope: Envelope
    ) -> None:
        fact = _of_order("order.delivered", event.order, Trust.OWNER_ONLY, has_amount=False)
        await self._record(tx, envelope, replace(fact, address=_address(event)))

    async def on_late(self, tx: Tx, event: shipments.ShipmentLate, envelope: Envelope) -> None:
        """Records it as an error of the shop: the buyer still waits."""
        fact = _of_order("order.late", event.order, Trust.OWNER_ONLY, has_amount=False)
        late = replace(fact, outcome="error", reason="SHIPMENT_LATE", address=_address(event))
        await self._record(tx, envelope, late)

    async def on_refunded(self, tx: Tx, event: checkout.OrderRefunded, envelope: Envelope) -> None:
        fact = Fact(
            kind="order.refunded",
            owner_id=event.owner_id,
            trust=Trust.OWNER_ONLY,
            channel=event.order.channel,
            subject=event.order_id,
            amount=event.amount,
            properties={
                "order_id": event.order_id,
                "checkout_id": event.order.checkout_id,
                "amount_minor": event.amount.amount_minor,
                "currency": event.amount.currency,
            },
        )
        await self._record(tx, envelope, fact)

    async def on_dispute_changed(
        self, tx: Tx, event: disputes_pb2.PaymentDisputeChanged, envelope: Envelope
    ) -> None:
        """Records it without an amount: what goes back has a refund."""
        dispute = event.dispute
        status = disputes_pb2.PaymentDisputeStatus.Name(dispute.status)
        fact = Fact(
            kind="payment.disputed",
            owner_id=event.owner_id,
            trust=Trust.OWNER_ONLY,
            channel=event.channel,
            subject=event.order_id,
            properties={
                "order_id": event.order_id,
                "status": status.removeprefix("PAYMENT_DISPUTE_STATUS_").lower(),
                "reason": dispute.reason,
                "disputed_minor": dispute.amount.amount_minor,
                "currency": dispute.amount.currency,
            },
        )
        await self._record(tx, envelope, fact)

    async def on_return_changed(self, tx: Tx, event: ReturnEvent, envelope: Envelope) -> None:
        """Records it without an amount: the refunds have it."""
        kind = _RETURNS[type(event)]
        fact = _of_order(kind, event.order, Trust.OWNER_ONLY, has_amount=False)
        properties = {**fact.properties, "return_id": event.order_return.id}
        await self._record(
            tx, envelope, replace(fact, properties=properties, address=_address(event))
        )

    async def on_claim_changed(
        self, tx: Tx, event: claims.ClaimChanged, envelope: Envelope
    ) -> None:
        """Records it without an amount: the refunds have it."""
        kind = _CLAIMS[event.claim.status]
        fact = _of_order(kind, event.order, Trust.OWNER_ONLY, has_amount=False)
        properties = {**fact.properties, "claim_id": event.claim.id}
        await self._record(
            tx, envelope, replace(fact, properties=properties, address=_address(event))
        )

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            checkout.OrderPlaced: self.on_placed,
            checkout.OrderRefused: self.on_refused,
            checkout.OrderCancelled: self.on_cancelled,
            digital.DigitalGoodsDelivered: self.on_digital_goods_delivered,
            gift_cards.GiftCardSent: self.on_gift_card_sent,
            claims.ClaimChanged: self.on_claim_changed,
            gift_cards.StoreCreditChanged: self.on_store_credit_changed,
            checkout.OrderLinesCancelled: self.on_lines_cancelled,
            checkout.OrderShipped: self.on_shipped,
            checkout.OrderDelivered: self.on_delivered,
            shipments.ShipmentLate: self.on_late,
            pickup.OrderReadyForPickup: self.on_ready_for_pickup,
            pickup.OrderCollected: self.on_collected,
            checkout.OrderRefunded: self.on_refunded,
            disputes_pb2.PaymentDisputeChanged: self.on_dispute_changed,
            **dict.fromkeys(_RETURNS, self.on_return_changed),
        }


def _address(
    event: checkout.OrderPlaced
    | checkout.OrderShipped
    | checkout.OrderDelivered
    | shipments.ShipmentLate
    | checkout.OrderCancelled
    | checkout.OrderLinesCancelled
    | pickup.OrderReadyForPickup
    | pickup.OrderCollected
    | claims.ClaimChanged
    | ReturnEvent,
) -> Address | None:
    return Address(event.order.email, event.locale) if event.order.email else None


def _of_order(
    kind: str,
    order: checkout_pb2.Order,
    trust: Trust,
    *,
    cart_id: str = "",
    has_amount: bool = True,
) -> Fact:
    total = next(
        (total.amount for total in order.totals if total.type == money_pb2.TOTAL_TYPE_TOTAL), None
    )
    return Fact(
        kind=kind,
        owner_id=order.owner_id,
        trust=trust,
        channel=order.channel,
        subject=order.id,
        amount=total if has_amount else None,
        properties={
            "order_id": order.id,
            "checkout_id": order.checkout_id,
            "cart_id": cart_id,
            "lines": len(order.lines),
            "products": _products(order) or None,
            "total_minor": total.amount_minor if total else None,
            "currency": order.currency,
            "promotions": " ".join(order.promotion_codes),
        },
    )


def _products(order: checkout_pb2.Order) -> str:
    """Returns an order's products with their amounts, `tent:12990 stove:4500`, as far as fits."""
    amounts: Counter[str] = Counter()
    for line in order.lines:
        if line.item.product_slug:
            amounts[line.item.product_slug] += max(line.item.total.amount_minor, 0)
    found = ""
    for slug, amount in amounts.items():
        longer = f"{found} {slug}:{amount}".strip()
        if len(longer) > MOST_TEXT:
            break
        found = longer
    return found
