"""Use cases of draft orders: save, delete, and send to the buyer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.notices import NoticeCode
from chassis.rpc.auth import Caller
from chassis.rpc.errors import Denied, VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import EXPIRE_CHECKOUT, Checkout
from checkout.checkouts.queries import lock_checkout
from checkout.checkouts.review import Review
from checkout.draft_orders import events
from checkout.draft_orders.model import DraftOrder
from checkout.draft_orders.queries import find_draft_order, lock_draft_order
from checkout.errors.checkouts import CheckoutNotReady
from checkout.order_links.model import create_token, digest_of_token


@dataclass(frozen=True, slots=True)
class DraftToSave:
    """A name for a checkout as it was read, with its cart, its review, and how long to keep it.

    `expected_version` of the draft order is what the caller saw, 0 for any.
    """

    checkout: Checkout
    name: str
    cart: CartForOrder
    review: Review
    days: int
    expected_version: int = 0


async def save_draft_order(
    tx: Tx, wanted: DraftToSave, *, caller: Caller
) -> tuple[DraftOrder, Checkout]:
    """Saves an open checkout under a name, or anew with the prices of now.

    Emits DraftOrderSaved. The checkout, and a link to it, last for the days that are given, from
    now on. Raises CheckoutNotFound, CheckoutNotOpen, VersionMismatch, and Denied for a buyer.
    """
    if caller.acted_by is None:
        raise Denied("only staff who act for a buyer save draft orders", kind=caller.kind)
    checkout = await lock_checkout(tx, wanted.checkout.id)
    checkout.require_owner(caller)
    checkout.require_open(tx.now)
    if checkout.version != wanted.checkout.version:
        raise VersionMismatch("the checkout changed meanwhile: read it again")
    draft = await find_draft_order(tx, checkout.id)
    before: dict[str, JsonValue] | None = {"total_minor": draft.total_minor} if draft else None
    totals, cart = wanted.review.totals, wanted.cart
    if draft is None:
        draft = DraftOrder(
            id=uuid7(),
            checkout_id=checkout.id,
            name=wanted.name,
            cart=cart,
            currency=totals.currency,
            total_minor=totals.total_minor,
            saved_by=caller.acted_by,
            created_at=tx.now,
            saved_at=tx.now,
        )
        await tx.insert(draft)
    else:
        draft.require_version(wanted.expected_version)
        draft.name, draft.cart, draft.total_minor = wanted.name, cart, totals.total_minor
        draft.saved_by, draft.saved_at = caller.acted_by, tx.now
        await tx.update(draft)
    checkout.expires_at = tx.now + timedelta(days=wanted.days)
    await tx.update(checkout)
    await timers.schedule(tx, EXPIRE_CHECKOUT, str(checkout.id), checkout.expires_at)
    _audit(tx, caller.acted_by, "save_draft_order", draft, before=before)
    await tx.emit(events.draft_order_saved(draft, checkout), key=draft.id)
    return draft, checkout


async def delete_draft_order(
    tx: Tx, draft_order_id: UUID, *, caller: Caller, expected_version: int = 0
) -> None:
    """Deletes a draft order, and gives up its checkout if no order was made of it.

    Emits DraftOrderDeleted. Raises DraftOrderNotFound, VersionMismatch.
    """
    draft, checkout = await lock_draft_order(tx, draft_order_id, expected_version)
    if checkout.is_open:
        checkout.cancel()
        await tx.update(checkout)
        await timers.cancel(tx, EXPIRE_CHECKOUT, str(checkout.id))
    await tx.delete(draft)
    _audit(tx, caller, "delete_draft_order", draft, before={"total_minor": draft.total_minor})
    await tx.emit(events.draft_order_deleted(draft), key=draft.id)


async def send_draft_order(
    tx: Tx, draft_order_id: UUID, *, caller: Caller, expected_version: int = 0
) -> tuple[DraftOrder, Checkout]:
    """Mails the buyer a link with which they pay; an earlier link opens nothing from now on.

    Emits DraftOrderSent. Raises DraftOrderNotFound, VersionMismatch, CheckoutNotOpen, and
    CheckoutNotReady without an e-mail address or a delivery: the buyer only pays.
    """
    draft, checkout = await lock_draft_order(tx, draft_order_id, expected_version)
    checkout.require_open(tx.now)
    if not checkout.email:
        raise CheckoutNotReady(code=NoticeCode.MISSING_EMAIL, path="$.email")
    if draft.cart.needs_delivery and not checkout.delivery_option_id:
        raise CheckoutNotReady(code=NoticeCode.MISSING_DELIVERY_OPTION, path="$.delivery_option_id")
    token = create_token()
    draft.link_digest, draft.sent_at = digest_of_token(token), tx.now
    await tx.update(draft)
    _audit(tx, caller, "send_draft_order", draft)
    await tx.emit(events.draft_order_sent(draft, checkout, token), key=draft.id)
    return draft, checkout


def _audit(
    tx: Tx,
    actor: Caller | UUID,
    action: str,
    draft: DraftOrder,
    *,
    before: Mapping[str, JsonValue] | None = None,
) -> None:
    """Records an act on a draft order. Its name may be a person's, and stays out."""
    after: dict[str, JsonValue] = {
        "checkout_id": str(draft.checkout_id),
        "total_minor": draft.total_minor,
    }
    record_audit(tx, actor, action, f"draft_order:{draft.id}", before=before, after=after)
