"""Changes of who may do what with a map. Each leaves an audit row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from journey.errors import InvalidMapSharing, MapShareLinkNotFound
from journey.map_sharing.model import (
    LONGEST_LINK,
    MOST_GRANTS,
    MOST_LINKS,
    USUAL_LINK,
    Grant,
    MapRole,
    MapShareLink,
    MapSharing,
    digest_of,
    new_token,
)
from journey.map_sharing.queries import list_open_links


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to create. Without `expires_at` it lasts 30 days."""

    slug: str
    name: str
    with_numbers: bool
    expires_at: datetime | None


async def own_new_map(tx: Tx, slug: str, *, actor_id: UUID) -> None:
    """Makes whoever created a map its owner; all staff may edit it until the owner says else.

    A map that was shared before, and deleted meanwhile, keeps its roles.
    """
    grants = [Grant(actor_id, MapRole.OWN)]
    sharing = MapSharing(slug=slug, grants=grants, changed_at=tx.now)
    if await tx.insert_new(sharing):
        _audit(tx, sharing, actor_id, before=None)


async def put_map_sharing(
    tx: Tx,
    slug: str,
    staff_role: MapRole,
    grants: Sequence[Grant],
    *,
    actor_id: UUID,
    expected_version: int,
) -> MapSharing:
    """Sets the roles in a map. Idempotent. Raises InvalidMapSharing, VersionMismatch."""
    require_sound(staff_role, grants)
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", [slug])
    before = await tx.lock(MapSharing, slug)
    version = before.version if before is not None else 0
    if expected_version and version != expected_version:
        raise VersionMismatch(version=version)
    sorted_grants = sorted(grants, key=lambda one: one.subject_id)
    if before is not None and (before.staff_role, before.grants) == (staff_role, sorted_grants):
        return before
    if before is None:
        sharing = MapSharing(
            slug=slug, staff_role=staff_role, grants=sorted_grants, changed_at=tx.now
        )
        await tx.insert(sharing)
    else:
        sharing = before.copy_row(staff_role=staff_role, grants=sorted_grants, changed_at=tx.now)
        await tx.update(sharing)
    _audit(tx, sharing, actor_id, before=before)
    return sharing


async def create_map_share_link(
    tx: Tx, new: NewLink, *, actor_id: UUID
) -> tuple[MapShareLink, str]:
    """Creates a link; returns it with its token, which is kept nowhere.

    Raises InvalidMapSharing.
    """
    expires_at = new.expires_at or tx.now + USUAL_LINK
    if not tx.now < expires_at <= tx.now + LONGEST_LINK:
        said = f"a link expires in the future, within {LONGEST_LINK.days} days"
        raise InvalidMapSharing(said, path="expires_at")
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", [new.slug])
    if len(await list_open_links(tx, new.slug)) >= MOST_LINKS:
        raise InvalidMapSharing(f"a map has at most {MOST_LINKS} links", path="slug")
    token = new_token()
    link = MapShareLink(
        id=uuid7(),
        map_slug=new.slug,
        name=new.name,
        token_digest=digest_of(token),
        with_numbers=new.with_numbers,
        created_by=actor_id,
        created_at=tx.now,
        expires_at=expires_at,
    )
    await tx.insert(link)
    record_audit(
        tx,
        actor_id,
        "create_map_share_link",
        f"map:{new.slug}",
        before=None,
        after={
            "link_id": str(link.id),
            "with_numbers": link.with_numbers,
            "expires_at": expires_at.isoformat(),
        },
    )
    return link, token


async def revoke_map_share_link(
    tx: Tx, slug: str, link_id: UUID, *, actor_id: UUID
) -> MapShareLink:
    """Ends a link at once. A repeat is fine. Raises MapShareLinkNotFound."""
    link = await tx.lock(MapShareLink, link_id)
    if link is None or link.map_slug != slug:
        raise MapShareLinkNotFound
    if link.revoked_at is not None:
        return link
    return await _revoke(tx, link, actor_id)


async def revoke_all_links(tx: Tx, slug: str, *, actor_id: UUID) -> None:
    """Ends the links of a deleted map, so that they do not lead to a later map of its slug."""
    for link in await list_open_links(tx, slug):
        await _revoke(tx, link, actor_id)


async def _revoke(tx: Tx, link: MapShareLink, actor_id: UUID) -> MapShareLink:
    revoked = link.copy_row(revoked_at=tx.now, revoked_by=actor_id)
    await tx.update(revoked)
    record_audit(
        tx,
        actor_id,
        "revoke_map_share_link",
        f"map:{link.map_slug}",
        before={"link_id": str(link.id), "is_open": link.is_open(tx.now)},
        after={"link_id": str(link.id), "is_open": False},
    )
    return revoked


def require_sound(staff_role: MapRole, grants: Sequence[Grant]) -> None:
    """Raises InvalidMapSharing for roles that make no sense, such as a map without an owner."""
    if len(grants) > MOST_GRANTS:
        raise InvalidMapSharing(f"a map has at most {MOST_GRANTS} grants", path="grants")
    if len({one.subject_id for one in grants}) < len(grants):
        raise InvalidMapSharing("a member of the staff has one role", path="grants")
    if staff_role is MapRole.OWN:
        raise InvalidMapSharing("owners are named", path="staff_role")
    if not any(one.role is MapRole.OWN for one in grants):
        raise InvalidMapSharing("a shared map has an owner", path="grants")


def _audit(tx: Tx, sharing: MapSharing, actor_id: UUID, *, before: MapSharing | None) -> None:
    record_audit(
        tx,
        actor_id,
        "put_map_sharing",
        f"map:{sharing.slug}",
        before=None if before is None else _told(before),
        after=_told(sharing),
    )


def _told(sharing: MapSharing) -> dict[str, JsonValue]:
    roles = {str(one.subject_id): one.role.value for one in sharing.grants}
    return {"staff_role": sharing.staff_role.value, "roles": {**roles}}
