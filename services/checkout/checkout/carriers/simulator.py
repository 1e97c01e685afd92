"""A stand-in for a carrier, for test mode and demonstrations.

Its webhooks are signed as those of the payment simulator are, under the same WEBHOOK_SECRET.
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.runtime.clock import real_now
from checkout.carriers.integration import (
    CarrierEvent,
    CarrierIntegration,
    Label,
    LabelRequest,
)
from checkout.documents.rendering.page import font_folder
from checkout.errors.delivery import LabelRefused
from checkout.errors.payments import MalformedWebhook, WrongSignature
from checkout.tracking.model import ParcelStatus

WEBHOOK_MAX_AGE_SECONDS: Final = 300
# Labels to it are refused.
REFUSED_POSTAL_CODE: Final = "00000"
_SIGNATURE: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class CarrierSimulatorSettings(BaseSettings):
    """Names are environment variables in upper case."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    webhook_secret: SecretStr = Field(min_length=1)


class SimulatedCarrier:
    """CarrierIntegration and LabelMaker of test mode.

    A webhook is `{"events": [{"id", "tracking_number", "status", "occurred_at", "place",
    "country", "note", "signed_by", "picture_reference"}]}`; the last five may be missing.
    """

    name: Final = "simulator"

    def __init__(self, settings: CarrierSimulatorSettings) -> None:
        self._secret = settings.webhook_secret.get_secret_value().encode()

    def verify_webhook(self, body: bytes, signature: str) -> Sequence[CarrierEvent]:
        matched = _SIGNATURE.fullmatch(signature)
        if matched is None:
            raise WrongSignature
        at, digest = matched.groups()
        # The carrier signs with real time; our clock may be virtual.
        is_fresh = abs(real_now().timestamp() - int(at)) <= WEBHOOK_MAX_AGE_SECONDS
        if not is_fresh or not hmac.compare_digest(digest, _digest(self._secret, at, body)):
            raise WrongSignature
        try:
            return [_event(each) for each in json.loads(body)["events"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise MalformedWebhook("the body holds no events of the carrier") from None

    async def create_label(self, wanted: LabelRequest) -> Label:
        if wanted.receiver.get("postal_code") == REFUSED_POSTAL_CODE:
            raise LabelRefused(problem="the stand-in does not deliver there")
        digits = int.from_bytes(hashlib.sha256(wanted.key.encode()).digest()[:6], "big") % 10**12
        number = f"SIM{digits:012}"
        content = await asyncio.to_thread(_render, wanted, number)
        return Label(f"label-{number}", number, "application/pdf", content)

    async def void_label(self, label_id: str, *, key: str) -> None:
        """The stand-in keeps no labels: each may be taken back."""

    async def close(self) -> None:
        """There is nothing to close."""


def sign_webhook(secret: str, body: bytes, *, at: int | None = None) -> str:
    """Returns the signature that the stand-in sends with a body at a Unix time, or now."""
    second = str(int(real_now().timestamp()) if at is None else at)
    return f"t={second},v1={_digest(secret.encode(), second, body)}"


def connect(_timeout_seconds: float) -> CarrierIntegration:
    """Connects the stand-in of the environment."""
    return SimulatedCarrier(CarrierSimulatorSettings())  # type: ignore[call-arg]  # the environment gives it


def _render(wanted: LabelRequest, number: str) -> bytes:
    """Returns a label of 100 by 150 mm."""
    page = FPDF(format=(100, 150))
    page.set_creation_date(datetime.fromtimestamp(0, UTC))
    page.add_font("Roboto", "", font_folder() / "Roboto-Regular.ttf")
    page.set_font("Roboto", size=12)
    page.add_page()
    to = wanted.receiver
    lines = (
        "TEST LABEL",
        f"{to.get('first_name', '')} {to.get('last_name', '')}".strip(),
        to.get("street_address", ""),
        to.get("extended_address", ""),
        f"{to.get('postal_code', '')} {to.get('address_locality', '')}".strip(),
        to.get("address_country", ""),
        f"{wanted.order_number} · {wanted.weight_grams} g",
        f"IOSS {wanted.ioss_number}" if wanted.ioss_number else "",
        number,
    )
    for line in lines:
        if line:
            page.multi_cell(80, 8, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(page.output())


def _digest(secret: bytes, at: str, body: bytes) -> str:
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _event(found: Mapping[str, Any]) -> CarrierEvent:
    return CarrierEvent(
        id=str(found["id"]),
        tracking_number=str(found["tracking_number"]),
        status=ParcelStatus(found["status"]),
        occurred_at=datetime.fromisoformat(found["occurred_at"]),
        place=str(found.get("place", "")),
        country=str(found.get("country", "")),
        note=str(found.get("note", "")),
        signed_by=str(found.get("signed_by", "")),
        picture_reference=str(found.get("picture_reference", "")),
    )
