"""Labels of shipments as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from checkout.shipment_labels.model import LabelFile, LabelStatus, ShipmentLabel
from sojourn.checkout.v1 import documents_pb2
from sojourn.checkout.v1 import shipment_labels_pb2 as pb

_STATUSES: Final = EnumCodec(pb.ShipmentLabelStatus, LabelStatus)
_ENDINGS: Final = {"application/pdf": "pdf", "image/png": "png"}


def label_to_proto(label: ShipmentLabel) -> pb.ShipmentLabel:
    return pb.ShipmentLabel(
        id=str(label.id),
        shipment_id=str(label.shipment_id),
        status=_STATUSES.encode(label.status),
        tracking_number=label.tracking_number,
        created_at=timestamp(label.created_at),
    )


def label_file_to_proto(label: ShipmentLabel, file: LabelFile) -> documents_pb2.OrderDocumentFile:
    """Returns the file; of a kind that browsers are not to show, as plain bytes."""
    ending = _ENDINGS.get(file.media_type)
    return documents_pb2.OrderDocumentFile(
        name=f"label-{label.tracking_number}.{ending or 'bin'}",
        media_type=file.media_type if ending else "application/octet-stream",
        content=file.content,
        sha256=file.sha256.hex(),
    )
