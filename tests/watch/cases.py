"""Cases of each alert on artificial series: at least one that fires, and one that must not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Series by selector in promtool's notation, a value each 30 s; whether it fires at `at`."""

    alert: str
    what: str
    fires: bool
    series: dict[str, str]
    at: str = "19m"


# Twenty minutes and a little more.
ALWAYS_0, ALWAYS_1 = "0+0x42", "1+0x42"
NEVER = "_x42"
PAID = 'paid_without_order{job="checkout",instance="%s"}'
RECONCILED = 'reconciler_last_success_seconds{job="checkout",instance="%s"}'
PAYMENTS = 'payments_total{job="checkout",instance="a",outcome="%s"}'
COMPLETED = (
    'http_requests_total{job="gateway",instance="a",method="POST",'
    'route="/v1/checkouts/{checkout_id}/complete",status="%s"}'
)
PLACED = 'orders_total{job="checkout",instance="a",status="placed"}'
MAILS = 'mails_total{job="notifications",instance="a",outcome="%s"}'
FINDINGS = 'reconciler_findings_total{job="checkout",instance="a",kind="stuck_order"}'
PENDING = 'consumer_pending_messages{job="journey",instance="%s",consumer="journey"}'
ACKNOWLEDGED = 'consumer_acknowledged_sequence{job="journey",instance="%s",consumer="journey"}'
SERVICES = ("cart", "catalog", "checkout", "gateway", "identity", "journey", "notifications", "web")
ALL_UP = {f'up{{job="{service}",instance="a"}}': ALWAYS_1 for service in SERVICES}


def gauge(name: str, job: str, instance: str = "a") -> str:
    return f'{name}{{job="{job}",instance="{instance}"}}'


