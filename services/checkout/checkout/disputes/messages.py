"""Disputes as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.disputes.model import PaymentDispute
from checkout.payments.provider import DisputeStatus
from sojourn.checkout.v1 import disputes_pb2 as pb

STATUSES: Final = EnumCodec(pb.PaymentDisputeStatus, DisputeStatus)


def dispute_to_proto(dispute: PaymentDispute) -> pb.PaymentDispute:
    return pb.PaymentDispute(
        id=str(dispute.id),
        order_id=str(dispute.order_id),
        payment_id=str(dispute.payment_id),
        provider=dispute.provider,
        provider_dispute_id=dispute.provider_dispute_id,
        status=STATUSES.encode(dispute.status),
        reason=dispute.reason,
        amount=money(dispute.amount_minor, dispute.currency),
        respond_by=timestamp(dispute.respond_by),
        opened_at=timestamp(dispute.opened_at),
    )
