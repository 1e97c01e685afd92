"""Erasures as messages."""

from chassis.rpc.wire import timestamp
from identity.erasures.model import Erasure
from sojourn.identity.v1 import erasures_pb2 as pb


def encode_erasure(erasure: Erasure) -> pb.ErasedAccount:
    return pb.ErasedAccount(
        customer_id=str(erasure.customer_id), erased_at=timestamp(erasure.erased_at)
    )
