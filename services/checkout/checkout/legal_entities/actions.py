"""Changes of legal entities by staff."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.data.tx import Tx
from checkout.errors.documents import InvalidLegalEntity, LegalEntityInUse
from checkout.legal_entities import events
from checkout.legal_entities.model import MOST_ENTITIES, SEEDED, LegalEntity
from checkout.legal_entities.queries import GROUP, find_legal_entities, lock_legal_entities
from checkout.merchant_settings.actions import (
    Imported,
    Subject,
    delete_setting,
    require_version,
    store_setting,
)

_KIND: Final = "legal_entity"
_IS_USED: Final = "SELECT 1 FROM document_counter WHERE legal_entity = %s LIMIT 1"


async def put_legal_entity(
    tx: Tx, draft: LegalEntity, *, actor_id: UUID, expected_version: int = 0
) -> LegalEntity:
    """Creates or replaces an entity by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Emits LegalEntityChanged. Raises InvalidLegalEntity,
    VersionMismatch.
    """
    await _store_seed(tx)
    before = (await lock_legal_entities(tx, [draft.code])).get(draft.code)
    require_version(before, expected_version)
    await _require_apart(tx, [draft], path="legal_entity")
    if await _store(tx, draft, before, actor_id):
        await GROUP.revise(tx)
    return draft


async def import_legal_entities(
    tx: Tx, drafts: Sequence[LegalEntity], *, actor_id: UUID
) -> Imported:
    """Creates or replaces entities by code, all or none. Raises InvalidLegalEntity."""
    await _store_seed(tx)
    codes = [draft.code for draft in drafts]
    for index, each in enumerate(codes):
        if each in codes[:index]:
            raise _invalid(f"legal_entities[{index}].code", "it is there twice")
    known = await lock_legal_entities(tx, sorted(codes))
    await _require_apart(tx, drafts, path="legal_entities")
    done = Imported()
    for draft in drafts:
        before = known.get(draft.code)
        done.count(before, has_changed=await _store(tx, draft, before, actor_id))
    if done.created or done.updated:
        await GROUP.revise(tx)
    return done


async def delete_legal_entity(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes an entity that issued no document. Idempotent.

    Emits LegalEntityDeleted. Raises VersionMismatch, LegalEntityInUse.
    """
    await _store_seed(tx)
    before = (await lock_legal_entities(tx, [code])).get(code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    if await tx.fetch_one(_IS_USED, [code]):
        raise LegalEntityInUse(code=code)
    subject = Subject(_KIND, code)
    await delete_setting(tx, subject, before, actor_id=actor_id)
    await tx.emit(events.legal_entity_deleted(code), key=str(subject))
    await GROUP.revise(tx)


async def _store(tx: Tx, draft: LegalEntity, before: LegalEntity | None, actor_id: UUID) -> bool:
    subject = Subject(_KIND, draft.code)
    has_changed = await store_setting(tx, subject, draft, before, actor_id=actor_id)
    if has_changed:
        await tx.emit(events.legal_entity_changed(draft), key=str(subject))
    return has_changed


async def _store_seed(tx: Tx) -> None:
    """Locks the entities, and stores the seeded one where nothing was ever stored."""
    await GROUP.lock(tx)
    if await GROUP.find_revision(tx) is None:
        await tx.upsert_many(LegalEntity, [SEEDED], update=())
        await GROUP.revise(tx)


async def _require_apart(tx: Tx, drafts: Sequence[LegalEntity], *, path: str) -> None:
    """Raises InvalidLegalEntity where two entities are for one channel, and for too many."""
    codes = {draft.code for draft in drafts}
    stored = [each for each in await find_legal_entities(tx) if each.code not in codes]
    if len(stored) + len(drafts) > MOST_ENTITIES:
        raise _invalid(path, f"a shop has at most {MOST_ENTITIES} legal entities")
    taken = {channel: each.code for each in stored for channel in _channels(each)}
    for index, draft in enumerate(drafts):
        place = path if path == _KIND else f"{path}[{index}]"
        for channel in _channels(draft):
            if (other := taken.setdefault(channel, draft.code)) != draft.code:
                what = f"channel {channel}" if channel else "all other channels"
                raise _invalid(f"{place}.channels", f"{other} is for {what} already")


def _channels(entity: LegalEntity) -> Sequence[str]:
    """Returns the channels that an entity is for; an empty code is all others."""
    return (entity.channels or ("",)) if entity.is_enabled else ()


def _invalid(path: str, problem: str) -> InvalidLegalEntity:
    return InvalidLegalEntity(path=path, problem=problem)
