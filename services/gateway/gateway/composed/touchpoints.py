"""Touchpoints of front ends: each is validated by itself, so that a bad one fails alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import Field, ValidationError, WrapValidator
from starlette.responses import Response

from chassis.campaigns import UTM, fold_campaign
from chassis.text import InvalidText
from gateway.contracts.encoding import render
from gateway.contracts.fields import Time
from gateway.contracts.models import ContractModel, model_of
from gateway.contracts.texts import normalize
from gateway.devices import device_of
from gateway.endpoints.answers import json_answer
from gateway.endpoints.exchange import Exchange
from gateway.endpoints.field_errors import errors_of, field_error, steps_of
from gateway.http.problems import FieldError, MalformedRequest
from gateway.touchpoints.of_requests import CONSENTS
from sojourn.journey.v1 import exports_pb2
from sojourn.journey.v1 import journey_pb2 as pb

BEACON_TOUCHPOINT: Final = model_of(pb.BeaconTouchpoint.DESCRIPTOR)
MOST_TOUCHPOINTS: Final = 50


@dataclass(frozen=True, slots=True)
class Rejected:
    """A touchpoint that makes no sense, by what is wrong with it."""

    errors: list[FieldError]

    @property
    def first(self) -> FieldError:
        return self.errors[0]


def _read(value: Any, handler: Callable[[Any], ContractModel]) -> ContractModel | Rejected:
    try:
        return handler(normalize(value))
    except InvalidText as error:
        place = steps_of(error.metadata.get("path", ""))
        return Rejected([field_error(place, error.reason, error.message)])
    except ValidationError as error:
        return Rejected(errors_of(error, (), BEACON_TOUCHPOINT))


if TYPE_CHECKING:
    OneTouchpoint = ContractModel | Rejected
else:
    OneTouchpoint = Annotated[BEACON_TOUCHPOINT, WrapValidator(_read)]


class BeaconBody(ContractModel):
    """Touchpoints of a front end, up to 50 at once."""

    reads_texts: ClassVar[bool] = True
    touchpoints: list[OneTouchpoint] = Field(
        min_length=1, max_length=MOST_TOUCHPOINTS, description="1 to 50, in the order of happening"
    )
    sent_at: Time | None = Field(
        default=None,
        description="time of the sender's clock as it sends: by how much it is wrong, the times of "
        "the touchpoints are corrected",
    )

    def arguments(self) -> dict[str, Any]:
        return {}

    @property
    def rejected(self) -> dict[int, Rejected]:
        """Returns those that make no sense, by their index."""
        return {n: each for n, each in enumerate(self.touchpoints) if isinstance(each, Rejected)}


def told_of(body: BeaconBody, now: datetime) -> Iterator[pb.BeaconTouchpoint]:
    """Yields the good touchpoints of a beacon.

    Those without a time happened now, a microsecond apart, so that they keep their order. A wrong
    clock is corrected by the time at which it says the beacon was sent.
    """
    error = now - body.sent_at if body.sent_at is not None else timedelta()
    at = Timestamp()
    at.FromDatetime(now)
    first = at.ToMicroseconds()
    for number, given in enumerate(body.touchpoints):
        if isinstance(given, Rejected):
            continue
        touchpoint = pb.BeaconTouchpoint(**given.arguments())
        if not touchpoint.HasField("occurred_at"):
            touchpoint.occurred_at.FromMicroseconds(first + number)
        elif error:
            corrected = touchpoint.occurred_at.ToMicroseconds() + error // timedelta(microseconds=1)
            # What came at the end of the wrong clock's own time is not later than now.
            touchpoint.occurred_at.FromMicroseconds(min(corrected, first + number))
        for name in UTM:
            if text := getattr(touchpoint, name):
                setattr(touchpoint, name, fold_campaign(text))
        yield touchpoint


async def prepare_beacon(exchange: Exchange[pb.RecordTouchpointsRequest]) -> None:
    """Adds visitor, session, consent, and the touchpoints that make sense.

    Raises MalformedRequest where none does.
    """
    body, context, message = exchange.body, exchange.context, exchange.message
    assert isinstance(body, BeaconBody)
    rejected = body.rejected
    if len(rejected) == len(body.touchpoints):
        raise MalformedRequest(
            [
                FieldError(**{**error, "pointer": f"/body/touchpoints/{n}{error['pointer']}"})
                for n, each in rejected.items()
                for error in each.errors
            ]
        )
    message.visitor_id, message.session_id = context.visitor_id, context.session_id
    message.consent = CONSENTS[context.consent]
    message.device = device_of(exchange.request.scope)
    message.touchpoints.extend(told_of(body, exchange.request.app.state.clock.now()))


async def beacon_answer(
    exchange: Exchange[pb.RecordTouchpointsRequest], reply: pb.RecordTouchpointsResponse
) -> Response:
    """Returns how many were stored, and those that were not, as the client counts them."""
    body = exchange.body
    assert isinstance(body, BeaconBody)
    if rejected := body.rejected:
        # The service counts those that it got; the client counts those that it sent.
        places = [number for number in range(len(body.touchpoints)) if number not in rejected]
        later = [
            pb.RejectedTouchpoint(index=places[each.index], field=each.field, reason=each.reason)
            for each in reply.rejected
        ]
        own = [_rejection(number, each.first) for number, each in rejected.items()]
        del reply.rejected[:]
        reply.rejected.extend(sorted([*own, *later], key=lambda each: each.index))
    return json_answer(render(reply), status=202)


def _rejection(index: int, error: FieldError) -> pb.RejectedTouchpoint:
    field = error["pointer"].removeprefix("/").replace("/", ".")
    return pb.RejectedTouchpoint(index=index, field=field, reason=error["code"])


async def prepare_withdrawal(exchange: Exchange[pb.WithdrawConsentRequest]) -> None:
    """Adds the visitor."""
    exchange.message.visitor_id = exchange.context.visitor_id


async def export_part_answer(
    exchange: Exchange[exports_pb2.GetExportPartRequest], reply: exports_pb2.ExportPart
) -> Response:
    """Returns a part of an export's file as it is."""
    is_parquet = reply.format == exports_pb2.EXPORT_FORMAT_PARQUET
    name = f"touchpoints-{exchange.message.number}.{'parquet' if is_parquet else 'csv'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(reply.content, media_type="application/octet-stream", headers=headers)
