"""Keys that sign tokens: rows sealed at rest, and the store that each replica keeps of them. All times are real time."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import bindparam, delete, func, update
from sqlmodel import col, or_, select

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, document
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import ALGORITHM
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import real_now, uuid7
from chassis.runtime.loops import run_periodically
from identity.errors import KeysUnavailable
from identity.vault import Vault

log = telemetry.log("keys")
_LOOP: Final = Loop("signing_keys")
# "SJKY": first start and rotation, one at a time.
_LOCK: Final = 0x53_4A_4B_59
# Replicas may sign with the old key until they next look, and clocks differ.
_SLACK_SECONDS: Final = 60


# Members of a JSON Web Key are texts or lists of texts (RFC 7517).
PublicJwk = dict[str, str | list[str]]


class SigningKey(Row, table=True):
    """A key pair. It signs from `signs_from` until a younger one does, and verifies until `verifies_until` (None: while it signs)."""

    __tablename__ = "signing_key"

    id: UUID = Field(primary_key=True)
    public_jwk: PublicJwk = document(PublicJwk)
    private_sealed: bytes
    created_at: datetime
    signs_from: datetime
    verifies_until: datetime | None = None

    @classmethod
    def generate(cls, vault: Vault, *, signs_from: datetime) -> "SigningKey":
        """A new Ed25519 key pair, its private part sealed."""
        id = uuid7()
        key = OKPKey.generate_key("Ed25519", parameters={"kid": str(id), "alg": ALGORITHM, "use": "sig"})
        sealed = vault.seal(json.dumps(key.as_dict(private=True)).encode(), context=id.bytes)
        public_jwk: PublicJwk = dict(key.as_dict(private=False))
        return cls(id=id, public_jwk=public_jwk, private_sealed=sealed, created_at=real_now(), signs_from=signs_from)

    def require_published(self) -> None:
        """Raises ValueError where others could not verify what it signs."""
        if self.public_jwk.get("kid") != str(self.id):
            raise ValueError("the public key is no JSON Web Key of this id")

    def unsealed(self, vault: Vault) -> OKPKey:
        """The private key. Raises WrongEncryptionKey."""
        return OKPKey.import_key(json.loads(vault.open(self.private_sealed, context=self.id.bytes)))


_LOCK_KEYS: Final = prepare(select(func.pg_advisory_xact_lock(_LOCK)))
_SIGNING: Final = prepare(select(SigningKey.id).where(col(SigningKey.verifies_until).is_(None)).limit(1))
_RETIRE: Final = prepare(update(SigningKey).where(col(SigningKey.verifies_until).is_(None)).values(verifies_until=bindparam("until")))
_DELETE_EXPIRED: Final = prepare(delete(SigningKey).where(col(SigningKey.verifies_until) < bindparam("now")))


class KeyStore:
    """The keys that a replica signs with and publishes; `follow` keeps them fresh."""

    def __init__(self, database: Database, vault: Vault, *, poll_seconds: float) -> None:
        self._database, self._vault, self._poll_seconds = database, vault, poll_seconds
        self._rows: Sequence[SigningKey] = ()
        self._private: dict[UUID, OKPKey] = {}

    async def reload(self) -> None:
        """Reads the keys that verify. A key that cannot be opened signs nothing and still verifies.

        Raises Unavailable, and WrongEncryptionKey where no key can be opened.
        """
        async with self._database.read() as read:
            rows = await verifying_keys(read, real_now())
        private: dict[UUID, OKPKey] = {}
        failure: Exception | None = None
        for row in rows:
            try:
                row.require_published()
                private[row.id] = self._private.get(row.id) or row.unsealed(self._vault)
            except Exception as error:
                _LOOP.skip(row.id, error)
                failure = error
        if failure is not None and not private:
            raise failure
        self._private = private
        self._rows = rows

    async def follow(self) -> None:
        """Reloads until cancelled, through absences of the database."""
        await run_periodically(self.reload, every_seconds=self._poll_seconds, name="reload of the keys", waits_first=True)

    async def jwks_json(self) -> str:
        """The public keys as a JSON Web Key Set, straight from the database, because another replica may sign with a key that this one has
        not seen; while the database is away, as last seen. Raises Unavailable where they never were."""
        try:
            await self.reload()
        except Unavailable:
            if not self._rows:
                raise
        now = real_now()
        return json.dumps({"keys": [row.public_jwk for row in self._rows if row.verifies_until is None or row.verifies_until > now]})

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT by the youngest key whose time has come. Raises KeysUnavailable before the first load."""
        now = real_now()
        row = max(
            (row for row in self._rows if row.signs_from <= now and row.id in self._private), key=lambda row: row.signs_from, default=None
        )
        if row is None:
            raise KeysUnavailable(retry_after_seconds=1)
        return jwt.encode({"alg": ALGORITHM, "kid": str(row.id)}, dict(claims), self._private[row.id], algorithms=[ALGORITHM])


async def ensure_one(tx: Tx, vault: Vault) -> None:
    """Makes the first key. Idempotent; of two replicas that start at once, one makes it."""
    await tx.execute(_LOCK_KEYS)
    if await tx.one(_SIGNING) is None:
        await tx.insert(SigningKey.generate(vault, signs_from=real_now()))


async def rotate(tx: Tx, vault: Vault, *, token_seconds: float, publish_delay_seconds: float) -> SigningKey:
    """Makes a key that signs after the delay; those before it verify until the last token that they may sign has expired."""
    await tx.execute(_LOCK_KEYS)
    key = SigningKey.generate(vault, signs_from=real_now() + timedelta(seconds=publish_delay_seconds))
    until = key.signs_from + timedelta(seconds=token_seconds + _SLACK_SECONDS)
    await tx.execute(_RETIRE, until=until)
    await tx.insert(key)
    return key


async def verifying_keys(read: Read, now: datetime) -> list[SigningKey]:
    """Keys whose tokens are good, youngest first. A row that cannot be read is left out."""
    is_good = or_(col(SigningKey.verifies_until).is_(None), col(SigningKey.verifies_until) > now)
    return await find_readable(read, SigningKey, select(SigningKey).where(is_good).order_by(col(SigningKey.signs_from).desc()), loop=_LOOP)


async def sweep(tx: Tx, now: datetime) -> int:
    """Deletes keys that verify no more. Returns how many."""
    return await tx.execute(_DELETE_EXPIRED, now=now)
