"""Landing pages as messages."""

from collections.abc import Mapping
from uuid import UUID

from catalog.channels.model import View, localized
from catalog.content_pages.model import Page
from catalog.listings.wire import encode_cards
from sojourn.catalog.v1 import catalog_pb2 as pb


def encode_content_page(
    page: Page, view: View, fallback: str, cards: Mapping[UUID, bytes]
) -> pb.ContentPage:
    return pb.ContentPage(
        slug=page.slug,
        title=localized(page.title, view.locale, fallback),
        body=localized(page.body, view.locale, fallback),
        products=encode_cards(page.product_ids, cards),
        version=page.version,
        locale=view.locale,
    )
