"""Keeping maps that staff draw."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import select

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from journey.errors import MapIsBuiltIn
from journey.maps.model import BUILT_IN, JourneyMap, MapRow, MapVersion

# The version alone, so that a map whose document cannot be read can be replaced.
_LOCK_VERSION: Final = prepare(
    select(MapRow.version).where(MapRow.slug == bindparam("slug")).with_for_update()
)


async def put_map(
    tx: Tx, document: Mapping[str, Any], *, actor_id: UUID, expected_version: int
) -> JourneyMap:
    """Creates or replaces a map, with its version and an audit row.

    `expected_version` 0 means any. Raises InvalidMap, MapIsBuiltIn, VersionMismatch.
    """
    checked = JourneyMap.from_document(document, 0)
    if checked.slug == BUILT_IN:
        raise MapIsBuiltIn
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [checked.slug])
    before: int | None = await tx.one(_LOCK_VERSION, slug=checked.slug)
    if expected_version and before != expected_version:
        raise VersionMismatch(version=before or 0)
    row = MapRow(
        slug=checked.slug,
        version=1 if before is None else before,
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
