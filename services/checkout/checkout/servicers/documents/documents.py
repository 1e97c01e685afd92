"""DocumentService: documents of orders, for their buyers and for staff."""

import asyncio
from typing import Final
from uuid import UUID

from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.document_links.actions import resend_document
from checkout.document_links.queries import get_linked_document_id
from checkout.documents import wire
from checkout.documents.files import read_file
from checkout.documents.invoice import read_pro_forma
from checkout.documents.model import OrderDocument
from checkout.documents.packing_slips import read_packing_slip
from checkout.documents.queries import find_order_documents, get_document, list_documents
from checkout.documents.rendering.packing_slip import render_packing_slip
from checkout.documents.rendering.pdf import render_pro_forma
from checkout.errors.documents import DocumentNotFound
from checkout.errors.orders import OrderNotFound, ShipmentNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.order_links.queries import get_accessed_order_id
from checkout.orders.model import Order
from sojourn.checkout.v1 import documents_pb2 as pb
from sojourn.checkout.v1 import documents_pb2_grpc as pb_grpc

_READ: Final = "documents.read"
_WRITE: Final = "documents.write"
_READ_ORDERS: Final = "orders.read"


class DocumentServicer(Servicer, pb_grpc.DocumentServiceServicer):
    """Documents of orders."""

    @read()
    async def ListOrderDocuments(
        self, request: pb.ListOrderDocumentsRequest, call: Call
    ) -> pb.ListOrderDocumentsResponse:
        return _listed(await self._documents(request.order_id, call))

    @read()
    async def ReadOrderDocument(
        self, request: pb.ReadOrderDocumentRequest, call: Call
    ) -> pb.OrderDocumentFile:
        documents = await self._documents(request.order_id, call)
        return await self._file(_one(documents, request.document_id), request.format)

    @read(public=True)
    async def ListLinkedOrderDocuments(
        self, request: pb.ListLinkedOrderDocumentsRequest, call: Call
    ) -> pb.ListOrderDocumentsResponse:
        async with call.read() as found:
            order_id = await get_accessed_order_id(found, request.access_token)
            return _listed(await find_order_documents(found, order_id))

    @read(public=True)
    async def ReadLinkedOrderDocument(
        self, request: pb.ReadLinkedOrderDocumentRequest, call: Call
    ) -> pb.OrderDocumentFile:
        async with call.read() as found:
            order_id = await get_accessed_order_id(found, request.access_token)
            documents = await find_order_documents(found, order_id)
        return await self._file(_one(documents, request.document_id), request.format)

    @read(scope=_READ)
    async def ListDocuments(
        self, request: pb.ListDocumentsRequest, call: Call
    ) -> pb.ListDocumentsResponse:
        wanted = wire.filter_from_proto(request)
        position = position_of(request.page.token, length=1)
        before = parse_id_or(str(position[0]), DocumentNotFound()) if position else None
        size = size_of(request.page.size, default=50)
        async with call.read() as found:
            documents = await list_documents(found, wanted, before=before, limit=size + 1)
        token = token_of([documents[size - 1].id]) if len(documents) > size else ""
        return pb.ListDocumentsResponse(
            documents=map(wire.document_to_proto, documents[:size]), next_page_token=token
        )

    @read(scope=_READ)
    async def ReadDocument(
        self, request: pb.ReadDocumentRequest, call: Call
    ) -> pb.OrderDocumentFile:
        document_id = parse_id_or(request.document_id, DocumentNotFound())
        async with call.read() as found:
            document = await get_document(found, document_id)
        return await self._file(document, request.format)

    @read(public=True)
    async def ReadMailedDocument(
        self, request: pb.ReadMailedDocumentRequest, call: Call
    ) -> pb.OrderDocumentFile:
        async with call.read() as found:
            document = await get_document(found, await get_linked_document_id(found, request.token))
        return await self._file(document, request.format)

    @write(scope=_WRITE, needs_key=True)
    async def ResendDocument(
        self, request: pb.ResendDocumentRequest, call: Call
    ) -> pb.OrderDocument:
        document_id = parse_id_or(request.document_id, DocumentNotFound())
        async with call.tx() as tx:
            document = await resend_document(tx, document_id, caller=call.caller)
        return wire.document_to_proto(document)

    @read(scope=_READ)
    async def ReadProForma(
        self, request: pb.ReadProFormaRequest, call: Call
    ) -> pb.OrderDocumentFile:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            content = await read_pro_forma(found, order_id, self.database.clock.now())
        pdf = await asyncio.to_thread(render_pro_forma, content)
        return wire.print_to_proto(f"pro-forma-{content.number}", pdf)

    @read(scope=_READ_ORDERS)
    async def ReadPackingSlip(
        self, request: pb.ReadPackingSlipRequest, call: Call
    ) -> pb.OrderDocumentFile:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        shipment_id = parse_id_or(request.shipment_id, ShipmentNotFound())
        async with call.read() as found:
            slip = await read_packing_slip(found, order_id, shipment_id)
        pdf = await asyncio.to_thread(render_packing_slip, slip)
        return wire.print_to_proto(f"packing-slip-{slip.order_number}-{slip.parcel}", pdf)

    async def _documents(self, order_id_text: str, call: Call) -> list[OrderDocument]:
        """Returns the documents of an order that the caller may read. Raises OrderNotFound."""
        order_id = parse_id_or(order_id_text, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
            if order is None or not (call.caller.has(_READ) or order.owner_id in buyer_ids):
                raise OrderNotFound
            return await find_order_documents(found, order_id)

    async def _file(self, document: OrderDocument, format: int) -> pb.OrderDocumentFile:
        file = await read_file(self.database, document, wire.FORMATS.decode(format))
        return wire.file_to_proto(document, file)


def _one(documents: list[OrderDocument], document_id_text: str) -> OrderDocument:
    document_id: UUID = parse_id_or(document_id_text, DocumentNotFound())
    for each in documents:
        if each.id == document_id:
            return each
    raise DocumentNotFound


def _listed(documents: list[OrderDocument]) -> pb.ListOrderDocumentsResponse:
    return pb.ListOrderDocumentsResponse(documents=map(wire.document_to_proto, documents))
