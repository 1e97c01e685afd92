"""Keys by which people are found: digests of their e-mail addresses, and ids of other tools."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Index, bindparam, delete
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import columns_sql, one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.email_addresses import InvalidEmail, parse_email
from journey.touchpoints.model import derive_touchpoint_id


class PersonKey(Row, table=True):
    """A key of a person, and a visitor's, guest's or customer's id that it was seen with.

    `import_id` is the import that brought it; its undoing takes it away.
    """

    __tablename__ = "person_key"
    __table_args__ = (Index("person_key_handle", "handle_id"),)

    key_id: UUID = Field(primary_key=True)
    handle_id: UUID = Field(primary_key=True)
    import_id: UUID | None = None


def order_key(number: str) -> UUID:
    """Returns the key of an order's number, or of its id."""
    return derive_touchpoint_id("order_number", number.strip().upper())


@dataclass(frozen=True, slots=True)
class EmailKeys:
    """Makes the key of an e-mail address. Without `secret` nobody can tell the address from it."""

    secret: bytes

    def __call__(self, email: str, /) -> UUID:
        """Returns the key: HMAC-SHA-256 of the normal form, as UUIDv8. Raises ValueError."""
        try:
            address = parse_email(email).text
        except InvalidEmail:
            raise ValueError("no e-mail address") from None
        digest = bytearray(hmac.digest(self.secret, address.encode(), hashlib.sha256)[:16])
        digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
        return UUID(bytes=bytes(digest))


async def insert_keys(tx: Tx, keys: Iterable[PersonKey]) -> None:
    """Keeps keys; those that are known stay as they are."""
    rows = {(key.key_id, key.handle_id): key for key in keys}
    if rows:
        await tx.run(
            f"INSERT INTO person_key ({columns_sql(PersonKey)})"
            " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) ON CONFLICT DO NOTHING",
            [
                [key.key_id for key in rows.values()],
                [key.handle_id for key in rows.values()],
                [key.import_id for key in rows.values()],
            ],
        )


async def find_handles(read: Read, key_id: UUID) -> list[UUID]:
    """Returns the ids that a key was seen with."""
    return await read.all(_HANDLES, key_id=key_id)


async def delete_keys_of_handles(tx: Tx, handles: Sequence[UUID]) -> None:
    """Forgets the keys of people whose history is deleted."""
    await tx.execute(_FORGET, handles=list(handles))


async def delete_key(tx: Tx, key_id: UUID) -> None:
    """Forgets a key with all that it was seen with."""
    await tx.execute(_FORGET_KEY, key_id=key_id)


async def delete_keys_of_import(tx: Tx, import_id: UUID) -> None:
    """Forgets the keys that an import brought."""
    await tx.execute(_FORGET_IMPORT, import_id=import_id)


_HANDLES: Final = prepare(
    select(PersonKey.handle_id)
    .where(col(PersonKey.key_id) == bindparam("key_id"))
    .order_by(col(PersonKey.handle_id))
)
_FORGET: Final = prepare(delete(PersonKey).where(one_of(PersonKey.handle_id, "handles")))
_FORGET_KEY: Final = prepare(delete(PersonKey).where(col(PersonKey.key_id) == bindparam("key_id")))
_FORGET_IMPORT: Final = prepare(
    delete(PersonKey).where(col(PersonKey.import_id) == bindparam("import_id"))
)
