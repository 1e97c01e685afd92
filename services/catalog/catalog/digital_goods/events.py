"""Events of digital goods."""

from collections.abc import Sequence
from datetime import datetime

from catalog.digital_goods.download_tokens import DownloadTicket, sign_download
from catalog.digital_goods.queries import DeliveredGood
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import digital_events_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2


def digital_goods_delivered(
    order: checkout_pb2.Order, goods: Sequence[DeliveredGood], *, key: bytes, expires_at: datetime
) -> pb.DigitalGoodsDelivered:
    """Returns the event of a delivery; its links are signed with `key`."""
    return pb.DigitalGoodsDelivered(
        order_id=order.id,
        number=order.number,
        owner_id=order.owner_id,
        email=order.email,
        first_name=order.delivery_address.first_name,
        locale=order.locale,
        channel=order.channel,
        checkout_id=order.checkout_id,
        goods=[
            pb.MailedGood(
                sku=good.delivery.sku,
                title=good.delivery.title,
                options=good.delivery.options,
                licence_keys=[each.value for each in good.keys],
                files=[
                    pb.MailedFile(
                        name=file.name,
                        size_bytes=file.size_bytes,
                        token=sign_download(
                            DownloadTicket(good.delivery.order_id, file.id, expires_at), key
                        ),
                    )
                    for file in good.files
                ],
            )
            for good in goods
        ],
        links_expire_at=timestamp(expires_at),
    )
