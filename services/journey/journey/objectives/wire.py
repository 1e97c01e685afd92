"""Statuses of objectives as messages."""

from collections.abc import Sequence
from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from journey.maps.objectives import ObjectiveKind
from journey.objectives.model import Alarm, Kept, ObjectiveCount
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import map_documents_pb2 as pb

KINDS: Final = EnumCodec(journey_pb2.ObjectiveKind, ObjectiveKind)
ALARMS: Final = EnumCodec(pb.BurnAlarm, Alarm, unspecified=Alarm.NONE)


def encode_objectives(
    map: str, kept: Sequence[Kept], count: ObjectiveCount | None
) -> pb.MapObjectives:
    return pb.MapObjectives(
        map=map,
        objectives=[_encode(one) for one in kept],
        counted_until=timestamp(count.counted_until if count else None),
        counted_since=timestamp(count.counted_since if count else None),
    )


def _encode(one: Kept) -> pb.ObjectiveStatus:
    asked = one.objective
    message = pb.ObjectiveStatus(
        stage=one.stage,
        objective=journey_pb2.StageObjective(
            kind=KINDS.encode(asked.kind),
            target_percent=asked.target_percent,
            window_days=asked.window_days,
            within_ms=asked.within_ms,
            counts_refused=asked.counts_refused,
        ),
        tries=one.whole.tries,
        bad=one.whole.bad,
        budget_left=one.budget_left,
        alarm=ALARMS.encode(one.alarm),
    )
    for window, tries in one.windows.items():
        message.burns.add(
            window=window,
            rate=tries.burn_rate(asked),
            tries=tries.tries,
            bad=tries.bad,
        )
    return message
