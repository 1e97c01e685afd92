"""HM Revenue & Customs: check a UK VAT number, version 2.0.

https://developer.service.hmrc.gov.uk/api-documentation/docs/api/service/vat-registered-companies-api
is the source. The application's credentials give a token, which is good for hours.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings

from checkout.errors.remote import RemoteUnavailable
from checkout.remote.json_client import JsonClient
from checkout.vat_ids.authority import VatAuthority, VatIdQuestion, VatIdReply

_ACCEPT: Final = "application/vnd.hmrc.2.0+json"
_LOOK_UP: Final = "/organisations/vat/check-vat-number/lookup"
# A token is replaced so long before it expires.
_MARGIN_SECONDS: Final = 60


class HmrcSettings(BaseSettings):
    """Names are environment variables in upper case."""

    hmrc_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.service.hmrc.gov.uk"), description="base URL of HMRC"
    )
    hmrc_client_id: str = Field(description="client id of the application at HMRC")
    hmrc_client_secret: SecretStr = Field(description="its secret")


class Hmrc:
    """VatAuthority of Great Britain. `now` is in seconds of real time."""

    name: Final = "hmrc"
    countries: Final = frozenset({"GB"})

    def __init__(
        self,
        client: JsonClient,
        settings: HmrcSettings,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._settings, self._now = client, settings, now
        self._token, self._good_until = "", 0.0

    async def ask(self, question: VatIdQuestion) -> VatIdReply:
        path = f"{_LOOK_UP}/{question.number}"
        if question.requester[:2] in self.countries:
            path += f"/{question.requester[2:]}"
        headers = {"Accept": _ACCEPT, "Authorization": f"Bearer {await self._authorize()}"}
        reply = await self._client.send("GET", path, headers=headers)
        if reply.status == HTTPStatus.NOT_FOUND and reply.body.get("code") == "NOT_FOUND":
            return VatIdReply(is_valid=False)
        if reply.status != HTTPStatus.OK or "target" not in reply.body:
            self._good_until = 0.0
            raise RemoteUnavailable(service=self.name, status=reply.status, retry_after_seconds=1)
        return VatIdReply(
            is_valid=True,
            consultation_number=str(reply.body.get("consultationNumber") or ""),
        )

    async def close(self) -> None:
        await self._client.close()

    async def _authorize(self) -> str:
        if self._now() >= self._good_until:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._settings.hmrc_client_id,
                "client_secret": self._settings.hmrc_client_secret.get_secret_value(),
            }
            reply = await self._client.send("POST", "/oauth/token", form=form)
            if reply.status != HTTPStatus.OK or not reply.body.get("access_token"):
                raise RemoteUnavailable(
                    service=self.name, status=reply.status, retry_after_seconds=1
                )
            self._token = str(reply.body["access_token"])
            lifetime = int(reply.body.get("expires_in") or 0)
            self._good_until = self._now() + lifetime - _MARGIN_SECONDS
        return self._token


def connect(timeout_seconds: float) -> VatAuthority:
    """Connects HMRC."""
    settings = HmrcSettings()  # type: ignore[call-arg]  # fields are read from the environment
    return Hmrc(JsonClient(str(settings.hmrc_url), timeout_seconds=timeout_seconds), settings)
