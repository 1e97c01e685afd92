"""Alerts of stock and prices: double opt-in for guests, and one event a cause."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from catalog.directory import Directory
from catalog.maintenance import timers
from catalog.subscriptions.causes import TELL
from chassis.data.database import Database
from chassis.rpc.errors import Invalid, NotFound, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2, subscriptions_pb2_grpc
from sojourn.catalog.v1 import subscriptions_pb2 as pb
from sojourn.catalog.v1.subscription_events_pb2 import AlertConfirmationRequested, AlertTriggered

ANA = "ana@example.com"


class Alerts:
    """Alerts about the one variant of a product."""

    def __init__(self, shop: Replica) -> None:
        self.shop = shop
        self.service = shop.peer.stub(subscriptions_pb2_grpc.AlertServiceStub)

    async def sell(self, sku: str, *, stock: int, price: int = 50_00) -> str:
        product = a_product(
            "Lamp",
            external_id=sku,
            slug=sku,
            variants=[a_variant(sku=sku, stock=stock, price=price)],
        )
        await self.shop.import_products(product)
        return (await self.shop.product(sku)).variants[0].id

    async def ask(
        self,
        variant_id: str,
        kind: int = pb.ALERT_KIND_BACK_IN_STOCK,
        *,
        customer: UUID | None = None,
        **fields: Any,
    ) -> bool:
        request = pb.CreateAlertRequest(
            variant_id=variant_id,
            kind=kind,  # type: ignore[arg-type]
            **{"email": ANA, "address_confirmed": customer is not None, **fields},
        )
        reply = await self.shop.ask(
            self.service.CreateAlert,
            request,
            authorization=self.shop.tokens.customer(customer) if customer else "",
        )
        return bool(reply.needs_confirmation)

    async def confirm(self, token: str) -> None:
        await self.shop.ask(self.service.ConfirmAlert, pb.ConfirmAlertRequest(token=token))

    async def told(self, count: int) -> list[AlertTriggered]:
        async def look() -> bool:
            return len(await events_of(self.shop.database, AlertTriggered)) >= count

        await eventually(look)
        return await events_of(self.shop.database, AlertTriggered)

    async def mine(self, customer: UUID) -> list[pb.Alert]:
        reply = await self.shop.ask(
            self.service.ListMyAlerts,
            pb.ListMyAlertsRequest(),
            authorization=self.shop.tokens.customer(customer),
        )
        return list(reply.alerts)


@pytest.fixture
def alerts(shop: Replica) -> Alerts:
    return Alerts(shop)


async def test_a_guest_confirms_and_is_told_once_that_it_is_back(
    alerts: Alerts, database: Database
) -> None:
    shop, variant_id = alerts.shop, await alerts.sell("lamp", stock=0)

    assert await alerts.ask(variant_id)
    assert await alerts.ask(variant_id)
    [asked] = await events_of(database, AlertConfirmationRequested)
    await shop.set_stock("lamp", 5)
    await shop.set_stock("lamp", 0)
    await alerts.confirm(asked.token)
    await alerts.confirm(asked.token)
    await shop.set_stock("lamp", 3)
    [told] = await alerts.told(1)
    handler = timers(database, Directory())[TELL]
    await handler(type("Due", (), {"key": told and str((await shop.product("lamp")).id)})())  # type: ignore[arg-type]

    assert (asked.email, asked.locale) == (ANA, "en")
    assert (told.email, told.title, told.product_slug) == (ANA, "Lamp", "lamp")
    assert told.end_token == asked.end_token
    assert told.price.amount_minor == 50_00
    assert len(await events_of(database, AlertTriggered)) == 1
    async with database.read() as read:
        assert await read.fetch("SELECT 1 FROM alert") == []


async def test_a_customer_hears_of_each_lower_price_and_of_no_other(
    alerts: Alerts, database: Database
) -> None:
    jane = uuid7()
    variant_id = await alerts.sell("lamp", stock=5)
    assert not await alerts.ask(variant_id, pb.ALERT_KIND_PRICE_DROP, customer=jane)
    assert not await alerts.ask(
        variant_id,
        pb.ALERT_KIND_PRICE_DROP,
        customer=uuid7(),
        email="bo@example.com",
        most_minor=30_00,
    )

    for price in (60_00, 40_00, 45_00, 40_00, 25_00):
        await alerts.sell("lamp", stock=5, price=price)
        if price == 40_00:
            await alerts.told(1)
    told = await alerts.told(3)

    assert [(each.email, each.price.amount_minor, each.price_before.amount_minor) for each in told][
        :1
    ] == [(ANA, 40_00, 50_00)]
    assert sorted((each.email, each.price.amount_minor) for each in told[1:]) == [
        (ANA, 25_00),
        ("bo@example.com", 25_00),
    ]
    [mine] = await alerts.mine(jane)
    assert (mine.below.amount_minor, mine.active) == (25_00, True)
    assert await events_of(database, AlertConfirmationRequested) == []


async def test_a_link_of_each_mail_ends_the_alert(alerts: Alerts, database: Database) -> None:
    shop, jane = alerts.shop, uuid7()
    variant_id = await alerts.sell("lamp", stock=0)
    await alerts.ask(variant_id)
    [asked] = await events_of(database, AlertConfirmationRequested)
    await alerts.confirm(asked.token)

    for token in (asked.end_token, asked.end_token, "unknown"):
        await shop.ask(alerts.service.EndAlert, pb.EndAlertRequest(token=token))
    await alerts.ask(variant_id, customer=jane)
    [mine] = await alerts.mine(jane)
    await shop.ask(
        alerts.service.DeleteMyAlert,
        pb.DeleteMyAlertRequest(id=mine.id, expected_version=mine.version),
        authorization=shop.tokens.customer(jane),
    )
    await shop.set_stock("lamp", 3)

    assert await alerts.mine(jane) == []
    with pytest.raises(NotFound):
        await alerts.confirm(asked.token)
    assert await events_of(database, AlertTriggered) == []


async def test_an_alert_that_makes_no_sense_is_refused(alerts: Alerts) -> None:
    variant_id = await alerts.sell("lamp", stock=5)
    drop = pb.ALERT_KIND_PRICE_DROP
    with pytest.raises(Refused) as available:
        await alerts.ask(variant_id)
    with pytest.raises(Invalid) as address:
        await alerts.ask(variant_id, drop, email="nobody")
    with pytest.raises(Invalid) as price:
        await alerts.ask(variant_id, drop, most_minor=50_00)
    with pytest.raises(NotFound):
        await alerts.ask(str(uuid7()), drop)
    with pytest.raises(Invalid):
        await alerts.ask(variant_id, drop, view=catalog_pb2.View(currency="XXX"))

    assert available.value.reason == "ALREADY_AVAILABLE"
    assert address.value.metadata["path"] == "email"
    assert price.value.metadata["path"] == "most_minor"
