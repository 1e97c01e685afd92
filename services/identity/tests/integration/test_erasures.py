"""An account is erased by its owner or by staff, once, and nothing of the owner is left."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg.sql import SQL, Identifier

from chassis.data.database import Database
from chassis.rpc.errors import Denied, DomainError, NotFound, Stale, Unauthenticated
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, an_email, events_of
from services.identity.tests.identity_replica import (
    ELSEWHERE,
    PASSWORD,
    Replica,
    count_of,
)
from sojourn.identity.v1 import erasures_pb2
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import CustomerErased

# Chassis' tables of events, and what an erasure leaves on purpose.
_LEFT_OUT = {"outbox", "alembic_version", "erasure", "audit", "signing_key", "session"}


async def places_of(database: Database, *texts: str) -> list[str]:
    """Returns the tables of which a row, as text, holds one of the texts."""
    found = []
    async with database.read() as read:
        tables = await read.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        for (table,) in tables:
            query = SQL("SELECT t.*::text FROM {} AS t").format(Identifier(table))
            rows = await (await (await read.connected()).execute(query)).fetchall()
            if any(text in str(row) for row in rows for text in texts):
                found.append(table)
    return sorted(set(found) - _LEFT_OUT)


async def test_a_customer_erases_the_account_and_nothing_of_them_is_left(
    identity: Replica, database: Database
) -> None:
    email, guest = an_email(), await identity.guest()
    me = await identity.register(email, first_name="Geheimrat", guest_token=guest.access_token)
    await identity.confirm_email(me)
    second = await identity.login(email)
    address = an_address(street_address="Geheime Gasse 1")
    await identity.as_(
        me, identity.customers.AddAddress, pb.AddAddressRequest(address=address), key="k1"
    )
    await identity.as_(
        me, identity.customers.SetConsents, pb.SetConsentsRequest(granted={"analytics": True})
    )
    await identity.guess(email, times=1)

    erased = await identity.erase(me)
    again = await identity.erase(second, "any password")

    assert erased == again
    assert await places_of(database, email, "Geheim", me.subject_id) == []
    [event] = await events_of(database, CustomerErased, me.subject_id)
    assert (event.customer_id, event.email) == (me.subject_id, email)
    for refused in (
        identity.login(email),
        identity.refresh(me.refresh_token),
        identity.refresh(second.refresh_token),
    ):
        with pytest.raises(Unauthenticated):
            await refused
    with pytest.raises(NotFound):
        await identity.profile(me)
    assert (await identity.register(email)).subject_id != me.subject_id


async def test_an_erasure_needs_the_account_s_own_password(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    mine = await identity.register(email)
    other = await identity.register(email, password="another-long-password")
    refusals = []
    for attempt in (
        identity.erase(mine, "wrong-password"),
        # Of the other account that has the address, which nobody confirmed.
        identity.erase(mine, "another-long-password"),
        identity.erase(await identity.guest()),
    ):
        with pytest.raises(DomainError) as refusal:
            await attempt
        refusals.append(refusal.value.reason)
    for _ in range(10):
        with pytest.raises(DomainError) as refusal:
            await identity.erase(mine, "wrong-password", client_network=ELSEWHERE)
        if refusal.value.reason == "TOO_MANY_ATTEMPTS":
            break

    assert refusals == ["WRONG_CREDENTIALS", "WRONG_CREDENTIALS", "CUSTOMERS_ONLY"]
    assert refusal.value.reason == "TOO_MANY_ATTEMPTS"
    assert await count_of(database, "customer") == 2
    # The address is not proven to be theirs: what others know of it stays.
    await identity.erase(mine)
    [event] = await events_of(database, CustomerErased, mine.subject_id)
    assert event.email == ""
    assert (await identity.profile(other)).email == email


async def test_staff_erase_an_account_once_and_it_is_audited_without_its_data(
    identity: Replica, database: Database
) -> None:
    me = await identity.register_confirmed(first_name="Geheimrat")
    staff = await identity.log_in_staff()
    version = (await identity.profile(me)).version

    async def erase(customer_id: str, expected_version: int = 0) -> erasures_pb2.ErasedAccount:
        request = erasures_pb2.EraseCustomerRequest(
            customer_id=customer_id, expected_version=expected_version
        )
        reply: erasures_pb2.ErasedAccount = await identity.as_(
            staff, identity.erasures.EraseCustomer, request
        )
        return reply

    with pytest.raises(Stale):
        await erase(me.subject_id, version + 1)
    with pytest.raises(NotFound):
        await erase(str(uuid7()))
    request = erasures_pb2.EraseCustomerRequest(customer_id=me.subject_id)
    with pytest.raises(Denied):
        await identity.as_(me, identity.erasures.EraseCustomer, request)
    erased = await erase(me.subject_id, version)

    assert await erase(me.subject_id) == erased
    async with database.read() as read:
        rows = await read.fetch(
            "SELECT action, before, after FROM audit WHERE subject = %s",
            [f"customer:{me.subject_id}"],
        )
    assert rows == [("erase_customer", None, {"erased_by": "staff"})]
    assert len(await events_of(database, CustomerErased, me.subject_id)) == 1
    with pytest.raises(Unauthenticated):
        await identity.refresh(me.refresh_token)


async def test_a_login_that_an_erasure_overtakes_opens_no_session(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    me = await identity.register_confirmed(email)
    await identity.erase(me, PASSWORD)

    with pytest.raises(Unauthenticated):
        await identity.login(email)
    async with database.read() as read:
        live = await read.fetch(
            "SELECT count(*) FROM session WHERE subject_id = %s AND revoked_at IS NULL",
            [UUID(me.subject_id)],
        )
    assert live == [(0,)]
