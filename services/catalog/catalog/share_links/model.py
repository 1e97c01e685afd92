"""Short links: where they lead, and the campaign that their address gets."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, bindparam
from sqlmodel import col, select

from catalog.errors import ShareLinkNotFound
from catalog.seo.model import SeoKind
from chassis.data.rows import Field, Row, counter, states
from chassis.data.rows import code as code_column
from chassis.data.statements import prepare
from chassis.data.tx import Read

CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


class ShareLink(Row, table=True):
    """A short link to a product, category or page. Empty campaign fields are left out."""

    __tablename__ = "share_link"
    __table_args__ = (states("kind", SeoKind), Index("share_link_owner", "kind", "owner_id"))

    code: str = Field(primary_key=True)
    channel: str
    kind: SeoKind = code_column(SeoKind)
    owner_id: UUID
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_content: str
    utm_term: str
    expires_at: datetime | None = None
    version: int = counter(default=1)
    updated_at: datetime

    @property
    def campaign(self) -> dict[str, str]:
        """Returns the campaign's parameters by name."""
        return {name: text for name in CAMPAIGN if (text := getattr(self, name))}


_LIST: Final = prepare(
    select(ShareLink)
    .where(col(ShareLink.code) > bindparam("after"))
    .order_by(col(ShareLink.code))
    .limit(bindparam("size"))
)


async def list_share_links(read: Read, *, after: str, size: int) -> list[ShareLink]:
    """Returns links whose codes follow one, by code."""
    return await read.all(_LIST, after=after, size=size)


async def get_share_link(read: Read, code: str) -> ShareLink:
    """Returns a link. Raises ShareLinkNotFound."""
    link = await read.get(ShareLink, code)
    if link is None:
        raise ShareLinkNotFound(code=code)
    return link
