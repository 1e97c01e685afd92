"""The back stage of a map: its stages' kinds, and the services behind each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from journey.back_stage.model import Measured, Operation, Role
from journey.maps.model import Stage
from journey.touchpoints.acts import EVENT_OF_REQUEST

MOST_KINDS: Final = 200
MOST_OPERATIONS: Final = 20
# What a service did by itself; calls of its peers and its own parts are within those.
_ANSWERING: Final = frozenset({Role.SERVER, Role.CONSUMER})


@dataclass(slots=True)
class ServiceBehind:
    """A service behind a kind: all that it answered and handled, and its operations."""

    name: str
    total: Measured = field(default_factory=Measured)
    operations: list[tuple[Operation, Measured]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Behind:
    """A kind of touchpoint, its stage or the empty text, and the services behind it."""

    stage: str
    kind: str
    services: Sequence[ServiceBehind]

    @property
    def calls(self) -> int:
        return sum(service.total.calls for service in self.services)


def describe_back_stage(
    stages: Sequence[Stage], operations: Mapping[Operation, Measured]
) -> list[Behind]:
    """Returns what stood behind the kinds of touchpoints, in the order of the stages."""
    by_kind: dict[str, dict[str, ServiceBehind]] = defaultdict(dict)
    for operation, measured in operations.items():
        services = by_kind[operation.kind]
        service = services.setdefault(operation.service, ServiceBehind(operation.service))
        service.operations.append((operation, measured))
        if operation.role in _ANSWERING:
            service.total.add(measured)
    stage_of = _stages_of_kinds(stages)
    found = [
        Behind(_stage_of(kind, stage_of), kind, _sorted_services(services.values()))
        for kind, services in by_kind.items()
    ]
    found.sort(key=lambda one: (-one.calls, one.kind))
    places = {stage.slug: number for number, stage in enumerate(stages)}
    return sorted(found[:MOST_KINDS], key=lambda one: places.get(one.stage, len(places)))


def _sorted_services(services: Iterable[ServiceBehind]) -> list[ServiceBehind]:
    found = sorted(services, key=lambda one: (-one.total.quantile_ms(0.95), one.name))
    for service in found:
        service.operations.sort(key=lambda one: (-one[1].calls, one[0].name, one[0].role))
        del service.operations[MOST_OPERATIONS:]
    return found


def _stages_of_kinds(stages: Sequence[Stage]) -> dict[str, str]:
    """Returns the first stage whose rules name each kind."""
    found: dict[str, str] = {}
    for stage in stages:
        for rule in stage.rules:
            for condition in rule.when:
                if condition.field == "kind" and not condition.negated:
                    for kind in condition.any_of:
                        found.setdefault(kind, stage.slug)
    return found


def _stage_of(kind: str, stage_of: Mapping[str, str]) -> str:
    """Returns the stage of a kind; of a request, that of the event of its success too."""
    events: Mapping[str, str] = {**EVENT_OF_REQUEST}
    return stage_of.get(kind) or stage_of.get(events.get(kind, ""), "")
