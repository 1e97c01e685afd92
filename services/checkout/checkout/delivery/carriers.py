"""Carriers as messages, and messages as carriers."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from checkout.delivery.checks import require
from checkout.delivery.model import DeliveryCarrier
from checkout.errors.delivery import InvalidDeliverySetting
from sojourn.checkout.v1 import delivery_pb2 as pb

_TRACKING_NUMBER: Final = "{tracking_number}"
_PLACES: Final = frozenset({_TRACKING_NUMBER, "{postal_code}", "{language}"})
# Braces that have no place between them are of it too.
_BRACED: Final = re.compile(r"\{[^{}]*\}|[{}]")


def carrier_from_proto(message: pb.DeliveryCarrier, path: str) -> DeliveryCarrier:
    """Returns the carrier of a message. Raises InvalidDeliverySetting."""
    require(message.code, f"{path}.code")
    _require_template(message.tracking_url_template, f"{path}.tracking_url_template")
    return DeliveryCarrier(
        code=message.code,
        titles=dict(sorted(message.titles.items())),
        tracking_url_template=message.tracking_url_template,
        phone_number=message.phone_number,
        email=message.email,
        help_url=message.help_url,
        channels=sorted(message.channels),
        is_disabled=message.disabled,
        integration=message.integration,
    )


def carrier_to_proto(carrier: DeliveryCarrier) -> pb.DeliveryCarrier:
    return pb.DeliveryCarrier(
        code=carrier.code,
        titles=carrier.titles,
        tracking_url_template=carrier.tracking_url_template,
        phone_number=carrier.phone_number,
        email=carrier.email,
        help_url=carrier.help_url,
        channels=carrier.channels,
        disabled=carrier.is_disabled,
        integration=carrier.integration,
        version=carrier.version,
    )


def require_connected(
    drafts: Iterable[tuple[str, DeliveryCarrier]], connected: Collection[str]
) -> None:
    """Raises InvalidDeliverySetting for a carrier of a connection that this process lacks."""
    for path, carrier in drafts:
        if carrier.integration and carrier.integration not in connected:
            field = f"{path}.integration"
            raise InvalidDeliverySetting(path=field, problem="no carrier of CARRIERS")


def _require_template(template: str, path: str) -> None:
    if not template:
        return
    for braced in _BRACED.findall(template):
        if braced not in _PLACES:
            names = ", ".join(sorted(_PLACES))
            raise InvalidDeliverySetting(path=path, problem=f"in braces only {names}")
    host = template.removeprefix("https://").partition("/")[0]
    if "{" in host or _TRACKING_NUMBER not in template:
        problem = f"{_TRACKING_NUMBER} is needed, after the name of the host"
        raise InvalidDeliverySetting(path=path, problem=problem)
