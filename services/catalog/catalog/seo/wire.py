"""Texts for search engines and storefronts as messages, and back."""

from collections.abc import Sequence
from typing import Any, Final

from catalog.errors import InvalidSeoSetting, InvalidStorefront
from catalog.seo.actions import FIELDS
from catalog.seo.model import (
    CATEGORY_PATH,
    PAGE_PATH,
    PRODUCT_PATH,
    FeedCondition,
    FeedShipping,
    SeoKind,
    SeoSetting,
    SeoText,
    SlugName,
    Storefront,
)
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import seo_pb2 as pb

KINDS: Final = EnumCodec(pb.SeoKind, SeoKind)
_CONDITIONS: Final = EnumCodec(pb.FeedCondition, FeedCondition, unspecified=FeedCondition.NEW)
_TEXTS: Final = ("slug", "title", "description", "og_title", "og_description", "og_image")
_USUAL: Final = {
    "product_path": PRODUCT_PATH,
    "category_path": CATEGORY_PATH,
    "page_path": PAGE_PATH,
}
_LINES: Final = ("base_url", "organization_name", "logo_url")


def values_of(request: pb.UpdateSeoSettingRequest) -> dict[str, Any]:
    """Returns the fields that change, by name. Raises InvalidSeoSetting for one that is none."""
    found: dict[str, Any] = {}
    for name in request.update_mask:
        match name:
            case "texts":
                found[name] = {
                    locale: SeoText(**{each: getattr(text, each) for each in _TEXTS})
                    for locale, text in request.texts.items()
                }
            case "hidden":
                found[name] = request.hidden
            case _:
                said = f"a field is one of {', '.join(FIELDS)}"
                raise InvalidSeoSetting(said, path="update_mask")
    return found


def encode_seo_setting(
    setting: SeoSetting, slug: str, names: Sequence[SlugName] = ()
) -> pb.SeoSetting:
    return pb.SeoSetting(
        kind=KINDS.encode(setting.kind),
        owner_id=str(setting.owner_id),
        slug=slug,
        texts={
            locale: pb.SeoText(**{each: getattr(text, each) for each in _TEXTS})
            for locale, text in setting.texts.items()
        },
        hidden=setting.is_hidden,
        former_slugs=[
            pb.FormerSlug(locale=name.locale, slug=name.slug, since=timestamp(name.since))
            for name in names
            if not name.is_current and name.slug != slug
        ],
        version=setting.version,
    )


def storefront_values_of(request: pb.UpdateStorefrontRequest) -> dict[str, Any]:
    """Returns the fields that change, by name. Raises InvalidStorefront for one that is none."""
    given = request.storefront
    found: dict[str, Any] = {}
    for name in request.update_mask:
        if name in _USUAL:
            found[name] = getattr(given, name) or _USUAL[name]
        elif name in _LINES:
            found[name] = getattr(given, name)
        elif name == "hidden":
            found["is_hidden"] = given.hidden
        elif name == "disallowed_paths":
            found[name] = list(given.disallowed_paths)
        elif name == "condition":
            found[name] = _CONDITIONS.decode(given.condition)
        elif name == "shipping":
            found[name] = [
                FeedShipping(each.country, each.service, each.currency, each.amount_minor)
                for each in given.shipping
            ]
        else:
            raise InvalidStorefront("no such field", path="update_mask")
    return found


def encode_storefront(storefront: Storefront) -> pb.Storefront:
    return pb.Storefront(
        channel=storefront.channel,
        base_url=storefront.base_url,
        product_path=storefront.product_path,
        category_path=storefront.category_path,
        page_path=storefront.page_path,
        organization_name=storefront.organization_name,
        logo_url=storefront.logo_url,
        hidden=storefront.is_hidden,
        disallowed_paths=storefront.disallowed_paths,
        condition=_CONDITIONS.encode(storefront.condition),
        shipping=[
            pb.FeedShipping(
                country=each.country,
                service=each.service,
                currency=each.currency,
                amount_minor=each.amount_minor,
            )
            for each in storefront.shipping
        ],
        version=storefront.version,
    )
