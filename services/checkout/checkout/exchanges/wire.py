"""Requests for exchanges as values."""

from typing import Final
from uuid import UUID

from chassis.rpc.ids import parse_id_or
from chassis.rpc.wire import EnumCodec
from checkout.errors.after_sale import ReturnNotFound
from checkout.errors.orders import OrderLineNotFound
from checkout.exchanges.model import ExchangePricing, ExchangeReturn
from checkout.idempotency import IdempotencyKey, fingerprint_of
from sojourn.checkout.v1 import exchanges_pb2 as pb

_PRICINGS: Final = EnumCodec(pb.ExchangePricing, ExchangePricing)


def exchange_from_proto(
    request: pb.ExchangeReturnRequest, *, caller: str, key: str
) -> ExchangeReturn:
    return ExchangeReturn(
        key=IdempotencyKey(caller, key, fingerprint_of(request)),
        return_id=parse_id_or(request.return_id, ReturnNotFound()),
        variants={
            parse_id_or(line.order_line_id, OrderLineNotFound()): UUID(line.variant_id)
            for line in request.lines
        },
        pricing=_PRICINGS.decode(request.pricing) if request.pricing else ExchangePricing.KEPT,
        method=request.payment_method_id,
        expected_version=request.expected_version,
    )
