"""Use cases of mails with links to documents."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import real_now
from checkout.document_links import events
from checkout.document_links.model import DocumentLink
from checkout.documents.model import OrderDocument
from checkout.documents.queries import get_document
from checkout.errors.orders import OrderWithoutEmail
from checkout.legal_entities.model import LegalEntity
from checkout.legal_entities.queries import get_legal_entity
from checkout.order_links.model import create_token, digest_of_token
from checkout.orders.model import Order
from checkout.orders.store import lock_order

# Rows that another transaction deletes are left to it.
_DELETE_OLD: Final = (
    "DELETE FROM document_link WHERE token_digest IN (SELECT token_digest FROM document_link"
    " WHERE expires_at < %s ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)"
)


async def send_documents(
    tx: Tx, order: Order, documents: Sequence[OrderDocument], entity: LegalEntity
) -> None:
    """Mails the buyer one mail with a link to each document. Emits OrderDocumentsSent.

    An order without an address has none.
    """
    if not documents or not order.email:
        return
    now = real_now()
    expires_at = now + timedelta(days=entity.link_days)
    await tx.run(_DELETE_OLD, [now])
    sent = [(document, create_token()) for document in documents]
    await tx.insert(
        *(
            DocumentLink(
                token_digest=digest_of_token(token),
                document_id=document.id,
                created_at=now,
                expires_at=expires_at,
            )
            for document, token in sent
        )
    )
    event = events.documents_sent(order, sent, expires_at=expires_at)
    await tx.emit(event, key=documents[0].id)


async def resend_document(tx: Tx, document_id: UUID, *, caller: Caller) -> OrderDocument:
    """Mails the buyer a new link to a document. Emits OrderDocumentsSent.

    Raises DocumentNotFound, OrderWithoutEmail.
    """
    document = await get_document(tx, document_id)
    order = await lock_order(tx, document.order_id)
    if not order.email:
        raise OrderWithoutEmail(order_id=order.id)
    # An entity that issued a document is not deleted.
    entity = await get_legal_entity(tx, document.legal_entity)
    await send_documents(tx, order, [document], entity)
    record_audit(
        tx,
        caller,
        "document.resend",
        f"document:{document_id}",
        after={"order_id": str(order.id), "number": document.number},
    )
    return document
