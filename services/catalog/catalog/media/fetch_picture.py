"""Fetching of a picture of another site, which can reach nothing inside the network.

Each connection goes to an address that was checked: the name is resolved once, and TLS still holds
the name. Redirects are followed by hand, and each goes through the same check.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore

from catalog.errors import MediaUrlFailed, MediaUrlRefused
from catalog.media.model import MOST_BYTES

_MOST_REDIRECTS: Final = 3
_SECONDS: Final = 15.0
_PORTS: Final = (80, 443)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
IsAllowed = Callable[[str, int], bool]


def is_public(address: str, port: int) -> bool:
    """Returns whether an address is one of the internet, on a port of the web.

    IPv4 addresses that IPv6 ones carry are looked at too.
    """
    if port not in _PORTS:
        return False
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if any(found in network for network in _NAT64):
            return False
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if carried is not None:
            return is_public(str(carried), port)
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    )


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to an address of a name only if all addresses of the name are allowed."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._is_allowed = is_allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolves a name once and connects to what it said. Raises MediaUrlRefused."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise MediaUrlFailed("the name of the site is not known", host=host[:80]) from error
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(self._is_allowed(each, port) for each in addresses):
            raise MediaUrlRefused("the address is not one of the internet", host=host[:80])
        return await self._inner.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise MediaUrlRefused("the address is not one of the internet")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


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
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
        has_login = parts.username is not None or parts.password is not None
    except ValueError:
        is_web, has_login = False, False
    if not is_web or has_login or not url.isascii() or not url.isprintable() or " " in url:
        raise MediaUrlRefused("is an http or https URL without a login, encoded", path="url")
