"""Import of bank transfers by staff."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import select

from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.money import Money
from checkout.bank_transfers.model import (
    BankTransfer,
    TransferLine,
    TransferOutcome,
    TransferResult,
)
from checkout.orders.model import PAID
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, save_order
from checkout.payments.model import Payment
from checkout.payments.queries import find_payments
from checkout.payments.references import references_in
from checkout.payments.settle import emit_paid, settle_payment

# One import at a time: two that lock the same orders in another order would wait for each other.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('bank_transfer'))"
_KNOWN: Final = prepare(select(BankTransfer).where(one_of(BankTransfer.id, "ids")))
_BY_REFERENCE: Final = prepare(select(Payment).where(one_of(Payment.reference, "references")))


async def import_bank_transfers(
    tx: Tx, lines: Sequence[TransferLine], *, actor_id: UUID
) -> list[TransferResult]:
    """Settles the payments that lines of a bank statement name.

    A line settles once, however often it is imported. One that settles nothing is told with its
    reason and kept nowhere: import it again once the reason is gone. Emits OrderPaid.
    """
    await tx.fetch(_ONE_AT_A_TIME)
    known = {row.id: row for row in await tx.all(_KNOWN, ids=[line.id for line in lines])}
    results = list[TransferResult]()
    for line in lines:
        if before := known.get(line.id):
            results.append(
                TransferResult(line.id, TransferOutcome.IMPORTED_BEFORE, before.order_id)
            )
            continue
        result, row = await _import_line(tx, line, actor_id)
        results.append(result)
        if row is not None:
            known[row.id] = row
    return results


async def _import_line(
    tx: Tx, line: TransferLine, actor_id: UUID
) -> tuple[TransferResult, BankTransfer | None]:
    references = list(references_in(line.text))
    named = await tx.all(_BY_REFERENCE, references=references) if references else []
    if len(named) != 1:
        return TransferResult(line.id, TransferOutcome.UNKNOWN_REFERENCE), None
    order = await lock_order(tx, named[0].order_id)
    # As it is now that its order is locked.
    payments = {each.id: each for each in await find_payments(tx, [order.id])}
    payment = payments[named[0].id]
    expected = Money(payment.amount_minor, payment.currency)

    def result(outcome: TransferOutcome) -> TransferResult:
        return TransferResult(line.id, outcome, order.id, order.number or "", expected)

    if not payment.is_awaited or order.status not in PAID:
        return result(TransferOutcome.NOT_AWAITED), None
    if line.amount != expected:
        return result(TransferOutcome.AMOUNT_DIFFERS), None
    await settle_payment(tx, order, payment)
    row = BankTransfer(
        id=line.id,
        payment_id=payment.id,
        order_id=order.id,
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        imported_at=tx.now,
    )
    await tx.insert(row)
    await save_order(tx, order)
    record_audit(
        tx, actor_id, "payment.settle", f"order:{order.id}",
        before={"captured_minor": 0},
        after={"captured_minor": payment.captured_minor, "bank_transfer": line.id},
    )  # fmt: skip
    [view] = await load_views(tx, [order])
    await emit_paid(tx, view)
    return result(TransferOutcome.SETTLED), row
