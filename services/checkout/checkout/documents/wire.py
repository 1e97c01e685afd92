"""Documents as messages, and messages as values."""

import hashlib
from datetime import date
from typing import Final

from chassis.rpc.ids import parse_id_or
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.documents.messages import KINDS
from checkout.documents.model import DocumentFile, DocumentFormat, OrderDocument
from checkout.documents.queries import DocumentFilter
from checkout.errors.documents import InvalidDocumentFilter
from checkout.errors.orders import OrderNotFound
from sojourn.checkout.v1 import documents_pb2 as pb

FORMATS: Final = EnumCodec(pb.DocumentFormat, DocumentFormat, unspecified=DocumentFormat.PDF)
_MEDIA: Final = {DocumentFormat.PDF: "application/pdf", DocumentFormat.XML: "application/xml"}


def document_to_proto(document: OrderDocument) -> pb.OrderDocument:
    content, currency = document.content, document.currency
    return pb.OrderDocument(
        id=str(document.id),
        kind=KINDS.encode(document.kind),
        number=document.number,
        legal_entity=document.legal_entity,
        order_id=str(document.order_id),
        order_number=content.order_number,
        invoice_number=content.invoice.number if content.invoice else "",
        issued_on=document.issued_on.isoformat(),
        issued_at=timestamp(document.issued_at),
        language=content.language,
        net=money(content.net_minor, currency),
        tax=money(content.tax_minor, currency),
        gross=money(content.gross_minor, currency),
        paid=money(content.paid_minor, currency),
        due=money(content.due_minor, currency),
        taxes=[
            pb.DocumentTax(
                category=each.treatment.category,
                rate=f"{each.treatment.rate.normalize():f}",
                base=money(each.base_minor, currency),
                amount=money(each.tax_minor, currency),
                reason=each.treatment.reason,
                reason_code=each.treatment.reason_code,
            )
            for each in content.groups
        ],
    )


def file_to_proto(document: OrderDocument, file: DocumentFile) -> pb.OrderDocumentFile:
    return pb.OrderDocumentFile(
        name=f"{_file_name(document.number)}.{file.format}",
        media_type=_MEDIA[file.format],
        content=file.content,
        sha256=file.sha256.hex(),
    )


def print_to_proto(name: str, pdf: bytes) -> pb.OrderDocumentFile:
    """Returns a PDF that is not stored."""
    return pb.OrderDocumentFile(
        name=f"{_file_name(name)}.pdf",
        media_type=_MEDIA[DocumentFormat.PDF],
        content=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
    )


def _file_name(text: str) -> str:
    return "".join(each if each.isalnum() or each in "-_." else "-" for each in text)


def filter_from_proto(request: pb.ListDocumentsRequest) -> DocumentFilter:
    """Returns what staff look for. Raises InvalidId, InvalidDocumentFilter."""

    def day(name: str) -> date | None:
        text = getattr(request, name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise InvalidDocumentFilter(path=name, problem="no day of the calendar") from None

    return DocumentFilter(
        legal_entity=request.legal_entity,
        kind=KINDS.decode(request.kind) if request.kind else None,
        number=request.number,
        order_id=parse_id_or(request.order_id, OrderNotFound()) if request.order_id else None,
        issued_from=day("issued_from"),
        issued_to=day("issued_to"),
    )
