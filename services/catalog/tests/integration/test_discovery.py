"""Sitemaps, feeds and short links of a real catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from catalog.channels.model import Channels
from catalog.discovery.sitemaps import Bounds, Entry, list_sitemaps, read_sitemap
from catalog.seo import directory
from catalog.seo.directory import SeoDirectory
from catalog.seo.links import Links
from catalog.seo.queries import get_storefront
from catalog.servicers.content.discovery import DiscoveryServicer
from chassis.rpc.errors import Exists, Invalid, NotFound, Refused
from chassis.testing import ServiceUnderTest
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import discovery_pb2 as discovery
from sojourn.catalog.v1 import discovery_pb2_grpc
from sojourn.catalog.v1 import seo_pb2 as seo
from sojourn.catalog.v1 import share_links_pb2 as share

SMALL = Bounds(pages_of_file=3, pages_of_part=2)


async def set_storefront(shop: Replica, **fields: Any) -> None:
    request = seo.UpdateStorefrontRequest(
        code="default", update_mask=list(fields), storefront=seo.StorefrontInput(**fields)
    )
    await shop.as_staff(shop.seo.UpdateStorefront, request)


async def entries_of(
    shop: Replica, name: str, links: Links, bounds: Bounds
) -> AsyncIterator[Entry]:
    position = None
    async with shop.database.read() as read:
        tree = (await shop.directory.context(read)).tree
        while True:
            part = await read_sitemap(read, links, tree, {}, name, position, bounds)
            for entry in part.entries:
                yield entry
            if (position := part.next_position) is None:
                return


async def test_sitemaps_name_every_shown_page_once(shop: Replica) -> None:
    await set_storefront(shop, base_url="https://shop.example", disallowed_paths=["/cart"])
    await shop.import_categories(pb.CategoryInput(slug="jackets", name={"en": "Jackets"}))
    made = await shop.import_products(
        *(a_product(f"Jacket {number}", slug=f"jacket-{number}") for number in range(5)),
        a_product("Hidden", slug="hidden", published=False),
        a_product("Secret", slug="secret"),
    )
    hide = seo.UpdateSeoSettingRequest(
        kind=seo.SEO_KIND_PRODUCT,
        owner_id=made.product_ids[-1],
        update_mask=["hidden", "texts"],
        hidden=True,
    )
    await shop.as_staff(shop.seo.UpdateSeoSetting, hide)

    files = await shop.ask(shop.discovery.ListSitemaps, discovery.ListSitemapsRequest())
    assert [each.name for each in files.files][:2] == ["categories", "pages"]
    assert len(files.files) == 3
    assert files.files[0].url == "https://shop.example/sitemaps/categories.xml"
    async with shop.database.read() as read:
        channel = (await shop.directory.context(read)).channels.default
        links = Links(channel, await get_storefront(read, Channels([channel]), "default"))
        names = await list_sitemaps(read, links, SMALL)
    assert len(names) == 4
    found = [
        dict(entry.alternates)
        for name in names[2:]
        async for entry in entries_of(shop, f"{name}.xml", links, SMALL)
    ]
    assert [each["en"] for each in found] == [
        f"https://shop.example/en/products/jacket-{number}" for number in range(5)
    ]
    assert {*found[0]} == {"en", "de"}
    part = await shop.ask(
        shop.discovery.ReadSitemap, discovery.ReadSitemapRequest(name="categories")
    )
    [category] = part.entries
    assert category.alternates[0].url == "https://shop.example/en/categories/jackets"
    robots = await shop.ask(shop.discovery.GetRobots, discovery.GetRobotsRequest())
    assert robots.sitemap_url == "https://shop.example/sitemap.xml"
    assert list(robots.disallowed_paths) == ["/cart"]


async def test_a_channel_without_a_host_has_no_sitemap(shop: Replica) -> None:
    with pytest.raises(Refused):
        await shop.ask(shop.discovery.ListSitemaps, discovery.ListSitemapsRequest())


async def test_a_feed_has_an_item_a_variant_with_its_barcode_and_its_prices(
    shop: Replica,
) -> None:
    await set_storefront(
        shop,
        base_url="https://shop.example",
        shipping=[seo.FeedShipping(country="DE", currency="EUR", amount_minor=4_90)],
    )
    red, blue = (
        a_variant(sku="J-RED", colour="Red"),
        a_variant(sku="J-BLUE", stock=0, colour="Blue"),
    )
    red.barcode, red.tax_class = "4006381333931", "reduced"
    image = pb.Image(url="/jacket.webp", alt="A jacket")
    await shop.import_products(
        a_product("Jacket", slug="jacket", variants=[red, blue], images=[image]),
        a_product("Bare", slug="bare"),
    )

    part = await shop.ask(
        shop.discovery.ReadProductFeed,
        discovery.ReadProductFeedRequest(view=pb.View(currency="USD")),
    )

    items = {item.id: item for item in part.items}
    assert items.keys() == {"J-RED", "J-BLUE"}
    assert items["J-RED"].gtin == "4006381333931"
    assert items["J-RED"].image_urls == ["https://shop.example/jacket.webp"]
    assert items["J-RED"].page_url == "https://shop.example/en/products/jacket"
    assert items["J-RED"].price.currency == "USD"
    assert items["J-RED"].availability != items["J-BLUE"].availability
    assert items["J-RED"].item_group_id == items["J-BLUE"].item_group_id != ""
    assert [each.amount_minor for each in part.shipping] == [4_90]
    assert (items["J-RED"].tax_class, items["J-BLUE"].tax_class) == ("reduced", "standard")
    assert (part.channel, part.locale, part.prices_include_tax) == ("default", "en", True)
    assert part.next_part_token == ""


async def test_a_replica_that_has_not_followed_a_new_host_refuses_a_feed_for_a_moment(
    shop: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed is read a part at a time, each at any replica: the gateway asks such a part again."""

    async def replica() -> Callable[[], Awaitable[discovery.FeedPart]]:
        verifier = shop.tokens.verifier()
        servicer = DiscoveryServicer(shop.database, verifier, shop.directory, SeoDirectory())
        add = discovery_pb2_grpc.add_DiscoveryServiceServicer_to_server
        peer = await service.serve(partial(add, servicer))
        read = peer.stub(discovery_pb2_grpc.DiscoveryServiceStub).ReadProductFeed
        return lambda: peer.ask(read, discovery.ReadProductFeedRequest())

    async with ServiceUnderTest(shop.database) as service:
        first, second = await replica(), await replica()
        monkeypatch.setattr(directory, "_MAX_AGE_SECONDS", 3_600.0)
        with pytest.raises(Refused):
            await second()
        await set_storefront(shop, base_url="https://shop.example")

        part = await first()
        with pytest.raises(Refused) as refused:
            await second()
        monkeypatch.setattr(directory, "_MAX_AGE_SECONDS", 0.0)

        assert refused.value.reason == "STOREFRONT_HAS_NO_HOST"
        assert await second() == part


