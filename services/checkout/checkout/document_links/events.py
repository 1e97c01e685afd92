"""Events that ask for mails with links to documents."""

from collections.abc import Sequence
from datetime import datetime

from chassis.rpc.wire import money, timestamp
from checkout.documents.messages import KINDS
from checkout.documents.model import OrderDocument
from checkout.orders.model import Order
from sojourn.checkout.v1 import document_events_pb2 as pb


def documents_sent(
    order: Order, documents: Sequence[tuple[OrderDocument, str]], *, expires_at: datetime
) -> pb.OrderDocumentsSent:
    """Returns the event of a mail; each document is with the token of its link."""
    return pb.OrderDocumentsSent(
        order_id=str(order.id),
        order_number=order.number or "",
        owner_id=str(order.owner_id),
        email=order.email,
        first_name=order.delivery_address.get("first_name", ""),
        locale=order.locale,
        channel=order.channel_id,
        documents=[
            pb.SentDocument(
                document_id=str(document.id),
                kind=KINDS.encode(document.kind),
                number=document.number,
                issued_on=document.issued_on.isoformat(),
                gross=money(document.gross_minor, document.currency),
                token=token,
            )
            for document, token in documents
        ],
        links_expire_at=timestamp(expires_at),
    )
