"""The question that a page of the studio answers, from its query."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from web.server.requests import Refusal
from web.studio.formats import duration

_UUID: Final = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"
_CONTROL_FREE: Final = r"^[^\x00-\x1f\x7f]*$"
_MOST_TOUCHPOINTS: Final = 80
# Fields that a form leaves empty.
Day = Annotated[date | None, BeforeValidator(lambda text: text or None)]
PersonId = Annotated[
    str, BeforeValidator(lambda text: str(text).strip().lower()), Field(pattern=_UUID)
]
Seconds = Annotated[int, BeforeValidator(lambda text: text or 0), Field(ge=0, le=316_224_000)]
WINDOWS: Final = (
    (0, "any time"),
    (3_600, "1 hour"),
    (86_400, "1 day"),
    (604_800, "7 days"),
    (2_592_000, "30 days"),
    (7_776_000, "90 days"),
)


class Question(BaseModel):
    """Parameters of the journey page. `until` is the last day that counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    map: str = Field(default="", max_length=100, pattern=r"^[a-z0-9\-]*$")
    visitor: PersonId = ""
    customer: PersonId = ""
    order: PersonId = ""
    window_seconds: Seconds = 0
    channel: str = Field(default="", max_length=64, pattern=_CONTROL_FREE)
    since: Day = None
    until: Day = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """Returns the question of a query. Raises Refusal: a misspelt name must not show all."""
        try:
            return cls.model_validate(dict(query))
        except ValidationError as error:
            wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors()}))[:200]
            known = ", ".join(cls.model_fields)
            detail = f"Check {wrong}. The parameters are {known}."
            raise Refusal(422, "INVALID_QUESTION", detail) from None

    @property
    def names_person(self) -> bool:
        return bool(self.visitor or self.customer or self.order)

    @property
    def time_range(self) -> dict[str, str]:
        """The query of the gateway for its time; `until` is exclusive there."""
        times = {}
        if self.since is not None:
            times["since"] = f"{self.since}T00:00:00Z"
        if self.until is not None:
            times["until"] = f"{self.until + timedelta(days=1)}T00:00:00Z"
        return times

    @property
    def funnel_query(self) -> dict[str, str | int]:
        return {
            "map": self.map,
            "window_seconds": self.window_seconds,
            "channel": self.channel,
            **self.time_range,
        }

    @property
    def journey_query(self) -> dict[str, str | int]:
        return {
            "map": self.map,
            "visitor_id": self.visitor,
            "customer_id": self.customer,
            "order_id": self.order,
            "limit": _MOST_TOUCHPOINTS,
            "spans": "true",
            **self.time_range,
        }

    @property
    def facts(self) -> list[str]:
        """Limits of the answer, for people."""
        facts = [_describe_period(self.since, self.until), self.channel or "all channels"]
        if self.window_seconds:
            facts.append(f"within {duration(self.window_seconds)} of the first stage")
        return facts


def _describe_period(since: date | None, until: date | None) -> str:
    if since is not None and until is not None:
        return f"{since:%d %b %Y} – {until:%d %b %Y}"
    if since is not None:
        return f"since {since:%d %b %Y}"
    return f"until {until:%d %b %Y}" if until is not None else "all time"
