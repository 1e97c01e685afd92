"""Buyers whose accounts were erased leave no cart and no address behind."""

from __future__ import annotations

from uuid import UUID

from cart import handlers
from chassis.runtime.clock import uuid7
from services.cart.tests.cart_store import DIGEST, HOUR, JANE, Store
from sojourn.identity.v1.events_pb2 import CustomerErased


async def erased(store: Store, customer_id: UUID, email: str = "") -> None:
    event = CustomerErased(customer_id=str(customer_id), email=email)
    for _ in range(2):
        async with store.database.tx() as tx:
            await handlers.EVENTS[CustomerErased](tx, event, None)  # type: ignore[arg-type]  # the envelope is not read


async def test_an_erased_customer_leaves_no_cart_and_no_address(store: Store) -> None:
    customer_id, guest_id = uuid7(), uuid7()
    me, guest = store.tokens.customer(customer_id), store.tokens.guest(guest_id)
    tea = store.catalog.sell()
    ordered = await store.create(me, (tea, 1))
    await store.save(me, ordered.id)
    ordered = await store.get(me, ordered.id)
    await store.redeem(ordered, customer_id)
    mine = await store.create(me, (tea, 2))
    guests = await store.create(guest, (tea, 3))
    await store.save(guest, guests.id)

    await erased(store, customer_id)
    left = await store.rows("SELECT id FROM cart WHERE email <> ''")
    await erased(store, customer_id, JANE)

    # Another's cart keeps an address that was not proven to be the customer's.
    assert left == [(UUID(guests.id),)]
    assert await store.rows("SELECT id FROM cart WHERE id = %s", UUID(mine.id)) == []
    for table in ("cart", "redemption", "order_count", "idempotency"):
        rows = await store.rows(f"SELECT t.*::text FROM {table} t")
        assert [row for row in rows if JANE in str(row) or DIGEST in str(row)] == []
    assert (await store.get(guest, guests.id)).lines


async def test_what_a_token_that_was_good_made_is_deleted_an_hour_later(store: Store) -> None:
    customer_id = uuid7()
    await erased(store, customer_id)
    me, tea = store.tokens.customer(customer_id), store.catalog.sell()
    cart = await store.create(me, (tea, 1))

    await store.let_time_pass(2 * HOUR)

    assert await store.rows("SELECT id FROM cart WHERE id = %s", UUID(cart.id)) == []
