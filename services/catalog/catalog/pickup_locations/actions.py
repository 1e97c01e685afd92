"""Staff's changes of pick-up locations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from catalog import events
from catalog.errors import InvalidPickupLocation, UnknownWarehouse
from catalog.pickup_locations.model import PickupLocation
from catalog.warehouses.model import Warehouse, keep_warehouses
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch

_LOCK: Final = prepare(
    select(PickupLocation)
    .where(one_of(PickupLocation.code, "codes"))
    .order_by(col(PickupLocation.code))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Imported:
    """Counts of what an import did."""

    created: int
    updated: int
    unchanged: int


async def put_pickup_location(
    tx: Tx,
    location: PickupLocation,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> PickupLocation:
    """Creates or replaces a location; one that is the same keeps its version.

    Raises InvalidPickupLocation, UnknownWarehouse, VersionMismatch.
    """
    before = await tx.lock(PickupLocation, location.code)
    if expected_version not in (0, before.version if before else 0):
        raise VersionMismatch(
            "the location changed meanwhile", version=before.version if before else 0
        )
    [stored], imported = await _store(tx, [location], {location.code: before} if before else {}, "")
    if not imported.unchanged:
        record_audit(
            tx,
            actor_id,
            "put_pickup_location",
            f"pickup_location:{location.code}",
            before={"version": before.version} if before else None,
            after={"version": stored.version, "warehouse": stored.warehouse},
        )
    return stored


async def import_pickup_locations(
    tx: Tx, locations: Sequence[PickupLocation], *, actor_id: UUID | None = None
) -> Imported:
    """Creates or replaces locations by code, all or none.

    Raises InvalidPickupLocation, UnknownWarehouse, each with its place.
    """
    seen: set[str] = set()
    for number, location in enumerate(locations):
        if location.code in seen:
            raise InvalidPickupLocation("names a code once", path=f"locations[{number}].code")
        seen.add(location.code)
    known = {each.code: each for each in await tx.all(_LOCK, codes=sorted(seen))}
    _, imported = await _store(tx, locations, known, "locations")
    if imported.created or imported.updated:
        record_audit(
            tx,
            actor_id,
            "import_pickup_locations",
            "pickup_locations",
            after={"created": imported.created, "updated": imported.updated},
        )
    return imported


async def delete_pickup_location(
    tx: Tx, code: str, *, actor_id: UUID | None = None, expected_version: int = 0
) -> None:
    """Deletes a location; an unknown one is passed over. Raises VersionMismatch."""
    location = await tx.lock(PickupLocation, code) if code.isprintable() else None
    if location is None:
        return
    if expected_version not in (0, location.version):
        raise VersionMismatch("the location changed meanwhile", version=location.version)
    await tx.delete(location)
    await tx.emit(events.pickup_location_deleted(code), key=f"pickup_location:{code}")
    record_audit(
        tx,
        actor_id,
        "delete_pickup_location",
        f"pickup_location:{code}",
        before={"version": location.version, "warehouse": location.warehouse},
        after=None,
    )


async def _store(
    tx: Tx, locations: Sequence[PickupLocation], known: dict[str, PickupLocation], path: str
) -> tuple[list[PickupLocation], Imported]:
    for number, location in enumerate(locations):
        location.require_valid(f"{path}[{number}].location" if path else "location")
    await _require_warehouses(tx, locations, path)
    stored: list[PickupLocation] = []
    changed: list[PickupLocation] = []
    for location in locations:
        before = known.get(location.code)
        if before is not None:
            location.version, location.updated_at = before.version, before.updated_at
            if location == before:
                stored.append(before)
                continue
            location.version += 1
        location.updated_at = tx.now
        changed.append(location)
        stored.append(location)
    await tx.upsert_many(PickupLocation, changed)
    for location in changed:
        event = events.pickup_location_changed(location)
        await tx.emit(event, key=f"pickup_location:{location.code}")
    updated = sum(location.code in known for location in changed)
    return stored, Imported(len(changed) - updated, updated, len(locations) - len(changed))


async def _require_warehouses(tx: Tx, locations: Sequence[PickupLocation], path: str) -> None:
    """Makes the warehouse of each location that has one of its own, and requires the others."""
    own = [
        Warehouse(
            code=location.code,
            name=location.name,
            country=location.country,
            street_address=location.street_address,
            address_locality=location.address_locality,
            address_region=location.address_region,
            postal_code=location.postal_code,
            time_zone=location.time_zone,
            is_default=False,
        )
        for location in locations
        if location.warehouse == location.code
    ]
    await tx.upsert_many(Warehouse, own, update=())
    there = await keep_warehouses(tx, [location.warehouse for location in locations])
    for number, location in enumerate(locations):
        if location.warehouse not in there:
            at = f"{path}[{number}].location.warehouse" if path else "location.warehouse"
            raise UnknownWarehouse(path=at, warehouse=location.warehouse[:40])
