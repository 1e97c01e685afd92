"""Reads of the products that a visitor looked at."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.data.tx import Read

SEEN_OF: Final = timedelta(days=30)
# The same few products make up most of a visitor's views.
_MOST_VIEWS: Final = 300
_SEEN: Final = (
    "SELECT v.subject FROM (SELECT subject, occurred_at FROM touchpoint"
    " WHERE (visitor_id = %(visitor_id)s OR customer_id = %(customer_id)s)"
    " AND kind = 'product.view' AND outcome = 'ok' AND subject <> '' AND occurred_at > %(since)s"
    " ORDER BY occurred_at DESC LIMIT %(views)s) v"
    " GROUP BY v.subject ORDER BY max(v.occurred_at) DESC LIMIT %(most)s"
)


async def list_seen_products(
    read: Read, visitor_id: UUID, customer_id: UUID | None, *, most: int
) -> list[str]:
    """URL parts of products that a visitor or a customer looked at, the latest first."""
    found = await read.fetch(
        _SEEN,
        {
            "visitor_id": visitor_id,
            "customer_id": customer_id,
            "since": read.now - SEEN_OF,
            "views": _MOST_VIEWS,
            "most": most,
        },
    )
    return [subject for (subject,) in found]
