"""Replies of the gateway that insights show."""

from pydantic import Field

from web.gateway_client import Reply


class Amount(Reply):
    currency: str = ""
    amount_minor: int = 0


class Estimate(Reply):
    """Share of the people from whose histories an answer was estimated."""

    read_share: float


class Answer(Reply):
    """An answer; exact where it has no estimate."""

    estimate: Estimate | None = None


class TrendPoint(Reply):
    """Counts of an interval and value."""

    begin: str
    value: str = ""
    touchpoints: int = 0
    people: int = 0
    people_margin: int = 0
    sessions: int = 0
    sessions_margin: int = 0
    touchpoints_margin: int = 0
    orders: int = 0
    orders_margin: int = 0
    revenue: list[Amount] = []


class Trend(Answer):
    points: list[TrendPoint] = []


class KindCount(Reply):
    kind: str
    count: int


class Transition(Reply):
    origin: str = Field(alias="from")
    to: str
    count: int


class Paths(Answer):
    """Paths, with the most frequent kinds first."""

    paths: int = 0
    paths_margin: int = 0
    bounces: int = 0
    entries: list[KindCount] = []
    exits: list[KindCount] = []
    transitions: list[Transition] = []


class Cohort(Reply):
    begin: str
    people: int
    people_margin: int = 0
    returned: list[int] = []


class Retention(Answer):
    cohorts: list[Cohort] = []


class Credit(Reply):
    value: str = ""
    orders: float = 0
    revenue: Amount = Amount()


class Attribution(Answer):
    credits: list[Credit] = []
    orders: int = 0
    orders_margin: int = 0
    revenue: list[Amount] = []


class StepCount(Reply):
    name: str
    reached: int
    reached_margin: int = 0
    conversion_rate: float
    median_seconds: float = 0


class StepSegment(Reply):
    value: str = ""
    steps: list[StepCount] = []


class StepFunnel(Answer):
    segments: list[StepSegment] = []


class People(Reply):
    person_ids: list[str] = []
    people: int = 0


class VocabularyValue(Reply):
    value: str
    touchpoints: int


class VocabularyColumn(Reply):
    column: str
    values: list[VocabularyValue] = []


class Vocabulary(Reply):
    columns: list[VocabularyColumn] = []