async def test_a_short_link_leads_to_its_page_with_a_campaign(shop: Replica) -> None:
    await shop.import_products(a_product("Jacket", slug="jacket"))
    given = share.ShareLinkInput(slug="jacket", utm_source="instagram", utm_campaign="summer sale")
    link = await shop.as_staff(
        shop.share_links.CreateShareLink, share.CreateShareLinkRequest(share_link=given)
    )
    given.code = link.code
    with pytest.raises(Exists):
        await shop.as_staff(
            shop.share_links.CreateShareLink, share.CreateShareLinkRequest(share_link=given)
        )
    with pytest.raises(Invalid):
        await shop.as_staff(
            shop.share_links.CreateShareLink,
            share.CreateShareLinkRequest(share_link=share.ShareLinkInput(slug="nothing")),
        )

    async def follow() -> share.ShareLinkTarget:
        request = share.ResolveShareLinkRequest(code=link.code, view=pb.View(locale="de"))
        return await shop.ask(shop.sharing.ResolveShareLink, request)  # type: ignore[no-any-return]  # the helper answers any RPC

    target = await follow()
    assert target.url == "/de/products/jacket?utm_source=instagram&utm_campaign=summer+sale"
    assert dict(target.campaign) == {"utm_source": "instagram", "utm_campaign": "summer sale"}
    changed = await shop.as_staff(
        shop.share_links.UpdateShareLink,
        share.UpdateShareLinkRequest(
            code=link.code,
            update_mask=["utm_campaign"],
            share_link=share.ShareLinkInput(utm_campaign="autumn"),
            expected_version=1,
        ),
    )
    assert (changed.version, (await follow()).campaign["utm_campaign"]) == (2, "autumn")
    await shop.as_staff(
        shop.share_links.DeleteShareLink, share.DeleteShareLinkRequest(code=link.code)
    )
    with pytest.raises(NotFound):
        await follow()


