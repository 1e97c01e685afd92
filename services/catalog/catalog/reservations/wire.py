"""Reservations as messages."""

from collections.abc import Iterable
from typing import Final

from catalog.reservations.model import Reservation, ReservationStatus, quantities
from catalog.stock.model import Allocation
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import catalog_pb2 as pb

_STATUSES: Final = EnumCodec(pb.ReservationStatus, ReservationStatus)


def encode_reservation(reservation: Reservation, lines: Iterable[Allocation]) -> pb.Reservation:
    return pb.Reservation(
        id=str(reservation.id),
        status=_STATUSES.encode(reservation.status),
        lines=[
            pb.StockLine(variant_id=str(variant_id), quantity=quantity)
            for variant_id, quantity in quantities(lines).items()
        ],
        expires_at=timestamp(reservation.expires_at),
    )
