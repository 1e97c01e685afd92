"""Opaque page tokens."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar

from chassis.rpc.errors import InvalidPageToken

MAX_PAGE_SIZE: Final = 100
# Longer than any position that is handed out: a sort key has at most 64 characters.
MOST_TOKEN: Final = 2_000


class Coded(Protocol):
    """A row of a list in the order of codes."""

    code: str


C = TypeVar("C", bound=Coded)


def token_of(position: list[Any]) -> str:
    """The token for the page after `position` (JSON values)."""
    return (
        base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":"), default=str).encode())
        .decode()
        .rstrip("=")
    )


def position_of(token: str, *, length: int) -> list[Any] | None:
    """The position in a token; None for the empty token.

    Raises InvalidPageToken unless it is a list of `length` scalars.
    """
    if not token:
        return None
    if len(token) > MOST_TOKEN:
        raise InvalidPageToken(most=MOST_TOKEN)
    try:
        position = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidPageToken from error
    if (
        not isinstance(position, list)
        or len(position) != length
        or any(isinstance(part, list | dict) for part in position)
    ):
        raise InvalidPageToken
    return position


def size_of(asked: int, *, default: int = 24, most: int = MAX_PAGE_SIZE) -> int:
    """The page size to use: `default` for 0, never above `most`."""
    return min(asked, most) if asked > 0 else default


def code_of(token: str) -> str:
    """The code after which a page in the order of codes begins; empty for the first page.

    Raises InvalidPageToken.
    """
    position = position_of(token, length=1)
    return str(position[0]) if position else ""


def page_by_code(found: Sequence[C], size: int) -> tuple[Sequence[C], str]:
    """A page of what was found for `size` and one more, and the token of the next page, if any."""
    page = found[:size]
    return page, token_of([page[-1].code]) if len(found) > size else ""
