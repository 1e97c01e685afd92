"""The question of an insights page, from its query, and as the gateway is asked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlencode

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from web.server.requests import Refusal
from web.studio.questions import Day

_CONTROL_FREE: Final = r"^[^\x00-\x1f\x7f]*$"
_COLUMN: Final = r"^[a-z_]{0,40}(:[a-z0-9_]{1,40})?$"
_KINDS: Final = r"^[^\x00-\x1f\x7f]{0,1000}$"
MOST_STEPS: Final = 20
_PERIOD: Final = "either since and until or last_days"
# A field that a form leaves empty.
Days = Annotated[int, BeforeValidator(lambda text: text or 0), Field(ge=0, le=3660)]
# A page shows an estimate where all takes longer; it leads to the exact answer.
WITHIN_MS: Final = 2_000
INTERVALS: Final = ("day", "hour", "week", "month")
MODELS: Final = ("last", "first", "linear", "position", "time_decay", "markov", "shapley")
Model = Literal["last", "first", "linear", "position", "time_decay", "markov", "shapley"]


class InsightQuestion(BaseModel):
    """Parameters of the insights pages. `until` is the last day that counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: Day = None
    until: Day = None
    last_days: Days = 0
    channel: str = Field(default="", max_length=64, pattern=_CONTROL_FREE)
    device: str = Field(default="", max_length=32, pattern=_CONTROL_FREE)
    utm_source: str = Field(default="", max_length=200, pattern=_CONTROL_FREE)
    segment: str = Field(default="", max_length=64, pattern=r"^[a-z0-9-]*$")
    map: str = Field(default="", max_length=64, pattern=r"^[a-z0-9-]*$")
    newcomers: Literal["", "new", "returning"] = ""
    time_zone: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9_+/-]*$")
    interval: Literal["hour", "day", "week", "month"] = "day"
    by: str = Field(default="", max_length=60, pattern=_COLUMN)
    model: Model = "last"
    scope: Literal["", "person", "session"] = ""
    steps: str = Field(default="product.view, cart.line_added, order.placed", pattern=_KINDS)
    step: int = Field(default=0, ge=0, lt=MOST_STEPS)
    left: bool = False
    exact: bool = False
    locale: Literal["", "en", "de"] = ""

    @field_validator("steps")
    @classmethod
    def _has_steps(cls, text: str) -> str:
        kinds = [kind.strip() for kind in text.split(",") if kind.strip()]
        if not 1 <= len(kinds) <= MOST_STEPS:
            raise ValueError(f"1 to {MOST_STEPS} kinds, parted by commas")
        return ", ".join(kinds)

    @model_validator(mode="after")
    def _has_one_period(self) -> Self:
        if self.last_days and (self.since or self.until):
            raise PydanticCustomError("period", "a period is told once")
        return self

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """Returns the question of a query. Raises Refusal: a misspelt name must not show all."""
        try:
            return cls.model_validate({name: value for name, value in query.items() if value})
        except ValidationError as error:
            places = {str(part["loc"][0]) if part["loc"] else _PERIOD for part in error.errors()}
            wrong = ", ".join(sorted(places))[:200]
            known = ", ".join(cls.model_fields)
            detail = f"Check {wrong}. The parameters are {known}."
            raise Refusal(422, "INVALID_QUESTION", detail) from None

    @property
    def kinds(self) -> list[str]:
        return self.steps.split(", ")

    @property
    def filter(self) -> dict[str, Any]:
        """The filter of the gateway; its `until` is exclusive. Days are UTC's."""
        found: dict[str, Any] = {}
        times = {}
        if self.since is not None:
            times["since"] = f"{self.since}T00:00:00Z"
        if self.until is not None:
            times["until"] = f"{self.until + timedelta(days=1)}T00:00:00Z"
        if times:
            found["time_range"] = times
        if self.last_days:
            found["last_days"] = self.last_days
        if self.channel:
            found["channels"] = [self.channel]
        if self.device:
            found["devices"] = [self.device]
        if self.utm_source:
            found["conditions"] = [{"field": "utm_source", "any_of": [self.utm_source]}]
        if self.newcomers:
            found["newcomers"] = self.newcomers
        if self.segment:
            found["segment"] = self.segment
        return found

    @property
    def in_time(self) -> dict[str, Any]:
        """Time that the answer may take, as the gateway is asked."""
        return {} if self.exact else {"within_ms": WITHIN_MS}

    @property
    def exactly(self) -> str:
        """The query of the page with the exact answer."""
        given = self.model_dump(mode="json", exclude_defaults=True) | {"exact": "true"}
        return urlencode(given)

    def opening(self, step: int, left: bool) -> str:
        """Returns the query of the page that lists the people behind a step."""
        given = self.model_dump(mode="json", exclude_defaults=True) | {"steps": self.steps}
        return urlencode({**given, "step": step, "left": str(left).lower()}) + "#people"

    @property
    def funnel(self) -> dict[str, Any]:
        """The funnel that the steps make."""
        steps = [
            {"name": kind, "rules": [{"when": [{"field": "kind", "any_of": [kind]}]}]}
            for kind in self.kinds
        ]
        scope = {"scope": self.scope} if self.scope else {}
        by = {"by": self.by} if self.by else {}
        return {"filter": self.filter, "steps": steps, **scope, **by, **self.in_time}
