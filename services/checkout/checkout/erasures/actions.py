"""Forgetting of buyers whose accounts were erased.

A checkout forgets at once, and a return what its buyer wrote. An order that was placed has
documents that the law has kept: it forgets, and its returns, parcels and notes with it, at the end
of the year in which the retention ends. Amounts, goods and the country of delivery stay.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data import timers
from chassis.data.audit import OPERATOR, record_audit
from chassis.data.idempotency import forget_replies
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from checkout.guests.model import ConvertedGuest
from checkout.loyalty.actions import forget_points
from checkout.store_credit.actions import forget_store_credit

# Names the timer that looks for what a buyer did with a token that was still good. Its key is the
# customer's id.
FORGET_BUYER: Final = "erasure.forget"
# Access tokens are good for 15 minutes, and an order in flight is settled by then.
_AGAIN: Final = timedelta(hours=1)
_GUESTS: Final = prepare(
    select(ConvertedGuest.guest_id).where(
        col(ConvertedGuest.customer_id) == bindparam("customer_id")
    )
)
_OF_BUYER: Final = "(owner_id = ANY(%(ids)s) OR (email <> '' AND lower(email) = %(email)s))"
# Checkouts whose order is in flight still need what they hold.
_FORGET_CHECKOUTS: Final = (
    "UPDATE checkout SET email = '', delivery_address = NULL, payment_token = '', return_url = '',"
    " billing_address = NULL, gift_messages = '[]', saved_payment_method_id = NULL,"
    " continue_url = '', pickup_store = NULL, vat_id = NULL, gift_card_ids = '[]',"
    " gift_card_deliveries = '[]',"
    " version = version + 1,"
    " status = CASE WHEN status IN ('incomplete', 'ready_for_complete') THEN 'canceled'"
    " ELSE status END"
    " WHERE status NOT IN ('complete_in_progress', 'requires_escalation')"
    " AND (email <> '' OR jsonb_typeof(delivery_address) = 'object'"
    " OR jsonb_typeof(billing_address) = 'object' OR gift_messages <> '[]'"
    " OR jsonb_typeof(vat_id) = 'object') AND " + _OF_BUYER
)
# Answers of authorities belong to nobody, but an id may be a person's.
_FORGET_ANSWERS: Final = (
    "DELETE FROM vat_id_answer WHERE vat_id IN"
    " (SELECT vat_id ->> 'vat_id' FROM checkout WHERE " + _OF_BUYER + ")"
)
# The name that staff gave it, and the cart that it keeps, tell of the buyer.
_FORGET_DRAFTS: Final = (
    "DELETE FROM draft_order WHERE checkout_id IN (SELECT id FROM checkout WHERE " + _OF_BUYER + ")"
)
# No document: what the buyer wrote about a return.
_FORGET_NOTES: Final = (
    "UPDATE order_return SET note = '', version = version + 1 WHERE note <> ''"
    " AND order_id IN (SELECT id FROM orders WHERE " + _OF_BUYER + ")"
)
_FORGET_CLAIMS: Final = (
    "UPDATE order_claim SET note = '', version = version + 1 WHERE note <> ''"
    " AND order_id IN (SELECT id FROM orders WHERE " + _OF_BUYER + ")"
)
_FORGET_PICTURES: Final = (
    "DELETE FROM return_picture WHERE return_id IN (SELECT r.id FROM order_return r"
    " WHERE r.order_id IN (SELECT id FROM orders WHERE " + _OF_BUYER + "))"
)
_MARK_ORDERS: Final = (
    "UPDATE orders SET forget_at = CASE WHEN placed_at IS NULL OR %(years)s = 0 THEN %(now)s"
    " ELSE date_trunc('year', placed_at, 'UTC') + make_interval(years => %(years)s + 1) END"
    " WHERE forget_at IS NULL AND email <> '' AND " + _OF_BUYER
)
# The countries stay: taxes and documents are of them. An order in flight waits until it is settled,
# and one that is to be sent until it is, a year at most.
_FORGET_ORDERS: Final = (
    "WITH due AS (SELECT id FROM orders WHERE forget_at <= %(now)s"
    " AND status NOT IN ('pending', 'action_required', 'cancelling')"
    " AND (status NOT IN ('placed', 'partially_shipped')"
    " OR placed_at < %(now)s - interval '1 year')"
    " ORDER BY forget_at LIMIT %(most)s FOR UPDATE SKIP LOCKED),"
    " forgotten AS (UPDATE orders o SET email = '', forget_at = NULL, version = version + 1,"
    " gift_messages = '[]',"
    " pickup = CASE WHEN jsonb_typeof(o.pickup) = 'object'"
    ' THEN o.pickup || \'{"code": ""}\' END,'
    " taxation = CASE WHEN jsonb_typeof(o.taxation) = 'object'"
    ' THEN o.taxation || \'{"vat_id": null, "exemption": null}\' END,'
    " delivery_address = COALESCE((SELECT jsonb_object_agg(key, CASE key"
    " WHEN 'address_country' THEN value ELSE '\"\"'::jsonb END)"
    " FROM jsonb_each(o.delivery_address)), '{}'::jsonb),"
    " billing_address = CASE WHEN jsonb_typeof(o.billing_address) = 'object' THEN"
    " jsonb_build_object('address_country', o.billing_address -> 'address_country') END"
    " FROM due WHERE o.id = due.id RETURNING o.id),"
    " urls AS (UPDATE payment p SET return_url = '', action_url = '', card_fingerprint = '',"
    " provider_customer = '', saved_payment_method_id = NULL"
    " FROM forgotten f"
    " WHERE p.order_id = f.id),"
    " returns AS (UPDATE order_return r SET note = '', shop_note = '', deduction_reason = '',"
    " label = NULL, version = version + 1 FROM forgotten f WHERE r.order_id = f.id),"
    " pictures AS (DELETE FROM return_picture x USING order_return r, forgotten f"
    " WHERE x.return_id = r.id AND r.order_id = f.id),"
    " claims AS (UPDATE order_claim k SET note = '', shop_note = '', version = version + 1"
    " FROM forgotten f WHERE k.order_id = f.id),"
    " lines AS (UPDATE order_line l SET gift_card_deliveries = '[]' FROM forgotten f"
    " WHERE l.order_id = f.id),"
    # A code that is still to be mailed needs its address until then.
    " cards AS (UPDATE gift_card c SET delivery = NULL, version = version + 1 FROM forgotten f"
    " WHERE c.order_id = f.id AND jsonb_typeof(c.delivery) = 'object'"
    " AND (c.send_at IS NULL OR c.sent_at IS NOT NULL)),"
    # Amounts and the countries that they were taxed in stay; files are made anew of what is left.
    " papers AS (UPDATE order_document d SET content = d.content || jsonb_build_object("
    "'buyer', jsonb_build_object('name', '', 'country', d.content -> 'buyer' -> 'country'),"
    " 'receiver', CASE WHEN jsonb_typeof(d.content -> 'receiver') = 'object' THEN"
    " jsonb_build_object('name', '', 'country', d.content -> 'receiver' -> 'country')"
    " ELSE 'null'::jsonb END) FROM forgotten f WHERE d.order_id = f.id),"
    " files AS (DELETE FROM document_file x USING order_document d, forgotten f"
    " WHERE d.order_id = f.id AND x.document_id = d.id),"
    " links AS (DELETE FROM document_link x USING order_document d, forgotten f"
    " WHERE d.order_id = f.id AND x.document_id = d.id),"
    " notes AS (DELETE FROM order_note n USING forgotten f WHERE n.order_id = f.id),"
    " holds AS (UPDATE order_hold h SET note = '' FROM forgotten f WHERE h.order_id = f.id),"
    " labels AS (DELETE FROM shipment_label_file x USING shipment_label l, forgotten f"
    " WHERE x.label_id = l.id AND l.order_id = f.id),"
    " told AS (UPDATE shipment_event e SET place = '', note = '', signed_by = '',"
    " picture_reference = '' FROM shipment s, forgotten f"
    " WHERE e.shipment_id = s.id AND s.order_id = f.id),"
    " parcels AS (UPDATE shipment s SET tracking_number = '', tracking_url = '' FROM forgotten f"
    " WHERE s.order_id = f.id)"
    " SELECT id FROM forgotten"
)


async def forget_buyer(tx: Tx, customer_id: UUID, email: str, *, retention_years: int) -> None:
    """Forgets the checkouts of a customer, and says when the orders are to be forgotten.

    `email` is an address that was proven to be theirs, or empty: what guests did with it is the
    customer's too. Idempotent. A timer looks again for what a good token still began.
    """
    ids = await _forget(tx, customer_id, email, retention_years=retention_years)
    await timers.schedule(tx, FORGET_BUYER, str(customer_id), tx.now + _AGAIN)
    record_audit(
        tx,
        OPERATOR,
        "forget_buyer",
        f"customer:{customer_id}",
        after={"guests": len(ids) - 1, "retention_years": retention_years},
    )


async def forget_late(tx: Tx, customer_id: UUID, *, retention_years: int) -> None:
    """Forgets what a customer began after the erasure; ends once nothing is in flight."""
    ids = await _forget(tx, customer_id, "", retention_years=retention_years)
    in_flight = await tx.fetch_one(
        "SELECT count(*) FROM checkout WHERE owner_id = ANY(%s)"
        " AND status IN ('complete_in_progress', 'requires_escalation')",
        [ids],
    )
    if in_flight and in_flight[0]:
        await timers.schedule(tx, FORGET_BUYER, str(customer_id), tx.now + _AGAIN)


async def forget_due_orders(tx: Tx, now: datetime, *, at_most: int) -> int:
    """Blanks addresses of orders that no law keeps any longer. Returns how many it blanked."""
    found = await tx.fetch(_FORGET_ORDERS, {"now": now, "most": at_most})
    for (order_id,) in found:
        record_audit(tx, OPERATOR, "forget_order", f"order:{order_id}", after={"is_blank": True})
    return len(found)


async def _forget(tx: Tx, customer_id: UUID, email: str, *, retention_years: int) -> list[UUID]:
    """Returns the ids under which the customer bought."""
    ids = [customer_id, *await tx.all(_GUESTS, customer_id=customer_id)]
    of_buyer = {"ids": ids, "email": email.lower()}
    await tx.run(_FORGET_ANSWERS, of_buyer)
    await tx.run(_FORGET_DRAFTS, of_buyer)
    await tx.run(_FORGET_CHECKOUTS, of_buyer)
    await tx.run(_FORGET_NOTES, of_buyer)
    await tx.run(_FORGET_CLAIMS, of_buyer)
    await tx.run(_FORGET_PICTURES, of_buyer)
    await tx.run(_MARK_ORDERS, {**of_buyer, "years": retention_years, "now": tx.now})
    await forget_store_credit(tx, ids)
    await forget_points(tx, ids)
    await forget_replies(tx, [f"{kind}:{id}" for id in ids for kind in ("customer", "guest")])
    return ids
