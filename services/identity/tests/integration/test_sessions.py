from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Unauthenticated
from chassis.runtime.clock import real_now
from identity.cleanup import delete_expired
from identity.staff.model import SCOPES_OF_ROLE, StaffRole
from services.identity.tests.identity_replica import (
    STAFF_EMAIL,
    STAFF_PASSWORD,
    Replica,
    backdate,
    count_of,
)
from sojourn.identity.v1 import identity_pb2 as pb


async def refused(identity: Replica, refresh_token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await identity.refresh(refresh_token)
    return refusal.value.reason


async def test_a_guest_is_one_row_and_can_refresh(identity: Replica, database: Database) -> None:
    guest = await identity.guest()

    again = await identity.refresh(guest.refresh_token)

    caller = await identity.caller(again)
    assert (again.subject_id, again.kind, caller.kind) == (
        guest.subject_id,
        pb.SUBJECT_KIND_GUEST,
        "guest",
    )
    assert again.refresh_token != guest.refresh_token
    assert await count_of(database, "session") == 1


async def test_each_refresh_token_is_traded_for_the_next(identity: Replica) -> None:
    session = await identity.register()
    seen = {session.refresh_token}
    for _ in range(4):
        session = await identity.refresh(session.refresh_token)
        seen.add(session.refresh_token)

    assert len(seen) == 5


async def test_a_token_that_was_traded_long_ago_ends_the_whole_session(
    identity: Replica, database: Database
) -> None:
    stolen = await identity.register()
    fresh = await identity.refresh(stolen.refresh_token)
    await backdate(database, stolen, rotated_at=11)

    assert await refused(identity, stolen.refresh_token) == "SESSION_REVOKED"

    assert await refused(identity, fresh.refresh_token) == "SESSION_REVOKED"


async def test_a_client_that_lost_the_answer_gets_it_again_for_ten_seconds(
    identity: Replica,
) -> None:
    session = await identity.register()
    lost = await identity.refresh(session.refresh_token)

    again = await identity.refresh(session.refresh_token)

    assert again.refresh_token == lost.refresh_token
    assert (await identity.refresh(again.refresh_token)).subject_id == session.subject_id


async def test_a_token_whose_successor_was_used_ends_the_session_at_once(identity: Replica) -> None:
    stolen = await identity.register()
    fresh = await identity.refresh(stolen.refresh_token)
    fresher = await identity.refresh(fresh.refresh_token)

    assert await refused(identity, stolen.refresh_token) == "SESSION_REVOKED"

    assert await refused(identity, fresher.refresh_token) == "SESSION_REVOKED"


async def test_ten_refreshes_at_once_have_one_successor(
    identity: Replica, database: Database
) -> None:
    session = await identity.register()

    twins = await asyncio.gather(*(identity.refresh(session.refresh_token) for _ in range(10)))

    (successor,) = {twin.refresh_token for twin in twins}
    assert (await identity.refresh(successor)).access_token
    assert await count_of(database, "session") == 1


async def test_reuse_ends_that_session_and_no_other(identity: Replica, database: Database) -> None:
    email = "ana@example.com"
    stolen = await identity.register(email)
    await identity.refresh(stolen.refresh_token)
    await backdate(database, stolen, rotated_at=11)
    elsewhere = await identity.login(email)

    assert await refused(identity, stolen.refresh_token) == "SESSION_REVOKED"

    assert (await identity.refresh(elsewhere.refresh_token)).access_token


@pytest.mark.parametrize("text", ["", "x", "A" * 86])
async def test_a_token_that_nobody_made_is_refused_and_ends_nothing(
    identity: Replica, text: str
) -> None:
    session = await identity.register()

    assert await refused(identity, text) == "INVALID_TOKEN"
    assert await refused(identity, session.refresh_token[:-6] + "AAAAAA") == "INVALID_TOKEN"

    assert (await identity.refresh(session.refresh_token)).access_token


async def test_logging_out_ends_the_session_and_may_be_repeated(identity: Replica) -> None:
    session = await identity.register()

    for _ in range(2):
        await identity.logout(session.refresh_token)

    assert await refused(identity, session.refresh_token) == "SESSION_REVOKED"
    await identity.logout("no token at all")


async def test_a_session_ends_by_age_and_a_refresh_prolongs_it(
    identity: Replica, database: Database
) -> None:
    session = await identity.register()
    await backdate(database, session, expires_at=29 * 86_400)
    session = await identity.refresh(session.refresh_token)
    await backdate(database, session, expires_at=29 * 86_400)

    session = await identity.refresh(session.refresh_token)
    await backdate(database, session, expires_at=31 * 86_400)

    assert await refused(identity, session.refresh_token) == "SESSION_EXPIRED"


async def test_a_refresh_does_not_prolong_a_session_of_staff(
    identity: Replica, database: Database
) -> None:
    session = await identity.login(STAFF_EMAIL, STAFF_PASSWORD)
    await backdate(database, session, expires_at=12 * 3_600 - 60)

    session = await identity.refresh(session.refresh_token)

    assert "catalog.write" in (await identity.caller(session)).scopes
    await backdate(database, session, expires_at=61)
    assert await refused(identity, session.refresh_token) == "SESSION_EXPIRED"


async def test_a_role_that_changed_counts_from_the_next_refresh(
    identity: Replica, database: Database
) -> None:
    session = await identity.login(STAFF_EMAIL, STAFF_PASSWORD)
    async with database.tx() as tx:
        await tx.run("UPDATE staff SET role = 'support'")

    session = await identity.refresh(session.refresh_token)

    assert (await identity.caller(session)).scopes == SCOPES_OF_ROLE[StaffRole.SUPPORT]


async def test_a_removed_staff_member_cannot_refresh(identity: Replica, database: Database) -> None:
    session = await identity.login(STAFF_EMAIL, STAFF_PASSWORD)
    async with database.tx() as tx:
        await tx.run("DELETE FROM staff")

    assert await refused(identity, session.refresh_token) == "SESSION_REVOKED"


async def test_a_shifted_clock_ends_no_session(identity: Replica, database: Database) -> None:
    session = await identity.register()

    database.clock.shift_to(400 * 86_400)

    assert await identity.caller(session)
    assert await identity.caller(await identity.refresh(session.refresh_token))


async def test_expired_rows_are_deleted(identity: Replica, database: Database) -> None:
    old, fresh = await identity.guest(), await identity.guest()
    email = "ana@example.com"
    await identity.register(email, key="k1")
    await backdate(database, old, expires_at=92 * 86_400)
    async with database.tx() as tx:
        await tx.run("UPDATE registration SET created_at = %s", [real_now() - timedelta(hours=49)])
        await tx.run(
            "INSERT INTO login_failure VALUES (%s, %s, 1, %s, %s)",
            [b"d", b"o", *[real_now() - timedelta(hours=2)] * 2],
        )
        await tx.run(
            "INSERT INTO login_budget VALUES (%s, 1, %s)", [b"d", real_now() - timedelta(days=2)]
        )
        await tx.run("UPDATE device SET expires_at = %s", [real_now() - timedelta(days=1)])
        await tx.run("UPDATE mail_link SET expires_at = %s", [real_now() - timedelta(days=1)])

    await delete_expired(database, identity.wiring.settings)

    assert await refused(identity, old.refresh_token) == "INVALID_TOKEN"
    assert (await identity.refresh(fresh.refresh_token)).access_token
    swept = ("registration", "login_failure", "login_budget", "device", "mail_link")
    assert [await count_of(database, table) for table in (*swept, "customer")] == [0, 0, 0, 0, 0, 1]


async def test_a_guest_s_session_that_was_never_refreshed_ends_within_hours(
    identity: Replica, database: Database
) -> None:
    unused, refreshed, new = await identity.guest(), await identity.guest(), await identity.guest()
    customer = await identity.register()
    successor = await identity.refresh(refreshed.refresh_token)
    for session in (unused, refreshed, customer):
        await backdate(database, session, created_at=7 * 3_600)

    await delete_expired(database, identity.wiring.settings)

    assert await refused(identity, unused.refresh_token) == "INVALID_TOKEN"
    for session in (successor, new, customer):
        assert (await identity.refresh(session.refresh_token)).access_token
