"""Use cases of API keys: create, revoke, authenticate."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import KeyReused
from chassis.runtime.clock import real_now, uuid7
from chassis.text import InvalidName
from identity import metrics
from identity.api_keys.model import (
    SCOPES_OF_ROLE,
    ApiKey,
    ApiKeyRole,
    create_api_key_text,
    digest_of_api_key,
    has_api_key_digest,
    parse_api_key_id,
)
from identity.customers.model import parse_name
from identity.errors import ApiKeyNotFound, WrongCredentials
from identity.sessions.tokens import TokenIssuer
from identity.settings import Settings

_KEY_OF_REQUEST: Final = prepare(
    select(ApiKey).where(
        ApiKey.created_by == bindparam("created_by"),
        ApiKey.idempotency_key == bindparam("idempotency_key"),
    )
)
_RECORD_USE: Final = prepare(
    update(ApiKey)
    .where(col(ApiKey.id) == bindparam("key_id"), col(ApiKey.revoked_at).is_(None))
    .values(last_used_at=bindparam("used_at"))
)


@dataclass(frozen=True, slots=True)
class ApiKeySession:
    """The access token of a new guest whom an API key made. It cannot be refreshed."""

    guest_id: UUID
    access_token: str = field(repr=False)
    expires_in_seconds: int


async def create_api_key(
    tx: Tx, *, name: str, role: ApiKeyRole, staff_id: UUID, idempotency_key: str
) -> tuple[ApiKey, str]:
    """Creates a key and returns it with its text.

    Raises InvalidName, KeyReused.

    Idempotent by staff member and idempotency key: a repeat returns the same key with an empty
    text.
    """
    name = parse_name(name)
    if not name:
        raise InvalidName("a key needs a name")
    id = uuid7()
    text = create_api_key_text(id)
    new = ApiKey(
        id=id,
        name=name,
        role=role,
        digest=digest_of_api_key(text),
        created_at=real_now(),
        created_by=staff_id,
        idempotency_key=idempotency_key,
    )
    if await tx.insert_new(new):
        record_audit(
            tx, staff_id, "api_key.create", f"api_key:{id}", after={"name": name, "role": role}
        )
        return new, text
    present: ApiKey | None = await tx.one(
        _KEY_OF_REQUEST, created_by=staff_id, idempotency_key=idempotency_key
    )
    assert present is not None
    if (present.name, present.role) != (name, role):
        raise KeyReused("this key came with another request before")
    return present, ""


async def revoke_api_key(tx: Tx, key_id: UUID, *, staff_id: UUID) -> ApiKey:
    """Revokes a key and returns it. Idempotent. Raises ApiKeyNotFound."""
    key = await tx.lock(ApiKey, key_id)
    if key is None:
        raise ApiKeyNotFound
    if key.revoked_at is None:
        key.revoked_at = real_now()
        await tx.update(key)
        before = {"name": key.name, "role": key.role}
        record_audit(tx, staff_id, "api_key.revoke", f"api_key:{key.id}", before=before, after=None)
    return key


async def create_api_key_session(
    database: Database, settings: Settings, issuer: TokenIssuer, text: str
) -> ApiKeySession:
    """Returns an access token of a new guest, with the scopes of an API key.

    Raises WrongCredentials, KeysUnavailable.
    """
    scopes, guest_id = await authenticate_api_key(database, settings, text), uuid7()
    return ApiKeySession(
        guest_id, issuer.sign_api_key_token(guest_id, scopes), issuer.access_token_seconds
    )


async def authenticate_api_key(database: Database, settings: Settings, text: str) -> frozenset[str]:
    """Returns the scopes of a key of the database or of the settings. Raises WrongCredentials."""
    configured = settings.synthetic_api_key.get_secret_value()
    # Compared in any case, so that the time reveals nothing of the configured key.
    is_configured = has_api_key_digest(text, digest_of_api_key(configured)) and bool(configured)
    role = ApiKeyRole.SYNTHETIC if is_configured else await _role_of_key(database, text)
    metrics.api_key_sessions.labels("succeeded" if role else "wrong_credentials").inc()
    if role is None:
        raise WrongCredentials("the key is wrong, or revoked")
    return SCOPES_OF_ROLE[role]


async def _role_of_key(database: Database, text: str) -> ApiKeyRole | None:
    """Returns the role of a key and records the use, or returns None for a wrong or revoked one."""
    id = parse_api_key_id(text)
    if id is None:
        return None
    async with database.read() as read:
        key = await read.get(ApiKey, id)
    if key is None or not has_api_key_digest(text, key.digest):
        return None
    async with database.tx() as tx:
        return key.role if await tx.execute(_RECORD_USE, key_id=id, used_at=real_now()) else None
