"""A return from its request to the goods that are back; `refund` gives their money back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.after_sale.model import AfterSaleSettings
from checkout.after_sale.queries import get_after_sale_settings
from checkout.claims.model import quantities_claimed
from checkout.claims.queries import find_claims
from checkout.errors.after_sale import (
    QuantityExceedsReturnable,
    ReturnNotFound,
    ReturnPeriodOver,
    UnknownReturnReason,
)
from checkout.errors.orders import OrderLineNotFound, SyntheticOrder, WrongIncrement
from checkout.exchanges.actions import give_up_replacement, send_replacement
from checkout.orders.access import actor_of, audit_order
from checkout.orders.model import Actor, Order, OrderLine, OrderStatus
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import lock_order, save_order
from checkout.payment_methods.model import text_in
from checkout.payments.refunds import RefundDestination
from checkout.returns import events
from checkout.returns.model import (
    COMPLETE_RETURN,
    OPEN,
    ReceivedLine,
    ReceivedUnits,
    Return,
    ReturnLabel,
    ReturnLine,
    ReturnRequest,
    ReturnStatus,
    quantities_asked,
)
from checkout.returns.queries import find_return_reasons, find_returns, get_return
from checkout.shipments.queries import find_shipments
from checkout.store_credit.queries import get_account_of


async def request_return(
    tx: Tx, wanted: ReturnRequest, *, caller: Caller | None, is_received: bool = False
) -> Return:
    """Asks to send goods of an order back.

    Emits ReturnRequested, unless they are received or accepted with it. Without a caller the holder
    of a link to the order asks. Raises OrderNotFound, SyntheticOrder, WrongOrderStatus,
    ReturnPeriodOver, OrderLineNotFound, UnknownReturnReason, WrongIncrement,
    QuantityExceedsReturnable, StoreCreditNeedsAccount.
    """
    order = await lock_order(tx, wanted.order_id)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order.id)
    order.require(OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    if caller is None or actor_of(caller) is Actor.BUYER:
        settings = await get_after_sale_settings(tx, order.channel_id)
        await _require_in_time(tx, order, settings)
    if wanted.refund_to is RefundDestination.STORE_CREDIT:
        await get_account_of(tx, order)
    made = Return(
        id=uuid7(),
        order_id=order.id,
        owner_id=order.owner_id,
        lines=await _draft_lines(tx, order, wanted),
        note=wanted.note,
        refund_to=wanted.refund_to,
        created_at=tx.now,
    )
    await tx.insert(made)
    if not is_received:
        await _tell(tx, made, order, caller, before=None)
    return made


async def cancel_return(
    tx: Tx, return_id: UUID, *, caller: Caller, expected_version: int = 0
) -> Return:
    """Lets the buyer keep the goods, and cancels what was to replace them.

    Idempotent. Emits ReturnCancelled. Raises ReturnNotFound, WrongReturnStatus, VersionMismatch,
    and WrongOrderStatus where the replacement was shipped.
    """
    order, found = await _lock_return(tx, return_id)
    if found.status is ReturnStatus.CANCELLED:
        return found
    found.require(*OPEN)
    await give_up_replacement(tx, found)
    return await _become(tx, order, found, ReturnStatus.CANCELLED, caller, expected_version)


async def accept_return(
    tx: Tx,
    return_id: UUID,
    *,
    label: ReturnLabel | None,
    shop_note: str,
    caller: Caller,
    expected_version: int = 0,
) -> Return:
    """Lets the buyer send the goods, with a label. A repeat changes the label and the note.

    Emits ReturnAccepted. Raises ReturnNotFound, WrongReturnStatus, VersionMismatch.
    """
    order, found = await _lock_return(tx, return_id)
    is_repeat = found.status is ReturnStatus.ACCEPTED
    if is_repeat and (found.label, found.shop_note) == (label, shop_note):
        return found
    settings = await get_after_sale_settings(tx, order.channel_id)
    found.require_version(expected_version)
    found.label, found.shop_note = label, shop_note
    found.return_address = settings.return_address
    if not is_repeat:
        return await _become(tx, order, found, ReturnStatus.ACCEPTED, caller, expected_version)
    await tx.update(found)
    await _tell(tx, found, order, caller, before=found.status)
    return found


async def reject_return(
    tx: Tx, return_id: UUID, *, shop_note: str, caller: Caller, expected_version: int = 0
) -> Return:
    """Does not take the goods back, and cancels what was to replace them.

    Idempotent. Emits ReturnRejected. Raises ReturnNotFound, WrongReturnStatus, VersionMismatch,
    and WrongOrderStatus where the replacement was shipped.
    """
    order, found = await _lock_return(tx, return_id)
    if found.status is ReturnStatus.REJECTED:
        return found
    found.require(ReturnStatus.REQUESTED)
    await give_up_replacement(tx, found)
    found.shop_note = shop_note
    return await _become(tx, order, found, ReturnStatus.REJECTED, caller, expected_version)


async def receive_return(
    tx: Tx,
    return_id: UUID,
    lines: Sequence[ReceivedLine],
    *,
    caller: Caller,
    lease_seconds: float,
    expected_version: int = 0,
) -> Return:
    """Records what came back, and has it restocked by a timer. Idempotent. Emits ReturnReceived.

    Raises ReturnNotFound, WrongReturnStatus, VersionMismatch, OrderLineNotFound,
    QuantityExceedsReturnable.
    """
    order, found = await _lock_return(tx, return_id)
    if found.status not in OPEN and found.received_at is not None:
        return found
    order_lines = {line.id: line for line in await find_order_lines(tx, [order.id])}
    found.require_version(expected_version)
    found.lines = _receive(found.lines, order_lines, lines)
    found.received_at, found.is_restocked = tx.now, True
    await send_replacement(tx, found, caller)
    for line in order_lines.values():
        await tx.run(
            "UPDATE order_line SET returned_quantity = %s WHERE id = %s",
            [line.returned_quantity, line.id],
        )
    if found.restocks():
        found.is_restocked = False
        await timers.schedule(
            tx, COMPLETE_RETURN, str(found.id), tx.now, lease_seconds=lease_seconds
        )
    await save_order(tx, order)
    return await _become(tx, order, found, ReturnStatus.RECEIVED, caller, expected_version)


async def _lock_return(tx: Tx, return_id: UUID) -> tuple[Order, Return]:
    """Locks the order, then its return. Raises ReturnNotFound."""
    order = await lock_order(tx, (await get_return(tx, return_id)).order_id)
    found = await tx.lock(Return, return_id)
    if found is None:
        raise ReturnNotFound
    return order, found


async def _become(
    tx: Tx,
    order: Order,
    found: Return,
    status: ReturnStatus,
    caller: Caller,
    expected_version: int,
) -> Return:
    found.require_version(expected_version)
    before = found.status
    found.become(status)
    await tx.update(found)
    await _tell(tx, found, order, caller, before=before)
    return found


async def _tell(
    tx: Tx, found: Return, order: Order, caller: Caller | None, *, before: ReturnStatus | None
) -> None:
    """Audits a change by staff and emits the event of the status."""
    if caller is not None:
        audit_order(
            tx,
            caller,
            f"return.{found.status}",
            order,
            before={"return_id": str(found.id), "status": before},
            after={
                "return_id": str(found.id),
                "status": found.status,
                "lines": {str(line.order_line_id): line.quantity for line in found.lines},
            },
        )
    [view] = await load_views(tx, [order])
    await tx.emit(events.return_changed(found, view), key=found.id)


async def _require_in_time(tx: Tx, order: Order, settings: AfterSaleSettings) -> None:
    """Raises ReturnPeriodOver. The days count from the last delivery, once all is delivered."""
    if not settings.return_days:
        raise ReturnPeriodOver("the shop takes nothing back here", days=0)
    if order.status is not OrderStatus.DELIVERED:
        return
    arrivals = [each.delivered_at for each in await find_shipments(tx, [order.id])]
    if order.pickup is not None:
        arrivals.append(order.pickup.collected_at)
    delivered_at = max((each for each in arrivals if each is not None), default=None)
    if delivered_at is None:
        return
    until = delivered_at + timedelta(days=settings.return_days)
    if tx.now > until:
        raise ReturnPeriodOver(
            "goods can be returned no more", days=settings.return_days, until=until.isoformat()
        )


async def _draft_lines(tx: Tx, order: Order, wanted: ReturnRequest) -> list[ReturnLine]:
    lines = {line.id: line for line in await find_order_lines(tx, [order.id])}
    asked = dict(quantities_asked(await find_returns(tx, [order.id])))
    for line_id, steps in quantities_claimed(await find_claims(tx, [order.id])).items():
        asked[line_id] = asked.get(line_id, 0) + steps
    reasons = {each.code: each for each in await find_return_reasons(tx) if each.is_enabled}
    drafts: list[ReturnLine] = []
    for index, each in enumerate(wanted.lines):
        line, reason = lines.get(each.order_line_id), reasons.get(each.reason)
        if line is None:
            raise OrderLineNotFound(order_line_id=each.order_line_id)
        if reason is None:
            raise UnknownReturnReason(path=f"lines[{index}].reason", reason=each.reason)
        left = line.returnable_quantity - asked.get(line.id, 0)
        if each.quantity > left:
            raise QuantityExceedsReturnable(
                path=f"lines[{index}].quantity", order_line_id=line.id, returnable_quantity=left
            )
        if each.quantity % line.increment and each.quantity != left:
            raise WrongIncrement(path=f"lines[{index}].quantity", increment=line.increment)
        asked[line.id] = asked.get(line.id, 0) + each.quantity
        title = text_in(reason.titles, order.locale)
        drafts.append(
            ReturnLine(
                line.id,
                line.variant_id,
                each.quantity,
                reason.code,
                title,
                replacement_variant_id=each.replacement_variant_id,
            )
        )
    return drafts


def _receive(
    lines: Sequence[ReturnLine],
    order_lines: Mapping[UUID, OrderLine],
    received: Sequence[ReceivedLine],
) -> list[ReturnLine]:
    """Counts what came back as returned on the order lines; returns the lines with it."""
    by_line: dict[UUID, list[ReturnLine]] = {}
    for line in lines:
        by_line.setdefault(line.order_line_id, []).append(line)
    done: dict[int, list[ReceivedUnits]] = {id(line): [] for line in lines}
    for index, each in enumerate(received):
        if each.order_line_id not in by_line:
            raise OrderLineNotFound(order_line_id=each.order_line_id)
        left, order_line = each.quantity, order_lines[each.order_line_id]
        for line in by_line[each.order_line_id]:
            part = min(left, line.quantity - sum(one.end - one.start for one in done[id(line)]))
            if part:
                start = order_line.returned_quantity
                order_line.returned_quantity += part
                done[id(line)].append(
                    ReceivedUnits(
                        start, start + part, each.condition, each.is_restocked, each.warehouse
                    )
                )
                left -= part
        if left:
            raise QuantityExceedsReturnable(
                path=f"lines[{index}].quantity",
                order_line_id=each.order_line_id,
                returnable_quantity=each.quantity - left,
            )
    return [replace(line, received=tuple(done[id(line)])) for line in lines]
