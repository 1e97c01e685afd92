"""Slugs of maps in the paths of pages."""

from typing import Final

from starlette.requests import Request

from web.server.requests import Refusal

MAP: Final = "/v1/staff/maps/{slug}"
_LONGEST_SLUG: Final = 64


def slug_of(request: Request) -> str:
    """Returns the slug of the path. Raises Refusal for a text that is none."""
    slug = str(request.path_params["slug"])
    if not slug.replace("-", "a").isalnum() or not slug.isascii() or len(slug) > _LONGEST_SLUG:
        raise Refusal(404, "MAP_NOT_FOUND", "There is no map of that name.")
    return slug
