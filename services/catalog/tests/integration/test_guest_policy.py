"""Guests of a channel see its prices, or none, and customers see them at any rate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.rpc.errors import Denied
from chassis.testing import eventually
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import (
    attributes_pb2,
    channels_pb2,
    content_pb2,
    discovery_pb2,
    recommendations_pb2,
    recommendations_pb2_grpc,
    search_pb2,
    seo_pb2,
    subscriptions_pb2,
    subscriptions_pb2_grpc,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import guest_policy_pb2 as policies
from sojourn.common.v1.money_pb2 import Money

_BY_PRICE = (pb.PRODUCT_SORT_PRICE_ASCENDING, pb.PRODUCT_SORT_PRICE_DESCENDING)


async def set_policy(shop: Replica, policy: policies.GuestPolicy.ValueType) -> Any:
    """Sets what guests may do, and returns once shoppers are answered so."""
    changed = await shop.as_staff(
        shop.channels.UpdateChannel,
        channels_pb2.UpdateChannelRequest(
            code="default",
            update_mask=["guest_policy"],
            settings=channels_pb2.ChannelInput(guest_policy=policy),
        ),
    )

    async def is_followed() -> bool:
        return bool((await shop.listing()).guest_policy == policy)

    await eventually(is_followed, within=10)
    return changed


async def sell_two(shop: Replica) -> list[pb.Product]:
    await shop.import_products(
        a_product("Green Tea", variants=[a_variant(sku="TEA", price=10_00)]),
        a_product("Black Tea", variants=[a_variant(sku="BLACK", price=20_00)]),
    )
    await shop.found("tea", count=2)
    return [await shop.product(slug) for slug in ("green-tea", "black-tea")]


async def test_guests_see_no_price_anywhere_where_the_channel_says_so(shop: Replica) -> None:
    pages = await sell_two(shop)
    recommending = recommendations_pb2_grpc.RecommendationServiceStub(shop.peer.channel)
    page_of_products = pb.PutPageRequest(
        slug="teas", title={"en": "Teas"}, product_slugs=["green-tea"]
    )
    await shop.as_staff(shop.admin.PutPage, page_of_products)

    changed = await set_policy(shop, policies.GUEST_POLICY_NO_PRICES)

    assert changed.guest_policy == policies.GUEST_POLICY_NO_PRICES
    for authorization, sees in (
        ("", False),
        (shop.tokens.guest(), False),
        (shop.tokens.customer(), True),
        (shop.tokens.staff("catalog.write"), True),
    ):

        async def ask(method: Any, request: Any, authorization: str = authorization) -> Any:
            return await shop.ask(method, request, authorization=authorization)

        page = await ask(shop.catalog.GetProduct, pb.GetProductRequest(slug="green-tea"))
        compared = await ask(
            shop.comparisons.CompareProducts,
            attributes_pb2.CompareProductsRequest(slugs=["green-tea", "black-tea"]),
        )
        listing = await ask(shop.catalog.ListProducts, pb.ListProductsRequest(with_facets=True))
        found = await ask(shop.catalog.SearchProducts, pb.SearchProductsRequest(query="tea"))
        suggested = await ask(
            shop.suggestions.ListSearchSuggestions,
            search_pb2.ListSearchSuggestionsRequest(query="tea"),
        )
        recommended = await ask(
            recommending.ListRecommendations, recommendations_pb2.ListRecommendationsRequest()
        )
        content = await ask(shop.catalog.GetPage, pb.GetPageRequest(slug="teas"))

        variants = [each for one in [page, *compared.products] for each in one.variants]
        cards = [
            card
            for reply in (listing, found, suggested, recommended, content)
            for card in reply.products
        ]
        assert len(cards) >= 8
        assert {variant.HasField("price") for variant in variants} == {sees}
        assert {card.HasField("price_from") for card in cards} == {sees}
        for reply in (listing, found):
            assert ("price" in [facet.name for facet in reply.facets]) is sees
        documents = [json.loads(each) for each in page.head.json_ld]
        # The head is the same for everybody, as search engines are guests.
        assert not any("offers" in each for each in documents)
    assert pages[0].variants[0].HasField("price")
    assert "offers" in json.loads(pages[0].head.json_ld[0])


async def test_guests_learn_no_price_by_orders_filters_feeds_and_alerts(shop: Replica) -> None:
    pages = await sell_two(shop)
    await shop.as_staff(
        shop.seo.UpdateStorefront,
        seo_pb2.UpdateStorefrontRequest(
            code="default",
            update_mask=["base_url"],
            storefront=seo_pb2.StorefrontInput(base_url="https://shop.example"),
        ),
    )
    await set_policy(shop, policies.GUEST_POLICY_NO_PRICES)
    customer = shop.tokens.customer()
    alerts = subscriptions_pb2_grpc.AlertServiceStub(shop.peer.channel)
    narrowed = [pb.FacetFilter(name="price", values=["0-1500"])]

    for asked in (*({"sort": sort} for sort in _BY_PRICE), {"filters": narrowed}):
        for method, request in (
            (shop.catalog.ListProducts, pb.ListProductsRequest(**asked)),
            (shop.catalog.SearchProducts, pb.SearchProductsRequest(**asked)),
        ):
            with pytest.raises(Denied) as refusal:
                await shop.ask(method, request)
            assert refusal.value.reason == "PRICES_HIDDEN"
            assert (await shop.ask(method, request, authorization=customer)).products
    with pytest.raises(Denied) as refusal:
        await shop.ask(shop.discovery.ReadProductFeed, discovery_pb2.ReadProductFeedRequest())
    assert refusal.value.reason == "PRICES_HIDDEN"
    wish = subscriptions_pb2.CreateAlertRequest(
        variant_id=pages[0].variants[0].id,
        kind=subscriptions_pb2.ALERT_KIND_PRICE_DROP,
        email="jane@example.org",
        most_minor=5_00,
    )
    with pytest.raises(Denied) as refusal:
        await shop.ask(alerts.CreateAlert, wish)
    assert refusal.value.reason == "PRICES_HIDDEN"
    home = await shop.ask(shop.content.GetHome, content_pb2.GetHomeRequest())
    assert home.guest_policy == policies.GUEST_POLICY_NO_PRICES


async def test_offers_are_for_guests_only_where_they_see_prices(shop: Replica) -> None:
    variant_id = await shop.variant(stock=5)
    request = pb.GetOffersRequest(variant_ids=[variant_id], for_guest=True)

    async def offered(*, for_guest: bool) -> tuple[int, int]:
        request.for_guest = for_guest
        reply = await shop.ask(shop.catalog.GetOffers, request)
        return len(reply.offers), reply.guest_policy

    assert await offered(for_guest=True) == (1, policies.GUEST_POLICY_BUY)
    await set_policy(shop, policies.GUEST_POLICY_LOOK)
    assert await offered(for_guest=True) == (1, policies.GUEST_POLICY_LOOK)
    assert (await shop.listing()).products[0].price_from == Money(
        amount_minor=50_00, currency="EUR"
    )
    await set_policy(shop, policies.GUEST_POLICY_NO_PRICES)
    assert await offered(for_guest=True) == (0, policies.GUEST_POLICY_NO_PRICES)
    assert await offered(for_guest=False) == (1, policies.GUEST_POLICY_NO_PRICES)
