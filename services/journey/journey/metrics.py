"""Metrics of journey.

Each series exists at 0 from the start, because `increase()` ignores the first sample of a new
series.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from chassis.telemetry import BUCKETS
from journey.touchpoints.model import Source
from journey.touchpoints.record import Recorded

touchpoints: Final = Counter(
    "touchpoints_total", "touchpoints by what became of them", ["source", "outcome"]
)
touchpoint_lag: Final = Histogram(
    "touchpoint_lag_seconds",
    "from a touchpoint to its storage, or to its refusal for want of consent",
    ["source"],
    buckets=(*BUCKETS, 60, 300, 3_600),
)
batch_seconds: Final = Histogram(
    "touchpoint_batch_seconds", "time to store a batch of the gateway's", buckets=BUCKETS
)
withdrawals: Final = Counter("consent_withdrawals_total", "consents taken back", ["by"])
feedback: Final = Counter("feedback_total", "survey answers", ["group"])
survey_answers: Final = Counter(
    "survey_answers_total", "answers of surveys; a second one of a person is replaced", ["outcome"]
)
surveys_mailed: Final = Counter(
    "surveys_mailed_total", "surveys that were to be mailed by what became of them", ["outcome"]
)
reminders: Final = Counter(
    "reminders_total", "abandoned carts by what became of their reminder", ["outcome"]
)
funnel_seconds: Final = Histogram("funnel_seconds", "time to compute a funnel", buckets=BUCKETS)
traces_fetched: Final = Counter(
    "traces_fetched_total", "traces asked for by journeys with spans", ["outcome"]
)
webhook_attempts: Final = Counter(
    "webhook_attempts_total", "attempts to tell an insight by what became of them", ["outcome"]
)
objective_burn_rate: Final = Gauge(
    "journey_objective_burn_rate",
    "how fast the error budget of a stage's objective burns: at 1 it lasts its whole window",
    ["map", "stage", "objective", "window"],
)
objective_bad_tries: Final = Gauge(
    "journey_objective_bad_tries",
    "tries of a stage in a window that were bad",
    ["map", "stage", "objective", "window"],
)
objective_budget_left: Final = Gauge(
    "journey_objective_budget_left_ratio",
    "the share of an objective's error budget that is left",
    ["map", "stage", "objective"],
)

for _source in ("gateway", "event", "beacon", "import"):
    touchpoint_lag.labels(_source)
    for _outcome in ("stored", "repeated", "no_consent", "malformed"):
        touchpoints.labels(_source, _outcome)
for _by in ("account", "visitor", "erasure"):
    withdrawals.labels(_by)
for _group in ("promoter", "passive", "detractor"):
    feedback.labels(_group)
for _outcome in (
    "scheduled",
    "sent",
    "came_back",
    "out_of_stock",
    "consent_withdrawn",
    "not_allowed",
):
    reminders.labels(_outcome)
for _outcome in ("given", "replaced"):
    survey_answers.labels(_outcome)
for _outcome in ("sent", "not_allowed"):
    surveys_mailed.labels(_outcome)
for _outcome in ("delivered", "failed", "dead"):
    webhook_attempts.labels(_outcome)
for _outcome in ("found", "unknown", "away"):
    traces_fetched.labels(_outcome)


def count(source: Source, recorded: Recorded) -> None:
    """Counts what became of touchpoints, and how late that was."""
    touchpoints.labels(source, "stored").inc(len(recorded.stored))
    touchpoints.labels(source, "repeated").inc(recorded.repeated)
    touchpoints.labels(source, "no_consent").inc(len(recorded.refused))
    lag = touchpoint_lag.labels(source)
    for row in (*recorded.stored, *recorded.refused):
        lag.observe(max(0.0, (row.received_at - row.occurred_at).total_seconds()))
