"""Fetching of a picture of another site, which can reach nothing inside the network.

Redirects are followed by hand, and each goes through the same check of its address.
"""

import asyncio
from typing import Final
from urllib.parse import urljoin

import httpcore

from catalog.errors import MediaUrlFailed, MediaUrlRefused
from catalog.media.model import MOST_BYTES
from chassis.runtime.outside import (
    CheckedBackend,
    IsAllowed,
    OutsideFailed,
    OutsideRefused,
    is_public,
    is_web_url,
)

_MOST_REDIRECTS: Final = 3
_SECONDS: Final = 15.0
_REDIRECTS: Final = (301, 302, 303, 307, 308)


async def fetch_picture(url: str, *, is_allowed: IsAllowed = is_public) -> bytes:
    """Returns the bytes at a URL, at most 8 MiB, within 15 s and 3 redirects.

    Raises MediaUrlRefused, MediaUrlFailed.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            async with httpcore.AsyncConnectionPool(
                network_backend=CheckedBackend(is_allowed), max_connections=1
            ) as pool:
                for _ in range(_MOST_REDIRECTS + 1):
                    _require_web(url)
                    answer = await _get(pool, url)
                    if isinstance(answer, bytes):
                        return answer
                    url = urljoin(url, answer)
    except OutsideRefused:
        raise MediaUrlRefused("the address is not one of the internet") from None
    except OutsideFailed as error:
        raise MediaUrlFailed("the name of the site is not known") from error
    except TimeoutError:
        raise MediaUrlFailed("the site took longer than 15 s") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise MediaUrlFailed("the site did not answer") from error
    raise MediaUrlFailed("the site redirects too often")


async def _get(pool: httpcore.AsyncConnectionPool, url: str) -> bytes | str:
    """Returns the body at a URL, or the place that it redirects to."""
    headers = [
        (b"Accept", b"image/*"),
        (b"User-Agent", b"Sojourn"),
        (b"Accept-Encoding", b"identity"),
    ]
    async with pool.stream("GET", url, headers=headers) as response:
        fields = {name.lower(): value for name, value in response.headers}
        if response.status in _REDIRECTS and b"location" in fields:
            return fields[b"location"].decode("latin-1")
        if response.status != 200:
            raise MediaUrlFailed("the site has no such picture", status=str(response.status))
        content = bytearray()
        async for part in response.aiter_stream():
            content += part
            if len(content) > MOST_BYTES:
                raise MediaUrlRefused("the picture is larger than 8 MiB", most=MOST_BYTES)
    return bytes(content)


def _require_web(url: str) -> None:
    if not is_web_url(url):
        raise MediaUrlRefused("is an http or https URL without a login, encoded", path="url")
