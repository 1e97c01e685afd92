"""Keeping maps that staff draw."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis import telemetry
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from journey import maps
from journey.errors import MapIsBuiltIn
from journey.maps import JourneyMap, MapRow, MapVersion


async def put(tx: Tx, document: Mapping[str, Any], *, actor_id: UUID, expected_version: int) -> JourneyMap:
    """Creates or replaces a map, with its version and an audit row. `expected_version` 0 means any. Raises InvalidMap, MapIsBuiltIn,
    VersionMismatch."""
    checked = JourneyMap.of(document, 0)
    if checked.slug == maps.BUILT_IN:
        raise MapIsBuiltIn
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [checked.slug])
    before = await tx.find_one(MapRow, "WHERE slug = %s FOR UPDATE", [checked.slug])
    if expected_version and (before is None or before.version != expected_version):
        raise VersionMismatch(version=before.version if before else 0)
    row = MapRow(slug=checked.slug, version=before.version if before else 1, document=dict(document), changed_at=tx.now)
    if before is None:
        await tx.insert(row)
    else:
        await tx.update(row)
    await tx.insert(MapVersion(slug=row.slug, version=row.version, document=row.document, changed_by=actor_id, changed_at=tx.now))
    await tx.run(
        "INSERT INTO audit (id, at, actor_id, action, subject, before, after, trace_id) VALUES (%s, %s, %s, 'put_map', %s, %s, %s, %s)",
        [
            uuid7(), tx.now, actor_id, f"map:{row.slug}", Jsonb({"version": before.version}) if before else None,
            Jsonb({"version": row.version}), telemetry.trace_id(),
        ],
    )  # fmt: skip
    return JourneyMap.of(row.document, row.version)
