"""Reads of the versions of maps."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from journey.errors import MapNotFound
from journey.maps.model import JourneyMap, MapVersion

# Documents are left where they are: a page of them may have megabytes.
_VERSIONS: Final = prepare(
    select(MapVersion.version, MapVersion.changed_by, MapVersion.changed_at)
    .where(MapVersion.slug == bindparam("slug"), col(MapVersion.version) < bindparam("before"))
    .order_by(col(MapVersion.version).desc())
    .limit(bindparam("most"))
)
# Before the first page.
NEWEST: Final = 2**62


async def list_map_versions(
    read: Read, slug: str, *, before: int = NEWEST, most: int
) -> list[tuple[int, UUID, datetime]]:
    """Returns numbers, actors and times of a map's versions before one, the newest first.

    Raises MapNotFound for a map that never was.
    """
    found = await read.all(_VERSIONS, slug=slug, before=before, most=most)
    if not found and before == NEWEST:
        raise MapNotFound
    return found


async def get_map_version(read: Read, slug: str, number: int) -> JourneyMap:
    """Returns a map as it was in a version. Raises MapNotFound, InvalidMap."""
    if (row := await read.get(MapVersion, slug, number)) is None:
        raise MapNotFound
    return JourneyMap.from_document(row.document, row.version)
