"""Staff's changes of short links."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from catalog import events
from catalog.channels.model import Channels
from catalog.errors import InvalidShareLink, ShareLinkExists, ShareLinkNotFound
from catalog.products.plain_text import line_of
from catalog.seo.model import SeoKind
from catalog.seo.queries import usual_slug_holder
from catalog.share_links.model import CAMPAIGN, ShareLink
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch

FIELDS: Final = ("kind", "slug", *CAMPAIGN, "expires_at")
_CODE_BYTES: Final = 6
_SOURCE: Final = "share"


async def create_share_link(
    tx: Tx,
    channels: Channels,
    code: str,
    channel: str,
    values: Mapping[str, Any],
    *,
    actor_id: UUID | None = None,
) -> ShareLink:
    """Creates a link; a code is made up where it is empty.

    Raises UnknownChannel, InvalidShareLink, ShareLinkExists.
    """
    of_channel = channels.channel(channel).code
    kind: SeoKind = values["kind"]
    source, medium, campaign, content, term = (line_of(values.get(each, "")) for each in CAMPAIGN)
    link = ShareLink(
        code=code or secrets.token_urlsafe(_CODE_BYTES),
        channel=of_channel,
        kind=kind,
        owner_id=await _owner(tx, kind, of_channel, values["slug"]),
        utm_source=source or _SOURCE,
        utm_medium=medium,
        utm_campaign=campaign,
        utm_content=content,
        utm_term=term,
        expires_at=_future(tx, values.get("expires_at")),
        updated_at=tx.now,
    )
    if not await tx.insert_new(link):
        raise ShareLinkExists(code=link.code)
    await _tell(tx, link, "create_share_link", None, _told(link), actor_id)
    return link


async def update_share_link(
    tx: Tx,
    code: str,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> ShareLink:
    """Changes fields of a link; what is the same keeps its version.

    Raises ShareLinkNotFound, InvalidShareLink, VersionMismatch.
    """
    before = await _lock(tx, code, expected_version)
    changed: dict[str, Any] = {name: line_of(values[name]) for name in CAMPAIGN if name in values}
    if "utm_source" in changed:
        changed["utm_source"] = changed["utm_source"] or _SOURCE
    if "expires_at" in values:
        changed["expires_at"] = _future(tx, values["expires_at"])
    if "slug" in values:
        kind: SeoKind = values.get("kind", before.kind)
        changed |= {
            "kind": kind,
            "owner_id": await _owner(tx, kind, before.channel, values["slug"]),
        }
    elif "kind" in values and values["kind"] is not before.kind:
        raise InvalidShareLink("another kind needs a slug", path="share_link.slug")
    after = before.copy_row(**changed)
    if after == before:
        return before
    after.updated_at = tx.now
    await tx.update(after)
    await _tell(tx, after, "update_share_link", _told(before), _told(after), actor_id)
    return after


async def delete_share_link(
    tx: Tx, code: str, *, expected_version: int = 0, actor_id: UUID | None = None
) -> None:
    """Deletes a link. Raises ShareLinkNotFound, VersionMismatch."""
    link = await _lock(tx, code, expected_version)
    await tx.delete(link)
    told = _told(link)
    link.version = 0
    await _tell(tx, link, "delete_share_link", told, None, actor_id)


async def _owner(tx: Tx, kind: SeoKind, channel: str, slug: str) -> UUID:
    owner_id = await usual_slug_holder(tx, kind, channel, slug)
    if owner_id is None:
        raise InvalidShareLink(f"no {kind.value} has this slug", path="share_link.slug")
    return owner_id


def _future(tx: Tx, at: datetime | None) -> datetime | None:
    if at is not None and at <= tx.now:
        raise InvalidShareLink("is in the future", path="share_link.expires_at")
    return at


async def _lock(tx: Tx, code: str, expected_version: int) -> ShareLink:
    link = await tx.lock(ShareLink, code)
    if link is None:
        raise ShareLinkNotFound(code=code)
    if expected_version not in (0, link.version):
        raise VersionMismatch("the link changed meanwhile", version=link.version)
    return link


async def _tell(
    tx: Tx,
    link: ShareLink,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    actor_id: UUID | None,
) -> None:
    event = events.share_link_changed(link.code, link.version)
    await tx.emit(event, key=f"share_link:{link.code}")
    record_audit(tx, actor_id, action, f"share_link:{link.code}", before=before, after=after)


def _told(link: ShareLink) -> dict[str, Any]:
    return {
        "kind": link.kind.value,
        "owner_id": str(link.owner_id),
        "campaign": link.campaign,
        "version": link.version,
    }
