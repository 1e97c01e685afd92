"""Exports of orders: messages and values."""

from datetime import UTC
from typing import Final

from chassis.rpc.wire import EnumCodec
from checkout.order_exports.model import ExportKind, ExportOptions, JournalAccounts
from checkout.orders.messages import ORDER_STATUSES
from sojourn.checkout.v1 import order_exports_pb2 as pb

_KINDS: Final = EnumCodec(pb.OrderExportKind, ExportKind)


def options_from_proto(request: pb.ExportOrdersRequest) -> ExportOptions:
    return ExportOptions(
        kind=_KINDS.decode(request.kind),
        since=request.since.ToDatetime(UTC),
        until=request.until.ToDatetime(UTC),
        channel=request.channel,
        currency=request.currency,
        status=ORDER_STATUSES.decode(request.status) if request.status else None,
        tag=request.tag,
    )


def accounts_from_proto(message: pb.JournalAccounts, channel: str) -> JournalAccounts:
    return JournalAccounts(channel=channel, accounts=dict(message.accounts))


def accounts_to_proto(accounts: JournalAccounts) -> pb.JournalAccounts:
    return pb.JournalAccounts(
        channel=accounts.channel, accounts=accounts.accounts, version=accounts.version
    )
