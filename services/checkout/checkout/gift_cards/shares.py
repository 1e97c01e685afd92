"""Division of an order over the gift cards that pay of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from checkout.gift_cards.model import GiftCard, GiftCardProblem


@dataclass(frozen=True, slots=True)
class AppliedGiftCards:
    """The cards of a checkout in the order in which they pay, and whether they pay gift cards."""

    cards: tuple[GiftCard, ...] = ()
    pays_gift_cards: bool = False


NO_GIFT_CARDS: Final = AppliedGiftCards()


@dataclass(frozen=True, slots=True)
class GiftCardShare:
    """A card in a checkout, and what it pays, in minor units of the checkout's currency."""

    card_id: UUID
    ending: str
    pays_minor: int
    available_minor: int
    expires_at: datetime | None
    problem: GiftCardProblem | None
    is_store_credit: bool = False


def share_among_cards(
    cards: Sequence[GiftCard], *, payable_minor: int, now: datetime
) -> tuple[GiftCardShare, ...]:
    """Returns what each card pays of an amount: each as much as it can, the first one first."""
    left, shares = max(payable_minor, 0), list[GiftCardShare]()
    for card in cards:
        problem = card.problem(now)
        pays = 0 if problem else min(card.available_minor, left)
        left -= pays
        shares.append(
            GiftCardShare(
                card.id,
                card.ending,
                pays,
                card.available_minor,
                card.expires_at,
                problem,
                card.is_store_credit,
            )
        )
    return tuple(shares)
