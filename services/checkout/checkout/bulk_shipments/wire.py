"""Bulk shipments: messages and values."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from chassis.rpc.wire import EnumCodec
from checkout.bulk_shipments.model import BulkShipmentStatus, RowResult, ShipmentRow
from sojourn.checkout.v1 import bulk_shipments_pb2 as pb

_STATUSES: Final = EnumCodec(pb.BulkShipmentStatus, BulkShipmentStatus)


def rows_from_proto(request: pb.ShipOrdersRequest) -> list[ShipmentRow]:
    return [
        ShipmentRow(
            number=number,
            order_number=row.order_number,
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            tracking_url=row.tracking_url,
            sku=row.sku,
            quantity=row.quantity,
            channel=row.channel,
        )
        for number, row in enumerate(request.rows)
    ]


def results_to_proto(results: Sequence[RowResult]) -> pb.ShipOrdersResponse:
    counts = Counter(each.status for each in results)
    return pb.ShipOrdersResponse(
        results=[
            pb.BulkShipmentResult(
                row=each.row.number,
                order_number=each.row.order_number,
                status=_STATUSES.encode(each.status),
                order_id=str(each.order_id or ""),
                shipment_id=str(each.shipment_id or ""),
                reason=each.reason,
                problem=each.problem,
            )
            for each in results
        ],
        shipped=counts[BulkShipmentStatus.SHIPPED],
        shipped_before=counts[BulkShipmentStatus.SHIPPED_BEFORE],
        refused=counts[BulkShipmentStatus.REFUSED],
    )
