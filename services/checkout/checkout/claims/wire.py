"""Requests for claims as values."""

from uuid import UUID

from chassis.money import Money
from chassis.rpc.ids import parse_id_or
from checkout.claims.messages import CLAIM_PROBLEMS, CLAIM_SETTLEMENTS
from checkout.claims.model import SettleClaim, WantedClaimLine
from checkout.errors.after_sale import ClaimNotFound
from checkout.errors.orders import OrderLineNotFound
from checkout.orders.messages import REFUND_DESTINATIONS
from checkout.payments.refunds import RefundDestination
from checkout.returns.model import ReturnLabel
from sojourn.checkout.v1 import claims_pb2 as pb


def lines_from_proto(
    request: pb.OpenClaimRequest | pb.OpenLinkedClaimRequest,
) -> list[WantedClaimLine]:
    return [
        WantedClaimLine(
            parse_id_or(line.order_line_id, OrderLineNotFound()),
            line.quantity,
            CLAIM_PROBLEMS.decode(line.problem),
        )
        for line in request.lines
    ]


def settlement_from_proto(request: pb.SettleClaimRequest) -> SettleClaim:
    """Raises UnknownCurrency, AmountTooLarge."""
    label = request.label
    found = ReturnLabel(label.url, label.carrier, label.tracking_number)
    return SettleClaim(
        claim_id=parse_id_or(request.claim_id, ClaimNotFound()),
        settlement=CLAIM_SETTLEMENTS.decode(request.settlement),
        amount=Money.from_proto(request.amount) if request.HasField("amount") else None,
        destination=REFUND_DESTINATIONS.decode(request.destination)
        if request.destination
        else RefundDestination.ORIGINAL,
        variants={
            parse_id_or(line.order_line_id, OrderLineNotFound()): UUID(line.variant_id)
            for line in request.lines
        },
        return_reason=request.return_reason,
        label=found if found != ReturnLabel() else None,
        shop_note=request.shop_note,
        expected_version=request.expected_version,
    )
