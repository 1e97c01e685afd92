"""Reads of legal entities."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from checkout.errors.documents import LegalEntityNotFound
from checkout.legal_entities.model import (
    SEEDED,
    LegalEntity,
    LegalEntityRevision,
    LegalEntityTable,
)
from checkout.merchant_settings.group import SettingsGroup

_LOOP: Final = Loop("legal entities")
GROUP: Final = SettingsGroup("legal_entity", LegalEntityRevision)
_LOCK: Final = prepare(
    select(LegalEntity)
    .where(one_of(LegalEntity.code, "codes"))
    .order_by(col(LegalEntity.code))
    .with_for_update()
)


async def find_legal_entities(read: Read) -> list[LegalEntity]:
    """Returns all entities by code; the seeded one where nothing was ever stored."""
    if await GROUP.find_revision(read) is None:
        return [SEEDED]
    query = select(LegalEntity).order_by(col(LegalEntity.code))
    return await find_readable(read, LegalEntity, query, loop=_LOOP)


async def get_legal_entity(read: Read, code: str) -> LegalEntity:
    """Returns an entity. Raises LegalEntityNotFound."""
    for each in await find_legal_entities(read):
        if each.code == code:
            return each
    raise LegalEntityNotFound(code=code[:40])


async def load_entities(read: Read, revision: int) -> LegalEntityTable:
    """Returns all entities as one value."""
    return LegalEntityTable(await find_legal_entities(read), revision=revision)


async def lock_legal_entities(tx: Tx, codes: Sequence[str]) -> dict[str, LegalEntity]:
    """Locks the entities of codes that exist, by code."""
    return {found.code: found for found in await tx.all(_LOCK, codes=list(codes))}
