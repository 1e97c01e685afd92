"""Handlers of the timers of checkout, and of identity's events."""

from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from chassis.rpc.errors import Refused
from checkout.cancellations.model import COMPLETE_CANCELLATION
from checkout.captures.model import CAPTURE, RELEASE
from checkout.checkouts.actions import expire_checkout
from checkout.checkouts.model import EXPIRE_CHECKOUT
from checkout.crashes import crash_point
from checkout.credit_limits.actions import forget_credit_limits_of
from checkout.disputes.model import CHECK_DISPUTE
from checkout.documents.actions import issue_documents
from checkout.erasures.actions import FORGET_BUYER, forget_buyer, forget_late
from checkout.fraud.model import COMPLETE_REVIEW, EXPIRE_REVIEW
from checkout.gift_cards.sold import (
    SEND_GIFT_CARD,
    issue_sold_gift_cards,
    send_dated_gift_card,
)
from checkout.guests.actions import record_conversion
from checkout.loyalty.book import book_points
from checkout.loyalty.model import BOOK_POINTS
from checkout.orders.model import (
    ADVANCE_ORDER,
    CANCEL_ORDER,
    CANCEL_SYNTHETIC_ORDER,
    ISSUE_DOCUMENTS,
    ISSUE_GIFT_CARDS,
)
from checkout.payments.model import CHECK_PAYMENT, CHECK_REFUND, EXPIRE_TRANSFER, REFUND
from checkout.payments.settle import expire_transfer
from checkout.pickups.deadlines import (
    CANCEL_PICKUP,
    REMIND_PICKUP,
    cancel_uncollected,
    postpone_cancellation,
    remind_pickup,
)
from checkout.returns.model import COMPLETE_RETURN
from checkout.saved_payments.actions import forget_saved_methods_of
from checkout.saved_payments.model import DETACH, END_SET_UP, FORGET_CUSTOMER, REFRESH
from checkout.settings import CheckoutSettings
from checkout.shipment_labels.model import COMPLETE_LABEL
from checkout.shipments.lateness import report_late_shipment
from checkout.shipments.model import REPORT_LATE
from checkout.tax_exemptions.actions import forget_exemptions_of
from checkout.wiring import Components
from sojourn.identity.v1.events_pb2 import CustomerErased, CustomerLoggedIn, CustomerRegistered


async def on_customer_registered(tx: Tx, event: CustomerRegistered, envelope: Envelope) -> None:
    """Makes the orders of the guest the customer's."""
    await _convert_guest(tx, event)


async def on_customer_logged_in(tx: Tx, event: CustomerLoggedIn, envelope: Envelope) -> None:
    """Makes the orders of the guest the customer's."""
    await _convert_guest(tx, event)


async def _convert_guest(tx: Tx, event: CustomerRegistered | CustomerLoggedIn) -> None:
    if event.guest_id:
        await record_conversion(tx, UUID(event.guest_id), UUID(event.customer_id))


CONVERSIONS: Final[dict[type[Message], EventHandler]] = {
    CustomerRegistered: on_customer_registered,
    CustomerLoggedIn: on_customer_logged_in,
}


def events(settings: CheckoutSettings) -> dict[type[Message], EventHandler]:
    """Returns the handlers by event."""

    async def on_customer_erased(tx: Tx, event: CustomerErased, envelope: Envelope) -> None:
        """Forgets the buyer, but for what the law has kept of orders."""
        years, customer_id = settings.order_retention_years, UUID(event.customer_id)
        await forget_buyer(tx, customer_id, event.email, retention_years=years)
        await forget_exemptions_of(tx, customer_id)
        await forget_credit_limits_of(tx, customer_id)
        await forget_saved_methods_of(tx, customer_id)

    return {**CONVERSIONS, CustomerErased: on_customer_erased}


