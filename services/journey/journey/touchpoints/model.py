"""Touchpoints: append-only, self-contained rows, one for each contact with the shop."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    Text,
    bindparam,
    null,
    text,
    update,
)
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, column, columns_of, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from journey.history.model import (
    note_strays_of_guests,
)
from journey.touchpoints.spelling import uuid_of

MOST_TEXT: Final = 200
MOST_SESSION: Final = 64
MOST_DEVICE: Final = 20
MOST_HOST: Final = 253
MOST_PROPERTIES: Final = 16
MOST_IMPORTED_PROPERTIES: Final = 64
_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_VERSION_8: Final = 0x8 << 76 | 0x2 << 62
_OTHER_THAN_VERSION: Final = ~(0xF << 76 | 0x3 << 62)


class Source(StrEnum):
    GATEWAY = "gateway"
    EVENT = "event"
    BEACON = "beacon"
    IMPORT = "import"


class Outcome(StrEnum):
    OK = "ok"
    REFUSED = "refused"
    ERROR = "error"


class Campaign(NamedTuple):
    """Campaign of a landing. Each field is empty if it is not known."""

    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    click_id: str = ""
    referrer_host: str = ""


class TouchpointRow(Row, table=True):
    """The table of touchpoints.

    `id` is made from what is unique of its source, so that the same touchpoint twice is one row.

    A touchpoint is a visitor's, a guest's, a customer's, or of several of them at once.
    """

    __tablename__ = "touchpoint"
    __table_args__ = (
        CheckConstraint("duration_ms >= 0"),
        states("source", Source),
        states("outcome", Outcome),
        CheckConstraint("coalesce(visitor_id, guest_id, customer_id) IS NOT NULL"),
        Index("touchpoint_visitor", "visitor_id", postgresql_where=text("visitor_id IS NOT NULL")),
        Index("touchpoint_guest", "guest_id", postgresql_where=text("guest_id IS NOT NULL")),
        Index(
            "touchpoint_customer", "customer_id", postgresql_where=text("customer_id IS NOT NULL")
        ),
        Index("touchpoint_import", "import_id", postgresql_where=text("import_id IS NOT NULL")),
        Index("touchpoint_order", "subject", postgresql_where=text("kind = 'order.placed'")),
        Index("touchpoint_refund", "subject", postgresql_where=text("kind = 'order.refunded'")),
        Index("touchpoint_trace", "trace_id", postgresql_where=text("trace_id IS NOT NULL")),
        # Rows come in nearly the order of their times: a range reads its blocks only, and the index
        # costs nothing to keep.
        Index(
            "touchpoint_occurred_at",
            "occurred_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 32, "autosummarize": "on"},
        ),
    )

    id: UUID = Field(primary_key=True)
    visitor_id: UUID | None
    guest_id: UUID | None
    customer_id: UUID | None
    trace_id: UUID | None
    occurred_at: datetime
    received_at: datetime
    duration_ms: int | None
    kind: str
    source: Source = code(Source)
    channel: str
    outcome: Outcome = code(Outcome)
    reason: str
    subject: str
    session_id: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_term: str
    utm_content: str
    click_id: str
    referrer_host: str
    properties: dict[str, str] = document(dict[str, str])
    # Parts touchpoints of one time, in the order of their source.
    sequence: int = column(Integer, default=0, server_default="0")
    # Form of the client: desktop, phone, tablet, app, till, call_center or bot; empty if not known.
    device: str = column(Text, default="", server_default="''")
    # Money in minor units: of order.placed its total, of order.refunded what was given back.
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = column(Text, default="", server_default="''")
    # The import that brought it.
    import_id: UUID | None = None


class Touchpoint(NamedTuple):
    """The values of a `TouchpointRow`. `properties` is serialized, as COPY sends it.

    A tuple, because thousands are made each second: making one takes 1.6 µs, a row 140 µs.
    """

    id: UUID
    visitor_id: UUID | None
    guest_id: UUID | None
    customer_id: UUID | None
    trace_id: UUID | None
    occurred_at: datetime
    received_at: datetime
    duration_ms: int | None
    kind: str
    source: str
    channel: str
    outcome: str = "ok"
    reason: str = ""
    subject: str = ""
    session_id: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    click_id: str = ""
    referrer_host: str = ""
    properties: str = "{}"
    sequence: int = 0
    device: str = ""
    amount_minor: int | None = None
    currency: str = ""
    import_id: UUID | None = None

    @property
    def handles(self) -> list[UUID]:
        """The ids of who did it."""
        return [id for id in (self.visitor_id, self.guest_id, self.customer_id) if id is not None]


if Touchpoint._fields != columns_of(TouchpointRow):
    raise TypeError(
        "the fields of Touchpoint must be the columns of TouchpointRow, in the same order"
    )


class Placing(NamedTuple):
    """The buyer and the channel of an order."""

    visitor_id: UUID | None
    guest_id: UUID | None
    customer_id: UUID | None
    channel: str

    @property
    def handles(self) -> list[UUID]:
        """The ids of who did it."""
        return [id for id in (self.visitor_id, self.guest_id, self.customer_id) if id is not None]


def derive_touchpoint_id(*parts: str) -> UUID:
    """The id that follows from what makes a touchpoint unique: the same parts, the same id."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    # Version 8 of RFC 9562; Python 3.11 does not know it.
    return uuid_of(int.from_bytes(digest) & _OTHER_THAN_VERSION | _VERSION_8)


