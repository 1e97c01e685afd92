"""Documents of orders: when they are issued, their numbers, readers and sums."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from checkout.documents.actions import issue_documents
from services.checkout.tests.checkout_world import World
from services.checkout.tests.en16931 import Invoice
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import documents_pb2 as documents_pb
from sojourn.checkout.v1 import legal_entities_pb2 as entities_pb
from sojourn.checkout.v1.document_events_pb2 import OrderDocumentIssued, OrderDocumentsSent

Refusal = Callable[[Any], Any]


def staff(world: World) -> str:
    return world.tokens.staff("orders.write", "documents.read", "documents.write")


def an_entity(code: str = "default", **fields: Any) -> entities_pb.LegalEntity:
    usual = {
        "name": "Example GmbH",
        "address": entities_pb.LegalEntityAddress(
            street_address="Main Street 1", address_locality="Berlin", address_country="DE"
        ),
        "tax_number": "12/345/67890",
        "issues_invoices": entities_pb.ISSUES_INVOICES_PAID,
        "time_zone": "Europe/Berlin",
    }
    return entities_pb.LegalEntity(code=code, **{**usual, **fields})


async def put(world: World, entity: entities_pb.LegalEntity) -> entities_pb.LegalEntity:
    request = entities_pb.PutLegalEntityRequest(legal_entity=entity)
    return await world.ask(world.entities.PutLegalEntity, request, staff(world))


async def refund(world: World, order: pb.Order, amount_minor: int) -> None:
    request = pb.RefundOrderRequest(
        order_id=order.id, amount=eur(amount_minor), reason=pb.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.RefundOrder, request, staff(world), key=str(uuid7()))


async def issue(world: World, order: pb.Order) -> None:
    async with world.database.tx() as tx:
        await issue_documents(tx, UUID(order.id))


async def listed(
    world: World, order: pb.Order, token: str = ""
) -> list[documents_pb.OrderDocument]:
    request = documents_pb.ListOrderDocumentsRequest(order_id=order.id)
    reply = await world.ask(world.documents.ListOrderDocuments, request, token or staff(world))
    return list(reply.documents)


async def file_of(
    world: World, document: documents_pb.OrderDocument, token: str = "", *, is_pdf: bool = False
) -> documents_pb.OrderDocumentFile:
    request = documents_pb.ReadOrderDocumentRequest(
        order_id=document.order_id,
        document_id=document.id,
        format=None if is_pdf else documents_pb.DOCUMENT_FORMAT_XML,
    )
    return await world.ask(world.documents.ReadOrderDocument, request, token or staff(world))


async def test_an_order_has_its_invoice_once_its_first_parcel_is_on_its_way(world: World) -> None:
    owner_id, order = await world.buy(quantity=2, discount_minor=-5_00)
    await issue(world, order)
    before = await listed(world, order)

    async with world.working():
        await world.ship(order)
        [invoice] = await eventually(lambda: listed(world, order), within=10)
    await issue(world, order)

    assert before == []
    assert [invoice] == await listed(world, order, world.shopper(owner_id))
    assert (invoice.kind, invoice.number, invoice.gross, invoice.paid, invoice.due) == (
        documents_pb.DOCUMENT_KIND_INVOICE,
        f"INV-{invoice.issued_on[:4]}-000001",
        eur(45_00 + 4_90),
        eur(45_00 + 4_90),
        eur(0),
    )
    file = await file_of(world, invoice, world.shopper(owner_id))
    assert file == await file_of(world, invoice)
    assert hashlib.sha256(file.content).hexdigest() == file.sha256
    read = Invoice(file.content)
    assert (read.number, read.problems()) == (invoice.number, [])
    printed = await asyncio.gather(*(file_of(world, invoice, is_pdf=True) for _ in range(3)))
    assert {(each.name, each.media_type) for each in printed} == {
        (f"{invoice.number}.pdf", "application/pdf")
    }
    assert {each.sha256 for each in printed} == {hashlib.sha256(printed[0].content).hexdigest()}
    [told] = await world.events(OrderDocumentIssued)
    assert (told.document_id, told.order_id) == (invoice.id, order.id)


async def test_an_entity_that_wants_it_so_issues_invoices_of_paid_orders(world: World) -> None:
    await put(world, an_entity(invoice_format="R{number:04}"))

    async with world.working():
        _, order = await world.buy()
        [invoice] = await eventually(lambda: listed(world, order), within=10)

    assert invoice.number == "R0001"


async def test_numbers_have_no_gap_when_many_are_issued_and_some_roll_back(world: World) -> None:
    world.stock.on_hand[str(world.variant_id)] = 100
    await put(world, an_entity())
    orders = [(await world.buy())[1] for _ in range(6)]

    async def issue_and_die(order: pb.Order) -> None:
        with contextlib.suppress(ZeroDivisionError):
            async with world.database.tx() as tx:
                await issue_documents(tx, UUID(order.id))
                raise ZeroDivisionError

    await issue_and_die(orders[0])
    await asyncio.gather(
        *(issue(world, order) for order in orders),
        *(issue(world, order) for order in orders),
        *(issue_and_die(order) for order in orders),
    )

    found = [await listed(world, order) for order in orders]
    assert sorted(each.number[-6:] for [each] in found) == [f"{n:06}" for n in range(1, 7)]


@pytest.mark.parametrize("point", ["number", "store", "commit"])
async def test_a_process_that_dies_while_it_issues_leaves_no_gap_and_no_double(
    world: World, tmp_path: Path, point: str
) -> None:
    await put(world, an_entity(mails_documents=True))
    crash = {"CRASH_AT": f"after:issue_document:{point}"}

    async with world.process(**crash, CRASH_MARKER=str(tmp_path / "crashed")) as dying:
        orders = [(await world.buy())[1] for _ in range(3)]
        await refund(world, orders[0], 5_00)
        assert await dying.ended(within=20) == -9
    await world.lapse_leases()

    async def are_issued() -> bool:
        return await world.scalar("SELECT count(*) FROM order_document") == 4

    async with world.working():
        await eventually(are_issued, within=10)

        async def is_over() -> bool:
            kind = "order.issue_documents"
            return await world.scalar("SELECT count(*) FROM timer WHERE kind = %s", [kind]) == 0

        await eventually(is_over, within=10)
    numbers = await world.scalar("SELECT array_agg(number ORDER BY number) FROM order_document")
    year = numbers[0].split("-")[1]
    assert numbers == [f"CN-{year}-000001", *(f"INV-{year}-{n:06}" for n in range(1, 4))]
    mails = await world.events(OrderDocumentsSent)
    assert sorted(each.number for mail in mails for each in mail.documents) == numbers


async def test_an_invoice_less_its_credit_notes_is_what_the_shop_kept(world: World) -> None:
    await put(world, an_entity())
    _, order = await world.buy(quantity=3, discount_minor=-10)
    line = pb.CancelledLineInput(order_line_id=order.lines[0].id, quantity=1)
    cancel = pb.CancelOrderLinesRequest(
        order_id=order.id, lines=[line], reason=pb.ORDER_REASON_BUYER_REQUEST
    )

    await issue(world, order)
    await world.ask(world.orders.CancelOrderLines, cancel, staff(world), key=str(uuid7()))
    await refund(world, order, 10_00)
    await issue(world, order)
    await issue(world, order)

    invoice, *notes = await listed(world, order)
    sums = await world.provider.sums(order.id)
    assert [note.gross for note in notes] == [eur(24_97), eur(10_00)]
    assert {note.invoice_number for note in notes} == {invoice.number}
    assert [note.number[-6:] for note in notes] == ["000001", "000002"]
    kept = invoice.gross.amount_minor - sum(note.gross.amount_minor for note in notes)
    assert kept == sums["net_captured_minor"]
    for note in notes:
        read = Invoice((await file_of(world, note)).content)
        assert (read.kind, read.problems()) == ("381", [])


async def test_an_order_that_is_cancelled_before_its_invoice_has_no_documents(
    world: World,
) -> None:
    _, order = await world.buy()
    request = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)

    await world.ask(world.orders.CancelOrder, request, staff(world))
    await issue(world, order)

    assert await listed(world, order) == []


async def test_synthetic_orders_have_no_documents(world: World) -> None:
    await put(world, an_entity())
    _, order = await world.buy(synthetic=True)

    await issue(world, order)

    assert await world.scalar("SELECT count(*) FROM order_document") == 0
    assert (
        await world.scalar("SELECT count(*) FROM timer WHERE kind = 'order.issue_documents'") == 0
    )


async def test_strangers_see_no_documents_and_staff_find_them(
    world: World, refusal_of: Refusal
) -> None:
    await put(world, an_entity())
    _, order = await world.buy()
    await issue(world, order)
    [invoice] = await listed(world, order)
    stranger = world.shopper(uuid7())
    day = invoice.issued_on

    for asked in (listed(world, order, stranger), file_of(world, invoice, stranger)):
        assert await refusal_of(asked) == "ORDER_NOT_FOUND"
    other = documents_pb.ReadOrderDocumentRequest(order_id=order.id, document_id=str(uuid7()))
    asked = world.ask(world.documents.ReadOrderDocument, other, staff(world))
    assert await refusal_of(asked) == "DOCUMENT_NOT_FOUND"
    filters: list[tuple[dict[str, Any], int]] = [
        ({}, 1), ({"number": invoice.number}, 1), ({"number": "INV-0"}, 0),
        ({"legal_entity": "default", "order_id": order.id}, 1), ({"legal_entity": "other"}, 0),
        ({"kind": documents_pb.DOCUMENT_KIND_CREDIT_NOTE}, 0),
        ({"issued_from": day, "issued_to": day}, 1), ({"issued_to": "2020-01-01"}, 0),
    ]  # fmt: skip
    for fields, count in filters:
        request = documents_pb.ListDocumentsRequest(**fields)
        reply = await world.ask(world.documents.ListDocuments, request, staff(world))
        assert len(reply.documents) == count, fields
    wrong = documents_pb.ListDocumentsRequest(issued_from="2026-02-30")
    asked = world.ask(world.documents.ListDocuments, wrong, staff(world))
    assert await refusal_of(asked) == "INVALID_DOCUMENT_FILTER"


async def test_legal_entities_are_kept_apart_versioned_and_audited(
    world: World, refusal_of: Refusal
) -> None:
    methods, token = world.entities, staff(world)
    asked = entities_pb.ListLegalEntitiesRequest()
    [seed] = (await world.ask(methods.ListLegalEntities, asked, token)).legal_entities
    first = await put(world, an_entity())
    again = await put(world, an_entity())
    at = await put(world, an_entity("at", channels=["at"], vat_id="ATU 63611700"))

    assert (seed.code, seed.version, first.version, again.version) == ("default", 1, 2, 2)
    assert at.vat_id == "ATU63611700"
    wrong = [
        (an_entity("x"), "legal_entity.channels"),
        (an_entity("x", channels=["at"]), "legal_entity.channels"),
        (an_entity("x", channels=["x"], tax_number=""), "legal_entity.vat_id"),
        (an_entity("x", channels=["x"], vat_id="DE1"), "legal_entity.vat_id"),
        (an_entity("x", channels=["x"], invoice_format="R"), "legal_entity.invoice_format"),
        (
            an_entity("x", channels=["x"], credit_note_format="INV-{number}"),
            "legal_entity.credit_note_format",
        ),
        (an_entity("x", channels=["x"], time_zone="Mars"), "legal_entity.time_zone"),
        (
            an_entity("x", channels=["x"], bank_account=entities_pb.BankAccount(iban="DE1")),
            "legal_entity.bank_account.iban",
        ),
        (an_entity("x", channels=["x"], name=" "), "legal_entity.name"),
    ]
    for entity, path in wrong:
        with pytest.raises(DomainError) as caught:
            await put(world, entity)
        assert caught.value.metadata["path"] == path
    stale = entities_pb.DeleteLegalEntityRequest(code="at", expected_version=9)
    assert (
        await refusal_of(world.ask(methods.DeleteLegalEntity, stale, token)) == "VERSION_MISMATCH"
    )
    _, order = await world.buy()
    await issue(world, order)
    used = entities_pb.DeleteLegalEntityRequest(code="default")
    assert (
        await refusal_of(world.ask(methods.DeleteLegalEntity, used, token)) == "LEGAL_ENTITY_IN_USE"
    )
    await world.ask(
        methods.DeleteLegalEntity, entities_pb.DeleteLegalEntityRequest(code="at"), token
    )
    imported = entities_pb.ImportLegalEntitiesRequest(
        legal_entities=[an_entity(), an_entity("ch", channels=["ch"], active=False)]
    )
    done = await world.ask(methods.ImportLegalEntities, imported, token, key=str(uuid7()))
    assert (done.created, done.updated, done.unchanged) == (1, 0, 1)
    assert await world.outbox(kind="LegalEntity") == [
        "LegalEntityChanged", "LegalEntityChanged", "LegalEntityDeleted", "LegalEntityChanged",
    ]  # fmt: skip
    assert await world.scalar("SELECT count(*) FROM audit WHERE action LIKE 'legal_entity.%%'") == 4


async def test_a_pro_forma_invoice_is_there_until_the_invoice_is(
    world: World, refusal_of: Refusal
) -> None:
    _, order = await world.buy()
    request = documents_pb.ReadProFormaRequest(order_id=order.id)

    printed = await world.ask(world.documents.ReadProForma, request, staff(world))
    by_others = await refusal_of(
        world.ask(world.documents.ReadProForma, request, world.shopper(uuid7()))
    )
    await world.ship(order)
    await issue(world, order)
    after = await refusal_of(world.ask(world.documents.ReadProForma, request, staff(world)))

    assert printed.name == f"pro-forma-{order.number}.pdf"
    assert printed.content.startswith(b"%PDF")
    assert printed.sha256 == hashlib.sha256(printed.content).hexdigest()
    assert by_others == "SCOPE_REQUIRED"
    assert after == "ORDER_INVOICED"
    assert await world.scalar("SELECT last FROM document_counter") == 1


async def test_each_shipment_has_a_packing_slip(world: World, refusal_of: Refusal) -> None:
    _, order = await world.buy(quantity=2)
    shipped = await world.ship(order)
    token = world.tokens.staff("orders.read")

    def slip(shipment_id: str) -> Any:
        request = documents_pb.ReadPackingSlipRequest(order_id=order.id, shipment_id=shipment_id)
        return world.ask(world.documents.ReadPackingSlip, request, token)

    printed = await slip(shipped.shipments[0].id)
    unknown = await refusal_of(slip(str(uuid7())))

    assert printed.name == f"packing-slip-{order.number}-1.pdf"
    assert printed.content.startswith(b"%PDF")
    assert unknown == "SHIPMENT_NOT_FOUND"
