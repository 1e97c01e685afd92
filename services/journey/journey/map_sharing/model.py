"""Tables of roles and links, and the rule of who may do what with a map."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic.dataclasses import dataclass
from sqlalchemy import Boolean, Index, UniqueConstraint

from chassis.data.rows import Field, Row, code, column, counter, document, states
from chassis.rpc.auth import Caller
from journey.maps.model import BUILT_IN

MOST_GRANTS: Final = 200
MOST_LINKS: Final = 100
LONGEST_LINK: Final = timedelta(days=366)
USUAL_LINK: Final = timedelta(days=30)
READ: Final = "journeys.read"
COMMENT: Final = "journeys.comment"
WRITE: Final = "journeys.write"
_TOKEN_BYTES: Final = 32


class MapRole(StrEnum):
    """Roles in a map; each may do what those before it may."""

    NONE = "none"
    VIEW = "view"
    COMMENT = "comment"
    EDIT = "edit"
    OWN = "own"

    @property
    def rank(self) -> int:
        return list(MapRole).index(self)


@dataclass(frozen=True)
class Grant:
    """The role of a member of the staff."""

    subject_id: UUID
    role: MapRole


class MapSharing(Row, table=True):
    """Roles in a map. Whoever has no grant of their own has `staff_role`."""

    __tablename__ = "map_sharing"
    __table_args__ = (states("staff_role", MapRole),)

    slug: str = Field(primary_key=True)
    version: int = counter(default=1)
    staff_role: MapRole = code(MapRole, default=MapRole.EDIT)
    grants: list[Grant] = document(list[Grant])
    changed_at: datetime

    @property
    def has_owner(self) -> bool:
        return any(one.role is MapRole.OWN for one in self.grants)


class MapShareLink(Row, table=True):
    """A link by which others see a map until it expires or is revoked.

    The token is told once; its SHA-256 digest is kept.
    """

    __tablename__ = "map_share_link"
    __table_args__ = (
        UniqueConstraint("token_digest"),
        Index("map_share_link_map", "map_slug", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    map_slug: str
    name: str
    token_digest: bytes
    with_numbers: bool = column(Boolean, default=False, server_default="false")
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Returns whether the link still leads to the map."""
        return self.revoked_at is None and now < self.expires_at


def unshared(slug: str, now: datetime) -> MapSharing:
    """Returns the roles in a map for which nobody set any."""
    return MapSharing(slug=slug, version=0, staff_role=MapRole.EDIT, grants=[], changed_at=now)


def role_of(caller: Caller, sharing: MapSharing) -> MapRole:
    """Returns a caller's role: their grant or that of all staff, within their scopes.

    Nobody's map is owned by those who may write maps. The built-in map cannot be changed.
    """
    own = [one.role for one in sharing.grants if one.subject_id == caller.subject_id]
    role = max([sharing.staff_role, *own], key=lambda one: one.rank)
    if not sharing.has_owner and role is MapRole.EDIT:
        role = MapRole.OWN
    most = _most(caller)
    if sharing.slug in ("", BUILT_IN):
        most = min(most, MapRole.COMMENT, key=lambda one: one.rank)
    return min(role, most, key=lambda one: one.rank)


def _most(caller: Caller) -> MapRole:
    if caller.has(WRITE):
        return MapRole.OWN
    if caller.has(COMMENT):
        return MapRole.COMMENT
    return MapRole.VIEW if caller.has(READ) else MapRole.NONE


def new_token() -> str:
    """Returns the token of a link: 43 characters of base64url."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """Returns the SHA-256 digest under which a token is kept."""
    return hashlib.sha256(token.encode()).digest()
