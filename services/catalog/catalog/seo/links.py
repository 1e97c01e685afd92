"""Addresses of a channel's pages, as its storefront has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from catalog.channels.model import Channel
from catalog.seo.model import SeoKind, Storefront
from sojourn.catalog.v1.page_head_pb2 import AlternatePage

DEFAULT_LANGUAGE: Final = "x-default"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses in one channel: absolute where it has a host, else root-relative."""

    channel: Channel
    storefront: Storefront

    @property
    def base_url(self) -> str:
        """Scheme and host of the storefront; empty where neither it nor the channel has one."""
        if self.storefront.base_url or not self.channel.hosts:
            return self.storefront.base_url
        return f"https://{self.channel.hosts[0]}"

    @property
    def organization(self) -> str:
        """Name of the merchant."""
        return self.storefront.organization_name or self.channel.name

    def page(self, kind: SeoKind, slug: str, locale: str) -> str:
        """Returns the address of a product's, a category's or a content page."""
        match kind:
            case SeoKind.PRODUCT:
                path = self.storefront.product_path
            case SeoKind.CATEGORY:
                path = self.storefront.category_path
            case SeoKind.PAGE:
                path = self.storefront.page_path
        return self.absolute(path.replace("{locale}", locale).replace("{slug}", quote(slug)))

    def absolute(self, url: str) -> str:
        """Returns the address of a root-relative path; what is absolute stays as it is."""
        return f"{self.base_url}{url}" if url.startswith("/") else url

    def alternates(
        self, kind: SeoKind, usual: str, slugs: Mapping[str, str]
    ) -> list[AlternatePage]:
        """Returns a page in each language of the channel; the first is the default one's too.

        `slugs` are URL parts by language where they are not the usual one.
        """
        found = [
            AlternatePage(locale=locale, url=self.page(kind, slug_in(slugs, locale, usual), locale))
            for locale in self.channel.locales
        ]
        return [*found, AlternatePage(locale=DEFAULT_LANGUAGE, url=found[0].url)]


def slug_in(slugs: Mapping[str, str], locale: str, usual: str) -> str:
    """Returns the URL part in a locale, else in its language, else the usual one."""
    return slugs.get(locale) or slugs.get(locale.split("-")[0]) or usual
