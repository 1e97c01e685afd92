"""One purchase through a running gateway, as `helm test` makes it:

`python -m stack.shoppers.buying`.

A guest buys a product of the test's own, and the order is cancelled again, so that money and stock
go back.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from typing import Any, Final

from stack.shoppers.shopper import Api, ApiError

PRODUCT: Final = "installation-test"
PATIENCE_SECONDS: Final = 60.0


async def product(staff: Api, sku: str = PRODUCT, *, stock: int = 1_000) -> str:
    """Makes the product, once, and returns its variant's id."""
    price = {"price": {"amount_minor": 100, "currency": "EUR"}}
    variant = {"sku": sku, "prices": [price], "initial_stock": {"": stock}}
    imported = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": "Installation test"},
        "published": True,
        "variants": [variant],
    }
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": PRODUCT, "products": [imported]}
    )
    page = (await staff.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    return str(page["variants"][0]["id"])


async def settled(
    shopper: Api, order: dict[str, Any], *wanted: str, within_seconds: float = PATIENCE_SECONDS
) -> dict[str, Any]:
    """The order once its status is one of `wanted`. Raises TimeoutError."""
    async with asyncio.timeout(within_seconds):
        while order["status"] not in wanted:
            await asyncio.sleep(0.2)
            order = dict((await shopper.call("GET", f"/v1/orders/{order['id']}")).body)
    return order


async def buy(gateway_url: str, staff_email: str, staff_password: str) -> None:
    """Prints each step. Raises ApiError or TimeoutError."""
    began = time.monotonic()
    async with (
        Api([gateway_url], patience_seconds=PATIENCE_SECONDS) as staff,
        Api([gateway_url], patience_seconds=PATIENCE_SECONDS) as guest,
    ):
        await staff.log_in(staff_email, staff_password)
        variant_id = await product(staff)
        print(f"variant {variant_id} is on sale")
        await guest.become_guest()
        bought = await guest.buy((variant_id, 1), email=f"{uuid.uuid4().hex}@example.com")
        order = await settled(guest, bought.body, "placed")
        print(f"order {order['number']} is placed (trace {bought.trace_id})")
        await guest.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "buyer_request"})
        order = await settled(guest, order, "cancelled")
        print(f"order {order['number']} is cancelled; {time.monotonic() - began:.1f} s in all")


def main() -> int:
    try:
        asyncio.run(
            buy(os.environ["GATEWAY_URL"], os.environ["STAFF_EMAIL"], os.environ["STAFF_PASSWORD"])
        )
    except (ApiError, TimeoutError) as error:
        print(f"nothing was bought: {type(error).__name__} {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
