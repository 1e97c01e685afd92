"""Changes of store credit: by staff, by refunds, and by the erasure of its owner."""

import secrets
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.money import CURRENCIES, Money
from chassis.runtime.clock import uuid7
from checkout.errors.gift_cards import InvalidGiftCard, StoreCreditNotFound
from checkout.gift_cards import events
from checkout.gift_cards.model import EntryKind, GiftCard, GiftCardSource, GiftCardStatus
from checkout.gift_cards.queries import get_gift_card_settings, lock_gift_card
from checkout.payments.model import Payment
from checkout.payments.refunds import Refund
from checkout.store_credit.queries import get_store_credit, lock_store_credit

_HASH_BYTES: Final = 32


async def adjust_store_credit(
    tx: Tx, customer_id: UUID, amount: Money, *, channel: str, reason: str, actor_id: UUID
) -> GiftCard:
    """Adds an amount to the balance of a customer, or takes it off; what orders hold stays.

    Emits StoreCreditChanged. Raises InvalidGiftCard, StoreCreditNotFound where nothing is there to
    take off, GiftCardBalanceTooLow, WrongGiftCardStatus.
    """
    if not amount.amount_minor:
        raise InvalidGiftCard(path="amount", problem="it is 0")
    if amount.currency not in CURRENCIES:
        raise InvalidGiftCard(path="amount.currency", problem="no active ISO 4217 code")
    if not channel.isprintable():
        raise InvalidGiftCard(path="channel", problem="no channel code")
    is_issue = amount.amount_minor > 0
    if is_issue:
        credit = await _open(tx, customer_id, amount, channel)
    else:
        found = await get_store_credit(tx, customer_id, amount.currency)
        credit = await lock_gift_card(tx, found.id)
    credit.require_not_revoked()
    before = credit.balance_minor
    entry = credit.book(
        EntryKind.ISSUE if is_issue else EntryKind.ADJUSTMENT,
        amount.amount_minor,
        tx.now,
        reason=reason,
        actor_id=actor_id,
    )
    if is_issue:
        (await get_gift_card_settings(tx, channel)).renew(credit, tx.now)
    await tx.update(credit)
    await tx.insert(entry)
    record_audit(
        tx, actor_id, "store_credit.adjust", f"customer:{customer_id}",
        before={"balance_minor": before, "currency": credit.currency},
        after={"balance_minor": credit.balance_minor, "currency": credit.currency},
    )  # fmt: skip
    await tx.emit(events.store_credit_changed(credit, amount, channel=channel), key=credit.id)
    return credit


async def credit_points(tx: Tx, customer_id: UUID, worth: Money, *, channel: str) -> None:
    """Brings what points are worth on the store credit of a customer. Emits StoreCreditChanged.

    Raises WrongGiftCardStatus.
    """
    credit = await _open(tx, customer_id, worth, channel)
    credit.require_not_revoked()
    entry = credit.book(EntryKind.ISSUE, worth.amount_minor, tx.now)
    (await get_gift_card_settings(tx, channel)).renew(credit, tx.now)
    await tx.update(credit)
    await tx.insert(entry)
    await tx.emit(events.store_credit_changed(credit, worth, channel=channel), key=credit.id)


async def credit_refund(
    tx: Tx, customer_id: UUID, payment: Payment, refund: Refund, *, channel: str
) -> None:
    """Brings a refund on the store credit of a customer, in the transaction that ends it.

    The caller writes the payment.
    """
    payment.credited_minor += refund.amount_minor
    amount = Money(refund.amount_minor, refund.currency)
    credit = await _open(tx, customer_id, amount, channel)
    entry = credit.book(
        EntryKind.REFUND,
        refund.amount_minor,
        tx.now,
        order_id=payment.order_id,
        payment_id=payment.id,
        refund_id=refund.id,
    )
    (await get_gift_card_settings(tx, channel)).renew(credit, tx.now)
    await tx.update(credit)
    await tx.insert(entry)


async def forget_store_credit(tx: Tx, owner_ids: Sequence[UUID]) -> None:
    """Ends the store credit of an erased customer: what orders do not hold lapses.

    What staff wrote about it is forgotten; the ledger stays. Idempotent.
    """
    for credit in await lock_store_credit(tx, owner_ids):
        if credit.available_minor:
            lapsed = credit.book(EntryKind.REVOCATION, -credit.available_minor, tx.now)
            await tx.insert(lapsed)
        elif credit.status is GiftCardStatus.REVOKED:
            continue
        credit.status, credit.note = GiftCardStatus.REVOKED, ""
        await tx.update(credit)
        await tx.run(
            "UPDATE gift_card_entry SET reason = '' WHERE gift_card_id = %s AND reason <> ''",
            [credit.id],
        )
        await tx.emit(events.gift_card_changed(credit), key=credit.id)


async def _open(tx: Tx, owner_id: UUID, first: Money, channel: str) -> GiftCard:
    """Returns the locked store credit of a customer; makes it, empty, where there is none."""
    await tx.insert_new(
        GiftCard(
            id=uuid7(),
            # No code has this hash.
            code_hash=secrets.token_bytes(_HASH_BYTES),
            sealed_code=b"",
            ending="",
            source=GiftCardSource.STORE_CREDIT,
            channel=channel,
            currency=first.currency,
            initial_minor=first.amount_minor,
            created_at=tx.now,
            owner_id=owner_id,
        )
    )
    for credit in await lock_store_credit(tx, [owner_id]):
        if credit.currency == first.currency:
            return credit
    raise StoreCreditNotFound(currency=first.currency)
