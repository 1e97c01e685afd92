"""Related products: by hand in their order, by rules, and by what orders have together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Invalid, NotFound, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from services.catalog.tests.engagement import an_order, cancelled, deliver, placed
from sojourn.catalog.v1 import (
    catalog_pb2,
    recommendations_pb2,
    recommendations_pb2_grpc,
    related_pb2_grpc,
)
from sojourn.catalog.v1 import related_pb2 as pb
from sojourn.catalog.v1.catalog_pb2 import (
    PRODUCT_RELATION_ACCESSORY,
    PRODUCT_RELATION_BOUGHT_TOGETHER,
    PRODUCT_RELATION_CROSS_SELL,
    PRODUCT_RELATION_SUBSTITUTE,
    PRODUCT_RELATION_UP_SELL,
)
from sojourn.catalog.v1.related_events_pb2 import RelatedProductListChanged, RelationRuleChanged


class Related:
    """Staff's related products."""

    def __init__(self, shop: Replica) -> None:
        self.shop, self.admin = (
            shop,
            shop.peer.stub(related_pb2_grpc.RelatedProductAdminServiceStub),
        )

    async def products(self, *names: str, **fields: Any) -> list[str]:
        imported = await self.shop.import_products(*(a_product(name, **fields) for name in names))
        return list(imported.product_ids)

    async def put(
        self,
        product_id: str,
        *related: str,
        relation: int = PRODUCT_RELATION_CROSS_SELL,
        version: int = 0,
    ) -> pb.RelatedProductList:
        request = pb.PutRelatedProductListRequest(
            product_id=product_id,
            relation=relation,  # type: ignore[arg-type]
            product_ids=related,
            expected_version=version,
        )
        return await self.shop.as_staff(self.admin.PutRelatedProductList, request)  # type: ignore[no-any-return]

    async def rule(self, code: str, **fields: Any) -> pb.RelationRule:
        request = pb.PutRelationRuleRequest(code=code, rule=pb.RelationRuleInput(**fields))
        return await self.shop.as_staff(self.admin.PutRelationRule, request)  # type: ignore[no-any-return]

    async def shown(self, product_id: str) -> dict[int, list[str]]:
        page = await self.shop.product(id=product_id)
        return {each.relation: [card.title for card in each.products] for each in page.related}

    async def shows(self, product_id: str, wanted: dict[int, list[str]]) -> None:
        async def look() -> bool:
            return await self.shown(product_id) == wanted

        await eventually(look)


@pytest.fixture
def related(shop: Replica) -> Related:
    return Related(shop)


async def test_a_list_by_hand_is_shown_in_its_order_changed_and_deleted(
    related: Related, database: Database
) -> None:
    shop = related.shop
    jacket, hat, scarf, coat = await related.products("Jacket", "Hat", "Scarf", "Coat")

    made = await related.put(jacket, scarf, hat)
    await related.put(jacket, coat, relation=PRODUCT_RELATION_UP_SELL)
    first = await related.shown(jacket)
    same = await related.put(jacket, scarf, hat)
    changed = await shop.as_staff(
        related.admin.UpdateRelatedProductList,
        pb.UpdateRelatedProductListRequest(
            product_id=jacket,
            relation=PRODUCT_RELATION_CROSS_SELL,
            add=[coat, hat],
            remove=[scarf],
            expected_version=1,
        ),
    )
    with pytest.raises(Stale):
        await related.put(jacket, scarf, version=1)
    second = await related.shown(jacket)
    await shop.as_staff(
        related.admin.DeleteRelatedProductList,
        pb.DeleteRelatedProductListRequest(
            product_id=jacket, relation=PRODUCT_RELATION_CROSS_SELL, expected_version=2
        ),
    )
    kept = await shop.as_staff(
        related.admin.ListRelatedProducts, pb.ListRelatedProductsRequest(product_id=jacket)
    )

    assert first == {
        PRODUCT_RELATION_CROSS_SELL: ["Scarf", "Hat"],
        PRODUCT_RELATION_UP_SELL: ["Coat"],
    }
    assert (made.version, same.version, changed.version) == (1, 1, 2)
    assert second[PRODUCT_RELATION_CROSS_SELL] == ["Hat", "Coat"]
    assert await related.shown(jacket) == {PRODUCT_RELATION_UP_SELL: ["Coat"]}
    assert [each.relation for each in kept.lists] == [PRODUCT_RELATION_UP_SELL]
    told = await events_of(database, RelatedProductListChanged)
    assert [each.version for each in told] == [1, 1, 2, 0]


async def test_a_list_of_what_cannot_be_beside_is_refused_with_its_place(
    related: Related,
) -> None:
    jacket, hat = await related.products("Jacket", "Hat")
    for wrong, path in (
        ([hat, jacket], "product_ids[1]"),
        ([hat, hat], "product_ids[1]"),
        ([str(uuid7())], "product_ids"),
    ):
        with pytest.raises(Invalid) as refusal:
            await related.put(jacket, *wrong)
        assert refusal.value.metadata["path"] == path
    with pytest.raises(Invalid):
        await related.put(jacket, hat, relation=PRODUCT_RELATION_BOUGHT_TOGETHER)
    with pytest.raises(NotFound):
        await related.put(str(uuid7()), hat)

    assert await related.shown(jacket) == {}