def derive_imported_person(kind: str, text: str) -> UUID | None:
    """Returns a person's own UUID, or one that follows from a foreign id, which is not stored."""
    text = unicodedata.normalize("NFC", text)
    if not text:
        return None
    if len(text) == 36:
        try:
            return UUID(text)
        except ValueError:
            pass
    return derive_touchpoint_id("imported", kind, text)


def parse_reason(text: str) -> str:
    """A stable reason, or empty for anything else."""
    return text if not text or _REASON.fullmatch(text) else ""


def clean_text(text: str, most: int = MOST_TEXT) -> str:
    """A text without control characters, cut to what is kept of it."""
    if text.isprintable() and len(text) <= most:
        return text
    return _CONTROL.sub(" ", text)[:most]


def parse_host(text: str) -> str:
    """A host name in lower case; of an address only its host, of anything else nothing."""
    host = text.strip().lower().partition("://")[2] or text.strip().lower()
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2]
    return host if len(host) <= MOST_HOST and _HOST.fullmatch(host) else ""


def serialize_properties(given: Mapping[str, str], most: int = MOST_PROPERTIES) -> str:
    """Returns the properties that are kept, serialized."""
    return to_json(clean_properties(given, most)).decode() if given else "{}"


def clean_properties(given: Mapping[str, str], most: int = MOST_PROPERTIES) -> dict[str, str]:
    """Returns properties with valid names and cut texts, without e-mail-like values.

    At most `most`.
    """
    kept: dict[str, str] = {}
    for name, value in given.items():
        if _NAME.fullmatch(name) and "@" not in value and len(kept) < most:
            kept[name] = clean_text(value)
    return kept


# Whose a touchpoint is: `t` is the touchpoint, `m` the `person` row of its visitor or guest, where
# there is one.
PERSON: Final[LiteralString] = (
    "coalesce(t.customer_id, CASE WHEN m.customer_id IS NOT NULL AND (m.shared_from IS NULL OR "
    "t.occurred_at < m.shared_from)"
    " THEN m.customer_id ELSE m.group_id END, t.visitor_id, t.guest_id)"
)
FROM_TOUCHPOINT: Final[LiteralString] = (
    "touchpoint t LEFT JOIN person m ON m.handle_id = coalesce(t.visitor_id, t.guest_id)"
)
# All rows of the person %(person)s by index, `handles` being theirs.
OF_PERSON: Final[LiteralString] = (
    "(t.customer_id = %(person)s OR t.visitor_id = ANY(%(handles)s) OR t.guest_id = "
    f"ANY(%(handles)s)) AND {PERSON} = %(person)s"
)


async def name_customers(tx: Tx, customer_ids: Sequence[UUID]) -> None:
    """Writes as customers' what was written as guests' before they were known to be customers."""
    await note_strays_of_guests(tx, customer_ids)
    await tx.execute(_NAME_CUSTOMERS, customer_ids=list(customer_ids))


async def find_placing(read: Read, order_id: UUID) -> Placing | None:
    """Returns who placed an order, as its touchpoint says.

    None where nobody consented to have it kept.
    """
    found = await read.one(_PLACING, order_id=str(order_id))
    return Placing(*found) if found else None


async def find_traced(read: Read, trace_id: UUID) -> Placing | None:
    """Returns whose touchpoint a trace is behind; None where no touchpoint has the trace."""
    found = await read.one(_TRACED, trace_id=trace_id)
    return Placing(*found) if found else None


_NAME_CUSTOMERS: Final = prepare(
    update(TouchpointRow)
    .where(one_of(TouchpointRow.guest_id, "customer_ids"))
    .values(customer_id=col(TouchpointRow.guest_id), guest_id=null())
)
_TRACED: Final = prepare(
    select(
        TouchpointRow.visitor_id,
        TouchpointRow.guest_id,
        TouchpointRow.customer_id,
        TouchpointRow.channel,
    )
    .where(col(TouchpointRow.trace_id) == bindparam("trace_id"))
    # All are one person's; the newest ids know most of them.
    .order_by(col(TouchpointRow.customer_id).nulls_last(), col(TouchpointRow.id).desc())
    .limit(1)
)
_PLACING: Final = prepare(
    select(
        TouchpointRow.visitor_id,
        TouchpointRow.guest_id,
        TouchpointRow.customer_id,
        TouchpointRow.channel,
    )
    # The kind is said in the statement, so that it is the partial index's.
    .where(
        col(TouchpointRow.subject) == bindparam("order_id"),
        text("touchpoint.kind = 'order.placed'"),
    )
    .order_by(col(TouchpointRow.id))
    .limit(1)
)


async def has_touchpoints(read: Read) -> bool:
    """Returns whether the database has any touchpoint."""
    return bool(await read.fetch("SELECT 1 FROM touchpoint LIMIT 1"))
