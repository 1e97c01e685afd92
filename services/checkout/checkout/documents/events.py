"""Events of documents."""

from chassis.rpc.wire import money
from checkout.documents.messages import KINDS
from checkout.documents.model import OrderDocument
from checkout.orders.model import Order
from sojourn.checkout.v1 import document_events_pb2 as pb


def document_issued(document: OrderDocument, order: Order) -> pb.OrderDocumentIssued:
    return pb.OrderDocumentIssued(
        document_id=str(document.id),
        kind=KINDS.encode(document.kind),
        number=document.number,
        legal_entity=document.legal_entity,
        order_id=str(order.id),
        order_number=order.number or "",
        channel=order.channel_id,
        issued_on=document.issued_on.isoformat(),
        gross=money(document.gross_minor, document.currency),
    )
