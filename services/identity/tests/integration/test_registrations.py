from __future__ import annotations

import asyncio

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Exists, Invalid
from chassis.testing import an_address, an_email, events_of
from services.identity.tests.identity_replica import PASSWORD, Replica, count_of
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import CustomerRegistered


async def test_a_registration_opens_a_session_and_emits_the_customer(
    identity: Replica, database: Database
) -> None:
    email = an_email()

    session = await identity.register(
        email.upper(), first_name=" Ana ", last_name="Roth", locale="de-DE", channel="b2c"
    )

    caller = await identity.caller(session)
    assert (caller.kind, str(caller.subject_id), caller.scopes) == (
        "customer",
        session.subject_id,
        frozenset(),
    )
    assert (session.kind, session.expires_in_seconds) == (pb.SUBJECT_KIND_CUSTOMER, 900)
    profile = await identity.as_(session, identity.customers.GetCustomer, pb.GetCustomerRequest())
    assert (profile.email, profile.first_name, profile.version, profile.email_confirmed) == (
        email,
        "Ana",
        1,
        False,
    )
    assert await events_of(database, CustomerRegistered, session.subject_id) == [
        CustomerRegistered(
            customer_id=session.subject_id,
            email=email,
            first_name="Ana",
            locale="de-DE",
            channel="b2c",
            confirmation_requested=True,
        )
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"email": "ana"}, "INVALID_EMAIL"),
        ({"password": "short"}, "WEAK_PASSWORD"),
        ({"email": "ana@example.com", "password": "ana@example.com"}, "WEAK_PASSWORD"),
        ({"first_name": "x" * 101}, "INVALID_NAME"),
        ({"first_name": "Win 1000 EUR at http://evil.example/claim?x=1"}, "INVALID_NAME"),
        ({"last_name": "evil.example"}, "INVALID_NAME"),
        ({"locale": "german!"}, "INVALID_FIELD"),
        ({"channel": "a b"}, "INVALID_CHANNEL"),
        ({"guest_token": "x.y.z"}, "INVALID_GUEST_TOKEN"),
    ],
)
async def test_an_invalid_registration_is_refused(
    identity: Replica, database: Database, fields: dict[str, str], reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await identity.register(**fields)

    assert refusal.value.reason == reason
    assert await count_of(database, "customer") == 0


async def test_a_registration_with_an_address_begins_the_address_book(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    with pytest.raises(Invalid, match="address"):
        await identity.register(email, address=an_address(address_country="XX"))
    assert await count_of(database, "customer") == 0

    session = await identity.register(email, key="k", address=an_address())
    again = await identity.register(email, key="k", address=an_address())
    found = await identity.as_(session, identity.customers.ListAddresses, pb.ListAddressesRequest())

    assert again.subject_id == session.subject_id
    [address] = found.addresses
    assert (address.address, address.is_default) == (an_address(), True)


async def test_a_guest_who_registers_stays_known_by_their_id(
    identity: Replica, database: Database
) -> None:
    guest = await identity.guest()

    session = await identity.register(guest_token=guest.access_token)

    (event,) = await events_of(database, CustomerRegistered)
    assert (event.customer_id, event.guest_id) == (session.subject_id, guest.subject_id)
    assert event.customer_id != event.guest_id


async def test_only_a_guests_token_makes_a_guest(identity: Replica) -> None:
    other = await identity.register()

    with pytest.raises(Invalid) as refusal:
        await identity.register(guest_token=other.access_token)

    assert refusal.value.reason == "INVALID_GUEST_TOKEN"


async def test_a_guest_becomes_one_customer_only(identity: Replica, database: Database) -> None:
    guest = await identity.guest()
    await identity.register(guest_token=guest.access_token)

    second = await identity.register(guest_token=guest.access_token)

    (event,) = await events_of(database, CustomerRegistered, second.subject_id)
    assert event.guest_id == ""


async def test_ten_registrations_with_one_key_make_one_customer(
    identity: Replica, database: Database
) -> None:
    email = an_email()

    sessions = await asyncio.gather(*(identity.register(email, key="k1") for _ in range(10)))

    assert len({session.subject_id for session in sessions}) == 1
    assert len({session.refresh_token for session in sessions}) == 10
    assert await count_of(database, "customer") == 1
    assert len(await events_of(database, CustomerRegistered)) == 1
    async with database.read() as read:
        assert await read.fetch("SELECT 1 FROM idempotency") == []


async def test_a_repeat_is_recognised_although_its_guest_token_is_bad_by_now(
    identity: Replica,
) -> None:
    email, guest = an_email(), await identity.guest()
    first = await identity.register(email, key="k1", guest_token=guest.access_token)
    async with identity.wiring.database.tx() as tx:
        await tx.run("DELETE FROM signing_key")
    await identity.wiring.prepare()

    again = await identity.register(email, key="k1", guest_token=guest.access_token)

    assert again.subject_id == first.subject_id


@pytest.mark.parametrize(
    "changes",
    [{"password": "another-password"}, {"email": "bea@example.com"}, {"first_name": "Bea"}],
)
async def test_an_idempotency_key_with_another_request_is_refused(
    identity: Replica, database: Database, changes: dict[str, str]
) -> None:
    await identity.register("ana@example.com", key="k1")

    with pytest.raises(Exists) as refusal:
        await identity.register(**{"email": "ana@example.com", "key": "k1", **changes})

    assert refusal.value.reason == "KEY_REUSED"
    assert await count_of(database, "customer") == 1


async def test_one_key_with_two_addresses_at_once_makes_one_customer(
    identity: Replica, database: Database
) -> None:
    outcomes = await asyncio.gather(
        *(identity.register(an_email(), key="k1") for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(outcome, pb.Session) for outcome in outcomes) == 1
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, Exists)} == {"KEY_REUSED"}
    assert await count_of(database, "customer") == 1


async def test_an_idempotency_key_opens_nothing_once_the_password_has_changed(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register(email, key="k1")
    async with database.tx() as tx:
        await tx.run(
            "UPDATE unconfirmed_credential SET changed_at = changed_at + interval '1 second'"
        )

    with pytest.raises(Exists) as refusal:
        await identity.register(email, key="k1")

    assert refusal.value.reason == "KEY_REUSED"


async def test_neither_password_nor_token_is_stored(identity: Replica, database: Database) -> None:
    session = await identity.register(key="k1")

    async with database.read() as read:
        stored = str(
            [
                await read.fetch("SELECT * FROM credential"),
                await read.fetch("SELECT * FROM unconfirmed_credential"),
                await read.fetch("SELECT * FROM device"),
                await read.fetch("SELECT * FROM mail_link"),
                await read.fetch("SELECT * FROM session"),
                await read.fetch("SELECT * FROM registration"),
            ]
        )

    assert PASSWORD not in stored
    assert session.refresh_token not in stored
    assert session.device_token not in stored
    assert "$argon2id$" in stored
