"""Forgetting of buyers whose accounts were erased."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from cart.redemptions.model import digest_email
from chassis.data import timers
from chassis.data.audit import OPERATOR, record_audit
from chassis.data.idempotency import forget_replies
from chassis.data.tx import Tx

# Names the timer that looks for carts that a token which was still good made. Its key is the
# customer's id.
FORGET_BUYER: Final = "forget_buyer"
_AGAIN: Final = timedelta(hours=1)
# One that an order used stays until the order is forgotten, without its address.
_DELETE_CARTS: Final = "DELETE FROM cart WHERE owner_id = %s AND status <> 'ordered'"
_BLANK_CARTS: Final = (
    "UPDATE cart SET email = '', email_digest = '', may_remind = FALSE, version = version + 1"
    " WHERE email <> '' AND (owner_id = %s OR email_digest = NULLIF(%s, ''))"
)
_BLANK_REDEMPTIONS: Final = (
    "UPDATE redemption SET email_digest = ''"
    " WHERE email_digest <> '' AND (owner_id = %s OR email_digest = NULLIF(%s, ''))"
)


async def forget_buyer(tx: Tx, customer_id: UUID, email: str) -> None:
    """Deletes the carts of a customer, and takes their address from all others.

    `email` is an address that was proven to be theirs, or empty. Idempotent. A first order counts
    as one again: that of the address is forgotten too.
    """
    digest = digest_email(email)
    await forget_carts(tx, customer_id, digest)
    await tx.run("DELETE FROM order_count WHERE subject IN (%s, %s)", [str(customer_id), digest])
    await timers.schedule(tx, FORGET_BUYER, str(customer_id), tx.now + _AGAIN)
    record_audit(tx, OPERATOR, "forget_buyer", f"customer:{customer_id}", after={"carts": 0})


async def forget_carts(tx: Tx, customer_id: UUID, email_digest: str = "") -> None:
    """Deletes carts, and digests of the address of which an order used one. Idempotent."""
    await tx.run(_DELETE_CARTS, [customer_id])
    await tx.run(_BLANK_CARTS, [customer_id, email_digest])
    await tx.run(_BLANK_REDEMPTIONS, [customer_id, email_digest])
    await forget_replies(tx, [f"customer:{customer_id}"])
