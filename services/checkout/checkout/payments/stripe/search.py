"""PaymentIntents by their metadata.

Stripe's search knows a payment within a minute, and lists know it at once. So a payment of a young
order is looked for in the list of the hours around the order, whose id tells its time.
"""

import re
from typing import Final
from uuid import UUID

from chassis.runtime.clock import real_now
from checkout.payments.stripe.client import Json, StripeClient, StripeRefusal

_PATH: Final = "/v1/payment_intents"
# Texts that need no escape in a query.
_PLAIN: Final = re.compile(r"[A-Za-z0-9:_.\-]{1,200}")
# A reservation, and so the time to pay, is shorter; clocks differ by less.
_AROUND_SECONDS: Final = (600, 7_200)
_SEARCH_LAGS_SECONDS: Final = 3_600
_PAGE: Final = 100


async def find_intents(client: StripeClient, name: str, value: str) -> list[Json]:
    """Returns the intents with a value in their metadata, oldest first, as they are now.

    `value` begins with the order's id. Raises ProviderUnavailable.
    """
    if not _PLAIN.fullmatch(value):
        return []
    found = {each["id"] for each in await _search(client, name, value)}
    ordered_at = _time_of(value)
    is_young = ordered_at is not None and (
        real_now().timestamp() - ordered_at < _SEARCH_LAGS_SECONDS
    )
    if ordered_at is not None and (is_young or not found):
        found |= {each["id"] for each in await _list(client, name, value, ordered_at)}
    # What a search finds may be some time old.
    intents = [
        await client.get(f"{_PATH}/{id}", (("expand[]", "latest_charge"),)) for id in sorted(found)
    ]
    return sorted(intents, key=lambda intent: (intent["created"], intent["id"]))


async def _search(client: StripeClient, name: str, value: str) -> list[Json]:
    query = (("query", f"metadata['{name}']:'{value}'"), ("limit", str(_PAGE)))
    try:
        return list((await client.get(f"{_PATH}/search", query))["data"])
    except StripeRefusal:
        # Some accounts have no search.
        return []


async def _list(client: StripeClient, name: str, value: str, ordered_at: int) -> list[Json]:
    before, after = _AROUND_SECONDS
    window = (
        ("created[gte]", str(ordered_at - before)),
        ("created[lte]", str(ordered_at + after)),
        ("limit", str(_PAGE)),
    )
    found, position = list[Json](), ""
    while True:
        at = (("starting_after", position),) if position else ()
        reply = await client.get(_PATH, (*window, *at))
        page = reply["data"]
        found += [each for each in page if (each.get("metadata") or {}).get(name) == value]
        if not page or not reply.get("has_more"):
            return found
        position = page[-1]["id"]


def _time_of(value: str) -> int | None:
    """Returns the Unix time of the UUIDv7 with which a value begins, in seconds."""
    try:
        order_id = UUID(value.partition(":")[0])
    except ValueError:
        return None
    return (order_id.int >> 80) // 1_000 if order_id.version == 7 else None
