"""Codes of gift cards, and the division of an order over them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.runtime.clock import uuid7
from chassis.runtime.sealing import WrongSeal
from checkout.errors.gift_cards import GiftCardBalanceTooLow
from checkout.gift_cards.codes import GiftCardCodes, new_code, normalize_code, shown_code
from checkout.gift_cards.model import (
    EntryKind,
    GiftCard,
    GiftCardProblem,
    GiftCardSettings,
    GiftCardSource,
    GiftCardStatus,
)
from checkout.gift_cards.shares import share_among_cards

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CODES = GiftCardCodes(b"k" * 32)


def a_card(balance_minor: int = 50_00, **fields: Any) -> GiftCard:
    usual: dict[str, Any] = {
        "id": uuid7(), "code_hash": b"", "sealed_code": b"", "ending": "ABCD",
        "source": GiftCardSource.ISSUED, "channel": "default", "currency": "EUR",
        "initial_minor": balance_minor, "balance_minor": balance_minor, "created_at": NOW,
    }  # fmt: skip
    return GiftCard(**{**usual, **fields})


def test_a_code_is_found_however_it_is_typed_and_opens_for_its_card_alone() -> None:
    card_id, code = uuid7(), new_code()
    sealed = CODES.seal(code, card_id)

    assert normalize_code(shown_code(code).lower()) == code
    for changed in (
        shown_code(code).replace("-", "\u2013"),
        f"\ufeff\u201c{shown_code(code)}\u201d\u00a0",
        "".join(chr(ord(one) + 0xFEE0) for one in code),
    ):
        assert normalize_code(changed) == code
    assert CODES.hash(shown_code(code).lower()) == CODES.hash(code)
    assert CODES.hash(code) != GiftCardCodes(b"l" * 32).hash(code)
    assert CODES.open(sealed, card_id) == code
    assert code.encode() not in sealed
    with pytest.raises(WrongSeal):
        CODES.open(sealed, uuid7())


@given(st.lists(st.integers(0, 100), max_size=4), st.integers(0, 200))
def test_cards_pay_in_their_order_as_much_as_they_can_and_no_more(
    balances: list[int], payable: int
) -> None:
    shares = share_among_cards([a_card(each) for each in balances], payable_minor=payable, now=NOW)
    paid = [share.pays_minor for share in shares]

    assert sum(paid) == min(sum(balances), payable)
    assert all(pays <= balance for pays, balance in zip(paid, balances, strict=True))
    # A later card pays only where the earlier ones gave all.
    for index, pays in enumerate(paid):
        assert not pays or paid[:index] == balances[:index]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"status": GiftCardStatus.DISABLED}, GiftCardProblem.DISABLED),
        ({"status": GiftCardStatus.REVOKED}, GiftCardProblem.DISABLED),
        ({"expires_at": NOW}, GiftCardProblem.EXPIRED),
        ({"reserved_minor": 50_00}, GiftCardProblem.EMPTY),
        ({"expires_at": NOW + timedelta(seconds=1)}, None),
    ],
)
def test_a_card_that_cannot_pay_says_why(
    fields: dict[str, Any], problem: GiftCardProblem | None
) -> None:
    [share] = share_among_cards([a_card(**fields)], payable_minor=10_00, now=NOW)

    assert share.problem is problem
    assert share.pays_minor == (0 if problem else 10_00)


def test_what_orders_hold_is_neither_paid_again_nor_taken_off() -> None:
    card = a_card(50_00)
    card.reserve(30_00)

    with pytest.raises(GiftCardBalanceTooLow):
        card.reserve(20_01)
    with pytest.raises(GiftCardBalanceTooLow):
        card.book(EntryKind.ADJUSTMENT, -20_01, NOW)
    entry = card.book(EntryKind.ADJUSTMENT, -20_00, NOW, reason="spent in the store")

    assert (entry.amount_minor, entry.balance_minor) == (-20_00, 30_00)
    assert card.available_minor == 0


def test_a_refund_lets_an_expired_card_pay_again_where_the_channel_has_it_so() -> None:
    over, open_end = a_card(expires_at=NOW - timedelta(days=1)), a_card()
    GiftCardSettings(channel="a", refund_days=0).extend(over, NOW)
    stays = over.expires_at
    for card in (over, open_end):
        GiftCardSettings(channel="a").extend(card, NOW)

    assert stays == NOW - timedelta(days=1)
    assert over.expires_at == NOW + timedelta(days=90)
    assert open_end.expires_at is None
