"""Claims as protobuf messages, in replies and in events."""

from typing import Final

from chassis.rpc import wire
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.claims.model import Claim, ClaimProblem, ClaimSettlement, ClaimStatus
from checkout.orders.view import OrderView
from sojourn.checkout.v1 import claim_pb2 as pb

CLAIM_STATUSES: Final = EnumCodec(pb.ClaimStatus, ClaimStatus)
CLAIM_PROBLEMS: Final = EnumCodec(pb.ClaimProblem, ClaimProblem)
CLAIM_SETTLEMENTS: Final = EnumCodec(pb.ClaimSettlement, ClaimSettlement)


def claim_to_proto(claim: Claim, view: OrderView) -> pb.Claim:
    currency = view.order.currency
    items = {line.id: line.item(currency) for line in view.lines}
    return pb.Claim(
        id=str(claim.id),
        order_id=str(claim.order_id),
        order_number=view.order.number or "",
        status=CLAIM_STATUSES.encode(claim.status),
        version=claim.version,
        lines=[
            pb.ClaimLine(
                order_line_id=str(line.order_line_id),
                item=wire.line_item(items[line.order_line_id].part(0, line.quantity)),
                problem=CLAIM_PROBLEMS.encode(line.problem),
            )
            for line in claim.lines
        ],
        note=claim.note,
        shop_note=claim.shop_note,
        settlement=CLAIM_SETTLEMENTS.encode(claim.settlement)
        if claim.settlement
        else pb.CLAIM_SETTLEMENT_UNSPECIFIED,
        replacement_order_id=str(claim.replacement_order_id or ""),
        return_id=str(claim.return_id or ""),
        refunded=money(claim.refunded_minor, currency),
        voided=money(claim.voided_minor, currency),
        created_at=timestamp(claim.created_at),
        settled_at=timestamp(claim.settled_at),
    )
