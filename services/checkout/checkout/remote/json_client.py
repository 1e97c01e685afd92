"""JSON over HTTPS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from chassis.data.connections import require_no_connection
from checkout.errors.remote import RemoteUnavailable

# No answer of an authority or of a tax provider is longer.
_MOST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class JsonReply:
    """An answer that is no failure of the server; `body` is empty where it is no object."""

    status: int
    body: Mapping[str, Any]


class JsonClient:
    """Calls of one service."""

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._opened: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JsonReply:
        """Returns the answer. Raises RemoteUnavailable for a lost one and for 429 and 5xx."""
        require_no_connection("ask a service on the internet")
        if self._opened is None:
            # The session belongs to the running event loop.
            self._opened = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._opened.request(
                method, self._url + path, json=body, data=form, headers=headers
            ) as response:
                status, raw = response.status, await _content(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RemoteUnavailable(retry_after_seconds=1) from error
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RemoteUnavailable(status=status, retry_after_seconds=1)
        return JsonReply(status, _object(raw))

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()


async def _content(response: aiohttp.ClientResponse) -> bytes:
    """Returns the whole answer, which may come in pieces. Raises RemoteUnavailable beyond 1 MiB."""
    raw = bytearray()
    async for piece in response.content.iter_any():
        raw += piece
        if len(raw) > _MOST_BYTES:
            raise RemoteUnavailable(retry_after_seconds=1)
    return bytes(raw)


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
