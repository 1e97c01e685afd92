"""Settings of the journey."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr

from chassis.runtime import settings


class Settings(settings.Settings):
    """Read once from the environment."""

    catalog_target: str = Field(min_length=1, description="gRPC target of catalog, for offers")
    notifications_target: str = Field(
        default="", description="gRPC target of notifications; empty sends no reminders"
    )
    survey_secret: SecretStr = Field(
        min_length=16, description="verifies the tokens of survey links"
    )
    people_secret: SecretStr = Field(
        default=SecretStr(""),
        description="keys the digests of e-mail addresses by which people are found; follows from "
        "the survey secret where it is empty. Another one finds nobody of before",
    )
    consent_default: Literal["none", "granted"] = Field(
        default="none", description="what holds for visitors who were never asked"
    )
    consent_by_channel: Mapping[str, Literal["none", "granted"]] = Field(
        default={}, description='JSON: {"us": "granted"}; beats the default'
    )
    rule_delay_seconds: float = Field(
        default=3600, gt=0, description="business time from a cart's abandonment to its reminder"
    )
    trace_url: str = Field(
        default="",
        description="where staff see a trace, e.g. https://traces.example/{trace_id}; empty links "
        "to none",
    )
    trace_api: str = Field(
        default="",
        description="answers the spans of a trace as JSON, for journeys; empty: no spans",
    )
    otlp_token: SecretStr = Field(
        default=SecretStr(""),
        description="bearer token of the collector that sends metrics of calls by OTLP/gRPC; empty "
        "takes none",
    )
    history_location: str = Field(
        default="",
        description="folder or s3://bucket/prefix of old touchpoints in files; empty keeps all in "
        "PostgreSQL",
    )
    history_after_days: int = Field(
        default=90, ge=1, description="age in days at which touchpoints move into files"
    )
    history_seconds: float = Field(
        default=3600, gt=0, description="how often touchpoints move, and files are rewritten"
    )
    bot_acts_a_minute: int = Field(
        default=120, ge=1, description="a visitor who does more in one minute is a bot"
    )
    bot_reads_an_hour: int = Field(
        default=600,
        ge=1,
        description="a visitor who reads more pages in one hour, and does nothing else, is a bot",
    )
    bot_seconds: float = Field(default=60, gt=0, description="how often bots are told")
    insight_seconds: float = Field(
        default=900, gt=0, description="how often days that are over are judged, for insights"
    )
    objective_seconds: float = Field(
        default=60, gt=0, description="how often tries of the objectives of stages are counted"
    )
    sweep_seconds: float = Field(
        default=600, gt=0, description="how often what is settled is deleted"
    )

    def is_granted_by_default(self, channel: str) -> bool:
        """Returns whether a channel's touchpoints are stored before its visitors are asked."""
        return self.consent_by_channel.get(channel, self.consent_default) == "granted"

    @property
    def people_key(self) -> bytes:
        """Returns the key of the digests by which people are found."""
        if given := self.people_secret.get_secret_value():
            return given.encode()
        return self._derived(b"people")

    @property
    def webhook_key(self) -> bytes:
        """Returns the key that seals the secrets of webhooks."""
        return self._derived(b"webhooks")

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.digest(self.survey_secret.get_secret_value().encode(), purpose, hashlib.sha256)
