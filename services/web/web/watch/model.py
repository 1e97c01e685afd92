"""Replies of the gateway about changes, webhooks and objectives."""

from datetime import date, datetime

from web.gateway_client import Reply
from web.insights.model import Amount
from web.studio.model import MapSummary


class Audience(Reply):
    """The people whom a change is about most."""

    dimension: str = ""
    value: str = ""
    share: float = 0


class PainBehind(Reply):
    """A pain behind a change."""

    kind: str = ""
    outcome: str = ""
    reason: str = ""
    people: int = 0
    likely: list[Amount] = []


class Insight(Reply):
    """A significant change."""

    id: str
    state: str = ""
    map: str = ""
    subject: str = ""
    measure: str = ""
    is_rise: bool = False
    is_good: bool = False
    began_on: date
    last_on: date
    ended_on: str = ""
    days: int = 0
    actual: float = 0
    expected: float = 0
    score: float = 0
    volume: int = 0
    audience: Audience | None = None
    likely: list[Amount] = []
    at_most: list[Amount] = []
    pains: list[PainBehind] = []


class InsightList(Reply):
    insights: list[Insight] = []
    next_page_token: str = ""
    judged_until: str = ""


class MapList(Reply):
    maps: list[MapSummary] = []


class WatchSettings(Reply):
    """Maps that are watched, and bounds of what is told as a change."""

    maps: list[str] = []
    time_zone: str = "UTC"
    threshold: float = 3.5
    least_volume: int = 30
    least_change: float = 0.1
    slow_ms: int = 1000
    version: int = 0


class Webhook(Reply):
    """An address to which changes are told."""

    id: str
    version: int = 0
    name: str = ""
    url: str = ""
    maps: list[str] = []
    measures: list[str] = []
    is_active: bool = False
    dead: int = 0
    waiting: int = 0


class WebhookList(Reply):
    webhooks: list[Webhook] = []


class CreatedWebhook(Reply):
    webhook: Webhook
    secret: str = ""


class Delivery(Reply):
    """One thing that a webhook was told."""

    id: str
    type: str = ""
    state: str = ""
    attempts: int = 0
    last_status: int = 0
    last_problem: str = ""
    created_at: datetime
    due_at: datetime | None = None


class DeliveryList(Reply):
    deliveries: list[Delivery] = []
    next_page_token: str = ""


class Objective(Reply):
    kind: str = ""
    target_percent: float = 0
    window_days: int = 0
    within_ms: int = 0
    counts_refused: bool = False


class Burn(Reply):
    window: str = ""
    rate: float | None = None
    tries: int = 0
    bad: int = 0


class ObjectiveStatus(Reply):
    """The status of an objective of a stage."""

    stage: str = ""
    objective: Objective
    tries: int = 0
    bad: int = 0
    budget_left: float | None = None
    burns: list[Burn] = []
    alarm: str = ""


class MapObjectives(Reply):
    objectives: list[ObjectiveStatus] = []
    counted_until: datetime | None = None
    counted_since: datetime | None = None