MONEY = [
    Case("PaidWithoutOrder", "the last run could not undo a payment", True,
         {PAID % "a": ALWAYS_1, RECONCILED % "a": "0+30x42"}),
    Case("PaidWithoutOrder", "all payments have an order", False,
         {PAID % "a": ALWAYS_0, RECONCILED % "a": "0+30x42"}),
    Case("PaidWithoutOrder", "another replica has mended it since", False,
         {PAID % "a": ALWAYS_1, RECONCILED % "a": "30+0x42", PAID % "b": ALWAYS_0,
         RECONCILED % "b": "0+30x42"}),
    Case("PaidWithoutOrder", "another replica found it since", True,
         {PAID % "a": ALWAYS_0, RECONCILED % "a": "30+0x42", PAID % "b": ALWAYS_1,
         RECONCILED % "b": "0+30x42"}),
    *(
        case
        for alert, name, what in (
            ("RefundsOwed", "refunds_owed", "a refund"),
            ("PaymentCapturesFailed", "payment_captures_failed", "a capture"),
            ("PaymentAuthorizationsLapsing", "payment_authorizations_lapsing", "an authorization"),
        )
        for case in (
            Case(alert, f"{what} is at risk", True,
                 {gauge(name, "checkout"): ALWAYS_1, RECONCILED % "a": "0+30x42"}),
            Case(alert, f"{what} is not at risk", False,
                 {gauge(name, "checkout"): ALWAYS_0, RECONCILED % "a": "0+30x42"}),
            Case(alert, f"another replica saw the end of {what}", False,
                 {gauge(name, "checkout"): ALWAYS_1, RECONCILED % "a": "30+0x42",
                  gauge(name, "checkout", "b"): ALWAYS_0, RECONCILED % "b": "0+30x42"}),
        )
    ),
    Case("ReconcilerFindings", "one order was stuck", True, {FINDINGS: "0+0x20 1+0x22"}),
    Case("ReconcilerFindings", "nothing was found", False, {FINDINGS: ALWAYS_0}),
    Case("ReconcilerFindings", "it was found before this process "
                               "was looked at for the first time", False, {FINDINGS: "7+0x42"}),
    Case("ReconcilerStale", "no run for longer than a quarter of an hour", True,
    {RECONCILED % "a": "30+0x60"}, at="25m"),
    Case("ReconcilerStale", "it never ran", True, {RECONCILED % "a": "0+0x60"}, at="25m"),
    Case("ReconcilerStale", "one of two replicas runs", False,
         {RECONCILED % "a": "30+0x60", RECONCILED % "b": "0+30x60"}, at="25m"),
    Case("PaymentsFailing", "a third of the calls get no answer", True,
         {PAYMENTS % "captured": "0+4x42", PAYMENTS % "unavailable": "0+1x42",
         PAYMENTS % "in_doubt": "0+1x42"}),
    Case("PaymentsFailing", "one call in a hundred gets no answer", False,
         {PAYMENTS % "captured": "0+99x42", PAYMENTS % "unavailable": "0+1x42"}),
    Case("PaymentsFailing", "cards are declined", False,
         {PAYMENTS % "captured": "0+1x42", PAYMENTS % "declined": "0+9x42",
         PAYMENTS % "unavailable": ALWAYS_0}),
    Case("PaymentsFailing", "the only call of a quiet night got no answer", False,
         {PAYMENTS % "captured": ALWAYS_0, PAYMENTS % "unavailable": "0+0x34 1+0x8"}),
    Case("PaymentsDeclined", "most cards are declined", True,
         {PAYMENTS % "captured": "0+2x100", PAYMENTS % "declined": "0+3x100"}, at="45m"),
    Case("PaymentsDeclined", "one card in five is declined", False,
         {PAYMENTS % "captured": "0+4x100", PAYMENTS % "declined": "0+1x100"}, at="45m"),
    Case("PaymentsDeclined", "a few cards are declined in a quiet night", False,
         {PAYMENTS % "captured": "0+0x100", PAYMENTS % "declined": "0+0x70 4+0x30"}, at="45m"),
    Case("NoOrders", "many try and none succeeds", True, {COMPLETED % "409": "0+1x100",
    PLACED: "5+0x100"}, at="45m"),
    Case("NoOrders", "many try, and the orders "
                     "are not even counted", True, {COMPLETED % "503": "0+1x100"}, at="45m"),
    Case("NoOrders", "some succeed", False, {COMPLETED % "409": "0+1x100", PLACED: "0+0x60 1+0x40"},
    at="45m"),
    Case("NoOrders", "hardly anybody tries", False, {COMPLETED % "409": "0+0x60 3+0x40",
    PLACED: "0+0x100"}, at="45m"),
    Case("StockOversold", "two units are oversold", True, {gauge("stock_oversold_units",
    "catalog"): "0+0x20 2+0x22"}),
    Case("StockOversold", "it was so for a moment", True,
         {gauge("stock_oversold_units", "catalog"): ALWAYS_0, gauge("stock_oversold_total",
         "catalog"): "0+0x10 2+0x32"}),
    Case("StockOversold", "nothing is", False,
         {gauge("stock_oversold_units", "catalog"): ALWAYS_0, gauge("stock_oversold_total",
         "catalog"): ALWAYS_0}),
    Case("ReservationDrift", "a counter is off, as every replica sees", True,
         {gauge("reservation_drift_units", "catalog"): "3+0x42", gauge("reservation_drift_units",
         "catalog", "b"): "3+0x42"}),
    Case("ReservationDrift", "it was off for a minute", False, {gauge("reservation_drift_units",
    "catalog"): "0+0x10 3+0x1 0+0x31"}),
    Case("MailsWaiting", "a mail has waited for long", True, {gauge("mail_oldest_queued_seconds",
    "notifications"): "0+30x42"}),
    Case("MailsWaiting", "mails leave within seconds", False, {gauge("mail_oldest_queued_seconds",
    "notifications"): "5+0x42"}),
    Case("MailsFailed", "every fifth is given up", True, {MAILS % "sent": "0+4x42",
    MAILS % "failed": "0+1x42"}),
    Case("MailsFailed", "some addresses do not exist", False, {MAILS % "sent": "0+99x42",
    MAILS % "failed": "0+1x42"}),
    Case("TouchpointsLost", "the buffer was full", True, {gauge("touchpoints_lost_total",
    "gateway"): "0+0x20 9+0x22"}),
    Case("TouchpointsLost", "none is", False, {gauge("touchpoints_lost_total",
    "gateway"): ALWAYS_0}),
]  # fmt: skip
MESSAGING = [
    Case("OutboxOld", "events are not published", True, {gauge("outbox_oldest_seconds",
    "checkout"): "0+30x42"}),
    Case("OutboxOld", "they leave at once", False, {gauge("outbox_oldest_seconds",
    "checkout"): "0.2+0x42"}),
    Case("DeadLetters", "some wait, as every replica sees", True,
         {gauge("dead_letters_waiting", "journey"): "2+0x42", gauge("dead_letters_waiting",
         "journey", "b"): "2+0x42"}),
    Case("DeadLetters", "an event has just been given up", True, {gauge("dead_letters_total",
    "cart"): "0+0x20 1+0x22"}),
    Case("DeadLetters", "all were given back", False,
         {gauge("dead_letters_waiting", "journey"): "2+0x10 0+0x32", gauge("dead_letters_total",
         "journey"): "2+0x42"}),
    Case("RowsSkipped", "one is left out, as every replica sees", True,
         {'skipped_rows{job="catalog",instance="a",loop="search_index"}': "1+0x42",
          'skipped_rows{job="catalog",instance="b",loop="search_index"}': "1+0x42"}),
    Case("RowsSkipped", "one has just been left out", True,
         {'rows_skipped_total{job="checkout",instance="a",loop="timers"}': "0+0x20 1+0x22"}),
    Case("RowsSkipped", "it was mended", False,
         {'skipped_rows{job="catalog",instance="a",loop="search_index"}': "1+0x10 0+0x32",
          'rows_skipped_total{job="catalog",instance="a",loop="search_index"}': "1+0x42"}),
    Case("ConsumerStalled", "messages wait and none is handled", True,
         {PENDING % "a": "7+0x60", ACKNOWLEDGED % "a": "100+0x60"}, at="25m"),
    Case("ConsumerStalled", "a new replica looks at the same standstill", True,
         {PENDING % "a": "7+0x60", ACKNOWLEDGED % "a": "100+0x60", PENDING % "b": "_x40 7+0x20",
         ACKNOWLEDGED % "b": "_x40 100+0x20"}, at="25m"),
    Case("ConsumerStalled", "messages wait, and are handled", False,
         {PENDING % "a": "7+0x60", ACKNOWLEDGED % "a": "100+5x60"}, at="25m"),
    Case("ConsumerStalled", "there is nothing to handle", False,
         {PENDING % "a": "0+0x60", ACKNOWLEDGED % "a": "100+0x60"}, at="25m"),
    Case("ConsumerLagging", "thousands wait", True, {PENDING % "a": "5000+0x42"}),
    Case("ConsumerLagging", "a burst is over soon", False,
    {PENDING % "a": "0+0x10 5000+0x4 0+0x28"}),
    Case("TimersLate", "a timer is not run", True, {gauge("timers_oldest_due_seconds",
    "checkout"): "0+30x60"}, at="25m"),
    Case("TimersLate", "timers are run within seconds", False, {gauge("timers_oldest_due_seconds",
    "checkout"): "1+0x60"}, at="25m"),
]  # fmt: skip
BURN = 'journey_objective_burn_rate{job="journey",instance="%s",map="five-stages",'
BURN += 'stage="acquisition",objective="success",window="%s"}'
BAD = BURN.replace("burn_rate", "bad_tries")
JOURNEYS = [
    Case("JourneyObjectiveBurn", "many customers fail since an hour", True,
         {BURN % ("a", "1h"): "20+0x42", BURN % ("a", "5m"): "30+0x42",
         BAD % ("a", "1h"): "40+0x42"}),
    Case("JourneyObjectiveBurn", "they fail since days, as two replicas tell", True,
         {BURN % ("a", "3d"): "2+0x42", BURN % ("a", "6h"): "2+0x42", BAD % ("a", "3d"): "40+0x42",
         BURN % ("b", "3d"): "2+0x42", BURN % ("b", "6h"): "2+0x42",
         BAD % ("b", "3d"): "40+0x42"}),
    Case("JourneyObjectiveBurn", "it is over", False,
         {BURN % ("a", "1h"): "20+0x42", BURN % ("a", "5m"): ALWAYS_0,
         BAD % ("a", "1h"): "40+0x42"}),
    Case("JourneyObjectiveBurn", "four unlucky people of a quiet night", False,
         {BURN % ("a", "1h"): "50+0x42", BURN % ("a", "5m"): "50+0x42",
         BAD % ("a", "1h"): "4+0x42"}),
]  # fmt: skip
HEALTH = [
    Case("ServiceDown", "the only replica does not answer", True, {**ALL_UP,
    'up{job="catalog",instance="a"}': ALWAYS_0}),
    Case("ServiceDown", "a service is not there at all", True, {name: up for name,
    up in ALL_UP.items() if "cart" not in name}),
    Case("ServiceDown", "one of two replicas does not answer", False, {**ALL_UP,
    'up{job="catalog",instance="b"}': ALWAYS_0}),
    Case("ServiceDown", "a stranger's target is down", False, {**ALL_UP,
    'up{job="blog",instance="a"}': ALWAYS_0}),
    Case("TargetDown", "one of two replicas does not answer", True, {**ALL_UP,
    'up{job="catalog",instance="b"}': ALWAYS_0}),
    Case("TargetDown", "all answer", False, ALL_UP),
    Case("DatabaseAway", "a replica lost its database", True,
    {'dependency_up{job="cart",instance="a",dependency="postgres"}': ALWAYS_0}),
    Case("DatabaseAway", "it lost the broker", False,
         {'dependency_up{job="cart",instance="a",dependency="postgres"}': ALWAYS_1,
          'dependency_up{job="cart",instance="a",dependency="nats"}': ALWAYS_0}),
    Case("BrokerAway", "a replica lost the broker", True,
    {'dependency_up{job="cart",instance="a",dependency="nats"}': ALWAYS_0}),
    Case("BrokerAway", "it reconnected at once", False,
    {'dependency_up{job="cart",instance="a",dependency="nats"}': "1+0x36 0 1+0x6"}),
    Case("ConnectionsExhausted", "calls always wait", True, {gauge("database_calls_waiting",
    "checkout"): "4+0x42"}),
    Case("ConnectionsExhausted", "calls wait now and then", False, {gauge("database_calls_waiting",
    "checkout"): "0 4 0 2 0 5 0 4 " * 6}),
    Case("SearchIndexStale", "one of two replicas stands still", True,
         {gauge("search_index_checked_seconds", "catalog"): "0+30x42",
         gauge("search_index_checked_seconds", "catalog", "b"): "60+0x42"}),
    Case("SearchIndexStale", "both look", False,
         {gauge("search_index_checked_seconds", "catalog"): "0+30x42",
         gauge("search_index_checked_seconds", "catalog", "b"): "0+30x42"}),
    Case("Watchdog", "whatever happens", True, {}),
]  # fmt: skip
# The watchdog has no quiet case: that it always fires is what it is for.
ALWAYS_FIRES = "Watchdog"
