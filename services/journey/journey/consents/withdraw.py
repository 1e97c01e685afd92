"""Taking consent back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.tx import Tx
from journey.consents.model import find_consents, store_account_consent, store_withdrawal
from journey.exports.actions import delete_exports_of_people
from journey.feedback.model import delete_feedback_of_orders
from journey.people.keys import delete_key, delete_keys_of_handles
from journey.people.model import (
    delete_sightings,
    find_guests,
    find_unshared_handles,
    get_person_of_customer,
    get_person_of_handle,
    lock_people,
    regroup_people,
)
from journey.reminders.model import FOR_GOOD, Reason, Status, lock_open_reminders
from journey.surveys.erasure import delete_surveys_of_person, delete_surveys_of_visitor
from journey.touchpoints.erasure import (
    delete_touchpoints_of_customer,
    delete_touchpoints_of_person,
    delete_touchpoints_of_visitor,
    find_orders_of_person,
    find_orders_of_visitor,
)

# Answers of an account that is gone.
_REFUSED: Final = {"analytics": False, "marketing": False, "personalization": False}


async def record_account_consent(
    tx: Tx, customer_id: UUID, granted: Mapping[str, bool], *, version: int, at: datetime
) -> bool:
    """Keeps the answers of a customer's account.

    A refusal of analytics deletes what is theirs; returns whether it did. Any order of events.

    Deleted are their touchpoints of up to `at`, the anonymous history that became theirs included,
    their answers about the orders among them and to surveys, the keys by which they were found, who
    they were seen with, and the exports in which they stand. The browsers that nobody else was seen
    with are refused too, until they consent anew.
    """
    await store_account_consent(tx, customer_id, granted, version=version, at=at)
    if granted.get("analytics", True):
        return False
    await lock_people(tx)
    person = await get_person_of_customer(tx, customer_id)
    alone = await find_unshared_handles(tx, customer_id)
    account = (await find_consents(tx, [], [customer_id])).accounts[customer_id]
    orders = await find_orders_of_person(tx, customer_id, person.handles, until=at)
    await delete_feedback_of_orders(tx, orders)
    await delete_touchpoints_of_person(tx, customer_id, person.handles, until=at)
    await delete_surveys_of_person(
        tx,
        customer_id,
        person.handles,
        until=None if account.analytics is False else at,
    )
    if account.analytics is False:
        await delete_touchpoints_of_customer(tx, customer_id)
    await delete_exports_of_people(tx, [customer_id, *person.handles])
    await store_withdrawal(tx, alone, at)
    await delete_keys_of_handles(tx, [customer_id, *alone])
    await delete_sightings(tx, alone, customer_id)
    await regroup_people(tx, person.handles)
    return True


async def erase_customer(
    tx: Tx, customer_id: UUID, email_key: UUID | None, *, at: datetime
) -> None:
    """Deletes all that is known of a customer whose account was erased. Idempotent.

    `email_key` is that of their proven address; without it the keys of the address stay, as it may
    be another person's. Reminders are called off, and what comes late is refused for good.
    """
    await record_account_consent(tx, customer_id, _REFUSED, version=FOR_GOOD, at=at)
    for reminder in await lock_open_reminders(tx, [customer_id]):
        reminder.become(Status.CANCELLED, tx.now, Reason.CONSENT_WITHDRAWN)
        await tx.update(reminder)
    if email_key is not None:
        await delete_key(tx, email_key)


async def withdraw_consent(tx: Tx, visitor_id: UUID) -> None:
    """Deletes what a visitor did, their answers, keys and exports; refuses what comes late.

    Idempotent. A customer's other browsers and their orders stay.
    """
    await lock_people(tx)
    guests = await find_guests(tx, visitor_id)
    person = await get_person_of_handle(tx, visitor_id)
    await delete_exports_of_people(tx, [visitor_id, *guests, person.id])
    await delete_feedback_of_orders(tx, await find_orders_of_visitor(tx, visitor_id, guests))
    await delete_touchpoints_of_visitor(tx, visitor_id, guests)
    await delete_surveys_of_visitor(tx, visitor_id, guests)
    await delete_keys_of_handles(tx, [visitor_id, *guests])
    await store_withdrawal(tx, [visitor_id, *guests], tx.now)
    await delete_sightings(tx, [visitor_id, *guests])
    await regroup_people(tx, [visitor_id, *guests])
