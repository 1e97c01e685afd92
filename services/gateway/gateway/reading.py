"""Answers of the catalogue to anybody without a token, from the cache where that is allowed."""

import asyncio
from typing import Any, TypeVar

from google.protobuf.message import Message
from starlette.types import Scope

from gateway.caching import Cache, Key, Page
from gateway.contracts.encoding import render_public, to_json
from gateway.contracts.rpc import Rpc
from gateway.peers import Backend

Req = TypeVar("Req", bound=Message)


class Reading:
    """Answers reads, from the cache where that is allowed.

    What is the same for everybody is asked without anybody's token.
    """

    def __init__(self, catalog: Backend, cache: Cache) -> None:
        self._catalog, self.cache = catalog, cache
        self._asking: dict[tuple[Key, int], asyncio.Future[Page]] = {}

    async def page(
        self, rpc: Rpc[Req, Any], message: Req, *, key: Key | None, scope: Scope
    ) -> Page:
        """Returns the catalogue's answer. `key` is None where it must not be kept.

        Requests for one page that come while it is asked for share the answer, unless the catalogue
        changed in between. Raises the catalogue's refusals.
        """
        if key is None:
            return await self._ask(rpc, message, key=None, scope=scope)
        flight = key, self.cache.generation
        while (asking := self._asking.get(flight)) is not None:
            await asyncio.wait((asking,))
            if not asking.cancelled():
                return asking.result()
            # Its request was given up by its client: one of those that waited asks in its place.
        asking = self._asking[flight] = asyncio.get_running_loop().create_future()
        try:
            page = await self._ask(rpc, message, key=key, scope=scope)
        except Exception as error:
            asking.set_exception(error)
            # Marks the error as seen: most times nobody else waits for it.
            asking.exception()
            raise
        except BaseException:
            asking.cancel()
            raise
        else:
            asking.set_result(page)
            return page
        finally:
            del self._asking[flight]

    async def _ask(
        self, rpc: Rpc[Req, Any], message: Req, *, key: Key | None, scope: Scope
    ) -> Page:
        stamp = self.cache.stamp()
        reply = await self._catalog.ask_for_anybody(rpc, message)
        page = Page.of(to_json(render_public(reply)), scope)
        if key is not None:
            self.cache.put(key, page, stamp)
        return page
