"""Links to documents in mails: one mail a commit, links that last, and mails on request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.runtime.clock import uuid7
from checkout.documents.actions import issue_documents
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import documents_pb2 as documents_pb
from sojourn.checkout.v1 import legal_entities_pb2 as entities_pb
from sojourn.checkout.v1.document_events_pb2 import OrderDocumentsSent


async def invoiced(world: World) -> pb.Order:
    _, order = await world.buy()
    shipped = await world.ship(order)
    for _ in range(2):
        async with world.database.tx() as tx:
            await issue_documents(tx, UUID(order.id))
    return shipped


async def read_mailed(world: World, token: str) -> documents_pb.OrderDocumentFile:
    request = documents_pb.ReadMailedDocumentRequest(
        token=token, format=documents_pb.DOCUMENT_FORMAT_XML
    )
    return await world.ask(world.documents.ReadMailedDocument, request, "")


async def test_an_invoice_is_mailed_once_with_a_link_that_opens_often(
    world: World, refusal_of: Any
) -> None:
    order = await invoiced(world)

    [event] = await world.events(OrderDocumentsSent)
    [sent] = event.documents
    files = [await read_mailed(world, sent.token) for _ in range(2)]
    async with world.database.tx() as tx:
        await tx.run("UPDATE document_link SET expires_at = created_at")
    late = await refusal_of(read_mailed(world, sent.token))
    forged = await refusal_of(read_mailed(world, "forged"))

    assert (event.order_id, event.email) == (order.id, "ada@example.org")
    assert sent.number.encode() in files[0].content
    assert files[0] == files[1]
    assert (late, forged) == ("DOCUMENT_LINK_NOT_FOUND", "DOCUMENT_LINK_NOT_FOUND")
    assert await world.scalar("SELECT token_digest FROM document_link") != sent.token.encode()


async def test_staff_send_a_document_again_once_a_key(world: World, refusal_of: Any) -> None:
    await invoiced(world)
    [first] = await world.events(OrderDocumentsSent)
    request = documents_pb.ResendDocumentRequest(document_id=first.documents[0].document_id)
    token, key = world.tokens.staff("documents.write"), str(uuid7())

    for _ in range(2):
        await world.ask(world.documents.ResendDocument, request, token, key=key)
    refused = await refusal_of(
        world.ask(
            world.documents.ResendDocument,
            request,
            world.tokens.staff("documents.read"),
            key=str(uuid7()),
        )
    )

    _, again = await world.events(OrderDocumentsSent)
    assert again.documents[0].document_id == first.documents[0].document_id
    assert again.documents[0].token != first.documents[0].token
    assert (await read_mailed(world, first.documents[0].token)).content
    assert refused == "SCOPE_REQUIRED"
    audited = "SELECT count(*) FROM audit WHERE action = 'document.resend'"
    assert await world.scalar(audited) == 1


async def test_a_legal_entity_may_mail_nothing_and_orders_without_an_address_are_not_mailed(
    world: World, refusal_of: Any
) -> None:
    entity = entities_pb.LegalEntity(
        code="default",
        name="Example GmbH",
        address=entities_pb.LegalEntityAddress(
            street_address="Main Street 1", address_locality="Berlin", address_country="DE"
        ),
        tax_number="12/345/67890",
        mails_documents=False,
    )
    stored = await world.ask(
        world.entities.PutLegalEntity,
        entities_pb.PutLegalEntityRequest(legal_entity=entity),
        world.tokens.staff("documents.write"),
    )
    order = await invoiced(world)
    document_id = await world.scalar("SELECT id FROM order_document")
    async with world.database.tx() as tx:
        await tx.run("UPDATE orders SET email = '' WHERE id = %s", [UUID(order.id)])
    refused = await refusal_of(
        world.ask(
            world.documents.ResendDocument,
            documents_pb.ResendDocumentRequest(document_id=str(document_id)),
            world.tokens.staff("documents.write"),
            key=str(uuid7()),
        )
    )

    assert (stored.mails_documents, stored.link_days) == (False, 30)
    assert await world.events(OrderDocumentsSent) == []
    assert refused == "ORDER_WITHOUT_EMAIL"
