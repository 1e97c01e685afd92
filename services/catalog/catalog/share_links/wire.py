"""Short links as messages, and back."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from catalog.errors import InvalidShareLink
from catalog.seo.model import SeoKind
from catalog.seo.wire import KINDS
from catalog.share_links.actions import FIELDS
from catalog.share_links.model import CAMPAIGN, ShareLink
from catalog.share_links.page_shares import SharedPage, new_code
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import share_links_pb2 as pb

PATH = "/v1/s/{code}"


def values_of(given: pb.ShareLinkInput, names: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """Returns fields by name. Raises InvalidShareLink for one that is none."""
    found: dict[str, Any] = {}
    for name in names:
        if name not in FIELDS:
            said = f"a field is one of {', '.join(FIELDS)}"
            raise InvalidShareLink(said, path="update_mask")
        match name:
            case "kind":
                found[name] = KINDS.decode(given.kind) if given.kind else SeoKind.PRODUCT
            case "expires_at":
                found[name] = (
                    given.expires_at.ToDatetime(UTC) if given.HasField("expires_at") else None
                )
            case _:
                found[name] = getattr(given, name)
    return found


def encode_share_link(link: ShareLink, slug: str) -> pb.ShareLink:
    return pb.ShareLink(
        code=link.code,
        channel=link.channel,
        kind=KINDS.encode(link.kind),
        slug=slug,
        expires_at=timestamp(link.expires_at),
        path=PATH.format(code=link.code),
        version=link.version,
        **{name: getattr(link, name) for name in CAMPAIGN},
    )


def encode_target(
    page: SharedPage, slug: str, url: str, locale: str, campaign: Mapping[str, str]
) -> pb.ShareLinkTarget:
    """Returns the address with the campaign's parameters."""
    return pb.ShareLinkTarget(
        url=f"{url}?{urlencode(campaign)}",
        campaign=campaign,
        locale=locale,
        kind=KINDS.encode(page.kind),
        slug=slug,
    )


def encode_page_share(page: SharedPage, slug: str) -> pb.PageShare:
    """Returns a new sharing of a page."""
    code = new_code(page)
    return pb.PageShare(
        code=code, path=PATH.format(code=code), kind=KINDS.encode(page.kind), slug=slug
    )
