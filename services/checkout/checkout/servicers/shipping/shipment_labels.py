"""ShipmentLabelService."""

from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.crashes import crash_point
from checkout.errors.orders import OrderNotFound, ShipmentNotFound
from checkout.shipment_labels.actions import request_label, void_label
from checkout.shipment_labels.model import LabelStatus, ShipmentLabel
from checkout.shipment_labels.queries import get_label_file, get_shipment_of
from checkout.shipment_labels.wire import label_file_to_proto, label_to_proto
from checkout.wiring import Components
from sojourn.checkout.v1 import documents_pb2
from sojourn.checkout.v1 import shipment_labels_pb2 as pb
from sojourn.checkout.v1 import shipment_labels_pb2_grpc as pb_grpc

_SCOPE: Final = "orders.write"


class ShipmentLabelServicer(Servicer, pb_grpc.ShipmentLabelServiceServicer):
    """Labels of shipments for staff.

    A call is idempotent by its shipment, so that no reply is stored.
    """

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components
        self._lease_seconds = components.settings.resume_after_seconds

    @write(scope=_SCOPE)
    async def CreateShipmentLabel(
        self, request: pb.CreateShipmentLabelRequest, call: Call
    ) -> pb.ShipmentLabel:
        async with self.database.tx() as tx:
            label = await request_label(
                tx,
                _order_id(request.order_id),
                _shipment_id(request.shipment_id),
                self._components.carriers,
                caller=call.caller,
                lease_seconds=self._lease_seconds,
            )
        return label_to_proto(await self._complete(label))

    @read(scope=_SCOPE)
    async def ReadShipmentLabel(
        self, request: pb.ReadShipmentLabelRequest, call: Call
    ) -> documents_pb2.OrderDocumentFile:
        shipment_id = _shipment_id(request.shipment_id)
        async with call.read() as found:
            await get_shipment_of(found, _order_id(request.order_id), shipment_id)
            label, file = await get_label_file(found, shipment_id)
        return label_file_to_proto(label, file)

    @write(scope=_SCOPE)
    async def VoidShipmentLabel(
        self, request: pb.VoidShipmentLabelRequest, call: Call
    ) -> pb.ShipmentLabel:
        label = await self._void(request, call)
        if label.status is LabelStatus.READY:
            # It was still to be made, and only a label that is there can be taken back.
            label = await self._void(request, call)
        return label_to_proto(label)

    async def _void(self, request: pb.VoidShipmentLabelRequest, call: Call) -> ShipmentLabel:
        async with self.database.tx() as tx:
            label = await void_label(
                tx,
                _order_id(request.order_id),
                _shipment_id(request.shipment_id),
                caller=call.caller,
                lease_seconds=self._lease_seconds,
            )
        return await self._complete(label)

    async def _complete(self, label: ShipmentLabel) -> ShipmentLabel:
        crash_point("after:label:commit")
        return await self._components.labels.complete(label.id)


def _order_id(text: str) -> UUID:
    return parse_id_or(text, OrderNotFound())


def _shipment_id(text: str) -> UUID:
    return parse_id_or(text, ShipmentNotFound())
