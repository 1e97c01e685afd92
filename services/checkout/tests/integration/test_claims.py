"""Claims: reported by buyers, and settled once by staff."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from checkout.documents.actions import issue_documents
from checkout.merchant_settings import directory
from checkout.order_exports.journal import Entry
from checkout.order_exports.model import ExportKind, ExportOptions
from checkout.order_exports.parts import Place, journal_page
from services.checkout.tests.checkout_world import PRICE_MINOR, World
from services.checkout.tests.integration import test_credit_limits as invoices
from services.checkout.tests.integration.test_exchanges import another, read
from services.checkout.tests.integration.test_returns import (
    a_line,
    delivered,
    request,
    staff,
)
from sojourn.checkout.v1 import checkout_pb2, claims_pb2, claims_pb2_grpc, return_pb2, returns_pb2
from sojourn.checkout.v1 import claim_pb2 as pb

REFUND, RETURN = pb.CLAIM_SETTLEMENT_REFUND, pb.CLAIM_SETTLEMENT_RETURN
REPLACEMENT = pb.CLAIM_SETTLEMENT_REPLACEMENT


async def report(
    world: World, order: checkout_pb2.Order, quantity: int, *, token: str = "", **line: Any
) -> pb.Claim:
    usual = {"order_line_id": order.lines[0].id, "problem": pb.CLAIM_PROBLEM_DAMAGED}
    asked = claims_pb2.OpenClaimRequest(
        order_id=order.id,
        lines=[claims_pb2.ClaimLineInput(quantity=quantity, **{**usual, **line})],
        note="The box was open.",
    )
    return await world.ask(world.claims.OpenClaim, asked, token or staff(world), key=str(uuid7()))


async def settle(world: World, claim: pb.Claim, settlement: Any, **fields: Any) -> pb.Claim:
    asked = claims_pb2.SettleClaimRequest(claim_id=claim.id, settlement=settlement, **fields)
    return await world.ask(world.claims.SettleClaim, asked, staff(world), key=str(uuid7()))


async def refunded(world: World, order: checkout_pb2.Order) -> int:
    return (await world.provider.sums(order.id))["refunded_minor"]


async def test_a_claim_is_settled_once_and_its_goods_are_not_sent_back_too(
    world: World, refusal_of: Any
) -> None:
    owner_id, order = await delivered(world, quantity=3)
    claim = await report(world, order, 2, token=world.shopper(owner_id))
    too_many = await refusal_of(report(world, order, 2))
    settled = await asyncio.gather(*(settle(world, claim, REFUND) for _ in range(3)))
    another_way = await refusal_of(settle(world, claim, REPLACEMENT))
    withdrawn = await refusal_of(
        world.ask(
            world.claims.WithdrawClaim,
            claims_pb2.WithdrawClaimRequest(claim_id=claim.id),
            world.shopper(owner_id),
        )
    )
    sent_back = await refusal_of(request(world, order, a_line(order, 2)))
    rest = await request(world, order, a_line(order, 1))

    async def is_refunded() -> bool:
        return await refunded(world, order) == 2 * PRICE_MINOR

    async with world.working():
        await eventually(is_refunded)
    assert (claim.status, claim.note) == (pb.CLAIM_STATUS_OPEN, "The box was open.")
    assert {each.refunded.amount_minor for each in settled} == {2 * PRICE_MINOR}
    assert (too_many, another_way, withdrawn, sent_back) == (
        "QUANTITY_EXCEEDS_CLAIMABLE",
        "WRONG_CLAIM_STATUS",
        "WRONG_CLAIM_STATUS",
        "QUANTITY_EXCEEDS_RETURNABLE",
    )
    assert rest.status == return_pb2.RETURN_STATUS_REQUESTED
    assert await world.outbox(kind="ClaimChanged") == ["ClaimChanged"] * 2


async def test_goods_are_sent_anew_without_a_price_and_from_the_stock(world: World) -> None:
    owner_id, order = await delivered(world, quantity=2)
    variant_id = order.lines[0].item.variant_id
    world.catalog.sell(UUID(variant_id), price_minor=PRICE_MINOR)
    before = world.stock.on_hand[variant_id]
    claim = await report(world, order, 1, problem=pb.CLAIM_PROBLEM_MISSING)
    settled = await settle(world, claim, REPLACEMENT)
    again = await settle(world, claim, REPLACEMENT)
    second = await world.ship(await read(world, settled.replacement_order_id))

    assert again.replacement_order_id == second.id
    assert (second.owner_id, second.replaces_order_id) == (str(owner_id), order.id)
    assert [each.item.total.amount_minor for each in second.lines] == [0]
    assert list(second.payments) == []
    assert second.status == checkout_pb2.ORDER_STATUS_SHIPPED
    assert world.stock.on_hand[variant_id] == before - 1
    assert await refunded(world, order) == 0


async def test_a_claim_whose_replacement_is_sold_out_is_settled_in_another_way(
    world: World, refusal_of: Any
) -> None:
    _, order = await delivered(world, quantity=2)
    line_id = order.lines[0].id
    claim = await report(world, order, 1)
    wish = claims_pb2.SettleClaimRequest(claim_id=claim.id).lines.add(
        order_line_id=line_id, variant_id=another(world, on_hand=0)
    )
    sold_out = await refusal_of(settle(world, claim, REPLACEMENT, lines=[wish]))
    settled = await settle(world, claim, REFUND, amount=eur(5_00))

    assert sold_out == "OUT_OF_STOCK"
    assert (settled.settlement, settled.refunded.amount_minor) == (REFUND, 5_00)
    assert settled.replacement_order_id == ""


async def test_a_claim_may_be_settled_by_a_return_but_not_of_what_is_missing(
    world: World, refusal_of: Any
) -> None:
    _, order = await delivered(world, quantity=3)
    missing = await report(world, order, 1, problem=pb.CLAIM_PROBLEM_MISSING)
    refused = await refusal_of(settle(world, missing, RETURN, return_reason="damaged"))
    claim = await report(world, order, 2)
    unknown = await refusal_of(settle(world, claim, RETURN, return_reason="no-such"))
    too_much = await refusal_of(settle(world, claim, REFUND, amount=eur(2 * PRICE_MINOR + 1)))
    settled = await settle(world, claim, RETURN, return_reason="damaged")
    asked = returns_pb2.GetReturnRequest(return_id=settled.return_id)
    made = await world.ask(world.returns.GetReturn, asked, staff(world))

    assert (refused, unknown, too_much) == (
        "INVALID_CLAIM", "UNKNOWN_RETURN_REASON", "INVALID_AMOUNT",
    )  # fmt: skip
    assert made.status == return_pb2.RETURN_STATUS_ACCEPTED
    assert made.lines[0].item.quantity.steps == 2
    assert await world.outbox(kind="ReturnRequested") == []


async def test_a_stranger_sees_no_claim_and_a_rejected_one_frees_its_goods(
    world: World, refusal_of: Any
) -> None:
    owner_id, order = await delivered(world, quantity=2)
    claim = await report(world, order, 2, token=world.shopper(owner_id))
    stranger = await refusal_of(report(world, order, 1, token=world.shopper(uuid7())))
    asked = claims_pb2.GetClaimRequest(claim_id=claim.id)
    unseen = await refusal_of(world.ask(world.claims.GetClaim, asked, world.shopper(uuid7())))
    reject = claims_pb2.RejectClaimRequest(claim_id=claim.id, shop_note="It was used.")
    rejected = await world.ask(world.claims.RejectClaim, reject, staff(world))
    mine = await world.ask(
        world.claims.ListClaims, claims_pb2.ListClaimsRequest(), world.shopper(owner_id)
    )
    made = await request(world, order, a_line(order, 2))

    assert (stranger, unseen) == ("ORDER_NOT_FOUND", "CLAIM_NOT_FOUND")
    assert (rejected.status, rejected.shop_note) == (pb.CLAIM_STATUS_REJECTED, "It was used.")
    assert [each.id for each in mine.claims] == [claim.id]
    assert made.status == return_pb2.RETURN_STATUS_REQUESTED


async def test_a_claim_and_a_return_of_the_same_goods_at_once_are_not_both_taken(
    world: World,
) -> None:
    _, order = await delivered(world, quantity=2)
    claims = [report(world, order, 2) for _ in range(2)]
    returns = [request(world, order, a_line(order, 2)) for _ in range(2)]
    answers = await asyncio.gather(*claims, *returns, return_exceptions=True)

    refusals = {getattr(each, "reason", "") for each in answers} - {""}
    assert sum(not isinstance(each, BaseException) for each in answers) == 1
    assert refusals <= {"QUANTITY_EXCEEDS_CLAIMABLE", "QUANTITY_EXCEEDS_RETURNABLE"}


@pytest.mark.parametrize("settlement", [REFUND, REPLACEMENT])
async def test_a_settlement_whose_process_dies_is_made_once(
    world: World, tmp_path: Path, settlement: pb.ClaimSettlement.ValueType
) -> None:
    _, order = await delivered(world, quantity=2)
    variant_id = another(world)
    claim = await report(world, order, 1)
    asked = claims_pb2.SettleClaimRequest(claim_id=claim.id, settlement=settlement)
    asked.lines.add(order_line_id=order.lines[0].id, variant_id=variant_id)
    crash = {"CRASH_AT": "after:claim:commit", "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        there = running.peer.stub(claims_pb2_grpc.ClaimServiceStub)
        killed = asyncio.ensure_future(
            running.peer.ask(
                there.SettleClaim, asked, authorization=staff(world), key=str(uuid7()), timeout=5
            )
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await killed
    await world.lapse_leases()
    is_refund = settlement is REFUND

    async def is_made() -> bool:
        on_hand = world.stock.on_hand[variant_id]
        return (await refunded(world, order), on_hand) == (
            (PRICE_MINOR, 5) if is_refund else (0, 4)
        )

    async with world.working():
        again = await settle(world, claim, settlement)
        await eventually(is_made)
    made = await world.scalar(
        "SELECT count(*) FROM orders WHERE replaces_order_id = %s", [UUID(order.id)]
    )

    assert (again.status, again.settlement) == (pb.CLAIM_STATUS_SETTLED, settlement)
    assert made == (0 if is_refund else 1)
    assert await world.outbox(kind="ClaimChanged") == ["ClaimChanged"] * 2


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
async def test_what_a_claim_takes_off_an_unpaid_invoice_is_in_the_books_and_has_a_credit_note(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    customer_id = uuid7()
    await invoices.put(world, customer_id)
    order = await invoices.complete(world, await invoices.begun(world, customer_id), customer_id)
    await world.ship(order)
    async with world.database.tx() as tx:
        await issue_documents(tx, UUID(order.id))
    settled = await settle(world, await report(world, order, 1), REFUND, amount=eur(5_00))
    async with world.database.tx() as tx:
        [note] = await issue_documents(tx, UUID(order.id))
        since, until = tx.now - timedelta(days=1), tx.now + timedelta(days=1)
        options = ExportOptions(kind=ExportKind.JOURNAL, since=since, until=until)
        place, entries = Place(0, None), list[Entry]()
        while place:
            page, place = await journal_page(tx, options, place)
            entries += page
    owed = await invoices.put(world, customer_id)

    total = order.payments[0].amount.amount_minor
    assert (settled.voided.amount_minor, settled.refunded.amount_minor) == (5_00, 0)
    assert owed.outstanding.amount_minor == total - 5_00
    assert note.content.gross_minor == 5_00
    assert [each.kind for each in entries] == ["sale", "claim"]
    receivable = sum(
        one.amount_minor for each in entries for one in each.postings if one.account == "receivable"
    )
    assert receivable == total - 5_00
