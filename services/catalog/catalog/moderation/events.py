"""States of what customers write, as events and messages hold them."""

from typing import Final

from catalog.moderation.model import ModerationStatus
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import reviews_pb2

STATUSES: Final = EnumCodec(reviews_pb2.ModerationStatus, ModerationStatus)
