from __future__ import annotations

import asyncio
import base64
import json
import time
from functools import partial
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.data.database import Database
from chassis.rpc.auth import Caller
from chassis.rpc.client import verifier_for
from chassis.rpc.errors import Denied, Invalid, Unauthenticated
from chassis.runtime.clock import real_now, uuid7
from chassis.testing import Tokens, eventually, running
from identity.signing_keys.model import SigningKey
from identity.signing_keys.store import KeyStore
from identity.vault import Vault, WrongEncryptionKey
from identity.wiring import Wiring
from services.identity.tests.identity_replica import Replica, count_of, replica, settings
from sojourn.identity.v1 import identity_pb2 as pb


async def rotate_keys(identity: Replica, key: str = "") -> str:
    reply = await identity.as_(
        await identity.log_in_staff(),
        identity.keys.RotateKeys,
        pb.RotateKeysRequest(),
        key=key or str(uuid7()),
    )
    return str(reply.key_id)


async def published(identity: Replica) -> list[str]:
    reply = await identity.peer.ask(identity.identity.GetKeys, pb.GetKeysRequest())
    return [key["kid"] for key in json.loads(reply.jwks_json)["keys"]]


def key_id_of(session: pb.Session) -> str:
    return str(jwt_header(session.access_token)["kid"])


def jwt_header(token: str) -> dict[str, Any]:
    head = token.split(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))))


async def as_another_service(identity: Replica, session: pb.Session) -> Caller:
    """Returns the caller of a token in a service that fetches keys for the first time."""
    return await verifier_for(identity.peer, identity.wiring.settings, service="tests").verify(
        f"Bearer {session.access_token}"
    )


async def test_the_published_key_verifies_tokens_and_holds_nothing_private(
    identity: Replica,
) -> None:
    session = await identity.guest()

    reply = await identity.peer.ask(identity.identity.GetKeys, pb.GetKeysRequest())

    (key,) = json.loads(reply.jwks_json)["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "Ed25519", "sig")
    assert "d" not in key
    assert jwt_header(session.access_token) == {"typ": "JWT", "alg": "Ed25519", "kid": key["kid"]}
    assert str((await as_another_service(identity, session)).subject_id) == session.subject_id


async def test_a_token_says_what_services_need(identity: Replica) -> None:
    session, now = await identity.register(), time.time()

    reply = await identity.peer.ask(identity.identity.GetKeys, pb.GetKeysRequest())
    key = OKPKey.import_key(json.loads(reply.jwks_json)["keys"][0])
    claims = jwt.decode(session.access_token, key, algorithms=["Ed25519"]).claims

    assert {name: claims[name] for name in ("iss", "aud", "sub", "kind", "scope")} == {
        "iss": "sojourn-identity",
        "aud": "sojourn",
        "sub": session.subject_id,
        "kind": "customer",
        "scope": "",
    }
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - now) < 5
    assert claims["jti"]
    assert claims["sid"]


async def test_after_a_rotation_the_new_key_signs_and_the_old_one_verifies(
    identity: Replica,
) -> None:
    old = await identity.guest()

    async with running(identity.wiring.keys.reload_periodically):
        new_key = await rotate_keys(identity)
        new = await eventually(lambda: _signed_by(identity, new_key))

    assert await published(identity) == [new_key, key_id_of(old)]
    for session in (old, new):
        assert str((await as_another_service(identity, session)).subject_id) == session.subject_id
        await eventually(partial(_is_accepted, identity, session))


async def _is_accepted(identity: Replica, session: pb.Session) -> bool:
    # A verifier that has just fetched keys does not fetch again within a second.
    try:
        return bool(await identity.caller(session))
    except Unauthenticated:
        return False


async def _signed_by(identity: Replica, key_id: str) -> pb.Session | None:
    session = await identity.guest()
    return session if key_id_of(session) == key_id else None


async def test_a_second_replica_learns_the_new_key(identity: Replica, database: Database) -> None:
    async with replica(database) as other:
        new_key = await rotate_keys(identity)
        await identity.wiring.keys.reload()
        new = await identity.guest()

        # It has not polled yet: the keys that it publishes and accepts come from the database.
        assert await published(other) == await published(identity)
        await eventually(lambda: _is_accepted(other, new))

        async with running(other.wiring.keys.reload_periodically):
            await eventually(lambda: _signed_by(other, new_key))


async def test_a_key_is_public_before_it_signs(database: Database) -> None:
    async with replica(database, key_publish_delay_seconds=60) as identity:
        before = await identity.guest()
        new_key = await rotate_keys(identity)
        await identity.wiring.keys.reload()

        assert await published(identity) == [new_key, key_id_of(before)]
        assert key_id_of(await identity.guest()) == key_id_of(before)


