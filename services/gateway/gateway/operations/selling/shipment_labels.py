"""Labels of shipments, made by their carriers."""

from typing import Final

from gateway.composed.orders import document_answer
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import Endpoint, KeyRule
from sojourn.checkout.v1.shipment_labels_pb2_grpc import ShipmentLabelServiceServicer

_PATH: Final = "/v1/staff/orders/{order_id}/shipments/{shipment_id}/label"
_WRITE: Final = staff("orders.write")
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=_PATH,
        rpc=rpc(ShipmentLabelServiceServicer.CreateShipmentLabel),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.NONE,
        text="Has the carrier make the label of a shipment, once; a shipment without a tracking "
        "number takes that of the label. A repeat returns the label.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(ShipmentLabelServiceServicer.ReadShipmentLabel),
        callers=_WRITE,
        touchpoint=None,
        compose=document_answer,
        answer_media="application/pdf, image/png, application/octet-stream",
        text="The file of the label of a shipment.",
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        rpc=rpc(ShipmentLabelServiceServicer.VoidShipmentLabel),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.NONE,
        text="Has the carrier take the label of a shipment back: its file and its tracking number "
        "are gone. A repeat is fine.",
    ),
)
