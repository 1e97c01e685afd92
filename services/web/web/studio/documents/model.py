"""Replies of the gateway about maps as documents."""

from datetime import datetime

from pydantic import JsonValue

from web.gateway_client import Reply
from web.studio.model import Funnel


class Finding(Reply):
    """Something that is missing in a map, or makes no sense."""

    code: str = ""
    severity: str = ""
    pointer: str = ""
    stage: str = ""
    reason: str = ""
    remedy: str = ""
    value: str = ""


class Lint(Reply):
    """The findings of a map, the worst first."""

    map_version: int = 0
    findings: list[Finding] = []
    is_truncated: bool = False
    is_exact: bool = False


class Sharing(Reply):
    """Roles in a map; `role` is the caller's own."""

    staff_role: str = ""
    role: str = ""


class Anchor(Reply):
    """A place of a map; empty for the whole map."""

    stage: str = ""
    lane: str = ""


class Comment(Reply):
    """A comment. A deleted one has no text."""

    id: str = ""
    text: str = ""
    created_at: datetime
    edited_at: datetime | None = None
    is_deleted: bool = False
    is_own: bool = False


class Thread(Reply):
    """A comment with its replies."""

    id: str
    anchor: Anchor = Anchor()
    is_orphaned: bool = False
    resolved_at: datetime | None = None
    comments: list[Comment] = []


class ThreadList(Reply):
    """The newest threads of a map."""

    threads: list[Thread] = []
    next_page_token: str = ""


class SharedMap(Reply):
    """A map that a link leads to."""

    map: dict[str, JsonValue] = {}
    numbers: Funnel | None = None
    expires_at: datetime
