"""A generated month of a shop that does not exist, with a slow payment in it."""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

SEED: Final = 17
DAYS: Final = 30
PEOPLE: Final = 1_500
# From this day of the month on, payments on phones are slow.
SLOW_FROM: Final = 17
SLOW_REASON: Final = "PAYMENT_TIMEOUT"
COLUMNS: Final = (
    "event_id", "person", "session", "at", "kind", "subject", "outcome", "reason", "duration_ms",
    "device", "total", "source", "medium", "campaign", "order_id", "term", "results",
)  # fmt: skip
_SOURCES: Final = (
    ("google", "cpc", "tents", 30),
    ("newsletter", "email", "spring", 15),
    ("instagram", "paid-social", "weekend", 20),
    ("", "", "", 35),
)
_DEVICES: Final = (("phone", 58), ("desktop", 36), ("tablet", 6))
_PRODUCTS: Final = (
    ("tent", 189), ("stove", 49), ("backpack", 129), ("lamp", 29), ("boots", 149), ("mug", 14),
)  # fmt: skip
_TERMS: Final = (("tent", 24), ("boots", 11), ("rain jacket", 0), ("stove", 7))


@dataclass
class _Visit:
    """A person's way through the shop, with the clock of it."""

    person: str
    device: str
    at: datetime
    chance: random.Random
    rows: list[dict[str, str]] = field(default_factory=list)

    def wait(self, least: float, most: float) -> None:
        """Lets some seconds pass."""
        self.at += timedelta(seconds=self.chance.uniform(least, most))

    def act(self, kind: str, *, milliseconds: float = 0, outcome: str = "ok", **facts: str) -> None:
        """Adds what the person did."""
        took = milliseconds or self.chance.lognormvariate(math.log(60), 0.5)
        self.rows.append(
            {
                "event_id": f"{self.person}-{len(self.rows)}",
                "person": self.person,
                "session": f"{self.person}-1",
                "at": self.at.isoformat(timespec="milliseconds"),
                "kind": kind,
                "outcome": outcome,
                "duration_ms": str(round(took)),
                "device": self.device,
                **facts,
            }
        )
        self.at += timedelta(milliseconds=took)


def month_before(today: date) -> tuple[date, date]:
    """Returns the first day of the month that ends yesterday, and that of the slow payments."""
    first = today - timedelta(days=DAYS)
    return first, first + timedelta(days=SLOW_FROM)


def month_file(today: date, *, people: int = PEOPLE, seed: int = SEED) -> bytes:
    """Returns the month that ends yesterday as CSV: the same for the same day and seed."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(today, people, random.Random(seed)))
    return text.getvalue().encode()


def _rows(today: date, people: int, chance: random.Random) -> Iterator[dict[str, str]]:
    first, slow_from = month_before(today)
    # Weekends are busier.
    weights = [1.5 if (first + timedelta(days=day)).weekday() >= 5 else 1.0 for day in range(DAYS)]
    for number in range(people):
        (offset,) = chance.choices(range(DAYS), weights)
        day = first + timedelta(days=offset)
        hour = min(23.9, max(0.0, chance.gauss(16, 4)))
        begin = datetime.combine(day, time(tzinfo=UTC)) + timedelta(hours=hour)
        visit = _Visit(f"demo-{first}-{number:05}", _pick(_DEVICES, chance), begin, chance)
        _shop(visit, is_slow=visit.device == "phone" and day >= slow_from)
        end = datetime.combine(today, time(tzinfo=UTC))
        yield from (row for row in visit.rows if datetime.fromisoformat(row["at"]) < end)


def _shop(visit: _Visit, *, is_slow: bool) -> None:
    """Plays one visit, until it ends wherever it ends."""
    chance = visit.chance
    source, medium, campaign, _ = chance.choices(_SOURCES, [one[3] for one in _SOURCES])[0]
    visit.act("page.view", subject="home", source=source, medium=medium, campaign=campaign)
    if chance.random() < 0.28:
        return
    product, price = _look_around(visit)
    if chance.random() > 0.42:
        return
    visit.wait(10, 90)
    visit.act("cart.line_added", subject=product)
    if chance.random() > 0.68:
        return
    visit.wait(20, 200)
    visit.act("checkout.started")
    visit.wait(40, 160)
    if chance.random() > 0.93:
        return
    visit.act("checkout.update")
    visit.wait(10, 50)
    if _pay(visit, is_slow=is_slow):
        _bought(visit, price)


def _look_around(visit: _Visit) -> tuple[str, int]:
    chance = visit.chance
    product, price = chance.choice(_PRODUCTS)
    if chance.random() < 0.45:
        term, results = chance.choice(_TERMS)
        visit.wait(3, 30)
        visit.act("search", subject=term, term=term, results=str(results))
    else:
        visit.wait(3, 30)
        visit.act("category.view", subject="outdoor")
    for _ in range(chance.randint(1, 3)):
        visit.wait(8, 120)
        visit.act("product.view", subject=product)
    return product, price


def _pay(visit: _Visit, *, is_slow: bool) -> bool:
    """Returns whether the payment came through; whoever waits too long gives up."""
    chance = visit.chance
    took = chance.lognormvariate(math.log(9_500 if is_slow else 850), 0.35)
    if is_slow and chance.random() < 0.42:
        visit.act("order.pay", milliseconds=took * 1.8, outcome="error", reason=SLOW_REASON)
        if chance.random() > 0.3:
            return False
        visit.wait(20, 90)
        visit.act("order.pay", milliseconds=took)
        return True
    if chance.random() < 0.03:
        visit.act("order.pay", milliseconds=took, outcome="refused", reason="PAYMENT_DECLINED")
        return False
    visit.act("order.pay", milliseconds=took)
    return True


def _bought(visit: _Visit, price: int) -> None:
    chance = visit.chance
    quantity, order = chance.choice((1, 1, 1, 2)), f"{visit.person}-order"
    visit.act("order.placed", order_id=order, subject=order, total=f"{price * quantity}.00")
    visit.wait(20 * 3_600, 60 * 3_600)
    visit.act("order.shipped", order_id=order, subject=order)
    visit.wait(24 * 3_600, 90 * 3_600)
    visit.act("order.delivered", order_id=order, subject=order)
    if chance.random() < 0.07:
        visit.wait(24 * 3_600, 96 * 3_600)
        visit.act("return.requested", order_id=order, subject=order)
    elif chance.random() < 0.25:
        visit.wait(24 * 3_600, 72 * 3_600)
        visit.act("review.write", subject=order)


def _pick(choices: tuple[tuple[str, int], ...], chance: random.Random) -> str:
    return chance.choices([name for name, _ in choices], [weight for _, weight in choices])[0]
