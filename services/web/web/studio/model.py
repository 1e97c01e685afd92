"""Replies of the gateway that the studio shows: maps, funnels and journeys."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

from web.gateway_client import Reply

ENGLISH = "en"
# What a team writes beside the fields of a map; null where there is nothing.
Details = Annotated[dict[str, Any], BeforeValidator(lambda given: given or {})]


def text_of(texts: dict[str, str], locale: str = "") -> str:
    """Returns a text in a language, else in English, or in the first one that it has."""
    return texts.get(locale) or texts.get(ENGLISH) or next(iter(texts.values()), "")


class MapStage(Reply):
    slug: str
    name: dict[str, str] = {}

    def title(self, locale: str = "") -> str:
        return text_of(self.name, locale) or self.slug


class MapSummary(Reply):
    """A map without its descriptive parts."""

    slug: str
    version: int
    name: dict[str, str] = {}
    description: dict[str, str] = {}
    stages: list[MapStage] = []
    is_built_in: bool = False
    type: str | None = None

    def title(self, locale: str = "") -> str:
        return text_of(self.name, locale)

    def lede(self, locale: str = "") -> str:
        return text_of(self.description, locale)


class Cell(Reply):
    """Texts of a lane in a stage, for one persona or for all."""

    lane: str = ""
    persona: str = ""
    texts: list[str] = []


class PainPoint(Reply):
    """A pain with its impact."""

    text: str = ""
    impact: str = ""


class OwnedOpportunity(Reply):
    """An opportunity with its owner."""

    text: str = ""
    owner: str = ""


class Kpi(Reply):
    """A figure with its target."""

    name: str = ""
    target: float | None = None
    unit: str = ""


class DrawnStage(Reply):
    """The drawn parts of a stage."""

    slug: str
    meaning: dict[str, str] = {}
    touchpoints: list[str] = []
    metrics: list[str] = []
    pains: list[str] = []
    moments_of_truth: list[str] = []
    goals: list[str] = []
    actions: list[str] = []
    emotions: list[str] = []
    opportunities: list[str] = []
    cells: list[Cell] = []
    details: Details = {}
    pain_points: list[PainPoint] = []
    owned_opportunities: list[OwnedOpportunity] = []
    kpis: list[Kpi] = []
    sub_stages: list[str] = []
    emotion_level: int | None = None


class Persona(Reply):
    """Somebody whom a map is drawn for."""

    slug: str
    name: str = ""
    traits: list[str] = []
    goals: list[str] = []
    pains: list[str] = []
    details: Details = {}
    segment: str = ""


class Step(Reply):
    """One step of a journey that people wrote down."""

    stage: str = ""
    action: str = ""
    channel: str = ""
    pains: list[str] = []
    emotion: str = ""
    details: Details = {}


class Drawing(Reply):
    """The descriptive parts of a map."""

    stages: list[DrawnStage] = []
    personas: list[Persona] = []
    lanes: list[str] = []
    channels: list[str] = []
    touchpoint_pool: list[str] = []
    moments_of_truth: list[str] = []
    pains: list[str] = []
    metrics: list[str] = []
    kpis: list[Kpi] = []
    steps: list[Step] = []
    details: Details = {}


class MapList(Reply):
    """All maps, the built-in one first."""

    maps: list[MapSummary]


class FunnelStage(Reply):
    slug: str
    name: str
    people: int
    conversion_rate: float
    total_rate: float
    drop_off: int
    median_seconds: float
    people_margin: int = 0


class FunnelSegment(Reply):
    stages: list[FunnelStage] = []


class KindStatistics(Reply):
    """Counts of one kind of touchpoint in one stage."""

    stage: str
    kind: str
    touchpoints: int
    people: int
    errors: int
    refused: int
    p95_ms: int | None = None


class Score(Reply):
    answers: int = 0
    score: float = 0


class StageRevenue(Reply):
    """Money of the orders of a stage, in one currency and its minor units."""

    stage: str
    currency: str
    orders: int = 0
    net_minor: int = 0
    average_order_minor: int = 0


class People(Reply):
    """People behind a number."""

    person_ids: list[str] = []
    people: int = 0


class Segment(Reply):
    """A named filter."""

    slug: str
    name: str


class SegmentList(Reply):
    segments: list[Segment] = []


class Estimate(Reply):
    """Share of the people from whose histories the numbers were estimated."""

    read_share: float


class Funnel(Reply):
    segments: list[FunnelSegment] = []
    touchpoints: list[KindStatistics] = []
    score: Score | None = None
    revenue: list[StageRevenue] = []
    estimate: Estimate | None = None

    @property
    def stages(self) -> list[FunnelStage]:
        return self.segments[0].stages if self.segments else []


class JourneyStage(Reply):
    slug: str
    name: str
    touchpoints: int
    seconds: float


class Touchpoint(Reply):
    """One touchpoint of a person; `stage` is empty where the map has none for it."""

    id: str
    stage: str
    kind: str
    source: str
    channel: str = ""
    subject: str = ""
    outcome: str
    reason: str = ""
    duration_ms: int | None = None
    trace_id: str = ""
    trace_url: str = ""
    occurred_at: datetime
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    referrer_host: str = ""
    properties: dict[str, str] = {}


class Span(Reply):
    """One operation of the back end; times are milliseconds from the start of its trace."""

    trace_id: str
    service: str
    name: str
    kind: str = ""
    start_ms: float
    duration_ms: float
    is_error: bool = False


class Journey(Reply):
    person_id: str
    is_customer: bool
    stages: list[JourneyStage] = []
    touchpoints: list[Touchpoint] = []
    is_truncated: bool = False
    trace_status: str = ""
    spans: list[Span] = []
