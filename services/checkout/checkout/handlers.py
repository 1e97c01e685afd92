"""Handlers of the timers of checkout."""

from uuid import UUID

from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from checkout.checkouts.actions import expire_checkout
from checkout.checkouts.model import EXPIRE_CHECKOUT
from checkout.orders.model import ADVANCE_ORDER, CANCEL_ORDER, CANCEL_SYNTHETIC_ORDER
from checkout.payments.model import CHECK_PAYMENT, REFUND
from checkout.wiring import Components


def timers(database: Database, components: Components) -> dict[str, TimerHandler]:
    """Returns the handlers by kind of timer."""

    async def expire(timer: Timer) -> None:
        async with database.tx() as tx:
            await expire_checkout(tx, UUID(timer.key))

    return {
        EXPIRE_CHECKOUT: expire,
        ADVANCE_ORDER: components.saga.on_timer,
        CANCEL_ORDER: components.cancellations.on_timer,
        CANCEL_SYNTHETIC_ORDER: components.cancellations.on_synthetic_placed,
        REFUND: components.refunds.on_timer,
        CHECK_PAYMENT: components.reconciler.on_timer,
    }
