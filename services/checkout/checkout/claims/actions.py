"""Claims from the report to the settlement.

A settlement is one commit: it starts refunds, opens a return, or stores an order that replaces the
goods and costs nothing, which the saga of orders places. Goods of a claim that is open or settled
are neither claimed again nor sent back, so that nobody is made up for twice.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.line_item import ItemKind, LineItem
from chassis.money import Money
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.captures.actions import void_held
from checkout.claims import events
from checkout.claims.model import (
    Claim,
    ClaimLine,
    ClaimProblem,
    ClaimSettlement,
    ClaimStatus,
    NewClaim,
    SettleClaim,
    WantedClaimLine,
    quantities_claimed,
)
from checkout.claims.queries import find_claims, get_claim
from checkout.errors.after_sale import (
    AddressForgotten,
    ClaimNotFound,
    InvalidAmount,
    InvalidClaim,
    InvalidExchange,
    QuantityExceedsClaimable,
    WrongClaimStatus,
)
from checkout.errors.orders import OrderLineNotFound, SyntheticOrder, WrongIncrement
from checkout.exchanges.draft import draft_replacement
from checkout.exchanges.model import ExchangePrice, ExchangePricing, ExchangeTerms
from checkout.exchanges.pricing import price_replacement, value_of_steps
from checkout.idempotency import IdempotencyKey
from checkout.orders.access import actor_of, audit_order
from checkout.orders.amounts import is_tax_included
from checkout.orders.model import ADVANCE_ORDER, Order, OrderLine, OrderStatus
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import lock_order, record_status, save_order, schedule_documents
from checkout.payments.model import REFUND, OrderReason
from checkout.payments.queries import find_payments
from checkout.payments.refund import create_refunds
from checkout.payments.refunds import RefundRequest
from checkout.payments.settle import void_awaited
from checkout.returns.actions import accept_return, request_return
from checkout.returns.model import ReturnRequest, WantedLine, quantities_asked
from checkout.returns.queries import find_returns

_OVER: Final = (OrderStatus.REFUSED, OrderStatus.CANCELLED)


async def open_claim(tx: Tx, new: NewClaim, *, caller: Caller | None) -> Claim:
    """Reports what is wrong with goods that were shipped. Emits ClaimChanged.

    Without a caller the holder of a link to the order reports it. Raises OrderNotFound,
    SyntheticOrder, WrongOrderStatus, OrderLineNotFound, WrongIncrement, QuantityExceedsClaimable.
    """
    order = await lock_order(tx, new.order_id)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order.id)
    order.require(OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    claim = Claim(
        id=uuid7(),
        order_id=order.id,
        owner_id=order.owner_id,
        lines=await _draft_lines(tx, order, new.lines),
        note=new.note,
        created_at=tx.now,
    )
    await tx.insert(claim)
    await _tell(tx, claim, order, caller, before=None)
    return claim


async def withdraw_claim(
    tx: Tx, claim_id: UUID, *, caller: Caller, expected_version: int = 0
) -> Claim:
    """Takes a claim back. Idempotent. Emits ClaimChanged.

    Raises ClaimNotFound, WrongClaimStatus, VersionMismatch.
    """
    return await _end(tx, claim_id, ClaimStatus.WITHDRAWN, "", caller, expected_version)


async def reject_claim(
    tx: Tx, claim_id: UUID, *, shop_note: str, caller: Caller, expected_version: int = 0
) -> Claim:
    """Does not make up for the goods. Idempotent. Emits ClaimChanged.

    Raises ClaimNotFound, WrongClaimStatus, VersionMismatch.
    """
    return await _end(tx, claim_id, ClaimStatus.REJECTED, shop_note, caller, expected_version)


async def settle_claim(
    tx: Tx, wanted: SettleClaim, terms: ExchangeTerms, *, caller: Caller
) -> Claim:
    """Makes up for the goods of a claim: once, unless its replacement was refused or cancelled.

    A claim that is settled in the same way stays as it is. Emits ClaimChanged. Raises
    ClaimNotFound, WrongClaimStatus, VersionMismatch, InvalidClaim, InvalidAmount, InvalidExchange,
    AddressForgotten, StoreCreditNeedsAccount, UnknownReturnReason, PaymentDisputed.
    """
    order = await lock_order(tx, (await get_claim(tx, wanted.claim_id)).order_id)
    claim = await tx.lock(Claim, wanted.claim_id)
    if claim is None:
        raise ClaimNotFound
    if claim.status is ClaimStatus.SETTLED and not await _may_settle_again(tx, claim):
        if claim.settlement is wanted.settlement:
            return claim
        raise WrongClaimStatus(
            "the claim is settled in another way", claim_id=claim.id, settlement=claim.settlement
        )
    claim.require_version(wanted.expected_version)
    before = claim.status
    claim.become(ClaimStatus.SETTLED)
    claim.settlement, claim.settled_at = wanted.settlement, tx.now
    claim.shop_note = wanted.shop_note
    claim.replacement_order_id = None
    await tx.update(claim)
    match wanted.settlement:
        case ClaimSettlement.REFUND:
            await _refund(tx, order, claim, wanted)
        case ClaimSettlement.RETURN:
            await _send_back(tx, claim, wanted, caller)
        case ClaimSettlement.REPLACEMENT:
            await _replace(tx, order, claim, wanted, terms, caller)
    await tx.update(claim)
    await _tell(tx, claim, order, caller, before=before)
    return claim


async def _may_settle_again(tx: Tx, claim: Claim) -> bool:
    if claim.replacement_order_id is None:
        return False
    made = await tx.get(Order, claim.replacement_order_id)
    return made is not None and made.status in _OVER


async def _refund(tx: Tx, order: Order, claim: Claim, wanted: SettleClaim) -> None:
    """Starts the refund of what was paid for the goods, or of a part; they stay with the buyer."""
    lines = {line.id: line for line in await find_order_lines(tx, [order.id])}
    worth = sum(
        value_of_steps(lines[each.order_line_id], each.quantity, is_included=is_tax_included(order))
        for each in claim.lines
    )
    amount = wanted.amount or Money(worth, order.currency)
    if amount.currency != order.currency or not 0 < amount.amount_minor <= worth:
        raise InvalidAmount(path="amount", currency=order.currency, most_minor=worth)
    payments = await find_payments(tx, [order.id])
    claim.voided_minor = await void_awaited(tx, order, payments, amount.amount_minor)
    left = sum(payment.refundable_minor for payment in payments)
    claim.refunded_minor = min(amount.amount_minor - claim.voided_minor, left)
    uncovered = amount.amount_minor - claim.voided_minor - claim.refunded_minor
    claim.voided_minor += await void_held(tx, order, payments, uncovered)
    if claim.refunded_minor:
        request = RefundRequest(
            order.id,
            Money(claim.refunded_minor, order.currency),
            OrderReason.BUYER_REQUEST,
            IdempotencyKey(*claim.refund_key, b""),
            destination=wanted.destination,
        )
        for refund in await create_refunds(tx, order, payments, request):
            await timers.schedule(tx, REFUND, str(refund.id), tx.now)
    await schedule_documents(tx, order)
    await save_order(tx, order)


async def _send_back(tx: Tx, claim: Claim, wanted: SettleClaim, caller: Caller) -> None:
    """Opens a return of the goods that the buyer may send at once."""
    if any(each.problem is ClaimProblem.MISSING for each in claim.lines):
        raise InvalidClaim(path="settlement", problem="goods that are missing are not sent back")
    lines = [
        WantedLine(each.order_line_id, each.quantity, wanted.return_reason) for each in claim.lines
    ]
    asked = ReturnRequest(claim.order_id, lines, claim.note)
    made = await request_return(tx, asked, caller=caller, is_received=True)
    await accept_return(tx, made.id, label=wanted.label, shop_note=wanted.shop_note, caller=caller)
    claim.return_id = made.id


async def _replace(
    tx: Tx, order: Order, claim: Claim, wanted: SettleClaim, terms: ExchangeTerms, caller: Caller
) -> None:
    """Stores an order that replaces the goods and costs nothing; `advance` places it."""
    if not order.email or not (order.delivery_address or order.pickup):
        raise AddressForgotten(order_id=order.id)
    items = [(item, 0) for item in _items(claim.lines, wanted.variants, terms)]
    free = ExchangePrice(ExchangePricing.KEPT, 0)
    priced, totals = price_replacement(order, items, free, terms, tx.now)
    attempt, checkout = draft_replacement(order, priced, totals, terms.order, tx.now)
    await tx.insert(checkout)
    await tx.insert(attempt.order)
    await tx.insert(*attempt.lines)
    record_status(tx, attempt.order, actor_of(caller))
    lease_seconds = terms.order.resume_after_seconds
    await timers.schedule(
        tx, ADVANCE_ORDER, str(attempt.order.id), tx.now, lease_seconds=lease_seconds
    )
    claim.replacement_order_id = attempt.order.id


def _items(
    lines: Sequence[ClaimLine], variants: Mapping[UUID, UUID], terms: ExchangeTerms
) -> list[LineItem]:
    """Returns what replaces the goods. Raises InvalidExchange."""
    found = []
    for index, each in enumerate(lines):
        offer = terms.offers.get(variants.get(each.order_line_id, each.variant_id))
        path = f"lines[{index}].variant_id"
        if offer is None or offer.kind is not ItemKind.PHYSICAL:
            raise InvalidExchange(path=path, problem="it is not sold in the channel of the order")
        if each.quantity % offer.increment:
            raise InvalidExchange(path=path, problem="its quantity is not sold")
        found.append(offer.item(each.quantity))
    return found


async def _end(
    tx: Tx,
    claim_id: UUID,
    status: ClaimStatus,
    shop_note: str,
    caller: Caller,
    expected_version: int,
) -> Claim:
    order = await lock_order(tx, (await get_claim(tx, claim_id)).order_id)
    claim = await tx.lock(Claim, claim_id)
    if claim is None:
        raise ClaimNotFound
    if claim.status is status:
        return claim
    claim.require_version(expected_version)
    before = claim.status
    claim.become(status)
    claim.shop_note = shop_note or claim.shop_note
    await tx.update(claim)
    await _tell(tx, claim, order, caller, before=before)
    return claim


async def _draft_lines(tx: Tx, order: Order, wanted: Sequence[WantedClaimLine]) -> list[ClaimLine]:
    lines: dict[UUID, OrderLine] = {
        line.id: line for line in await find_order_lines(tx, [order.id])
    }
    asked = dict(quantities_asked(await find_returns(tx, [order.id])))
    for line_id, steps in quantities_claimed(await find_claims(tx, [order.id])).items():
        asked[line_id] = asked.get(line_id, 0) + steps
    drafts: list[ClaimLine] = []
    for index, each in enumerate(wanted):
        line = lines.get(each.order_line_id)
        if line is None:
            raise OrderLineNotFound(order_line_id=each.order_line_id)
        left = line.returnable_quantity - asked.get(line.id, 0)
        path = f"lines[{index}].quantity"
        if each.quantity > left:
            raise QuantityExceedsClaimable(
                path=path, order_line_id=line.id, claimable_quantity=left
            )
        if each.quantity % line.increment and each.quantity != left:
            raise WrongIncrement(path=path, increment=line.increment)
        asked[line.id] = asked.get(line.id, 0) + each.quantity
        drafts.append(ClaimLine(line.id, line.variant_id, each.quantity, each.problem))
    return drafts


async def _tell(
    tx: Tx, claim: Claim, order: Order, caller: Caller | None, *, before: ClaimStatus | None
) -> None:
    """Audits a change by staff and emits ClaimChanged."""
    if caller is not None:
        audit_order(
            tx,
            caller,
            f"claim.{claim.status}",
            order,
            before={"claim_id": str(claim.id), "status": before},
            after={
                "claim_id": str(claim.id),
                "status": claim.status,
                "settlement": claim.settlement,
                "refunded_minor": claim.refunded_minor,
                "currency": order.currency,
            },
        )
    [view] = await load_views(tx, [order])
    await tx.emit(events.claim_changed(claim, view), key=claim.id)
