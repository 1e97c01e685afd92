"""Replies of the gateway that insights show."""

from pydantic import Field

from web.gateway_client import Reply


class Amount(Reply):
    currency: str = ""
    amount_minor: int = 0


class TrendPoint(Reply):
    """Counts of an interval and value."""

    begin: str
    value: str = ""
    touchpoints: int = 0
    people: int = 0
    sessions: int = 0
    orders: int = 0
    revenue: list[Amount] = []


class Trend(Reply):
    points: list[TrendPoint] = []


class KindCount(Reply):
    kind: str
    count: int


class Transition(Reply):
    origin: str = Field(alias="from")
    to: str
    count: int


class Paths(Reply):
    """Paths, with the most frequent kinds first."""

    paths: int = 0
    bounces: int = 0
    entries: list[KindCount] = []
    exits: list[KindCount] = []
    transitions: list[Transition] = []


class Cohort(Reply):
    begin: str
    people: int
    returned: list[int] = []


class Retention(Reply):
    cohorts: list[Cohort] = []


class Credit(Reply):
    value: str = ""
    orders: float = 0
    revenue: Amount = Amount()


class Attribution(Reply):
    credits: list[Credit] = []
    orders: int = 0
    revenue: list[Amount] = []


class StepCount(Reply):
    name: str
    reached: int
    conversion_rate: float
    median_seconds: float = 0


class StepSegment(Reply):
    value: str = ""
    steps: list[StepCount] = []


class StepFunnel(Reply):
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
