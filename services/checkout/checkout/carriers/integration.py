"""Port to carriers.

A merchant's package adds one through the entry point group `sojourn.carriers`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Final, Protocol, runtime_checkable

from checkout.tracking.model import ParcelStatus

GROUP: Final = "sojourn.carriers"


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """News of a parcel from its carrier. `occurred_at` is aware; texts may be empty.

    `id` is the carrier's, and the same in each repeat. A delivery may have its proof: the name of
    who took the parcel, and a reference of a picture or signature.
    """

    id: str
    tracking_number: str
    status: ParcelStatus
    occurred_at: datetime
    place: str = ""
    country: str = ""
    note: str = ""
    signed_by: str = field(default="", repr=False)
    picture_reference: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A parcel to make a label for.

    `key` is the idempotency key. The receiver is by the field names of `common.v1.Address`; parcels
    leave the place that the shop has agreed with the carrier, in `origin_country`. With an
    `ioss_number` the tax of their import into the EU is paid under it: the customs ask for it.
    """

    key: str
    order_number: str
    weight_grams: int
    origin_country: str
    receiver: Mapping[str, str] = field(repr=False)
    ioss_number: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label as the carrier made it: its id there, and a file of at most 2 MiB."""

    id: str
    tracking_number: str
    media_type: str
    content: bytes = field(repr=False)


class CarrierIntegration(Protocol):
    """A connection to a carrier."""

    @property
    def name(self) -> str: ...

    def verify_webhook(self, body: bytes, signature: str) -> Sequence[CarrierEvent]:
        """Returns the events of a webhook.

        Raises MalformedWebhook, and WrongSignature also if it is older than 5 minutes.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class LabelMaker(CarrierIntegration, Protocol):
    """A connection to a carrier that makes labels.

    Both calls are idempotent by their key. They raise LabelRefused, and RemoteUnavailable where the
    carrier does not answer: then they are made again.
    """

    async def create_label(self, wanted: LabelRequest) -> Label:
        """Returns a label; a repeat returns the same one."""
        ...

    async def void_label(self, label_id: str, *, key: str) -> None:
        """Takes a label back that was not used. One that is void already is fine."""
        ...


@dataclass(frozen=True, slots=True)
class CarrierIntegrations:
    """The connections of this process, by name."""

    by_name: Mapping[str, CarrierIntegration]

    def find(self, name: str) -> CarrierIntegration | None:
        """Returns the connection of a name."""
        return self.by_name.get(name)

    async def close(self) -> None:
        """Closes all."""
        for integration in self.by_name.values():
            await integration.close()


def connect_carriers(names: str, *, timeout_seconds: float) -> CarrierIntegrations:
    """Connects the carriers of names that are separated by commas; none for an empty text.

    Raises LookupError for a name that is not installed.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    return CarrierIntegrations({name: _connect(name, timeout_seconds) for name in wanted})


def _connect(name: str, timeout_seconds: float) -> CarrierIntegration:
    for point in entry_points(group=GROUP, name=name):
        factory: Callable[[float], CarrierIntegration] = point.load()
        return factory(timeout_seconds)
    raise LookupError(f"no carrier {name!r} is installed")
