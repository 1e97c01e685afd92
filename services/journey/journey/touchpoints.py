"""Touchpoints: append-only rows, one for each contact of somebody with the shop, each telling all about itself."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from chassis.data.tx import Read, Tx
from journey.errors import InvalidTouchpoint

MOST_TEXT: Final = 200
MOST_SESSION: Final = 64
MOST_HOST: Final = 253
MOST_PROPERTIES: Final = 16
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,31}(\.[a-z0-9_]{1,32}){0,3}")
_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


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
    """Where a visitor came from. Each is empty where it is not known."""

    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    click_id: str = ""
    referrer_host: str = ""


class Touchpoint(NamedTuple):
    """One row. `id` is made from what is unique of its source, so that the same touchpoint twice is one row.

    Whose it is: a visitor's, a guest's, a customer's, or of several of them at once. `properties` is a JSON object of texts, serialized.
    A tuple and not a `Row`, as thousands of them are copied each second.
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

    @property
    def handles(self) -> list[UUID]:
        """The ids of who did it."""
        return [id for id in (self.visitor_id, self.guest_id, self.customer_id) if id is not None]


COLUMNS: Final[LiteralString] = (
    "id, visitor_id, guest_id, customer_id, trace_id, occurred_at, received_at, duration_ms, kind, source, channel, outcome, reason,"
    " subject, session_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, click_id, referrer_host, properties"
)


def id_from(*parts: str) -> UUID:
    """The id that follows from what makes a touchpoint unique: the same parts, the same id."""
    digest = bytearray(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest())
    # Version 8 of RFC 9562; Python 3.11 does not know it.
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def kind_of(text: str) -> str:
    """Raises InvalidTouchpoint."""
    if not _KIND.fullmatch(text):
        raise InvalidTouchpoint("a kind is words of lower case letters, digits and _, joined by dots", field="kind")
    return text


def outcome_of(text: str) -> str:
    """Raises InvalidTouchpoint."""
    if text and text not in ("ok", "refused", "error"):
        raise InvalidTouchpoint("one of ok, refused, error", field="outcome")
    return text or "ok"


def reason_of(text: str) -> str:
    """A stable reason, or empty for anything else."""
    return text if not text or _REASON.fullmatch(text) else ""


def text_of(text: str, most: int = MOST_TEXT) -> str:
    """A text without control characters, cut to what is kept of it."""
    if text.isprintable() and len(text) <= most:
        return text
    return _CONTROL.sub(" ", text)[:most]


def host_of(text: str) -> str:
    """A host name in lower case; of an address only its host, of anything else nothing."""
    host = text.strip().lower().partition("://")[2] or text.strip().lower()
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2]
    return host if len(host) <= MOST_HOST and _HOST.fullmatch(host) else ""


def properties_of(given: Mapping[str, str]) -> str:
    """Serialized properties: good names, texts cut to size, without values that look like addresses of people. At most 16."""
    if not given:
        return "{}"
    kept: dict[str, str] = {}
    for name, value in given.items():
        if _NAME.fullmatch(name) and "@" not in value and len(kept) < MOST_PROPERTIES:
            kept[name] = text_of(value)
    return to_json(kept).decode()


# Whose a touchpoint is: `t` is the touchpoint, `m` the `person` row of its visitor or guest, where there is one.
PERSON: Final[LiteralString] = (
    "coalesce(t.customer_id, CASE WHEN m.customer_id IS NOT NULL AND (m.shared_from IS NULL OR t.occurred_at < m.shared_from)"
    " THEN m.customer_id ELSE m.group_id END, t.visitor_id, t.guest_id)"
)
FROM_TOUCHPOINT: Final[LiteralString] = "touchpoint t LEFT JOIN person m ON m.handle_id = coalesce(t.visitor_id, t.guest_id)"
# All rows of the person %(person)s by index, `handles` being theirs.
OF_PERSON: Final[LiteralString] = (
    f"(t.customer_id = %(person)s OR t.visitor_id = ANY(%(handles)s) OR t.guest_id = ANY(%(handles)s)) AND {PERSON} = %(person)s"
)


async def add(tx: Tx, rows: Sequence[Touchpoint]) -> list[Touchpoint]:
    """Stores those that are new, by COPY, and returns them."""
    unique = {row.id: row for row in rows}
    if not unique:
        return []
    if len(unique) == 1:
        (row,) = unique.values()
        return [row] if await tx.run(_INSERT, row) else []
    # A join, because a prepared `= ANY` of thousands may become a scan that compares each row with each id.
    known_ids = await tx.fetch("SELECT t.id FROM unnest(%s::uuid[]) AS n (id) JOIN touchpoint t USING (id)", [list(unique)])
    for (known,) in known_ids:
        del unique[known]
    connection = await tx.connected()
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in unique.values():
            await copy.write_row(row)
    return list(unique.values())


_COPY: Final[LiteralString] = f"COPY touchpoint ({COLUMNS}) FROM STDIN"
_INSERT: Final[LiteralString] = (
    f"INSERT INTO touchpoint ({COLUMNS}) VALUES ({', '.join(['%s'] * len(Touchpoint._fields))}) ON CONFLICT (id) DO NOTHING"
)


async def describe(tx: Tx, id: UUID, properties: Mapping[str, str]) -> None:
    """Replaces the properties of one: the only change of a row that there is beside its deletion."""
    await tx.run("UPDATE touchpoint SET properties = %s::jsonb WHERE id = %s", [properties_of(properties), id])


async def name_customers(tx: Tx, customer_ids: Sequence[UUID]) -> None:
    """Writes as customers' what was written as guests' before they were known to be customers."""
    await tx.run("UPDATE touchpoint SET customer_id = guest_id, guest_id = NULL WHERE guest_id = ANY(%s)", [list(customer_ids)])


async def forget_person(tx: Tx, person_id: UUID, handles: Sequence[UUID], *, until: datetime | None) -> int:
    """Deletes a person's touchpoints up to a time, or all. Returns how many."""
    return await tx.run(
        f"DELETE FROM touchpoint WHERE id IN (SELECT t.id FROM {FROM_TOUCHPOINT}"
        f" WHERE {OF_PERSON} AND (%(until)s::timestamptz IS NULL OR t.occurred_at <= %(until)s))",
        {"person": person_id, "handles": list(handles), "until": until},
    )


async def forget_visitor(tx: Tx, visitor_id: UUID, guest_ids: Sequence[UUID]) -> int:
    """Deletes what a visitor did, and what was done as their guests. Returns how many."""
    return await tx.run(
        "DELETE FROM touchpoint WHERE visitor_id = %s OR (visitor_id IS NULL AND guest_id = ANY(%s))", [visitor_id, list(guest_ids)]
    )


async def placing_of(read: Read, order_id: UUID) -> Touchpoint | None:
    """The touchpoint of an order's placing: whose the order is. None where nobody consented to have it kept."""
    found = await read.fetch_one(
        f"SELECT {COLUMNS} FROM touchpoint WHERE subject = %s AND kind = 'order.placed' ORDER BY id LIMIT 1", [str(order_id)]
    )
    return Touchpoint(*found) if found else None
