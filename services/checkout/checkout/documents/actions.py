"""Issuing of documents: the invoice of an order, and credit notes for it.

The commit that ships, settles or refunds an order sets a timer. The timer brings the
documents of the order up to date in one commit: it takes the next number of the legal entity, and
stores the document under it. The counter's row is locked until that commit, so that a number is
taken if and only if its document is stored: two transactions wait for each other, and one that is
rolled back or killed gives its number back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from checkout.crashes import crash_point
from checkout.document_links.actions import send_documents
from checkout.documents import events, texts
from checkout.documents.amounts.credits import Credit, credit_parts, left_of
from checkout.documents.amounts.treatments import treat_order
from checkout.documents.content import DocumentContent, Paid, Reference, groups_of
from checkout.documents.files import file_of
from checkout.documents.invoice import invoice_content
from checkout.documents.model import (
    INVOICE_SOURCE,
    DocumentFormat,
    DocumentKind,
    OrderDocument,
)
from checkout.documents.queries import find_order_documents
from checkout.documents.rendering.cross_industry_invoice import write_invoice
from checkout.documents.sources import find_credits
from checkout.legal_entities.model import (
    IssuesInvoices,
    LegalEntity,
    entity_of,
    format_number,
    has_year,
)
from checkout.legal_entities.queries import find_legal_entities
from checkout.orders.model import ISSUE_DOCUMENTS, PAID, Order
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order
from checkout.orders.view import OrderView
from checkout.payments.model import PaymentStatus, Settlement

log = telemetry.log("documents")
# A channel without a seller: staff may name one.
_AGAIN: Final = timedelta(hours=1)
_NEXT: Final = (
    "INSERT INTO document_counter (legal_entity, kind, year, last) VALUES (%s, %s, %s, 1)"
    " ON CONFLICT (legal_entity, kind, year) DO UPDATE SET last = document_counter.last + 1"
    " RETURNING last"
)


async def issue_documents(tx: Tx, order_id: UUID) -> list[OrderDocument]:
    """Issues the documents that an order is due: its invoice, then its credit notes.

    Idempotent. Emits OrderDocumentIssued for each, and OrderDocumentsSent for the one mail with all
    of them. Where no legal entity is for the channel, a timer tries again.
    """
    order = await lock_order(tx, order_id)
    if order.is_synthetic:
        return []
    known = await find_order_documents(tx, order_id)
    [view] = await load_views(tx, [order])
    invoice = next((each for each in known if each.source == INVOICE_SOURCE), None)
    entity = await _seller(tx, order, invoice)
    issued = list[OrderDocument]()
    if entity is None:
        log.warning("no legal entity is for the channel", channel=order.channel_id)
        await timers.schedule(tx, ISSUE_DOCUMENTS, str(order_id), tx.now + _AGAIN)
        return []
    if invoice is None:
        if not _is_due(view, entity):
            return []
        invoice = await _issue_invoice(tx, view, entity)
        issued.append(invoice)
    made = [*known, *issued]
    for credit in await find_credits(tx, view):
        if credit.amount_minor and all(each.source != credit.source for each in made):
            note = await _issue_credit_note(tx, view, entity, invoice, made, credit)
            issued.append(note)
            made.append(note)
    if entity.mails_documents:
        await send_documents(tx, order, issued, entity)
    return issued


async def _seller(tx: Tx, order: Order, invoice: OrderDocument | None) -> LegalEntity | None:
    """Returns the seller of the invoice as it is now, or else that of the channel.

    An entity that issued a document is not deleted.
    """
    entities = await find_legal_entities(tx)
    if invoice is not None:
        for each in entities:
            if each.code == invoice.legal_entity:
                return each
    return entity_of(entities, order.channel_id)


def _is_due(view: OrderView, entity: LegalEntity) -> bool:
    """Returns whether the invoice of an order is to be issued."""
    if view.order.status not in PAID:
        return False
    if any(line.shipped_quantity for line in view.lines):
        return True
    if any(payment.status is PaymentStatus.AUTHORIZED for payment in view.payments):
        # Its money is kept until its review.
        return False
    awaited = [payment for payment in view.payments if payment.is_awaited]
    if any(payment.settlement is Settlement.INVOICE for payment in awaited):
        return True
    return entity.issues_invoices is IssuesInvoices.PAID and not awaited


async def _issue_invoice(tx: Tx, view: OrderView, entity: LegalEntity) -> OrderDocument:
    content = await invoice_content(tx, view, entity, tx.now)
    return await _store(tx, view.order, entity, DocumentKind.INVOICE, INVOICE_SOURCE, content)


async def _issue_credit_note(
    tx: Tx,
    view: OrderView,
    entity: LegalEntity,
    invoice: OrderDocument,
    made: Sequence[OrderDocument],
    credit: Credit,
) -> OrderDocument:
    order, was = view.order, invoice.content
    credited = [each.content.groups for each in made if each.kind is DocumentKind.CREDIT_NOTE]
    left = left_of(was.groups, credited)
    parts, adjustments = credit_parts(
        order, view.lines, treat_order(order, view.lines), left, credit,
        texts.credit_texts(was.language),
    )  # fmt: skip
    refunded = credit.amount_minor - credit.voided_minor
    content = replace(
        was,
        issued_on=entity.day_of(tx.now),
        lines=parts,
        adjustments=adjustments,
        groups=groups_of(parts, adjustments),
        paid=(Paid(texts.refunded(was.language), refunded),) if refunded else (),
        payment_reference="",
        payment_note=texts.set_off(was.language) if credit.voided_minor else "",
        due_on=None,
        invoice=Reference(invoice.number, invoice.issued_on),
    )
    return await _store(
        tx, order, entity, DocumentKind.CREDIT_NOTE, credit.source, content, invoice
    )


async def _store(
    tx: Tx,
    order: Order,
    entity: LegalEntity,
    kind: DocumentKind,
    source: str,
    content: DocumentContent,
    invoice: OrderDocument | None = None,
) -> OrderDocument:
    """Takes the next number and stores a document under it. Emits OrderDocumentIssued."""
    is_invoice = kind is DocumentKind.INVOICE
    number_format = entity.invoice_format if is_invoice else entity.credit_note_format
    year = content.issued_on.year
    taken = await tx.fetch_one(
        _NEXT, [entity.code, kind.value, year if has_year(number_format) else 0]
    )
    assert taken is not None
    crash_point("after:issue_document:number")
    content = replace(content, number=format_number(number_format, number=taken[0], year=year))
    document = OrderDocument(
        id=uuid7(),
        order_id=order.id,
        legal_entity=entity.code,
        kind=kind,
        source=source,
        number=content.number,
        invoice_id=invoice.id if invoice else None,
        issued_on=content.issued_on,
        issued_at=tx.now,
        currency=content.currency,
        gross_minor=content.gross_minor,
        content=content,
    )
    xml = write_invoice(kind, content)
    await tx.insert(document)
    await tx.insert(file_of(document.id, DocumentFormat.XML, xml))
    await tx.emit(events.document_issued(document, order), key=document.id)
    crash_point("after:issue_document:store")
    return document
