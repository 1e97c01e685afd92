"""Edit of the lines of an order, from the draft of what is added to its commit.

The stock of what is added is reserved before the commit, so that an edit whose goods are sold out
changes nothing. The commit takes the other goods out of the order, and stores what is added as an
order that is paid with their price. The saga of orders places it, and the cancellation of lines
gives the stock of what was taken out back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.line_item import ItemKind, LineItem
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.cancellations.actions import end_shipping, take_out
from checkout.cancellations.model import Cancellation, CancelLines
from checkout.errors.after_sale import AddressForgotten, ExchangeNotPaid
from checkout.errors.orders import InvalidOrderEdit, SyntheticOrder
from checkout.errors.payments import PaymentMethodNotOffered
from checkout.exchanges.difference import choose_transfer, draft_transfer
from checkout.exchanges.draft import draft_replacement
from checkout.exchanges.model import ExchangeTerms, ReplacementOffer
from checkout.exchanges.pricing import price_goods
from checkout.fraud.store import require_not_reviewed
from checkout.order_edits.model import DraftedEdit, LineEdit
from checkout.orders.access import actor_of, audit_order
from checkout.orders.model import ADVANCE_ORDER, Order, OrderStatus
from checkout.orders.store import lock_order, record_status, save_order
from checkout.orders.view import OrderView
from checkout.payment_methods.offers import PaymentOffers
from checkout.payments.model import OrderReason, Payment, PaymentStatus, Settlement
from checkout.payments.queries import find_payments
from checkout.payments.split import split_refund
from checkout.placing.model import OrderTerms
from checkout.placing.queries import find_keyed_order, insert_placement


def draft_edit(
    seen: OrderView,
    wanted: LineEdit,
    terms: ExchangeTerms,
    methods: PaymentOffers,
    now: datetime,
) -> DraftedEdit:
    """Returns what is added to an order, with present prices and without payments.

    Raises SyntheticOrder, WrongOrderStatus, VersionMismatch, AddressForgotten, ExchangeNotPaid,
    InvalidOrderEdit, TaxRateNotSet, PaymentMethodNotOffered.
    """
    order = seen.order
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order.id)
    if wanted.expected_version not in (0, order.version):
        raise VersionMismatch("the order changed: read it again", version=order.version)
    order.require(OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)
    if not order.email or not (order.delivery_address or order.pickup):
        raise AddressForgotten(order_id=order.id)
    # Of an authorized payment there is nothing yet that could pay for other goods.
    if any(each.is_awaited or (each.is_held and wanted.removed) for each in seen.payments):
        raise ExchangeNotPaid(order_id=order.id)
    items = _items(order, wanted.added, terms.offers)
    attempt, checkout = draft_replacement(
        order, items, price_goods(order, items, terms, now), terms.order, now
    )
    method = None
    if wanted.method:
        method = choose_transfer(order, methods, wanted.method, attempt.order.total_minor)
    return DraftedEdit(order.version, attempt, checkout, method)


async def edit_order_lines(
    tx: Tx, wanted: LineEdit, draft: DraftedEdit, terms: OrderTerms, *, caller: Caller
) -> tuple[UUID, Cancellation | None]:
    """Takes goods out of an order, and inserts the order of what is added; `advance` places it.

    Returns the id of that, and the cancellation that gives goods back. A repeat of the key returns
    the same, without the cancellation. Raises KeyReused, OrderNotFound, VersionMismatch,
    OrderUnderReview, OrderLineNotFound, QuantityExceedsOrdered, WrongIncrement, PaymentDisputed,
    PaymentMethodNotOffered.
    """
    order = await lock_order(tx, wanted.order_id)
    if placed := await find_keyed_order(tx, wanted.key):
        return placed, None
    if order.version != draft.version:
        raise VersionMismatch("the order changed: read it again", version=order.version)
    await require_not_reviewed(tx, order.id)
    made, sources = draft.attempt.order, await find_payments(tx, [order.id])
    lines = CancelLines(order.id, wanted.removed, OrderReason.OTHER, wanted.key)
    out = await take_out(tx, order, lines) if wanted.removed else None
    left = sum(each.refundable_minor for each in sources)
    worth = min(out.goods_minor, left) if out else 0
    exchanged_minor = min(worth, made.total_minor)
    payments = [
        *_draft_transfer(draft, made.total_minor - exchanged_minor, terms),
        *_draft_exchanged(made, sources, exchanged_minor),
    ]
    await tx.insert(draft.checkout)
    await tx.insert(made)
    await tx.insert(*draft.attempt.lines)
    if payments:
        await tx.insert(*payments)
    cancellation = None
    if out is not None:
        paid_with = [each for each in payments if each.settlement is Settlement.EXCHANGE]
        cancellation = await out.give_back(tx, sources, worth, paid_with)
        if out.is_rest:
            await end_shipping(tx, order)
    record_status(tx, made, actor_of(caller))
    insert_placement(tx, wanted.key, made.id)
    lease_seconds = terms.resume_after_seconds
    await timers.schedule(tx, ADVANCE_ORDER, str(made.id), tx.now, lease_seconds=lease_seconds)
    await save_order(tx, order)
    audit_order(
        tx,
        caller,
        "order.edit",
        order,
        before={},
        after={
            "added_order_id": str(made.id),
            "cancellation_id": str(cancellation.id) if cancellation else None,
            "total_minor": made.total_minor,
            "exchanged_minor": exchanged_minor,
            "currency": order.currency,
        },
    )
    return made.id, cancellation


def _items(
    order: Order, added: Mapping[UUID, int], offers: Mapping[UUID, ReplacementOffer]
) -> list[LineItem]:
    """Returns what is added. Raises InvalidOrderEdit."""
    found = list[LineItem]()
    for index, (variant_id, steps) in enumerate(added.items()):
        offer, path = offers.get(variant_id), f"added[{index}]"
        if offer is None or offer.currency != order.currency:
            problem = "it is not sold in the channel of the order"
            raise InvalidOrderEdit(path=f"{path}.variant_id", problem=problem)
        if offer.kind is not ItemKind.PHYSICAL:
            raise InvalidOrderEdit(path=f"{path}.variant_id", problem="it is not delivered")
        if steps % offer.increment:
            problem = f"it is sold in steps of {offer.increment}"
            raise InvalidOrderEdit(path=f"{path}.quantity", problem=problem)
        found.append(offer.item(steps))
    return found


def _draft_transfer(draft: DraftedEdit, amount_minor: int, terms: OrderTerms) -> list[Payment]:
    """Returns the payment of what the added goods cost more. Raises PaymentMethodNotOffered."""
    order, method = draft.attempt.order, draft.method
    if not amount_minor:
        return []
    if method is None:
        raise PaymentMethodNotOffered(
            "what is added costs more: name a method by bank transfer",
            difference_minor=amount_minor,
            currency=order.currency,
        )
    return [draft_transfer(order, method, amount_minor, days=terms.transfer_days)]


def _draft_exchanged(made: Order, sources: Sequence[Payment], amount_minor: int) -> list[Payment]:
    """Returns payments that take over a part of others; what is refunded goes back by these."""
    return [
        Payment(
            id=uuid7(),
            order_id=made.id,
            provider=source.provider,
            method_id=source.method_id,
            provider_method=source.provider_method,
            provider_payment_id=source.provider_payment_id,
            gift_card_id=source.gift_card_id,
            gift_card_ending=source.gift_card_ending,
            status=PaymentStatus.CAPTURED,
            currency=made.currency,
            amount_minor=part_minor,
            captured_minor=part_minor,
            settlement=Settlement.EXCHANGE,
            source_payment_id=source.id,
            created_at=made.created_at,
        )
        for source, part_minor in split_refund(sources, amount_minor)
    ]
