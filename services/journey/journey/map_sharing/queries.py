"""Reads of roles and links, and the check of a caller's role."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import and_, bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from chassis.rpc.auth import Caller
from journey.errors import MapNotFound, MapRoleRequired, MapShareLinkNotFound
from journey.map_sharing.model import (
    MOST_LINKS,
    READ,
    MapRole,
    MapShareLink,
    MapSharing,
    digest_of,
    role_of,
    unshared,
)

_IS_OPEN: Final = and_(
    col(MapShareLink.revoked_at).is_(None), col(MapShareLink.expires_at) > bindparam("now")
)
_OF_MAP: Final = select(MapShareLink).where(MapShareLink.map_slug == bindparam("slug"))
# Open ones come first, so that no number of old ones hides one that can be revoked.
_LINKS: Final = prepare(
    _OF_MAP.order_by(_IS_OPEN.desc(), col(MapShareLink.id).desc()).limit(MOST_LINKS)
)
_OPEN_LINKS: Final = prepare(_OF_MAP.where(_IS_OPEN).order_by(col(MapShareLink.id)))
_BY_DIGEST: Final = prepare(
    select(MapShareLink).where(MapShareLink.token_digest == bindparam("digest"))
)
_ALL: Final = prepare(select(MapSharing))


async def get_sharing(read: Read, slug: str) -> MapSharing:
    """Returns the roles in a map; those of a map for which nobody set any have the version 0."""
    return await read.get(MapSharing, slug) or unshared(slug, read.now)


async def require_role(read: Read, slug: str, caller: Caller, role: MapRole) -> MapSharing:
    """Returns the roles in a map, for a caller who has at least one role in it.

    A map that they may not see does not exist for them: raises MapNotFound. Raises MapRoleRequired
    for a map that they see.
    """
    sharing = await get_sharing(read, slug)
    has = role_of(caller, sharing)
    if has.rank < MapRole.VIEW.rank:
        raise MapNotFound
    if has.rank < role.rank:
        raise MapRoleRequired(f"ask an owner of the map for the role {role.value}", role=role.value)
    return sharing


async def require_reader(read: Read, slug: str, caller: Caller) -> None:
    """Requires that a caller may see a journey by a map: staff with a role in it.

    Customers see their journeys by maps that all staff may see. Raises MapNotFound.
    """
    if caller.has(READ):
        await require_role(read, slug, caller, MapRole.VIEW)
    elif (await get_sharing(read, slug)).staff_role is MapRole.NONE:
        raise MapNotFound


async def list_hidden_maps(read: Read, caller: Caller, slugs: Iterable[str]) -> frozenset[str]:
    """Returns those of some maps that a caller may not see."""
    by_slug = {one.slug: one for one in await read.all(_ALL)}
    return frozenset(
        slug
        for slug in slugs
        if (found := by_slug.get(slug)) is not None and role_of(caller, found) is MapRole.NONE
    )


async def list_links(read: Read, slug: str) -> list[MapShareLink]:
    """Returns the links of a map: open ones first, the newest first."""
    return await read.all(_LINKS, slug=slug, now=read.now)


async def list_open_links(read: Read, slug: str) -> list[MapShareLink]:
    """Returns all links that lead to a map now."""
    return await read.all(_OPEN_LINKS, slug=slug, now=read.now)


async def get_open_link(read: Read, token: str) -> MapShareLink:
    """Returns the link of a token.

    Raises MapShareLinkNotFound for an unknown, revoked or expired one alike.
    """
    link: MapShareLink | None = await read.one(_BY_DIGEST, digest=digest_of(token))
    if link is None or not link.is_open(read.now):
        raise MapShareLinkNotFound
    return link
