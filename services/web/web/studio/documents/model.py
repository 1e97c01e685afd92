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


class Grant(Reply):
    """The role of a member of the staff."""

    subject_id: str
    role: str = ""


class Sharing(Reply):
    """Roles in a map; `role` and `caller_id` are the caller's own."""

    version: int = 0
    staff_role: str = ""
    role: str = ""
    caller_id: str = ""
    grants: list[Grant] = []


class StaffMember(Reply):
    """A member of the staff."""

    id: str
    email: str = ""


class StaffMembers(Reply):
    """Members of the staff by e-mail address."""

    members: list[StaffMember] = []
    next_page_token: str = ""


class Link(Reply):
    """A link to a map, without its token."""

    id: str
    name: str = ""
    with_numbers: bool = False
    expires_at: datetime
    revoked_at: datetime | None = None
    is_open: bool = False


class LinkList(Reply):
    """The links of a map, open ones first."""

    links: list[Link] = []


class CreatedLink(Reply):
    """A link with its token, which is told once."""

    token: str


class Conflict(Reply):
    """A place that two editors changed, each to another value."""

    pointer: str
    base: JsonValue = None
    mine: JsonValue = None
    theirs: JsonValue = None


class Merged(Reply):
    """The outcome of an edit."""

    is_saved: bool = False
    conflicts: list[Conflict] = []


class Difference(Reply):
    """A cell that differs; without a cell it is a whole stage."""

    kind: str = ""
    stage: str = ""
    cell: str = ""
    left: JsonValue = None
    right: JsonValue = None


class Figure(Reply):
    """A number of a stage on both sides."""

    stage: str
    name: str
    currency: str = ""
    left: float | None = None
    right: float | None = None
    difference: float | None = None


class Comparison(Reply):
    """The differences of two maps."""

    left_version: int = 0
    right_version: int = 0
    differences: list[Difference] = []
    figures: list[Figure] = []
    is_estimate: bool = False


class Anchor(Reply):
    """A place of a map; empty for the whole map."""

    stage: str = ""
    lane: str = ""


class Comment(Reply):
    """A comment. A deleted one has no text."""

    id: str = ""
    text: str = ""
    author_id: str = ""
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