async def test_a_product_that_is_not_offered_is_not_shown_beside_another(
    related: Related,
) -> None:
    jacket, hat = await related.products("Jacket", "Hat")
    [hidden] = await related.products("Hidden", published=False)

    await related.put(jacket, hidden, hat)

    assert await related.shown(jacket) == {PRODUCT_RELATION_CROSS_SELL: ["Hat"]}


async def test_products_of_common_orders_are_shown_once_and_taken_back(
    related: Related, database: Database
) -> None:
    shop = related.shop
    jacket, hat, scarf = await related.products("Jacket", "Hat", "Scarf")
    both = [an_order(uuid7(), [jacket, hat]) for _ in range(2)]
    await deliver(database, *map(placed, both), placed(an_order(uuid7(), [jacket, scarf])), times=3)

    async def counts() -> dict[UUID, int]:
        async with database.read() as read:
            found = await read.fetch(
                "SELECT other_id, orders FROM bought_together WHERE product_id = %s",
                [UUID(jacket)],
            )
        return dict(found)

    assert await counts() == {UUID(hat): 2, UUID(scarf): 1}
    assert await related.shown(jacket) == {}
    shop.clock.shift_to(301)
    await related.shows(jacket, {PRODUCT_RELATION_BOUGHT_TOGETHER: ["Hat"]})
    await deliver(database, cancelled(both[0]), times=2)
    assert await counts() == {UUID(hat): 1, UUID(scarf): 1}
    shop.clock.shift_to(602)
    await related.shows(jacket, {})


async def test_rules_find_what_matches_by_the_nearest_price(
    related: Related, database: Database
) -> None:
    shop = related.shop
    await shop.import_categories(
        catalog_pb2.CategoryInput(slug="jackets", name={"en": "Jackets"}),
        catalog_pb2.CategoryInput(slug="care", name={"en": "Care"}),
    )

    async def made(name: str, price: int, category: str = "jackets", **fields: Any) -> str:
        [product_id] = await related.products(
            name, variants=[a_variant(price=price)], category_slug=category, **fields
        )
        return product_id

    jacket = await made("Jacket", 100_00, attributes={"use": "rain"})
    await made("Near", 110_00, attributes={"use": "rain"})
    await made("Nearer", 95_00, attributes={"use": "rain"})
    await made("Snow", 100_00, attributes={"use": "snow"})
    await made("Dear", 400_00, attributes={"use": "rain"})
    await made("Wax", 9_00, "care")

    await related.rule(
        "alike",
        relation=PRODUCT_RELATION_SUBSTITUTE,
        same_category=True,
        same_attributes=["use"],
        least_price_percent=50,
        most_price_percent=150,
    )
    care = await related.rule(
        "care",
        relation=PRODUCT_RELATION_ACCESSORY,
        category_slug="jackets",
        target_category_slug="care",
    )
    await related.shows(
        jacket,
        {PRODUCT_RELATION_ACCESSORY: ["Wax"], PRODUCT_RELATION_SUBSTITUTE: ["Nearer", "Near"]},
    )
    await shop.as_staff(
        related.admin.UpdateRelationRule,
        pb.UpdateRelationRuleRequest(code="alike", most=1, expected_version=1),
    )
    await shop.as_staff(related.admin.DeleteRelationRule, pb.DeleteRelationRuleRequest(code="care"))
    await related.shows(jacket, {PRODUCT_RELATION_SUBSTITUTE: ["Nearer"]})

    assert (care.category_slug, care.target_category_slug, care.most) == ("jackets", "care", 8)
    listed = await shop.as_staff(related.admin.ListRelationRules, pb.ListRelationRulesRequest())
    assert [each.code for each in listed.rules] == ["alike"]
    told = await events_of(database, RelationRuleChanged)
    assert [(each.code, each.version) for each in told] == [
        ("alike", 1),
        ("care", 1),
        ("alike", 2),
        ("care", 0),
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "rule.target_category_slug"),
        ({"same_category": True, "category_slug": "none"}, "rule.category_slug"),
        (
            {"same_category": True, "least_price_percent": 90, "most_price_percent": 80},
            "rule.most_price_percent",
        ),
    ],
)
async def test_a_rule_that_finds_nothing_is_refused_with_its_place(
    related: Related, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await related.rule("bad", relation=PRODUCT_RELATION_SUBSTITUTE, **fields)

    assert refusal.value.metadata["path"] == path


async def test_recommendations_are_related_to_what_was_looked_at_and_then_the_newest(
    related: Related,
) -> None:
    shop = related.shop
    jacket, hat, scarf, _coat = await related.products("Jacket", "Hat", "Scarf", "Coat")
    await related.put(jacket, scarf)
    await related.put(hat, scarf, jacket, relation=PRODUCT_RELATION_SUBSTITUTE)
    service = shop.peer.stub(recommendations_pb2_grpc.RecommendationServiceStub)
    slugs = {each: (await shop.product(id=each)).slug for each in (jacket, hat)}

    async def recommended(**asked: Any) -> list[str]:
        request = recommendations_pb2.ListRecommendationsRequest(**asked)
        reply = await shop.ask(service.ListRecommendations, request)
        return [card.title for card in reply.products]

    assert await recommended(product=slugs[jacket]) == ["Scarf", "Coat", "Hat"]
    assert await recommended(product=slugs[hat], most=2) == ["Scarf", "Jacket"]
    assert await recommended(seen=[slugs[hat], slugs[jacket], "none"]) == ["Scarf", "Coat"]
    assert await recommended() == ["Coat", "Scarf", "Hat", "Jacket"]
