"""The erasure of a customer from all that stands beside products."""

from uuid import UUID

from catalog.product_questions.actions import erase_asker
from catalog.purchases.actions import erase_buyer
from catalog.reviews.actions import erase_reviewer
from catalog.subscriptions.actions import erase_alerts
from chassis.data.audit import record_audit
from chassis.data.idempotency import forget_replies
from chassis.data.tx import Tx


async def erase_contributions(
    tx: Tx, customer_id: UUID, *, email: str = "", actor_id: UUID | None = None
) -> None:
    """Makes what a customer wrote, voted and bought nobody's, and ends alerts. Idempotent.

    `email` is their proven address, whose alerts end too; empty where it is not known.
    """
    await erase_reviewer(tx, customer_id)
    await erase_asker(tx, customer_id)
    await erase_buyer(tx, customer_id)
    await erase_alerts(tx, customer_id, email)
    await forget_replies(tx, [f"customer:{customer_id}"])
    record_audit(tx, actor_id, "erase_contributions", f"customer:{customer_id}", after=None)
