"""Taking consent back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from chassis.data.tx import Tx
from journey.consents import model as consents
from journey.people import model as people
from journey.touchpoints import model as touchpoints


async def answer_account(tx: Tx, customer_id: UUID, granted: Mapping[str, bool], *, version: int, at: datetime) -> bool:
    """Keeps the answers of a customer's account. A refusal of analytics deletes what is theirs; returns whether it did. Any order of events.

    Deleted are their touchpoints of up to `at`, the anonymous history that became theirs included, and who they were seen with. The browsers
    that nobody else was seen with are refused too, until they consent anew.
    """
    await consents.put_account(tx, customer_id, granted, version=version, at=at)
    if granted.get("analytics", True):
        return False
    await people.lock(tx)
    person = await people.of_customer(tx, customer_id)
    alone = await people.unshared_handles_of(tx, customer_id)
    account = (await consents.known_of(tx, [], [customer_id])).accounts[customer_id]
    await touchpoints.forget_person(tx, customer_id, person.handles, until=at)
    if account.analytics is False:
        await touchpoints.forget_customer(tx, customer_id)
    await consents.withdraw(tx, alone, at)
    await people.forget_sightings(tx, alone, customer_id)
    await people.regroup(tx, person.handles)
    return True


async def withdraw_visitor(tx: Tx, visitor_id: UUID) -> None:
    """Deletes what a visitor did and refuses what comes late. Idempotent. A customer's other browsers and their orders stay."""
    await people.lock(tx)
    guests = await people.guests_of(tx, visitor_id)
    await touchpoints.forget_visitor(tx, visitor_id, guests)
    await consents.withdraw(tx, [visitor_id, *guests], tx.now)
    await people.forget_sightings(tx, [visitor_id, *guests])
    await people.regroup(tx, [visitor_id, *guests])
