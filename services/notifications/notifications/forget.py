"""Forgetting a customer whose account was erased."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from notifications.mails.actions import erase_mails_of_person
from notifications.preferences.actions import forget_customer

# Names the timer that forgets what could not be forgotten at once. Its key is the customer's id.
FORGET_TIMER: Final = "forget_customer"
# A mail that is being sent has ended by then, at most times.
_AGAIN: Final = timedelta(minutes=10)


async def forget_person(tx: Tx, customer_id: UUID, email_digest: str) -> None:
    """Erases the mails, preferences and records of a customer and of their address.

    Idempotent. A mail that is being sent is erased by a timer, after it. An empty digest is no
    address: another person may have it.
    """
    await forget_customer(tx, customer_id, email_digest)
    if not await erase_mails_of_person(tx, customer_id, email_digest):
        await timers.schedule(
            tx, FORGET_TIMER, str(customer_id), tx.now + _AGAIN, {"email_digest": email_digest}
        )


def forget_timers(database: Database) -> dict[str, Callable[[Timer], Awaitable[None]]]:
    """Handlers of the timers of erasures."""

    async def forget(timer: Timer) -> None:
        async with database.tx() as tx:
            await forget_person(tx, UUID(timer.key), str(timer.payload.get("email_digest", "")))

    return {FORGET_TIMER: forget}
