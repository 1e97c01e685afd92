from __future__ import annotations

import pytest

from chassis.data.database import Database
from chassis.email_addresses import parse_email
from chassis.rpc.errors import Denied, Unauthenticated
from chassis.testing import superuser_url
from identity.commands import create_staff_command, migrate_command, rotate_keys_command
from identity.errors import EmailTaken, WeakPassword
from identity.staff.actions import create_staff
from identity.staff.model import StaffRole
from identity.wiring import Wiring
from services.identity.tests.identity_replica import (
    STAFF_EMAIL,
    STAFF_PASSWORD,
    Replica,
    count_of,
    replica,
    settings,
)
from sojourn.common.v1.page_pb2 import Page
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import staff_pb2 as staff_pb


async def url_of(database: Database) -> str:
    async with database.read() as read:
        found = await read.fetch_one("SELECT current_database()")
    assert found is not None
    return superuser_url(found[0])


async def test_a_second_start_changes_nothing(identity: Replica, database: Database) -> None:
    session = await identity.login(STAFF_EMAIL, STAFF_PASSWORD)

    async with replica(database):
        assert (await identity.refresh(session.refresh_token)).access_token

    assert [
        await count_of(database, table) for table in ("staff", "credential", "signing_key")
    ] == [1, 1, 1]


async def test_another_password_in_the_settings_replaces_the_old_one_and_ends_sessions(
    identity: Replica, database: Database
) -> None:
    session = await identity.login(STAFF_EMAIL, STAFF_PASSWORD)

    async with replica(database, staff_password="another-long-password") as changed:
        assert (
            await changed.login(STAFF_EMAIL, "another-long-password")
        ).kind == pb.SUBJECT_KIND_STAFF

    with pytest.raises(Unauthenticated):
        await identity.login(STAFF_EMAIL, STAFF_PASSWORD)
    with pytest.raises(Unauthenticated) as refusal:
        await identity.refresh(session.refresh_token)
    assert refusal.value.reason == "SESSION_REVOKED"


async def test_a_weak_password_of_the_admin_stops_the_start(database: Database) -> None:
    with pytest.raises(WeakPassword):
        await Wiring.from_settings(settings(staff_password="admin"), database).prepare()


async def test_without_an_address_there_is_no_admin(database: Database) -> None:
    async with replica(database, staff_email=""):
        assert await count_of(database, "staff") == 0


async def test_an_address_belongs_to_staff_or_to_a_customer(
    identity: Replica, database: Database
) -> None:
    ana = await identity.register_confirmed("ana@example.com")

    with pytest.raises(EmailTaken):
        async with database.tx() as tx:
            await create_staff(
                tx, email="ana@example.com", role=StaffRole.SUPPORT, password_hash="x"
            )
    async with replica(database, staff_email="ana@example.com") as other:
        assert (await other.login("ana@example.com")).subject_id == ana.subject_id


async def test_the_create_staff_command_creates_staff_of_a_role(
    identity: Replica, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEW_STAFF_PASSWORD", "a-password-of-bea")
    ours = settings(database_url=await url_of(database))
    arguments = ["--email", "Bea@Example.com", "--role", "fulfilment"]

    assert await create_staff_command(ours, arguments) == 0
    assert await create_staff_command(ours, arguments) == 1

    session = await identity.login("bea@example.com", "a-password-of-bea")
    assert (await identity.caller(session)).scopes == {
        "orders.read", "orders.write", "documents.read",
    }  # fmt: skip
    async with database.read() as read:
        assert await read.fetch(
            "SELECT 1 FROM credential WHERE email_digest = %s",
            [parse_email("bea@example.com").digest],
        )


async def test_the_rotate_keys_command_creates_a_key(
    identity: Replica, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    old = await identity.guest()

    assert await rotate_keys_command(settings(database_url=await url_of(database)), []) == 0

    assert capsys.readouterr().out.strip() in await identity.wiring.keys.jwks_json()
    assert await identity.caller(old)


async def test_migrating_twice_makes_the_first_key_and_the_admin_once(database: Database) -> None:
    ours = settings(database_url=await url_of(database))

    for _ in range(2):
        assert await migrate_command(ours, []) == 0

    assert [await count_of(database, table) for table in ("staff", "signing_key")] == [1, 1]


async def test_staff_find_their_colleagues_page_by_page(
    identity: Replica, database: Database
) -> None:
    async with database.tx() as tx:
        for name, role in (("ana", StaffRole.SUPPORT), ("zoe", StaffRole.FULFILMENT)):
            await create_staff(tx, email=f"{name}@example.com", role=role, password_hash="x")
    admin, guest = await identity.log_in_staff(), await identity.guest()

    async def page_after(token: str) -> staff_pb.ListStaffMembersResponse:
        request = staff_pb.ListStaffMembersRequest(page=Page(size=2, token=token))
        return await identity.as_(admin, identity.staff.ListStaffMembers, request)

    first = await page_after("")
    second = await page_after(first.next_page_token)

    emails = ["ana@example.com", STAFF_EMAIL, "zoe@example.com"]
    assert [one.email for one in (*first.members, *second.members)] == sorted(emails)
    assert {one.email: one.role for one in first.members}["ana@example.com"] == "support"
    assert second.next_page_token == ""
    asked = staff_pb.ListStaffMembersRequest()
    with pytest.raises(Denied):
        await identity.as_(guest, identity.staff.ListStaffMembers, asked)
