"""Calls of addresses that others choose, which can reach nothing inside the network.

Each connection goes to an address that was checked: the name is resolved once, and TLS still holds
the name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

import httpcore

_PORTS: Final = (80, 443)
_NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
IsAllowed = Callable[[str, int], bool]


class OutsideRefused(Exception):
    """The URL is none that may be called, or its address is not one of the internet."""


class OutsideFailed(Exception):
    """The name is unknown, or the site does not answer; `reason` is one short word of which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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


def is_web_url(url: str, *, schemes: Sequence[str] = ("http", "https")) -> bool:
    """Returns whether a text is an encoded URL of the web without a login."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        has_login = parts.username is not None or parts.password is not None
    except ValueError:
        return False
    return is_web and not has_login and url.isascii() and url.isprintable() and " " not in url


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to an address of a name only if all addresses of the name are allowed."""

    def __init__(self, is_allowed: IsAllowed = is_public) -> None:
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
        """Resolves a name once and connects to what it said.

        Raises OutsideRefused, OutsideFailed.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise OutsideFailed("unknown_name") from error
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(self._is_allowed(each, port) for each in addresses):
            raise OutsideRefused
        return await self._inner.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise OutsideRefused

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def post_outside(
    url: str,
    content: bytes,
    headers: Sequence[tuple[str, str]],
    *,
    seconds: float,
    is_allowed: IsAllowed = is_public,
) -> int:
    """Returns the status of the answer to a POST; its body is not read, no redirect is followed.

    Raises OutsideRefused, OutsideFailed.
    """
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    try:
        async with (
            asyncio.timeout(seconds),
            httpcore.AsyncConnectionPool(
                network_backend=CheckedBackend(is_allowed), max_connections=1
            ) as pool,
            pool.stream("POST", url, headers=encoded, content=content) as response,
        ):
            return response.status
    except (TimeoutError, httpcore.TimeoutException):
        raise OutsideFailed("late") from None
    except (httpcore.NetworkError, OSError) as error:
        raise OutsideFailed("no_connection") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise OutsideFailed("no_http") from error
