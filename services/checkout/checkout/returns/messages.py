"""Returns as protobuf messages, in replies and in events."""

from typing import Final

from chassis.quantity import Quantity
from chassis.rpc import wire
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.orders.messages import REFUND_DESTINATIONS, address_to_proto
from checkout.orders.model import OrderLine
from checkout.orders.view import OrderView
from checkout.returns.model import (
    ReceivedUnits,
    Return,
    ReturnCondition,
    ReturnLine,
    ReturnStatus,
)
from sojourn.checkout.v1 import return_pb2 as pb

RETURN_STATUSES: Final = EnumCodec(pb.ReturnStatus, ReturnStatus)
RETURN_CONDITIONS: Final = EnumCodec(pb.ReturnCondition, ReturnCondition)


def return_to_proto(found: Return, view: OrderView) -> pb.Return:
    currency, label = view.order.currency, found.label
    lines = {line.id: line for line in view.lines}
    is_sent = found.status not in (ReturnStatus.REQUESTED, ReturnStatus.REJECTED)
    return pb.Return(
        id=str(found.id),
        order_id=str(found.order_id),
        order_number=view.order.number or "",
        status=RETURN_STATUSES.encode(found.status),
        version=found.version,
        lines=[_line_to_proto(line, lines[line.order_line_id], currency) for line in found.lines],
        note=found.note,
        shop_note=found.shop_note,
        label=pb.ReturnLabel(
            url=label.url, carrier=label.carrier, tracking_number=label.tracking_number
        )
        if label
        else None,
        return_address=address_to_proto(found.return_address)
        if found.return_address and is_sent
        else None,
        goods=money(found.goods_minor, currency),
        delivery=money(found.delivery_minor, currency),
        deduction=money(found.deduction_minor, currency),
        deduction_reason=found.deduction_reason,
        refunded=money(found.refunded_minor, currency),
        voided=money(found.voided_minor, currency),
        created_at=timestamp(found.created_at),
        received_at=timestamp(found.received_at),
        locale=view.order.locale,
        replacement_order_id=str(found.replacement_order_id or ""),
        exchanged=money(found.exchanged_minor, currency),
        refund_to=REFUND_DESTINATIONS.encode(found.refund_to),
    )


def _line_to_proto(line: ReturnLine, order_line: OrderLine, currency: str) -> pb.ReturnLine:
    start = line.received[0].start if line.received else 0
    return pb.ReturnLine(
        order_line_id=str(line.order_line_id),
        item=wire.line_item(order_line.item(currency).part(start, start + line.quantity)),
        reason=line.reason,
        reason_title=line.reason_title,
        replacement_variant_id=str(line.replacement_variant_id or ""),
        received=[_units_to_proto(each, order_line) for each in line.received],
    )


def _units_to_proto(each: ReceivedUnits, line: OrderLine) -> pb.ReceivedUnits:
    quantity = Quantity(each.end - each.start, line.scale, line.increment, line.unit_code)
    return pb.ReceivedUnits(
        quantity=wire.quantity(quantity),
        condition=RETURN_CONDITIONS.encode(each.condition),
        restocked=each.is_restocked,
        warehouse=each.warehouse,
    )
