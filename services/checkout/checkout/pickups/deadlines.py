"""Ends of the time for which stores keep orders, with reminders and cancellations."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.data import timers
from chassis.data.tx import Tx
from checkout.delivery.model import DeliveryMethod
from checkout.desk.queries import find_open_hold
from checkout.orders.cancel import cancel_order
from checkout.orders.model import Order, OrderStatus
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, save_order
from checkout.payments.model import OrderReason
from checkout.pickups import events
from checkout.pickups.model import Pickup, PickupStatus

# Kind of the timer that reminds a buyer. Its key is the order's id.
REMIND_PICKUP: Final = "pickup.remind"
# Kind of the timer that cancels an order that was not collected. Its key is the order's id.
CANCEL_PICKUP: Final = "pickup.cancel"


async def keep_pickup(tx: Tx, order: Order, pickup: Pickup) -> None:
    """Sets until when the store keeps an order, the reminder before and the cancellation after.

    The days are those of the order's delivery method, to the end of the last one in the store's
    time zone. The caller writes the order.
    """
    method = await tx.get(DeliveryMethod, order.delivery_option.id)
    if method is None or not method.pickup_days:
        return
    order.pickup_keeps_until = _end_of_day(tx.now, method.pickup_days, pickup.store.time_zone)
    if method.pickup_reminder_days:
        days = method.pickup_days - method.pickup_reminder_days
        at = _end_of_day(tx.now, days, pickup.store.time_zone)
        await timers.schedule(tx, REMIND_PICKUP, str(order.id), at)
    if method.pickup_cancel_days is not None:
        days = method.pickup_days + method.pickup_cancel_days
        at = _end_of_day(tx.now, days, pickup.store.time_zone)
        await timers.schedule(tx, CANCEL_PICKUP, str(order.id), at)


async def end_keeping(tx: Tx, order: Order) -> None:
    """Forgets the end of a pick-up that is over; the caller writes the order."""
    order.pickup_keeps_until = None
    await timers.cancel(tx, REMIND_PICKUP, str(order.id))
    await timers.cancel(tx, CANCEL_PICKUP, str(order.id))


async def remind_pickup(tx: Tx, order_id: UUID) -> bool:
    """Reminds the buyer of an order that still waits in its store; returns whether it did.

    Emits PickupReminderDue.
    """
    order = await lock_order(tx, order_id)
    pickup = order.pickup
    if (
        pickup is None
        or pickup.status is not PickupStatus.READY
        or order.status is not OrderStatus.PLACED
        or order.pickup_keeps_until is None
        or order.pickup_keeps_until <= tx.now
    ):
        return False
    await save_order(tx, order)
    [view] = await load_views(tx, [order])
    await tx.emit(events.pickup_reminder_due(view, pickup), key=order.id)
    return True


async def cancel_uncollected(tx: Tx, order_id: UUID, *, lease_seconds: float) -> bool:
    """Begins to cancel an order that still waits in its store; returns whether it did.

    One on hold is looked at again a day later. Raises GiftCardUsed, PaymentDisputed.
    """
    order = await lock_order(tx, order_id)
    pickup = order.pickup
    if (
        pickup is None
        or pickup.status is not PickupStatus.READY
        or order.status is not OrderStatus.PLACED
    ):
        return False
    if await find_open_hold(tx, order_id):
        await postpone_cancellation(tx, order_id)
        return False
    await cancel_order(
        tx, order_id, caller=None, reason=OrderReason.OTHER, lease_seconds=lease_seconds
    )
    return True


async def postpone_cancellation(tx: Tx, order_id: UUID) -> None:
    """Looks a day later at an order that cannot be cancelled now."""
    await timers.schedule(tx, CANCEL_PICKUP, str(order_id), tx.now + timedelta(days=1))


def _end_of_day(now: datetime, days: int, time_zone: str) -> datetime:
    """Returns the end of the day that is so many days after today in a time zone, in UTC."""
    try:
        zone = ZoneInfo(time_zone) if time_zone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        zone = UTC
    day = now.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone).astimezone(UTC)
