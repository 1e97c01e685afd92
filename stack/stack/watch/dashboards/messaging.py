"""Messaging: outbox, consumers, dead letters, timers, touchpoints, mails."""

from __future__ import annotations

from stack.watch.dashboards.panels import Lines, Number, Page, Row
from stack.watch.queries import highest, quantile, rate, summed


def page() -> Page:
    return Page(
        name="messaging",
        title="Messaging",
        about="What services tell each other, what waits, what was given up.",
        rows=[_waiting(), _events(), _timers(), _touchpoints(), _mails()],
    )


def _waiting() -> Row:
    return Row(
        "Waiting",
        [
            Number("Oldest event unpublished", "s", highest("outbox_oldest_seconds"), bad_above=60),
            Number("Events unpublished", "none", f"sum({highest('outbox_pending', by='job')})"),
            Number(
                "Messages for consumers",
                "none",
                f"sum({highest('consumer_pending_messages', by='job, consumer')})",
                bad_above=1000,
            ),
            Number(
                "Dead letters",
                "none",
                f"sum({highest('dead_letters_waiting', by='job')})",
                bad_above=0,
            ),
            Number(
                "Rows left out",
                "none",
                f"sum({highest('skipped_rows', by='job, loop')})",
                bad_above=0,
            ),
            Number("Longest due timer", "s", highest("timers_oldest_due_seconds"), bad_above=300),
            Number("Oldest unsent mail", "s", highest("mail_oldest_queued_seconds"), bad_above=120),
        ],
    )


def _events() -> Row:
    return Row(
        "Events",
        [
            Lines(
                "Oldest in the outbox", "s", {"{{job}}": highest("outbox_oldest_seconds", by="job")}
            ),
            Lines(
                "Waiting in the outbox", "none", {"{{job}}": highest("outbox_pending", by="job")}
            ),
            Lines("Published", "ops", {"{{type}}": rate("events_published_total", by="type")}),
            Lines(
                "Waiting for consumers",
                "none",
                {"{{consumer}}": highest("consumer_pending_messages", by="consumer")},
            ),
            Lines(
                "Handled",
                "ops",
                {"{{job}} {{outcome}}": rate("events_handled_total", by="job, outcome")},
            ),
            Lines("Dead letters", "none", {"{{job}}": highest("dead_letters_waiting", by="job")}),
            Lines(
                "Rows left out",
                "none",
                {"{{job}} {{loop}}": highest("skipped_rows", by="job, loop")},
            ),
        ],
    )


def _timers() -> Row:
    return Row(
        "Timers",
        [
            Lines("Due", "none", {"{{job}}": highest("timers_due", by="job")}),
            Lines(
                "Oldest due for", "s", {"{{job}}": highest("timers_oldest_due_seconds", by="job")}
            ),
            Lines(
                "Run",
                "ops",
                {"{{kind}} {{outcome}}": rate("timers_fired_total", by="kind, outcome")},
            ),
        ],
    )


def _touchpoints() -> Row:
    lag = {
        f"{share:.0%}": quantile(share, "touchpoint_lag_seconds", 'source="gateway"')
        for share in (0.5, 0.95, 0.99)
    }
    return Row(
        "Touchpoints",
        [
            Lines(
                "At the gateway",
                "ops",
                {
                    "happened": rate("touchpoints_noted_total"),
                    "published": rate("touchpoints_published_total"),
                    "lost": rate("touchpoints_lost_total"),
                },
            ),
            Lines("In the gateway's buffer", "none", {"waiting": summed("touchpoints_waiting")}),
            Lines(
                "At the journey service",
                "ops",
                {"{{source}} {{outcome}}": rate("touchpoints_total", by="source, outcome")},
            ),
            Lines("From happening to storage", "s", lag),
            Lines(
                "Storing a batch takes", "s", {"95%": quantile(0.95, "touchpoint_batch_seconds")}
            ),
            Lines(
                "Consents taken back", "ops", {"{{by}}": rate("consent_withdrawals_total", by="by")}
            ),
        ],
    )


def _mails() -> Row:
    return Row(
        "Mails",
        [
            Lines("What became of them", "ops", {"{{outcome}}": rate("mails_total", by="outcome")}),
            Lines("Oldest unsent", "s", {"age": highest("mail_oldest_queued_seconds")}),
            Lines(
                "From queue to acceptance",
                "s",
                {f"{share:.0%}": quantile(share, "mail_sending_seconds") for share in (0.5, 0.95)},
            ),
        ],
    )
