"""Settings for what follows a sale as messages, and messages as values."""

from typing import Final

from chassis import postal_addresses
from chassis.rpc.wire import EnumCodec
from checkout.after_sale.model import (
    RETURN_DAYS,
    RETURN_PICTURES,
    AfterSaleSettings,
    DeliveryRefund,
    ExchangeShipping,
)
from sojourn.checkout.v1 import after_sale_pb2 as pb
from sojourn.common.v1 import address_pb2

_EXCHANGE_SHIPPINGS: Final = EnumCodec(pb.ExchangeShipping, ExchangeShipping)
_DELIVERY_REFUNDS: Final = EnumCodec(pb.DeliveryRefund, DeliveryRefund)


def settings_from_proto(message: pb.AfterSaleSettings, channel: str) -> AfterSaleSettings:
    """Returns the settings of a channel."""
    has_limit, refund = message.HasField("cancellation_minutes"), message.delivery_refund
    return AfterSaleSettings(
        channel=channel,
        cancellation_minutes=message.cancellation_minutes if has_limit else None,
        delivery_refund=_DELIVERY_REFUNDS.decode(refund) if refund else DeliveryRefund.WHOLE_ORDER,
        return_days=message.return_days if message.HasField("return_days") else RETURN_DAYS,
        exchange_shipping=_EXCHANGE_SHIPPINGS.decode(message.exchange_shipping)
        if message.exchange_shipping
        else ExchangeShipping.WHEN_RECEIVED,
        return_pictures=message.return_pictures
        if message.HasField("return_pictures")
        else RETURN_PICTURES,
        return_address={
            name: value
            for name in postal_addresses.FIELDS
            if (value := getattr(message.return_address, name))
        },
    )


def settings_to_proto(settings: AfterSaleSettings) -> pb.AfterSaleSettings:
    return pb.AfterSaleSettings(
        channel=settings.channel,
        cancellation_minutes=settings.cancellation_minutes,
        delivery_refund=_DELIVERY_REFUNDS.encode(settings.delivery_refund),
        version=settings.version,
        return_days=settings.return_days,
        return_pictures=settings.return_pictures,
        exchange_shipping=_EXCHANGE_SHIPPINGS.encode(settings.exchange_shipping),
        return_address=address_pb2.Address(**settings.return_address)
        if settings.return_address
        else None,
    )
