"""Digital goods as messages, and back."""

from datetime import datetime
from typing import Final

from catalog.digital_goods.actions import DigitalGoodDraft
from catalog.digital_goods.download_tokens import DownloadTicket, sign_download
from catalog.digital_goods.model import DigitalFile, LicenceKey, LicenceKeyStatus
from catalog.digital_goods.queries import DeliveredGood, KeptGood
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import digital_goods_pb2 as pb

STATUSES: Final = EnumCodec(pb.LicenceKeyStatus, LicenceKeyStatus)


def decode_digital_good(request: pb.PutDigitalGoodRequest) -> DigitalGoodDraft:
    return DigitalGoodDraft(
        request.sku,
        request.needs_keys,
        request.download_limit,
        request.download_days,
        request.low_keys_at_most,
    )


def encode_digital_good(kept: KeptGood) -> pb.DigitalGood:
    good, keys = kept.good, kept.keys
    return pb.DigitalGood(
        sku=kept.sku,
        variant_id=str(good.variant_id),
        needs_keys=good.needs_keys,
        download_limit=good.download_limit,
        download_days=good.download_days,
        low_keys_at_most=good.low_keys_at_most,
        free_keys=keys.get(LicenceKeyStatus.FREE, 0),
        given_keys=keys.get(LicenceKeyStatus.ASSIGNED, 0) + keys.get(LicenceKeyStatus.DELIVERED, 0),
        files=map(encode_file, kept.files),
        updated_at=timestamp(good.updated_at),
        version=good.version,
    )


def encode_file(file: DigitalFile) -> pb.DigitalFile:
    return pb.DigitalFile(
        id=str(file.id),
        name=file.name,
        size_bytes=file.size_bytes,
        parts=file.parts,
        complete=file.is_complete,
        created_at=timestamp(file.created_at),
    )


def encode_licence_key(key: LicenceKey) -> pb.LicenceKey:
    """Returns a key without its secret."""
    return pb.LicenceKey(
        id=str(key.id),
        ending=key.ending,
        status=STATUSES.encode(key.status),
        order_id=str(key.order_id or ""),
        created_at=timestamp(key.created_at),
        delivered_at=timestamp(key.delivered_at),
        revoked_at=timestamp(key.revoked_at),
    )


def encode_delivered_good(
    good: DeliveredGood, *, key: bytes, now: datetime, expires_at: datetime
) -> pb.DeliveredGood:
    """Returns what an order brought, with links that are signed with `key`."""
    delivery = good.delivery
    return pb.DeliveredGood(
        sku=delivery.sku,
        title=delivery.title,
        options=delivery.options,
        licence_keys=[each.value for each in good.keys],
        files=[_encode_delivered_file(good, file, key, now, expires_at) for file in good.files],
        delivered_at=timestamp(delivery.delivered_at),
        downloads_end_at=timestamp(delivery.downloads_end_at),
        revoked=delivery.revoked_at is not None,
    )


def _encode_delivered_file(
    good: DeliveredGood, file: DigitalFile, key: bytes, now: datetime, expires_at: datetime
) -> pb.DeliveredFile:
    left = good.downloads_left(file)
    message = pb.DeliveredFile(
        id=str(file.id), name=file.name, size_bytes=file.size_bytes, downloads_left=left
    )
    if left != 0 and good.delivery.may_download(now):
        ends_at = min(expires_at, good.delivery.downloads_end_at or expires_at)
        ticket = DownloadTicket(good.delivery.order_id, file.id, ends_at)
        message.url = f"/v1/downloads/{sign_download(ticket, key)}"
        message.expires_at.FromDatetime(ends_at)
    return message