async def test_a_key_goes_once_its_last_token_has_expired(
    identity: Replica, database: Database
) -> None:
    old = await identity.guest()
    new_key = await rotate_keys(identity)
    async with database.tx() as tx:
        left = await tx.fetch(
            "SELECT extract(epoch FROM verifies_until - signs_from) FROM signing_key WHERE "
            "verifies_until IS NOT NULL"
        )
        await tx.run(
            "UPDATE signing_key SET verifies_until = signs_from WHERE verifies_until IS NOT NULL"
        )

    assert left[0][0] >= 900
    assert await published(identity) == [new_key]
    with pytest.raises(Unauthenticated):
        await as_another_service(identity, old)


async def test_rotating_needs_its_scope_and_a_key_and_repeats_as_one(
    identity: Replica, database: Database
) -> None:
    customer = await identity.register()
    with pytest.raises(Denied) as unscoped:
        await identity.as_(customer, identity.keys.RotateKeys, pb.RotateKeysRequest(), key="k")
    with pytest.raises(Unauthenticated):
        await identity.peer.ask(identity.keys.RotateKeys, pb.RotateKeysRequest(), key="k")
    staff = await identity.log_in_staff()
    with pytest.raises(Invalid) as keyless:
        await identity.as_(staff, identity.keys.RotateKeys, pb.RotateKeysRequest())

    twins = await asyncio.gather(
        *(
            identity.as_(staff, identity.keys.RotateKeys, pb.RotateKeysRequest(), key="k")
            for _ in range(5)
        )
    )

    assert (unscoped.value.reason, keyless.value.reason) == ("SCOPE_REQUIRED", "KEY_REQUIRED")
    assert len({twin.key_id for twin in twins}) == 1
    assert await count_of(database, "signing_key") == 2


async def test_two_replicas_that_start_at_once_share_one_key_and_one_admin(
    database: Database,
) -> None:
    replicas = [Wiring.from_settings(settings(), database) for _ in range(4)]

    await asyncio.gather(*(each.prepare() for each in replicas))

    assert await count_of(database, "signing_key") == 1
    assert await count_of(database, "staff") == 1
    assert len({await each.keys.jwks_json() for each in replicas}) == 1


async def test_another_encryption_key_stops_the_start(
    identity: Replica, database: Database
) -> None:
    with pytest.raises(WrongEncryptionKey):
        await KeyStore(database, Vault(b"x" * 32), poll_seconds=1).reload()


async def test_forged_expired_and_foreign_tokens_are_refused(identity: Replica) -> None:
    session = await identity.register()
    head, body, signature = session.access_token.split(".")
    claims = {
        "iss": "sojourn-identity",
        "aud": "sojourn",
        "sub": session.subject_id,
        "kind": "customer",
        "scope": "customers.read",
    }
    forger = Tokens(
        OKPKey.generate_key(
            "Ed25519", parameters={"kid": key_id_of(session), "alg": "Ed25519", "use": "sig"}
        )
    )
    now = int(time.time())
    bad = {
        "another signature": f"{head}.{body}.{signature[:-4]}AAAA",
        "another body": f"{head}.{body[:-4]}AAAA.{signature}",
        "no signature": f"{head}.{body}.",
        "our key id, another key": forger.create("customer", session.subject_id),
        "an unknown key": Tokens().create("customer", session.subject_id),
        "expired": identity.wiring.keys.sign({**claims, "iat": now - 1_000, "exp": now - 1}),
        "for ever": identity.wiring.keys.sign(claims),
        "another audience": identity.wiring.keys.sign(
            {**claims, "aud": "elsewhere", "exp": now + 60}
        ),
        "another issuer": identity.wiring.keys.sign(
            {**claims, "iss": "elsewhere", "exp": now + 60}
        ),
        "a refresh token": session.refresh_token,
    }

    reasons = {}
    for what, token in bad.items():
        with pytest.raises(Unauthenticated) as refusal:
            await identity.as_(
                f"Bearer {token}", identity.customers.GetCustomer, pb.GetCustomerRequest()
            )
        reasons[what] = refusal.value.reason

    assert reasons == dict.fromkeys(bad, "INVALID_TOKEN")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("private_sealed", "''"),
        ("private_sealed", "'\\x00'"),
        ("public_jwk", "'7'"),
        ("created_at", "'infinity'"),
        ("signs_from", "'-infinity'"),
    ],
)
async def test_a_key_that_cannot_be_opened_signs_nothing_and_ends_nothing(
    database: Database, column: str, value: str
) -> None:
    vault = Vault(b"k" * 32)
    good, bad = (SigningKey.generate(vault, signs_from=real_now()) for _ in range(2))
    async with database.tx() as tx:
        await tx.insert(good, bad)
        await tx.run(f"UPDATE signing_key SET {column} = {value} WHERE id = %s", [bad.id])  # type: ignore[arg-type]
    keys = KeyStore(database, vault, poll_seconds=1)

    await keys.reload()

    assert jwt_header(keys.sign({"sub": "x"}))["kid"] == str(good.id)
    assert str(good.id) in [key["kid"] for key in json.loads(await keys.jwks_json())["keys"]]
