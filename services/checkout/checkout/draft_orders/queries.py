"""Reads of draft orders."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from checkout.checkouts.model import Checkout
from checkout.draft_orders.model import DraftOrder, link_ends_at
from checkout.errors.orders import DraftOrderNotFound

_BY_CHECKOUT: Final = prepare(
    select(DraftOrder).where(DraftOrder.checkout_id == bindparam("checkout_id"))
)
_BY_LINK: Final = prepare(select(DraftOrder).where(DraftOrder.link_digest == bindparam("digest")))
_CHECKOUTS: Final = prepare(select(Checkout).where(one_of(Checkout.id, "checkout_ids")))


async def find_draft_order(read: Read, checkout_id: UUID) -> DraftOrder | None:
    """Returns the draft order of a checkout."""
    return await read.one(_BY_CHECKOUT, checkout_id=checkout_id)


async def get_draft_order(read: Read, draft_order_id: UUID) -> tuple[DraftOrder, Checkout]:
    """Returns a draft order with its checkout. Raises DraftOrderNotFound."""
    draft = await read.get(DraftOrder, draft_order_id)
    if draft is None:
        raise DraftOrderNotFound
    return draft, await _checkout_of(read, draft)


async def get_linked_draft_order(read: Read, digest: bytes) -> tuple[DraftOrder, Checkout]:
    """Returns the draft order of a link with its checkout.

    Raises DraftOrderNotFound, also for a link that ended.
    """
    draft = await read.one(_BY_LINK, digest=digest)
    if draft is None:
        raise DraftOrderNotFound
    checkout = await _checkout_of(read, draft)
    if link_ends_at(checkout) <= read.now:
        raise DraftOrderNotFound("the link ended: ask for another")
    return draft, checkout


async def lock_draft_order(
    tx: Tx, draft_order_id: UUID, expected_version: int
) -> tuple[DraftOrder, Checkout]:
    """Locks a draft order and its checkout, in this order of tables: the checkout first.

    Raises DraftOrderNotFound, VersionMismatch.
    """
    found, _ = await get_draft_order(tx, draft_order_id)
    checkout = await tx.lock(Checkout, found.checkout_id)
    draft = await tx.lock(DraftOrder, draft_order_id)
    if draft is None or checkout is None:
        raise DraftOrderNotFound
    draft.require_version(expected_version)
    return draft, checkout


async def list_draft_orders(
    read: Read, *, before: UUID | None, limit: int
) -> list[tuple[DraftOrder, Checkout]]:
    """Returns draft orders with their checkouts, newest first."""
    query = select(DraftOrder).order_by(col(DraftOrder.id).desc()).limit(limit)
    if before is not None:
        query = query.where(DraftOrder.id < before)
    drafts = await read.all(query)
    found = await read.all(_CHECKOUTS, checkout_ids=[draft.checkout_id for draft in drafts])
    checkouts = {checkout.id: checkout for checkout in found}
    return [(draft, checkouts[draft.checkout_id]) for draft in drafts]


async def _checkout_of(read: Read, draft: DraftOrder) -> Checkout:
    checkout = await read.get(Checkout, draft.checkout_id)
    if checkout is None:
        raise DraftOrderNotFound
    return checkout
