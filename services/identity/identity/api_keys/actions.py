"""Making, revoking and using API keys."""

from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.rpc.errors import KeyReused
from chassis.runtime.clock import real_now, uuid7
from chassis.text import InvalidName
from identity import metrics
from identity.api_keys import model as api_keys
from identity.api_keys.model import SCOPES, ApiKey, KeyRole
from identity.customers import model as customers
from identity.errors import ApiKeyNotFound, WrongCredentials
from identity.settings import Settings


async def create(tx: Tx, *, name: str, role: KeyRole, staff_id: UUID, idempotency_key: str) -> tuple[ApiKey, str]:
    """A new key and its text; the text is empty where the idempotency key made it before. Raises InvalidName, KeyReused."""
    name = customers.name_of(name)
    if not name:
        raise InvalidName("a key needs a name")
    id = uuid7()
    text = api_keys.new_text(id)
    wanted = ApiKey(
        id=id, name=name, role=role, digest=api_keys.digest_of(text), created_at=real_now(), created_by=staff_id,
        idempotency_key=idempotency_key,
    )  # fmt: skip
    key = await api_keys.claim(tx, wanted)
    if key.id == id:
        record_audit(tx, staff_id, "api_key.create", f"api_key:{key.id}", after={"name": name, "role": role})
        return key, text
    if (key.name, key.role) != (name, role):
        raise KeyReused("this key came with another request before")
    return key, ""


async def revoke(tx: Tx, key_id: UUID, *, staff_id: UUID) -> ApiKey:
    """The key, revoked. Idempotent. Raises ApiKeyNotFound."""
    key = await tx.lock(ApiKey, key_id)
    if key is None:
        raise ApiKeyNotFound
    if key.revoked_at is None:
        key.revoked_at = real_now()
        await tx.update(key)
        before = {"name": key.name, "role": key.role}
        record_audit(tx, staff_id, "api_key.revoke", f"api_key:{key.id}", before=before, after=None)
    return key


async def use(database: Database, settings: Settings, text: str) -> frozenset[str]:
    """The scopes of whoever holds this key, of the database or of the settings. Raises WrongCredentials."""
    configured = settings.synthetic_api_key.get_secret_value()
    # Compared in any case, so that the time tells nothing of it.
    is_configured = api_keys.is_same(text, api_keys.digest_of(configured)) and bool(configured)
    role = KeyRole.SYNTHETIC if is_configured else await _role_of(database, text)
    metrics.api_key_sessions.labels("succeeded" if role else "wrong_credentials").inc()
    if role is None:
        raise WrongCredentials("the key is wrong, or revoked")
    return SCOPES[role]


async def _role_of(database: Database, text: str) -> KeyRole | None:
    id = api_keys.id_of(text)
    if id is None:
        return None
    async with database.read() as read:
        key = await read.get(ApiKey, id)
    if key is None or not api_keys.is_same(text, key.digest):
        return None
    async with database.tx() as tx:
        return key.role if await api_keys.note_use(tx, id, real_now()) else None
