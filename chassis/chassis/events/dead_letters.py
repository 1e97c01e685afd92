"""Dead letters and skipped rows of a service, listed and redriven by gRPC and by command."""

import contextlib
from datetime import datetime
from typing import Final

from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.isolation import SkippedRow
from chassis.events.broker import Broker, dead_letters_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.common.v1 import dead_letters_pb2 as pb
from sojourn.common.v1 import dead_letters_pb2_grpc as pb_grpc

_MOST: Final = 200


async def list_letters(
    broker: Broker, service: str, *, after: int = 0, limit: int = 50
) -> list[pb.DeadLetter]:
    """The service's dead letters with a sequence above `after`, oldest first."""
    letters: list[pb.DeadLetter] = []
    while len(letters) < min(limit, _MOST):
        found = await _next(broker, service, after + 1)
        if found is None:
            break
        after = found.seq or 0
        letters.append(_letter(found))
    return letters


async def redrive(broker: Broker, service: str, sequences: list[int]) -> list[int]:
    """Gives letters back to the service's consumer and deletes them here.

    Returns those that were there.

    Published before it is deleted, under an id of its own: a crash between the two redrives again,
    and the inbox handles it once.
    """
    wanted = sequences or [
        letter.sequence for letter in await list_letters(broker, service, limit=_MOST)
    ]
    done: list[int] = []
    for sequence in wanted:
        found = await _next(broker, service, sequence)
        if found is None or found.seq != sequence:
            continue
        headers = {
            name: value
            for name, value in (found.headers or {}).items()
            if not name.startswith(("Sojourn-", "Nats-"))
        }
        headers["Nats-Msg-Id"] = f"redrive-{sequence}"
        if not (type := headers.get("ce-type", "")):
            # A message without a type has no handler to be given to.
            continue
        await broker.jetstream.publish(
            f"redrive.{service}.{type}", found.data or b"", headers=headers
        )
        await broker.jetstream.delete_msg(dead_letters_of(service), sequence)
        done.append(sequence)
    return done


async def _next(broker: Broker, service: str, sequence: int) -> RawStreamMsg | None:
    try:
        return await broker.jetstream.get_msg(
            dead_letters_of(service), sequence, subject=f"dead_letters.{service}", next=True
        )
    except NotFoundError:
        return None


def _letter(found: RawStreamMsg) -> pb.DeadLetter:
    headers = found.headers or {}
    trace = headers.get("traceparent", "").split("-")
    letter = pb.DeadLetter(
        sequence=found.seq or 0,
        event_id=headers.get("ce-id", ""),
        event_type=headers.get("ce-type", ""),
        error=headers.get("Sojourn-Error", ""),
        attempts=_attempts(headers.get("Sojourn-Attempts", "")),
        trace_id=trace[1] if len(trace) == 4 else "",
    )
    if died_at := headers.get("Sojourn-Died-At"):
        with contextlib.suppress(ValueError):
            letter.died_at.FromDatetime(datetime.fromisoformat(died_at))
    return letter


def _attempts(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _skipped_to_proto(row: SkippedRow) -> pb.SkippedRow:
    message = pb.SkippedRow(loop=row.loop, key=row.key, error=row.error, times=row.times)
    message.first_at.FromDatetime(row.first_at)
    message.last_at.FromDatetime(row.last_at)
    return message


class DeadLetterServicer(Servicer, pb_grpc.DeadLetterServiceServicer):
    """Serves the dead letters and the skipped rows of the service that it runs in."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, broker: Broker, service: str
    ) -> None:
        super().__init__(database, verifier)
        self._broker, self._service = broker, service

    @read(scope="dead_letters.read")
    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, call: Call
    ) -> pb.ListDeadLettersResponse:
        letters = await list_letters(
            self._broker,
            self._service,
            after=min(request.after_sequence, 2**63 - 2),
            limit=request.page_size if request.page_size > 0 else 50,
        )
        return pb.ListDeadLettersResponse(dead_letters=letters)

    @write(scope="dead_letters.redrive")
    async def RedriveDeadLetters(
        self, request: pb.RedriveDeadLettersRequest, call: Call
    ) -> pb.RedriveDeadLettersResponse:
        return pb.RedriveDeadLettersResponse(
            sequences=await redrive(self._broker, self._service, list(request.sequences))
        )

    @read(scope="dead_letters.read")
    async def ListSkippedRows(
        self, request: pb.ListSkippedRowsRequest, call: Call
    ) -> pb.ListSkippedRowsResponse:
        await isolation.flush(self.database)
        limit = min(request.page_size, _MOST) if request.page_size > 0 else 50
        async with call.read() as read:
            found = await isolation.skipped_rows(read, loop=request.loop, limit=limit)
        return pb.ListSkippedRowsResponse(skipped_rows=map(_skipped_to_proto, found))
