"""Keeping maps that staff draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlmodel import col, select

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from journey.errors import MapIsBuiltIn, MapNotFound
from journey.maps.merge import Conflict, Side, merge_documents
from journey.maps.model import BUILT_IN, JourneyMap, MapRow, MapVersion

_LAST_VERSION: Final = prepare(
    select(MapVersion.version)
    .where(MapVersion.slug == bindparam("slug"))
    .order_by(col(MapVersion.version).desc())
    .limit(1)
)
# The version alone, so that a map whose document cannot be read can be replaced.
_LOCK_VERSION: Final = prepare(
    select(MapRow.version).where(MapRow.slug == bindparam("slug")).with_for_update()
)
_DELETE: Final = prepare(delete(MapRow).where(col(MapRow.slug) == bindparam("slug")))


async def put_map(
    tx: Tx, document: Mapping[str, Any], *, actor_id: UUID, expected_version: int
) -> JourneyMap:
    """Creates or replaces a map, with its version and an audit row.

    `expected_version` 0 means any. Raises InvalidMap, MapIsBuiltIn, VersionMismatch.
    """
    checked = JourneyMap.from_document(document, 0)
    before = await lock_map(tx, checked.slug, expected_version)
    # A map that was deleted goes on where its versions end.
    last = await tx.one(_LAST_VERSION, slug=checked.slug) if before is None else None
    row = MapRow(
        slug=checked.slug,
        version=(last or 0) + 1 if before is None else before,
        document=dict(document),
        changed_at=tx.now,
    )
    if before is None:
        await tx.insert(row)
    else:
        await tx.update(row)
    await tx.insert(
        MapVersion(
            slug=row.slug,
            version=row.version,
            document=row.document,
            changed_by=actor_id,
            changed_at=tx.now,
        )
    )
    record_audit(
        tx,
        actor_id,
        "put_map",
        f"map:{row.slug}",
        before=None if before is None else {"version": before},
        after={"version": row.version},
    )
    return JourneyMap.from_document(row.document, row.version)


@dataclass(frozen=True, slots=True)
class MapEdit:
    """A map as an editor left it, who began with a version of it; `choices` settle conflicts."""

    document: Mapping[str, Any]
    base_version: int
    choices: Mapping[str, Side]


async def merge_map(tx: Tx, edit: MapEdit, *, actor_id: UUID) -> tuple[JourneyMap, list[Conflict]]:
    """Saves an editor's changes beside those that others saved meanwhile.

    Returns the map as it is now, and the conflicts for which nothing was saved. Raises InvalidMap,
    MapIsBuiltIn, and MapNotFound for a map or a base that is not there.
    """
    mine = JourneyMap.from_document(edit.document, 0)
    version = await lock_map(tx, mine.slug, 0)
    present = await tx.get(MapRow, mine.slug)
    base = await tx.get(MapVersion, mine.slug, edit.base_version)
    if version is None or present is None or base is None:
        raise MapNotFound
    merged = merge_documents(base.document, mine.document, present.document, edit.choices)
    if merged.conflicts:
        return JourneyMap.from_document(present.document, version), merged.conflicts
    if merged.document == present.document:
        return JourneyMap.from_document(present.document, version), []
    chart = await put_map(tx, merged.document, actor_id=actor_id, expected_version=version)
    return chart, []


async def delete_map(tx: Tx, slug: str, *, actor_id: UUID, expected_version: int) -> None:
    """Deletes a map, with an audit row; its versions stay.

    Raises MapNotFound, MapIsBuiltIn, VersionMismatch.
    """
    if (before := await lock_map(tx, slug, expected_version)) is None:
        raise MapNotFound
    await tx.execute(_DELETE, slug=slug)
    record_audit(tx, actor_id, "delete_map", f"map:{slug}", before={"version": before}, after=None)


async def roll_back_map(
    tx: Tx, slug: str, number: int, *, actor_id: UUID, expected_version: int
) -> JourneyMap:
    """Puts a version of a map again, as its newest one.

    Raises MapNotFound, InvalidMap, VersionMismatch.
    """
    if (old := await tx.get(MapVersion, slug, number)) is None:
        raise MapNotFound
    return await put_map(tx, old.document, actor_id=actor_id, expected_version=expected_version)


async def lock_map(tx: Tx, slug: str, expected_version: int) -> int | None:
    """Returns a map's version, or None, and keeps others from changing it until the commit."""
    if slug == BUILT_IN:
        raise MapIsBuiltIn
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [slug])
    version = await tx.one(_LOCK_VERSION, slug=slug)
    if expected_version and version != expected_version:
        raise VersionMismatch(version=version or 0)
    return version