def timers(database: Database, components: Components) -> dict[str, TimerHandler]:
    """Returns the handlers by kind of timer."""

    async def expire(timer: Timer) -> None:
        async with database.tx() as tx:
            await expire_checkout(tx, UUID(timer.key))

    async def expire_transfer_of(timer: Timer) -> None:
        order_id, lease = UUID(timer.key), components.settings.resume_after_seconds
        async with database.tx() as tx:
            is_over = await expire_transfer(tx, order_id, lease_seconds=lease)
        if is_over:
            await components.cancellations.complete(order_id)

    async def forget(timer: Timer) -> None:
        years = components.settings.order_retention_years
        async with database.tx() as tx:
            await forget_late(tx, UUID(timer.key), retention_years=years)
            await forget_saved_methods_of(tx, UUID(timer.key))

    async def issue_cards_of(timer: Timer) -> None:
        async with database.tx() as tx:
            await issue_sold_gift_cards(tx, UUID(timer.key), components.gift_card_codes)

    async def issue_documents_of(timer: Timer) -> None:
        async with database.tx() as tx:
            await issue_documents(tx, UUID(timer.key))
        crash_point("after:issue_document:commit")

    async def send_card(timer: Timer) -> None:
        async with database.tx() as tx:
            await send_dated_gift_card(tx, UUID(timer.key), components.gift_card_codes)

    async def report_late(timer: Timer) -> None:
        async with database.tx() as tx:
            await report_late_shipment(tx, UUID(timer.key))

    async def book(timer: Timer) -> None:
        async with database.tx() as tx:
            await book_points(tx, UUID(timer.key))
        crash_point("after:book_points:commit")

    async def cancel_uncollected_of(timer: Timer) -> None:
        order_id, lease = UUID(timer.key), components.settings.resume_after_seconds
        try:
            async with database.tx() as tx:
                is_over = await cancel_uncollected(tx, order_id, lease_seconds=lease)
                crash_point("before:cancel_pickup:commit")
        except Refused:
            # A used gift card or a dispute: staff have a word before.
            async with database.tx() as tx:
                await postpone_cancellation(tx, order_id)
            return
        crash_point("after:cancel_pickup:commit")
        if is_over:
            await components.cancellations.complete(order_id)

    async def remind(timer: Timer) -> None:
        async with database.tx() as tx:
            await remind_pickup(tx, UUID(timer.key))
            timer.end(tx)

    return {
        FORGET_BUYER: forget,
        COMPLETE_LABEL: components.labels.on_timer,
        BOOK_POINTS: book,
        REMIND_PICKUP: remind,
        CANCEL_PICKUP: cancel_uncollected_of,
        REPORT_LATE: report_late,
        EXPIRE_CHECKOUT: expire,
        EXPIRE_TRANSFER: expire_transfer_of,
        ADVANCE_ORDER: components.saga.on_timer,
        CANCEL_ORDER: components.cancellations.on_timer,
        COMPLETE_CANCELLATION: components.line_cancellations.on_timer,
        COMPLETE_RETURN: components.returns.on_timer,
        CANCEL_SYNTHETIC_ORDER: components.cancellations.on_synthetic_placed,
        CHECK_DISPUTE: components.disputes.on_timer,
        COMPLETE_REVIEW: components.reviews.on_timer,
        EXPIRE_REVIEW: components.reviews.on_expiry,
        REFUND: components.refunds.on_timer,
        CAPTURE: components.captures.on_timer,
        CHECK_REFUND: components.refund_failures.on_timer,
        RELEASE: components.captures.on_release,
        END_SET_UP: components.saved_payments.on_set_up_over,
        DETACH: components.saved_payments.on_detach,
        FORGET_CUSTOMER: components.saved_payments.on_forget,
        REFRESH: components.saved_payments.on_refresh,
        ISSUE_GIFT_CARDS: issue_cards_of,
        ISSUE_DOCUMENTS: issue_documents_of,
        SEND_GIFT_CARD: send_card,
        CHECK_PAYMENT: components.reconciler.on_timer,
    }
