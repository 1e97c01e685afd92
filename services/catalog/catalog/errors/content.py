"""Refusals of pages, menus, addresses and short links. The class name is the reason."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused


class InvalidPage(Invalid):
    """A landing page lacks a part, is too large (`path`, `most`), or shows an unknown product."""


class PageNotFound(NotFound):
    """No such landing page in this channel."""


class PageVersionNotFound(NotFound):
    """The page has no version of this number."""


class PreviewNotFound(NotFound):
    """The preview link is wrong or has expired, or its page is gone."""


class InvalidSeoSetting(Invalid):
    """A text for search engines has a wrong language or URL part; `path` names the place."""


class SeoOwnerNotFound(NotFound):
    """No product, category or page has this id."""


class SlugMoved(NotFound):
    """It was renamed: `slug` is its URL part now. The gateway answers 301 with its new path."""


class InvalidStorefront(Invalid):
    """A path lacks {slug} or has another placeholder, or a currency is none; `path` names it."""


class StorefrontHasNoHost(Refused):
    """Addresses for others are absolute: give the channel a host, or its storefront a base URL."""


class SitemapNotFound(NotFound):
    """No sitemap file has this name."""


class InvalidShareLink(Invalid):
    """A short link leads to nothing, or expires in the past; `path` names the field."""


class ShareLinkNotFound(NotFound):
    """No short link has this code, or it has expired, or its page is not shown."""


class ShareLinkExists(Exists):
    """Another short link has this code."""


class InvalidMenu(Invalid):
    """An entry of a menu has no label, no place or a wrong depth; `path` names it."""


class MenuNotFound(NotFound):
    """No menu has this code in this channel and language, or this id."""


class MenuExists(Exists):
    """Another menu has this code in this channel and language."""
