"""Documents of orders as staff find them, and the legal entities that issue them."""

from typing import Final

from gateway.composed.orders import document_answer
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.documents_pb2_grpc import DocumentServiceServicer
from sojourn.checkout.v1.legal_entities_pb2_grpc import LegalEntityServiceServicer

_READ: Final = staff("documents.read")
_WRITE: Final = staff("documents.write")
_PATH: Final = "/v1/orders/{order_id}/documents"
_LINKED: Final = "/v1/orders/links/documents"
_ENTITY: Final = "/v1/staff/legal-entities/{code}"
_PDF: Final = "application/pdf"
PUBLIC_TEXT: Final = "Invoices and credit notes of orders, for their buyers."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(DocumentServiceServicer.ListOrderDocuments),
        callers=SHOPPER,
        touchpoint="order.documents",
        text="The invoice of an order and its credit notes, oldest first.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{document_id}}",
        rpc=rpc(DocumentServiceServicer.ReadOrderDocument),
        callers=SHOPPER,
        touchpoint="order.document",
        compose=document_answer,
        answer_media=_PDF,
        text="The file of a document, PDF/A-3 or its XML alone: the same bytes ever after, with "
        "their digest as the ETag.",
    ),
    Endpoint(
        method="POST",
        path=_LINKED,
        rpc=rpc(DocumentServiceServicer.ListLinkedOrderDocuments),
        callers=PUBLIC,
        touchpoint="order.documents",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="The documents of the order of an access token. The token is a secret, and so is "
        "posted.",
    ),
    Endpoint(
        method="POST",
        path=f"{_LINKED}/{{document_id}}",
        rpc=rpc(DocumentServiceServicer.ReadLinkedOrderDocument),
        callers=PUBLIC,
        touchpoint="order.document",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        compose=document_answer,
        answer_media=_PDF,
        text="The file of a document of the order of an access token.",
    ),
    Endpoint(
        method="POST",
        path="/v1/orders/links/mailed-document",
        rpc=rpc(DocumentServiceServicer.ReadMailedDocument),
        callers=PUBLIC,
        touchpoint="order.document",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        compose=document_answer,
        answer_media=_PDF,
        text="The file of the document of a mailed link, as often as you ask until the link ends.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/documents",
        rpc=rpc(DocumentServiceServicer.ListDocuments),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Documents of all orders, newest first, also those of one legal entity, kind, number, "
        "order or period.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/documents/{document_id}",
        rpc=rpc(DocumentServiceServicer.ReadDocument),
        callers=_READ,
        touchpoint=None,
        compose=document_answer,
        answer_media=_PDF,
        text="The file of a document.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/documents/{document_id}/resend",
        rpc=rpc(DocumentServiceServicer.ResendDocument),
        callers=_WRITE,
        touchpoint=None,
        text="Mails the buyer a new link to a document.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/orders/{order_id}/pro-forma",
        rpc=rpc(DocumentServiceServicer.ReadProForma),
        callers=_READ,
        touchpoint=None,
        compose=document_answer,
        answer_media=_PDF,
        text="A pro forma invoice of an order that has no invoice yet, as a PDF that says so.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/orders/{order_id}/shipments/{shipment_id}/packing-slip",
        rpc=rpc(DocumentServiceServicer.ReadPackingSlip),
        callers=staff("orders.read"),
        touchpoint=None,
        compose=document_answer,
        answer_media=_PDF,
        text="The packing slip of a shipment as a PDF: goods, quantities and gift messages, "
        "without prices.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/legal-entities",
        rpc=rpc(LegalEntityServiceServicer.ListLegalEntities),
        callers=_WRITE,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Legal entities by code; where none was set, the example that a new shop has.",
    ),
    Endpoint(
        method="GET",
        path=_ENTITY,
        rpc=rpc(LegalEntityServiceServicer.GetLegalEntity),
        callers=_WRITE,
        touchpoint=None,
        text="A legal entity.",
    ),
    Endpoint(
        method="PUT",
        path=_ENTITY,
        rpc=rpc(LegalEntityServiceServicer.PutLegalEntity),
        callers=_WRITE,
        touchpoint=None,
        body="legal_entity",
        paths={"code": "legal_entity.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a legal entity by its code: who sells in which channels, when "
        "invoices are issued and how they are numbered. Documents that were issued stay.",
    ),
    Endpoint(
        method="DELETE",
        path=_ENTITY,
        rpc=rpc(LegalEntityServiceServicer.DeleteLegalEntity),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a legal entity that issued no document. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/legal-entities/import",
        rpc=rpc(LegalEntityServiceServicer.ImportLegalEntities),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        most_bytes=1024 * KIB,
        text="Creates or replaces legal entities by code, all or none; a repeat changes nothing.",
    ),
)