async def test_a_shopper_shares_a_page_by_a_link_that_follows_it_and_names_nobody(
    shop: Replica,
) -> None:
    await shop.import_categories(pb.CategoryInput(slug="jackets", name={"en": "Jackets"}))
    made = await shop.import_products(
        a_product("Jacket", slug="jacket", external_id="j"), a_product("Hidden", published=False)
    )
    update = seo.UpdateSeoSettingRequest(
        kind=seo.SEO_KIND_PRODUCT,
        owner_id=made.product_ids[0],
        update_mask=["texts"],
        texts={"de": seo.SeoText(slug="jacke")},
    )
    await shop.as_staff(shop.seo.UpdateSeoSetting, update)

    async def shared(kind: Any, slug: str, locale: str = "en") -> share.PageShare:
        request = share.SharePageRequest(kind=kind, slug=slug, view=pb.View(locale=locale))
        return await shop.ask(shop.sharing.SharePage, request)  # type: ignore[no-any-return]  # the helper answers any RPC

    async def followed(code: str, locale: str) -> share.ShareLinkTarget:
        request = share.ResolveShareLinkRequest(code=code, view=pb.View(locale=locale))
        return await shop.ask(shop.sharing.ResolveShareLink, request)  # type: ignore[no-any-return]  # the helper answers any RPC

    first = await shared(seo.SEO_KIND_PRODUCT, "jacket")
    second = await shared(seo.SEO_KIND_PRODUCT, "jacke", "de")
    category = await shared(seo.SEO_KIND_CATEGORY, "jackets")

    assert first.code != second.code
    assert (second.slug, second.path) == ("jacke", f"/v1/s/{second.code}")
    target = await followed(first.code, "de")
    assert target.url == (
        f"/de/products/jacke?utm_source=share&utm_medium=referral&utm_content={first.code}"
    )
    assert (target.slug, dict(target.campaign)["utm_content"]) == ("jacke", first.code)
    assert (await followed(category.code, "en")).url.startswith("/en/categories/jackets?")
    for kind, slug in (
        (seo.SEO_KIND_PRODUCT, "hidden"),
        (seo.SEO_KIND_CATEGORY, "none"),
        (seo.SEO_KIND_PAGE, "none"),
    ):
        with pytest.raises(NotFound):
            await shared(kind, slug)
    for code in (first.code[:-2], f"x{first.code[1:]}", "p", "p" + "7" * 40):
        with pytest.raises(NotFound):
            await followed(code, "en")


async def test_a_feed_goes_on_within_a_product_of_many_variants(shop: Replica) -> None:
    await set_storefront(shop, base_url="https://shop.example")
    variants = [a_variant(sku=f"V-{number}", size=str(number)) for number in range(250)]
    image = pb.Image(url="/jacket.webp", alt="A jacket")
    await shop.import_products(a_product("Jacket", variants=variants, images=[image]))

    request, found = discovery.ReadProductFeedRequest(), list[str]()
    while True:
        part = await shop.ask(shop.discovery.ReadProductFeed, request)
        assert len(part.items) <= 200
        found += [item.id for item in part.items]
        if not part.next_part_token:
            break
        request.part_token = part.next_part_token

    assert found == [f"V-{number}" for number in range(250)]
