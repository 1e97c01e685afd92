"""VIES, the European Commission's register of VAT ids.

https://ec.europa.eu/taxation_customs/vies/#/technical-information is the source of its answers.
"""

from typing import Final

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings

from checkout.errors.remote import RemoteUnavailable
from checkout.remote.json_client import JsonClient
from checkout.vat_ids.authority import VatAuthority, VatIdQuestion, VatIdReply
from checkout.vat_ids.model import COUNTRIES

_PATH: Final = "/check-vat-number"


class ViesSettings(BaseSettings):
    """Names are environment variables in upper case."""

    vies_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://ec.europa.eu/taxation_customs/vies/rest-api"),
        description="base URL of VIES",
    )


class Vies:
    """VatAuthority of the EU and of Northern Ireland."""

    name: Final = "vies"
    countries: Final = COUNTRIES - {"GB", "CH", "NO"}

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    async def ask(self, question: VatIdQuestion) -> VatIdReply:
        wanted = {"countryCode": question.country, "vatNumber": question.number}
        if question.requester[:2] in self.countries:
            wanted["requesterMemberStateCode"] = question.requester[:2]
            wanted["requesterNumber"] = question.requester[2:]
        reply = await self._client.send("POST", _PATH, body=wanted)
        is_valid = reply.body.get("valid")
        # An error, e.g. of a member state that does not answer, has no `valid`; some releases send
        # false with a `userError` beside it.
        error = str(reply.body.get("userError") or "")
        if not isinstance(is_valid, bool) or error not in ("", "VALID", "INVALID"):
            raise RemoteUnavailable(service=self.name, retry_after_seconds=1)
        return VatIdReply(
            is_valid, consultation_number=str(reply.body.get("requestIdentifier") or "")
        )

    async def close(self) -> None:
        await self._client.close()


def connect(timeout_seconds: float) -> VatAuthority:
    """Connects VIES."""
    url = str(ViesSettings().vies_url)
    return Vies(JsonClient(url, timeout_seconds=timeout_seconds))
