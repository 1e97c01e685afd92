"""The content of invoices: of those that are issued, and of pro forma ones."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from chassis.data.tx import Read
from checkout.documents import texts
from checkout.documents.amounts.lines import delivery_charges, order_lines
from checkout.documents.amounts.treatments import charge_names, treat_order
from checkout.documents.content import DocumentContent, Paid, groups_of
from checkout.documents.model import INVOICE_SOURCE
from checkout.documents.parties import account_of, buyer_of, receiver_of, seller_of
from checkout.documents.queries import find_order_documents, find_seller
from checkout.errors.documents import OrderInvoiced
from checkout.errors.orders import OrderNotFound, SyntheticOrder
from checkout.legal_entities.model import LegalEntity
from checkout.orders.model import PAID, UNPLACED, Order
from checkout.orders.queries import load_views
from checkout.orders.view import OrderView
from checkout.payments.model import Payment, Settlement
from checkout.taxes.categories import TaxCategory
from checkout.taxes.queries import find_tax_settings
from checkout.texts import payment_title, title_in


async def invoice_content(
    read: Read, view: OrderView, entity: LegalEntity, now: datetime
) -> DocumentContent:
    """Returns what an invoice of an order says that is issued now, without its number."""
    order = view.order
    today = entity.day_of(now)
    language = entity.language_for(order.locale)
    treatments = treat_order(order, view.lines)
    lines = order_lines(order, view.lines, treatments)
    charges = delivery_charges(order, treatments, charge_names(order, order.delivery_option.title))
    groups = groups_of(lines, charges)
    is_supply = any(each.treatment.category == TaxCategory.INTRA_COMMUNITY for each in groups)
    awaited = min(
        (each for each in view.payments if each.is_awaited),
        key=lambda each: each.settlement is Settlement.EXCHANGE,
        default=None,
    )
    return replace(
        await _head(read, order, entity, today, language),
        supplied_on=_supplied_on(view, entity) or (today if is_supply else None),
        lines=lines,
        adjustments=charges,
        groups=groups,
        paid=tuple(
            Paid(_title(payment, language), payment.committed_minor)
            for payment in view.payments
            if payment.committed_minor
        ),
        payment_reference=(awaited.reference or "") if awaited else "",
        payment_note=_payment_note(awaited, language),
        due_on=entity.day_of(awaited.due_at) if awaited and awaited.due_at else None,
    )


async def read_pro_forma(read: Read, order_id: UUID, now: datetime) -> DocumentContent:
    """Returns what the invoice of an order would say; its number is that of the order.

    Raises OrderNotFound, SyntheticOrder, WrongOrderStatus, OrderInvoiced, ChannelWithoutSeller.
    """
    order = await read.get(Order, order_id)
    if order is None:
        raise OrderNotFound
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order_id)
    order.require(*UNPLACED, *PAID)
    for each in await find_order_documents(read, order_id):
        if each.source == INVOICE_SOURCE:
            raise OrderInvoiced(number=each.number, document_id=each.id)
    [view] = await load_views(read, [order])
    content = await invoice_content(read, view, await find_seller(read, order.channel_id), now)
    return replace(content, number=content.order_number)


async def _head(
    read: Read, order: Order, entity: LegalEntity, today: date, language: str
) -> DocumentContent:
    """Returns a document without its lines and its number."""
    settings = await find_tax_settings(read, order.channel_id)
    seller = seller_of(entity, settings.seller_vat_id if settings else "")
    return DocumentContent(
        number="",
        issued_on=today,
        language=language,
        currency=order.currency,
        order_number=order.number or str(order.id),
        ordered_on=entity.day_of(order.placed_at or order.created_at),
        seller=seller,
        seller_code=entity.code,
        buyer=buyer_of(order, seller),
        receiver=receiver_of(order),
        account=account_of(entity),
        legal_text=texts.legal_text(
            title_in(entity.legal_texts, language, otherwise=""), order, language
        ),
    )


def _supplied_on(view: OrderView, entity: LegalEntity) -> date | None:
    """Returns the day of the last supply that there was; None where nothing was supplied."""
    times = [shipment.shipped_at for shipment in view.shipments]
    pickup = view.order.pickup
    if pickup is not None and pickup.collected_at is not None:
        times.append(pickup.collected_at)
    if (
        not times
        and view.order.placed_at
        and any(line.shipped_quantity for line in view.lines if not line.needs_delivery)
    ):
        times.append(view.order.placed_at)
    return entity.day_of(max(times)) if times else None


def _payment_note(awaited: Payment | None, language: str) -> str:
    """Returns how a payment is to be made; empty where its reference says enough."""
    if awaited is None:
        return ""
    is_at_door = awaited.settlement is Settlement.DELIVERY
    return awaited.instructions or (texts.at_the_door(language) if is_at_door else "")


def _title(payment: Payment, language: str) -> str:
    if payment.gift_card_id is not None:
        return texts.gift_card(payment.gift_card_ending, language)
    method = payment.provider_method or payment.method_id
    return payment_title(method, payment.method_id, language)
