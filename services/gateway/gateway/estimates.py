"""Recent delivery estimates of checkout, by the goods for which they hold."""

import time
from dataclasses import dataclass
from typing import Any

from sojourn.checkout.v1 import checkout_pb2 as pb


@dataclass(frozen=True, slots=True)
class _Estimate:
    """Ranges are from the first and below the second; None is no limit."""

    options: list[Any]
    ends_at: float
    mass_grams: tuple[int, int]
    subtotal_minor: tuple[int, int | None]

    def holds(self, mass_grams: int, subtotal_minor: int) -> bool:
        least, below = self.subtotal_minor
        is_of_mass = self.mass_grams[0] <= mass_grams < self.mass_grams[1]
        return is_of_mass and least <= subtotal_minor and (below is None or subtotal_minor < below)


class Estimates:
    """Delivery options by channel and currency: at most `entries` in all, none older than
    `seconds`.
    """

    def __init__(self, *, seconds: float, entries: int) -> None:
        self._seconds, self._most = seconds, entries
        self._kept: dict[tuple[str, str], list[_Estimate]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def get(
        self, channel: str, currency: str, mass_grams: int, subtotal_minor: int
    ) -> list[Any] | None:
        """The options for these goods, where they are known."""
        now = time.monotonic()
        for estimate in self._kept.get((channel, currency), ()):
            if estimate.holds(mass_grams, subtotal_minor) and now < estimate.ends_at:
                return estimate.options
        return None

    def put(
        self,
        channel: str,
        asked: pb.EstimateDeliveryRequest,
        reply: pb.EstimateDeliveryResponse,
        options: list[Any],
    ) -> None:
        """Keeps what was answered."""
        if not self._seconds or not self._most:
            return
        now = time.monotonic()
        mass = (reply.mass_from_grams, reply.mass_below_grams)
        subtotal = (reply.subtotal_from_minor, reply.subtotal_below_minor or None)
        if not reply.mass_below_grams:
            mass = (asked.mass_grams, asked.mass_grams + 1)
            subtotal = (asked.subtotal.amount_minor, asked.subtotal.amount_minor + 1)
        if self._count >= self._most:
            self.drop_expired()
        if self._count >= self._most:
            self._kept, self._count = {}, 0
        known = [
            each
            for each in self._kept.get((channel, asked.subtotal.currency), ())
            if now < each.ends_at
        ]
        known.append(_Estimate(options, now + self._seconds, mass, subtotal))
        self._kept[channel, asked.subtotal.currency] = known
        self._count = sum(map(len, self._kept.values()))

    def drop_expired(self) -> None:
        """Drops estimates that are too old to be answered."""
        now = time.monotonic()
        young = {
            key: [each for each in kept if now < each.ends_at] for key, kept in self._kept.items()
        }
        self._kept = {key: kept for key, kept in young.items() if kept}
        self._count = sum(map(len, self._kept.values()))
