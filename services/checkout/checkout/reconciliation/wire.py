"""Findings as a protobuf message."""

from checkout.reconciliation.model import Findings
from sojourn.checkout.v1 import checkout_pb2 as pb


def findings_to_proto(found: Findings) -> pb.ReconcileResponse:
    return pb.ReconcileResponse(
        stuck_orders=found.stuck_orders,
        paid_without_order=found.paid_without_order,
        reservations_without_order=found.reservations_without_order,
    )
