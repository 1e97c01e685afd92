from __future__ import annotations

import asyncio

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Invalid, TooMany, Unauthenticated
from chassis.testing import an_email, events_of, sample_value
from services.identity.tests.identity_replica import (
    STAFF_EMAIL,
    STAFF_PASSWORD,
    Replica,
    count_of,
    replica,
)
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn


def logins(outcome: str) -> float:
    return sample_value("logins_total", outcome=outcome)


async def test_a_right_password_opens_a_session_and_emits_the_login(
    identity: Replica, database: Database
) -> None:
    email, before = an_email(), logins("succeeded")
    registered = await identity.register(email)

    session = await identity.login(f" {email.upper()}")

    assert (session.subject_id, session.kind) == (registered.subject_id, pb.SUBJECT_KIND_CUSTOMER)
    assert session.refresh_token != registered.refresh_token
    assert await events_of(database, CustomerLoggedIn) == [
        CustomerLoggedIn(customer_id=session.subject_id)
    ]
    assert logins("succeeded") == before + 1


@pytest.mark.parametrize("password", ["wrong-password", "", "x" * 1_000])
async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(
    identity: Replica, password: str
) -> None:
    email = an_email()
    await identity.register(email)

    refusals = []
    for address in (email, an_email(), "no address"):
        with pytest.raises(Unauthenticated) as refusal:
            await identity.login(address, password)
        refusals.append((refusal.value.reason, refusal.value.message))

    assert set(refusals) == {("WRONG_CREDENTIALS", "the e-mail address or the password is wrong")}


async def test_a_guest_who_logs_in_is_linked_to_one_customer_only(
    identity: Replica, database: Database
) -> None:
    ana, bea, guest = an_email(), an_email(), await identity.guest()
    await identity.register(ana)
    await identity.register(bea)

    for email in (ana, ana, bea):
        await identity.login(email, guest_token=guest.access_token)

    assert [event.guest_id for event in await events_of(database, CustomerLoggedIn)] == [
        guest.subject_id,
        guest.subject_id,
        "",
    ]


async def test_a_bad_guest_token_is_refused(identity: Replica) -> None:
    email = an_email()
    await identity.register(email)

    with pytest.raises(Invalid) as refusal:
        await identity.login(email, guest_token="x.y.z")

    assert refusal.value.reason == "INVALID_GUEST_TOKEN"


@pytest.mark.parametrize("is_known", [True, False])
async def test_too_many_wrong_passwords_lock_an_account_for_their_network(
    identity: Replica, is_known: bool
) -> None:
    email = an_email()
    if is_known:
        await identity.register(email)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await identity.login(email, "wrong-password")

    with pytest.raises(TooMany) as refusal:
        await identity.login(email)

    assert refusal.value.reason == "TOO_MANY_ATTEMPTS"
    assert 55 <= int(refusal.value.metadata["retry_after_seconds"]) <= 60


async def test_a_lock_is_the_same_in_each_replica_and_grows_with_each_failure(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register(email)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await identity.login(email, "wrong-password")
    async with database.tx() as tx:
        await tx.run("UPDATE login_failure SET locked_until = failed_at")
    with pytest.raises(Unauthenticated):
        await identity.login(email, "wrong-password")

    async with replica(database) as other:
        with pytest.raises(TooMany) as refusal:
            await other.login(email)

    assert int(refusal.value.metadata["retry_after_seconds"]) > 110


async def test_a_right_password_forgets_the_wrong_ones(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register(email)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Unauthenticated):
                await identity.login(email, "wrong-password")

        assert (await identity.login(email)).access_token

    assert await count_of(database, "login_failure") == 0


async def test_a_quiet_time_forgets_wrong_passwords(identity: Replica, database: Database) -> None:
    email = an_email()
    for _ in range(4):
        with pytest.raises(Unauthenticated):
            await identity.login(email, "wrong-password")
    async with database.tx() as tx:
        await tx.run("UPDATE login_failure SET failed_at = failed_at - interval '2 hours'")

    for _ in range(4):
        with pytest.raises(Unauthenticated):
            await identity.login(email, "wrong-password")


async def test_many_guesses_at_once_hardly_pass_the_limit(
    identity: Replica, database: Database
) -> None:
    email = an_email()

    outcomes = await asyncio.gather(
        *(identity.login(email, "wrong-password") for _ in range(40)), return_exceptions=True
    )

    # Two slots: at most one guess is checked while the one that locks is being counted.
    assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) <= 6
    assert all(isinstance(outcome, Unauthenticated | TooMany) for outcome in outcomes)


async def test_many_right_logins_at_once_all_succeed(identity: Replica) -> None:
    email = an_email()
    await identity.register(email)

    sessions = await asyncio.gather(*(identity.login(email) for _ in range(20)))

    assert len({session.refresh_token for session in sessions}) == 20


async def test_a_login_renews_a_hash_of_weaker_parameters(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register(email)

    async with replica(database, argon2_time_cost=2) as stronger:
        await stronger.login(email)
        async with database.read() as read:
            hashes = await read.fetch("SELECT password_hash FROM unconfirmed_credential")

        assert "t=2" in hashes[0][0]
        assert (await stronger.login(email)).access_token


async def test_staff_log_in_with_the_scopes_of_their_role(
    identity: Replica, database: Database
) -> None:
    session = await identity.login(STAFF_EMAIL, STAFF_PASSWORD)

    caller = await identity.caller(session)
    assert (session.kind, caller.kind) == (pb.SUBJECT_KIND_STAFF, "staff")
    assert {"catalog.write", "customers.read", "keys.rotate"} <= caller.scopes
    assert await events_of(database, CustomerLoggedIn) == []
