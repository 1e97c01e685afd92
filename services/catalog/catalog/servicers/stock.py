"""The edge of timed reservations."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from catalog.directory import Directory
from catalog.errors import InvalidReservation, ReservationNotFound
from catalog.reservations import model as reservations
from catalog.reservations.actions import (
    Held,
    Restock,
    ServedBy,
    confirm_reservation,
    release_reservation,
    reserve,
    restock_reservation,
)
from catalog.reservations.model import Reservation
from catalog.reservations.wire import encode_reservation
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc


class StockServicer(Servicer, pb_grpc.StockServiceServicer):
    """Timed reservations.

    Each call is idempotent by the reservation's id, so that no reply is stored.
    """

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @write(scope="stock.reserve")
    async def Reserve(self, request: pb.ReserveRequest, call: Call) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        lines = [
            (parse_id(line.variant_id, "lines.variant_id"), line.quantity) for line in request.lines
        ]
        expires_at = _time(request.expires_at)
        async with call.tx(stores_reply=False) as tx:
            context = await self._directory.context(tx)
            held = await reserve(
                tx,
                context,
                reservation_id,
                lines,
                expires_at=expires_at,
                served_by=ServedBy(request.channel, request.pickup_location),
            )
        return _to_proto(held)

    @write(scope="stock.reserve")
    async def ConfirmReservation(
        self, request: pb.ConfirmReservationRequest, call: Call
    ) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        async with call.tx(stores_reply=False) as tx:
            held = await confirm_reservation(tx, reservation_id)
        return _to_proto(held)

    @write(scope="stock.reserve")
    async def ReleaseReservation(
        self, request: pb.ReleaseReservationRequest, call: Call
    ) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        async with call.tx(stores_reply=False) as tx:
            context = await self._directory.context(tx)
            held = await release_reservation(tx, context, reservation_id, restock=request.restock)
        return _to_proto(held)

    @write(scope="stock.reserve")
    async def RestockReservation(
        self, request: pb.RestockReservationRequest, call: Call
    ) -> pb.Reservation:
        restock = Restock(
            id=parse_id(request.restock_id, "restock_id"),
            reservation_id=parse_id(request.reservation_id, "reservation_id"),
            lines=[
                (parse_id(line.variant_id, "lines.variant_id"), line.quantity)
                for line in request.lines
            ],
            is_return=request.reason == pb.RESTOCK_REASON_RETURN,
            warehouse=request.warehouse,
        )
        async with call.tx(stores_reply=False) as tx:
            context = await self._directory.context(tx)
            held = await restock_reservation(tx, context, restock)
        return _to_proto(held)

    @read(scope="stock.reserve")
    async def GetReservation(self, request: pb.GetReservationRequest, call: Call) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        async with call.read() as read:
            reservation = await read.get(Reservation, reservation_id)
            if reservation is None:
                raise ReservationNotFound(reservation_id=reservation_id)
            lines = await reservations.lines_of(read, [reservation_id])
        return encode_reservation(reservation, lines[reservation_id])

    @read(scope="stock.reserve")
    async def ListHeldReservations(
        self, request: pb.ListHeldReservationsRequest, call: Call
    ) -> pb.ListHeldReservationsResponse:
        async with call.read() as read:
            before = (
                _time(request.made_before)
                if request.HasField("made_before")
                else datetime.max.replace(tzinfo=UTC)
            )
            limit = request.limit or 100
            held = await reservations.list_held_reservations(read, made_before=before, limit=limit)
            lines = await reservations.lines_of(read, [reservation.id for reservation in held])
        return pb.ListHeldReservationsResponse(
            reservations=[
                encode_reservation(reservation, lines[reservation.id]) for reservation in held
            ]
        )


def _to_proto(held: Held) -> pb.Reservation:
    return encode_reservation(held.reservation, held.lines)


def _time(stamp: Timestamp) -> datetime:
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise InvalidReservation("a time is between the years 1 and 9999") from None
