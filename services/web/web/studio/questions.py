"""The question that a page of the studio answers, from its query."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from web.server.requests import Refusal
from web.studio.words import Words

_UUID: Final = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"
_CONTROL_FREE: Final = r"^[^\x00-\x1f\x7f]*$"
_MOST_TOUCHPOINTS: Final = 80
# Fields that a form leaves empty.
Day = Annotated[date | None, BeforeValidator(lambda text: text or None)]
PersonId = Annotated[
    str, BeforeValidator(lambda text: str(text).strip().lower()), Field(pattern=_UUID)
]
Seconds = Annotated[int, BeforeValidator(lambda text: text or 0), Field(ge=0, le=316_224_000)]
Campaign: Final[Any] = Field(default="", max_length=200, pattern=_CONTROL_FREE)
LOCALES: Final = (("", "English"), ("de", "Deutsch"))
# The page shows an estimate where all takes longer; it leads to the exact numbers.
WITHIN_MS: Final = 900
_OPENED: Final = ("stage", "left", "kind", "outcome")
WINDOWS: Final = (
    (0, "any"),
    (3_600, "hour"),
    (86_400, "day"),
    (604_800, "week"),
    (2_592_000, "month"),
    (7_776_000, "quarter"),
)


class Question(BaseModel):
    """Parameters of the journey page. `until` is the last day that counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    map: str = Field(default="", max_length=100, pattern=r"^[a-z0-9\-]*$")
    visitor: PersonId = ""
    customer: PersonId = ""
    order: PersonId = ""
    trace: str = Field(default="", pattern=r"^([0-9a-f]{32})?$")
    window_seconds: Seconds = 0
    channel: str = Field(default="", max_length=64, pattern=_CONTROL_FREE)
    device: str = Field(default="", max_length=32, pattern=_CONTROL_FREE)
    utm_source: str = Campaign
    utm_medium: str = Campaign
    utm_campaign: str = Campaign
    newcomers: Literal["", "new", "returning"] = ""
    segment: str = Field(default="", max_length=64, pattern=r"^[a-z0-9\-]*$")
    bots: bool = False
    exact: bool = False
    locale: Literal["", "en", "de"] = ""
    # Of a person's path: a row for each step, or distances by time.
    scale: Literal["", "time"] = ""
    since: Day = None
    until: Day = None
    # The number that is opened.
    stage: str = Field(default="", max_length=64, pattern=r"^[a-z0-9\-]*$")
    left: bool = False
    kind: str = Field(default="", max_length=128, pattern=_CONTROL_FREE)
    outcome: Literal["", "ok", "refused", "error"] = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """Returns the question of a query. Raises Refusal: a misspelt name must not show all."""
        try:
            return cls.model_validate({name: value for name, value in query.items() if value})
        except ValidationError as error:
            wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors()}))[:200]
            known = ", ".join(cls.model_fields)
            detail = f"Check {wrong}. The parameters are {known}."
            raise Refusal(422, "INVALID_QUESTION", detail) from None

    @property
    def names_person(self) -> bool:
        return bool(self.visitor or self.customer or self.order or self.trace)

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
    def filter(self) -> dict[str, Any]:
        """The filter of the gateway."""
        given = {
            "time_range": self.time_range,
            "channels": [self.channel] if self.channel else [],
            "devices": [self.device] if self.device else [],
            "newcomers": self.newcomers,
            "segment": self.segment,
            "with_bots": self.bots,
        }
        return {name: value for name, value in given.items() if value}

    @property
    def numbers(self) -> dict[str, Any]:
        """Asks the gateway for the numbers of the map."""
        return {
            "filter": self.filter,
            "map": self.map,
            "window_seconds": self.window_seconds,
            "begins": [
                {"field": name, "any_of": [value]} for name, value in self.campaign.items() if value
            ],
            "locale": self.locale,
        }

    @property
    def behind(self) -> dict[str, Any]:
        """Asks the gateway for the people behind the number that is opened."""
        outcome = {"outcome": self.outcome} if self.outcome else {}
        return {
            "numbers": self.numbers,
            "stage": self.stage,
            "left": self.left,
            "kind": self.kind,
            **outcome,
        }

    @property
    def campaign(self) -> dict[str, str]:
        return {
            "utm_source": self.utm_source,
            "utm_medium": self.utm_medium,
            "utm_campaign": self.utm_campaign,
        }

    @property
    def hurry(self) -> dict[str, int]:
        """Time that the numbers may take, as the gateway is asked."""
        return {} if self.exact else {"within_ms": WITHIN_MS}

    @property
    def exactly(self) -> str:
        """Returns the query of the page with exact numbers."""
        return urlencode({**self._without(), "exact": "true"})

    def opening(self, **number: str | bool) -> str:
        """Returns the query of the page that shows the people behind a number."""
        return urlencode({**self._without(*_OPENED), **_texts(number)}) + "#people"

    def showing(self, person_id: str) -> str:
        """Returns the query of the page that shows a person's path too."""
        given = self._without("visitor", "customer", "order", "trace")
        return urlencode({**given, "visitor": person_id}) + "#path"

    def scaled(self, scale: str) -> str:
        """Returns the query of the page with the path in another scale."""
        given = self._without("scale")
        return urlencode({**given, "scale": scale} if scale else given) + "#path"

    def _without(self, *names: str) -> dict[str, Any]:
        given = self.model_dump(mode="json", exclude_defaults=True)
        return _texts({name: value for name, value in given.items() if name not in names})

    @property
    def journey_query(self) -> dict[str, str | int]:
        return {
            "map": self.map,
            "visitor_id": self.visitor,
            "customer_id": self.customer,
            "order_id": self.order,
            "trace_id": self.trace,
            "locale": self.locale,
            "limit": _MOST_TOUCHPOINTS,
            "spans": "true",
            **self.time_range,
        }

    def facts(self, words: Words) -> list[str]:
        """Returns the limits of the answer, for people."""
        facts = [
            _describe_period(self.since, self.until, words),
            self.channel or words.text("question.all_channels"),
        ]
        if self.window_seconds:
            time = words.duration(self.window_seconds)
            facts.append(words.text("question.within_window", time=time))
        facts += [
            f"{words.text(f'question.{name}')}: {value}"
            for name, value in self.campaign.items()
            if value
        ]
        facts += [f"{words.text('question.segment')}: {self.segment}"] if self.segment else []
        facts += [words.text_or(f"device.{self.device}", self.device)] if self.device else []
        facts += [words.text(f"people.{self.newcomers}")] if self.newcomers else []
        return [*facts, words.text("question.with_bots")] if self.bots else facts


def _texts(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in given.items()
        if value
    }


def _describe_period(since: date | None, until: date | None, words: Words) -> str:
    if since is not None and until is not None:
        return f"{words.day(since)} – {words.day(until)}, UTC"
    if since is not None:
        return words.text("question.since_day", day=words.day(since))
    if until is not None:
        return words.text("question.until_day", day=words.day(until))
    return words.text("question.all_time")
