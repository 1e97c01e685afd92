"""Values as messages hold them: times and amounts of money."""

from datetime import datetime
from typing import overload

from google.protobuf.timestamp_pb2 import Timestamp

from sojourn.common.v1 import money_pb2


@overload
def timestamp(at: datetime) -> Timestamp: ...


@overload
def timestamp(at: None) -> None: ...


@overload
def timestamp(at: datetime | None) -> Timestamp | None: ...


def timestamp(at: datetime | None) -> Timestamp | None:
    """Returns a time as a message holds it; None for None, which leaves the field not set."""
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def money(amount_minor: int, currency: str) -> money_pb2.Money:
    """Returns an amount of minor units as a message holds it."""
    return money_pb2.Money(amount_minor=amount_minor, currency=currency)
