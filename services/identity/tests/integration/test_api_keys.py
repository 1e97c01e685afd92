from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from chassis.data.database import Database
from chassis.rpc.auth import Caller
from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Unauthenticated
from chassis.runtime.clock import uuid7
from chassis.testing import events_of
from services.identity.tests.identity_replica import Replica, replica, settings
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn, CustomerRegistered

CONFIGURED = "a-key-of-the-environment-of-32-and-more"


async def create_api_key(
    identity: Replica,
    *,
    name: str = "probe",
    key: str = "",
    role: pb.ApiKeyRole.ValueType = pb.API_KEY_ROLE_SYNTHETIC,
) -> Any:
    staff = await identity.log_in_staff()
    request = pb.CreateApiKeyRequest(name=name, role=role)
    return await identity.as_(
        staff, identity.api_keys.CreateApiKey, request, key=key or uuid7().hex
    )


async def revoke_api_key(identity: Replica, key_id: str) -> Any:
    return await identity.as_(
        await identity.log_in_staff(),
        identity.api_keys.RevokeApiKey,
        pb.RevokeApiKeyRequest(key_id=key_id),
    )


async def create_api_key_session(identity: Replica, api_key: str) -> pb.Session:
    return await identity.peer.ask(
        identity.identity.CreateApiKeySession, pb.CreateApiKeySessionRequest(api_key=api_key)
    )


async def audited(database: Database, subject: str) -> list[Any]:
    async with database.read() as read:
        return await read.fetch(
            "SELECT action, before, after FROM audit WHERE subject = %s ORDER BY at", [subject]
        )


async def test_an_api_key_opens_sessions_of_synthetic_guests_that_cannot_be_refreshed(
    identity: Replica,
) -> None:
    made = await create_api_key(identity)

    first, second = [await create_api_key_session(identity, made.api_key) for _ in range(2)]

    caller: Caller = await identity.caller(first)
    assert (caller.kind, caller.scopes, caller.is_synthetic) == ("guest", {"synthetic"}, True)
    assert (first.refresh_token, first.expires_in_seconds) == ("", 900)
    assert first.subject_id != second.subject_id


async def test_only_a_key_makes_a_session_synthetic(identity: Replica) -> None:
    assert not (await identity.caller(await identity.guest())).is_synthetic


async def test_an_api_key_s_text_is_shown_once_and_stored_nowhere(
    identity: Replica, database: Database
) -> None:
    made = await create_api_key(identity, key="the-key")
    again = await create_api_key(identity, key="the-key")

    assert made.api_key
    assert (again.key.id, again.api_key) == (made.key.id, "")
    async with database.read() as read:
        rows = await read.fetch(
            "SELECT to_jsonb(k)::text FROM api_key k UNION ALL SELECT to_jsonb(i)::text FROM "
            "idempotency i"
        )
    assert not any(made.api_key in row for (row,) in rows)


async def test_another_key_under_the_idempotency_key_is_refused(identity: Replica) -> None:
    await create_api_key(identity, key="twice")

    with pytest.raises(Exists) as refusal:
        await create_api_key(identity, key="twice", name="another")

    assert refusal.value.reason == "KEY_REUSED"


async def test_a_revoked_api_key_opens_no_session(identity: Replica, database: Database) -> None:
    made = await create_api_key(identity)

    revoked = [await revoke_api_key(identity, made.key.id) for _ in range(2)]

    assert revoked[0].revoked_at == revoked[1].revoked_at
    with pytest.raises(Unauthenticated) as refusal:
        await create_api_key_session(identity, made.api_key)
    assert refusal.value.reason == "WRONG_CREDENTIALS"
    facts = {"name": "probe", "role": "synthetic"}
    assert await audited(database, f"api_key:{made.key.id}") == [
        ("api_key.create", None, facts),
        ("api_key.revoke", facts, None),
    ]


async def test_a_list_shows_all_api_keys_and_their_last_use(identity: Replica) -> None:
    used, unused = (
        await create_api_key(identity, name="used"),
        await create_api_key(identity, name="unused"),
    )
    await create_api_key_session(identity, used.api_key)

    listed = await identity.as_(
        await identity.log_in_staff(), identity.api_keys.ListApiKeys, pb.ListApiKeysRequest()
    )

    assert [(key.id, key.name, key.HasField("last_used_at")) for key in listed.keys] == [
        (unused.key.id, "unused", False),
        (used.key.id, "used", True),
    ]


@pytest.mark.parametrize(
    "text", ["", "sojourn_", "sojourn_" + "A" * 64, "é" * 40, CONFIGURED + "x"]
)
async def test_an_unknown_api_key_is_refused(database: Database, text: str) -> None:
    async with replica(database, synthetic_api_key=CONFIGURED) as identity:
        with pytest.raises(Unauthenticated) as refusal:
            await create_api_key_session(identity, text)

    assert refusal.value.reason == "WRONG_CREDENTIALS"


async def test_an_api_key_of_the_environment_opens_a_session(database: Database) -> None:
    async with replica(database, synthetic_api_key=CONFIGURED) as identity:
        assert (
            await identity.caller(await create_api_key_session(identity, CONFIGURED))
        ).is_synthetic


async def test_without_a_key_in_the_environment_an_empty_key_is_refused(identity: Replica) -> None:
    with pytest.raises(Unauthenticated):
        await create_api_key_session(identity, "")


def test_a_short_api_key_in_the_environment_stops_the_start() -> None:
    with pytest.raises(ValidationError, match="32 characters"):
        settings(synthetic_api_key="short")


async def test_only_staff_with_the_scope_create_api_keys(identity: Replica) -> None:
    request = pb.CreateApiKeyRequest(name="mine", role=pb.API_KEY_ROLE_SYNTHETIC)

    for bearer in (
        await identity.guest(),
        await identity.register(),
        await identity.service_token(),
    ):
        with pytest.raises(Denied):
            await identity.as_(bearer, identity.api_keys.CreateApiKey, request, key="k")
    with pytest.raises(Invalid):
        await identity.as_(await identity.log_in_staff(), identity.api_keys.CreateApiKey, request)


@pytest.mark.parametrize(
    ("name", "role", "reason"),
    [
        ("", pb.API_KEY_ROLE_SYNTHETIC, "INVALID_NAME"),
        ("x", pb.API_KEY_ROLE_UNSPECIFIED, "INVALID_FIELD"),
        ("x", 99, "INVALID_FIELD"),
    ],
)
async def test_an_api_key_without_a_name_or_a_role_is_refused(
    identity: Replica, name: str, role: pb.ApiKeyRole.ValueType, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await create_api_key(identity, name=name, role=role)

    assert refusal.value.reason == reason


async def test_an_unknown_key_cannot_be_revoked(identity: Replica) -> None:
    with pytest.raises(NotFound):
        await revoke_api_key(identity, str(uuid7()))


async def test_a_synthetic_shopper_cannot_become_a_customer(
    identity: Replica, database: Database
) -> None:
    made = await create_api_key(identity)
    token = (await create_api_key_session(identity, made.api_key)).access_token
    await identity.register("ana@example.com")

    for begin in (
        identity.register("bea@example.com", guest_token=token),
        identity.login("ana@example.com", guest_token=token),
    ):
        with pytest.raises(Invalid) as refusal:
            await begin
        assert refusal.value.reason == "INVALID_GUEST_TOKEN"
    assert len(await events_of(database, CustomerRegistered)) == 1
    assert not await events_of(database, CustomerLoggedIn)
