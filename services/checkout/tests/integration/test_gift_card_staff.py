"""Gift cards as staff issue, look up, change and import them."""

from __future__ import annotations

from typing import Any

from chassis.runtime.clock import uuid7
from chassis.testing import eur
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import gift_card_events_pb2 as events_pb
from sojourn.checkout.v1 import gift_card_pb2
from sojourn.checkout.v1 import gift_cards_pb2 as pb

READ, WRITE = "gift_cards.read", "gift_cards.write"


async def test_a_repeated_key_answers_the_same_code_and_no_row_has_it_in_plain_text(
    world: World, refusal_of: Any
) -> None:
    token, key = world.tokens.staff(WRITE), str(uuid7())
    request = pb.IssueGiftCardRequest(amount=eur(25_00), note="Sorry for the delay")
    issued, again = [
        await world.ask(world.gift_cards.IssueGiftCard, request, token, key=key) for _ in range(2)
    ]
    other = pb.IssueGiftCardRequest(amount=eur(26_00))
    reused = await refusal_of(world.ask(world.gift_cards.IssueGiftCard, other, token, key=key))
    find = pb.FindGiftCardRequest(code=issued.code.replace("-", " ").lower())
    found = await world.ask(world.gift_cards.FindGiftCard, find, world.tokens.staff(READ))
    plain = issued.code.replace("-", "").encode()
    rows = await world.scalar(
        "SELECT count(*) FROM gift_card WHERE position(%s IN sealed_code) > 0", [plain]
    )
    replies = await world.scalar(
        "SELECT count(*) FROM idempotency WHERE position(%s IN response) > 0",
        [issued.code.encode()],
    )

    assert again == issued
    assert reused == "KEY_REUSED"
    assert found == issued.gift_card
    assert (rows, replies) == (0, 0)
    assert issued.gift_card.balance == eur(25_00)


async def test_staff_changes_have_a_reason_a_version_an_audit_row_and_an_event(
    world: World, refusal_of: Any
) -> None:
    token, issued = world.tokens.staff(WRITE), await world.issue_card(50_00)
    card_id = issued.gift_card.id
    raised = await world.ask(
        world.gift_cards.AdjustGiftCard,
        pb.AdjustGiftCardRequest(
            gift_card_id=card_id, amount=eur(5_00), reason="goodwill", expected_version=1
        ),
        token,
        key=str(uuid7()),
    )
    refusals = [
        await refusal_of(
            world.ask(
                world.gift_cards.AdjustGiftCard,
                pb.AdjustGiftCardRequest(
                    gift_card_id=card_id, amount=eur(amount), reason="test", expected_version=seen
                ),
                token,
                key=str(uuid7()),
            )
        )
        for amount, seen in ((1, 1), (-55_01, 0), (0, 0))
    ]
    disable = pb.DisableGiftCardRequest(gift_card_id=card_id, expected_version=raised.version)
    stopped = [await world.ask(world.gift_cards.DisableGiftCard, disable, token) for _ in range(2)]
    enable = pb.EnableGiftCardRequest(gift_card_id=card_id)
    enabled = await world.ask(world.gift_cards.EnableGiftCard, enable, token)
    actions = await world.scalar(
        "SELECT array_agg(action ORDER BY id) FROM audit WHERE subject = %s",
        [f"gift_card:{card_id}"],
    )
    events = await world.events(events_pb.GiftCardChanged)

    assert refusals == ["VERSION_MISMATCH", "GIFT_CARD_BALANCE_TOO_LOW", "INVALID_GIFT_CARD"]
    assert raised.balance == eur(55_00)
    assert stopped[0] == stopped[1]
    assert stopped[0].status == gift_card_pb2.GIFT_CARD_STATUS_DISABLED
    assert enabled.status == gift_card_pb2.GIFT_CARD_STATUS_ACTIVE
    assert actions == [
        "gift_card.issue", "gift_card.adjust", "gift_card.disable", "gift_card.enable",
    ]  # fmt: skip
    assert [each.version for each in events] == [1, 2, 3, 4]


async def test_cards_of_another_system_are_brought_once_and_all_or_none(
    world: World, refusal_of: Any
) -> None:
    token, reader = world.tokens.staff(WRITE), world.tokens.staff(READ)

    async def bring(*cards: tuple[str, int]) -> Any:
        given = [pb.ImportedGiftCard(code=code, balance=eur(amount)) for code, amount in cards]
        request = pb.ImportGiftCardsRequest(gift_cards=given)
        return await world.ask(world.gift_cards.ImportGiftCards, request, token, key=str(uuid7()))

    first = await bring(("OLD-CARD-0001", 10_00), ("OLD-CARD-0002", 20_00))
    again = await bring(("old card 0001", 10_00), ("OLD-CARD-0003", 30_00))
    refusals = [
        await refusal_of(bring(("OLD-CARD-0004", 1_00), wrong))
        for wrong in (("SHORT-7", 1_00), ("OLD-CARD-0004", 1_00), ("OLD-CARD-0005", 0))
    ]
    listed = await world.ask(
        world.gift_cards.ListGiftCards,
        pb.ListGiftCardsRequest(source=pb.GIFT_CARD_SOURCE_IMPORTED),
        reader,
    )
    of_ending = await world.ask(
        world.gift_cards.ListGiftCards, pb.ListGiftCardsRequest(ending="0002"), reader
    )

    assert (first.created, first.unchanged) == (2, 0)
    assert (again.created, again.unchanged) == (1, 1)
    assert refusals == ["INVALID_FIELD", "INVALID_GIFT_CARD", "INVALID_GIFT_CARD"]
    assert sorted(each.ending for each in listed.gift_cards) == ["0001", "0002", "0003"]
    assert [each.balance for each in of_ending.gift_cards] == [eur(20_00)]
