"""Decisions on a request's head: limits, texts, token, permission, and the size of the body."""

import re
from typing import Final
from urllib.parse import unquote_plus

from starlette.types import Scope

from chassis.rpc.auth import STOREFRONT, TokenVerifier
from chassis.rpc.errors import DomainError, InvalidToken
from chassis.text import InvalidText, is_clean
from gateway.context import Context
from gateway.endpoints.access import Access, Limit, Policy
from gateway.endpoints.field_errors import errors_of_refusal
from gateway.http.client_address import counted_address
from gateway.http.limits import Limits
from gateway.http.page_cache import Cache
from gateway.http.problems import BodyTooLarge, FieldError
from gateway.settings import GatewaySettings

_CHANNEL: Final = re.compile(r"[A-Za-z0-9._-]{0,64}")
# Characters of a query that need a look: escapes and what is not ASCII.
_ESCAPED: Final = re.compile(rb"%|[\x80-\xff]")


class HeadChecks:
    """Decides whether a request may go on, before a byte of its body is read."""

    def __init__(
        self,
        settings: GatewaySettings,
        verifier: TokenVerifier,
        limits: Limits,
        cache: Cache,
    ) -> None:
        self._settings, self._verifier, self._limits = settings, verifier, limits
        self._cache = cache

    async def admit(
        self, scope: Scope, headers: dict[str, str], context: Context, policy: Policy
    ) -> None:
        """Decides on a request's head: limits, texts, token, permission, size of the body.

        Raises DomainError.
        """
        is_storefront = await self._is_known_storefront(headers, context)
        self._limits.count_arrival(policy.limit, context.address, is_storefront=is_storefront)
        _require_clean(scope, context)
        if "sojourn-storefront" in headers and not is_storefront:
            self._limits.require_trust(context.address)
            await self._recognize_storefront(headers, context)
        if context.authorization:
            await self._verify(scope, headers, context, policy)
        self._count_caller(policy.limit, context)
        policy.callers.require(context.caller)
        most_bytes = self.most_bytes(policy)
        length = headers.get("content-length", "0")
        if (
            not (length.isascii() and length.isdigit())
            or len(length) > 15
            or int(length) > most_bytes
        ):
            raise BodyTooLarge("the body is too large", most_bytes=most_bytes)

    async def _verify(
        self, scope: Scope, headers: dict[str, str], context: Context, policy: Policy
    ) -> None:
        """Verifies the caller's token. Raises InvalidToken and what the verifier raises.

        A public page needs no token: a bad one, e.g. an expired one that a browser still has, reads
        it as nobody. It counts as a failure all the same.
        """
        if not self._verifier.knows(context.authorization):
            self._limits.require_trust(context.address)
        try:
            context.caller = await self._verifier.verify(context.authorization)
        except InvalidToken:
            if scope["method"] != "GET" or policy.callers.access is not Access.PUBLIC:
                raise
            self._limits.count_failure(context.address)
            context.authorization = ""
            if context.question is not None:
                context.cache_key = context.question.key(
                    self._cache,
                    scope["path"],
                    context.channel,
                    headers.get("accept-language", ""),
                )

    async def _is_known_storefront(self, headers: dict[str, str], context: Context) -> bool:
        """Returns whether a storefront's token is known, and puts it into the context."""
        token = headers.get("sojourn-storefront")
        if token is None or not self._verifier.knows(f"Bearer {token}"):
            return False
        await self._recognize_storefront(headers, context)
        return True

    async def _recognize_storefront(self, headers: dict[str, str], context: Context) -> None:
        """Puts a storefront, and the address of the shopper for whom it calls, into the context.

        Raises InvalidToken and ScopeRequired.
        """
        caller = await self._verifier.verify(f"Bearer {headers['sojourn-storefront']}")
        caller.require(STOREFRONT)
        context.storefront = str(caller.subject_id)
        if (address := headers.get("sojourn-client-address")) is not None:
            context.address = counted_address(address.strip())

    async def may_read_page(self, headers: dict[str, str], context: Context) -> bool:
        """Counts the read of a cached page; False sends a refusal through the application."""
        if "sojourn-storefront" not in headers:
            context.limit = ("caller", context.address)
            return self._limits.allow_page(context.address)
        try:
            if not await self._is_known_storefront(headers, context):
                return False
        except DomainError:
            return False
        context.limit = ("storefront", context.storefront)
        return self._limits.allow_storefront_page(context.storefront)

    def _count_caller(self, limit: Limit, context: Context) -> None:
        """Counts a request against its storefront, its token's subject, or else its address.

        Raises RateLimited.
        """
        subject = str(context.caller.subject_id) if context.caller.subject_id else context.address
        if context.storefront:
            context.limit = ("storefront", context.storefront)
            self._limits.count_storefront(context.storefront)
            if context.caller.subject_id is None:
                return
        else:
            context.limit = ("caller", subject)
        self._limits.count_caller(limit, subject)

    def most_bytes(self, policy: Policy) -> int:
        """Returns how large a body may be."""
        is_staff = policy.callers.access is Access.STAFF
        return min(
            policy.most_bytes,
            self._settings.max_staff_body_bytes if is_staff else self._settings.max_body_bytes,
        )


def errors_of_head(refusal: DomainError) -> list[FieldError] | None:
    """Returns the error of the header, path or query that was refused, if the refusal names one."""
    path = refusal.metadata.get("path")
    if path is None:
        return None
    place = (path,) if path in ("path", "query") else ("header", path)
    return errors_of_refusal(refusal, place)


def _require_clean(scope: Scope, context: Context) -> None:
    """Raises InvalidText where path, query or channel hold what no text may hold."""
    path: str = scope["path"]
    if not is_clean(path):
        raise InvalidText("the path holds characters that no text may hold", path="path")
    if (
        (query := scope["query_string"])
        and _ESCAPED.search(query)
        and not is_clean(unquote_plus(query.decode("latin-1")))
    ):
        raise InvalidText("the query holds characters that no text may hold", path="query")
    if not _CHANNEL.fullmatch(context.channel):
        raise InvalidText(
            "Sojourn-Channel is letters, digits, dots, dashes and underscores",
            path="Sojourn-Channel",
        )
