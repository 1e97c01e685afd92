"""The edge of staff's settings of search."""

from collections.abc import Callable
from typing import TypeVar

from catalog.directory import Directory
from catalog.merchandising import actions, wire
from catalog.merchandising.model import (
    AttributeText,
    MerchandisingRule,
    SearchRedirect,
    SearchWeights,
    SynonymSet,
    default_weights,
)
from catalog.merchandising.queries import list_by_code, list_texts
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import search_admin_pb2 as pb
from sojourn.catalog.v1 import search_admin_pb2_grpc as pb_grpc
from sojourn.common.v1.page_pb2 import Page

R = TypeVar("R", SynonymSet, SearchRedirect, MerchandisingRule, AttributeText)
_PAGE_SIZE = 50


class SearchAdminServicer(Servicer, pb_grpc.SearchAdminServiceServicer):
    """Settings of search."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory, self._clock = directory, database.clock

    @write(scope="catalog.write", needs_key=True)
    async def PutSynonymSet(self, request: pb.PutSynonymSetRequest, call: Call) -> pb.SynonymSet:
        async with call.tx() as tx:
            channels = (await self._directory.context(tx)).channels
            kept = await actions.put_synonym_set(
                tx,
                channels,
                wire.decode_synonym_set(request.synonym_set),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_synonym_set(kept)

    @read(scope="catalog.write")
    async def GetSynonymSet(self, request: pb.GetSynonymSetRequest, call: Call) -> pb.SynonymSet:
        async with call.read() as read:
            return wire.encode_synonym_set(
                await actions.get_setting(read, SynonymSet, request.code)
            )

    @read(scope="catalog.write")
    async def ListSynonymSets(
        self, request: pb.ListSynonymSetsRequest, call: Call
    ) -> pb.ListSynonymSetsResponse:
        rows, token = await _page(call, SynonymSet, request.page, lambda row: [row.code])
        return pb.ListSynonymSetsResponse(
            synonym_sets=map(wire.encode_synonym_set, rows), next_page_token=token
        )

    @write(scope="catalog.write", needs_key=True)
    async def DeleteSynonymSet(
        self, request: pb.DeleteSynonymSetRequest, call: Call
    ) -> pb.DeleteSynonymSetResponse:
        await _delete(call, SynonymSet, request.code, expected_version=request.expected_version)
        return pb.DeleteSynonymSetResponse()

    @write(scope="catalog.write", needs_key=True)
    async def PutSearchRedirect(
        self, request: pb.PutSearchRedirectRequest, call: Call
    ) -> pb.SearchRedirect:
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            kept = await actions.put_search_redirect(
                tx,
                context.channels,
                context.tree,
                wire.decode_search_redirect(request.search_redirect),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_search_redirect(kept)

    @read(scope="catalog.write")
    async def GetSearchRedirect(
        self, request: pb.GetSearchRedirectRequest, call: Call
    ) -> pb.SearchRedirect:
        async with call.read() as read:
            return wire.encode_search_redirect(
                await actions.get_setting(read, SearchRedirect, request.code)
            )

    @read(scope="catalog.write")
    async def ListSearchRedirects(
        self, request: pb.ListSearchRedirectsRequest, call: Call
    ) -> pb.ListSearchRedirectsResponse:
        rows, token = await _page(call, SearchRedirect, request.page, lambda row: [row.code])
        return pb.ListSearchRedirectsResponse(
            search_redirects=map(wire.encode_search_redirect, rows), next_page_token=token
        )

    @write(scope="catalog.write", needs_key=True)
    async def DeleteSearchRedirect(
        self, request: pb.DeleteSearchRedirectRequest, call: Call
    ) -> pb.DeleteSearchRedirectResponse:
        await _delete(call, SearchRedirect, request.code, expected_version=request.expected_version)
        return pb.DeleteSearchRedirectResponse()

    @write(scope="catalog.write", needs_key=True)
    async def PutMerchandisingRule(
        self, request: pb.PutMerchandisingRuleRequest, call: Call
    ) -> pb.MerchandisingRule:
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            kept = await actions.put_merchandising_rule(
                tx,
                context.channels,
                wire.decode_merchandising_rule(request.merchandising_rule, context.tree),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_merchandising_rule(kept, context.tree)

    @read(scope="catalog.write")
    async def GetMerchandisingRule(
        self, request: pb.GetMerchandisingRuleRequest, call: Call
    ) -> pb.MerchandisingRule:
        async with call.read() as read:
            rule = await actions.get_setting(read, MerchandisingRule, request.code)
            tree = (await self._directory.context(read)).tree
        return wire.encode_merchandising_rule(rule, tree)

    @read(scope="catalog.write")
    async def ListMerchandisingRules(
        self, request: pb.ListMerchandisingRulesRequest, call: Call
    ) -> pb.ListMerchandisingRulesResponse:
        rows, token = await _page(call, MerchandisingRule, request.page, lambda row: [row.code])
        async with call.read() as read:
            tree = (await self._directory.context(read)).tree
        return pb.ListMerchandisingRulesResponse(
            merchandising_rules=[wire.encode_merchandising_rule(row, tree) for row in rows],
            next_page_token=token,
        )

    @write(scope="catalog.write", needs_key=True)
    async def DeleteMerchandisingRule(
        self, request: pb.DeleteMerchandisingRuleRequest, call: Call
    ) -> pb.DeleteMerchandisingRuleResponse:
        await _delete(
            call, MerchandisingRule, request.code, expected_version=request.expected_version
        )
        return pb.DeleteMerchandisingRuleResponse()

    @write(scope="catalog.write", needs_key=True)
    async def PutAttributeText(
        self, request: pb.PutAttributeTextRequest, call: Call
    ) -> pb.AttributeText:
        async with call.tx() as tx:
            kept = await actions.put_attribute_text(
                tx,
                wire.decode_attribute_text(request.attribute_text),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_attribute_text(kept)

    @read(scope="catalog.write")
    async def GetAttributeText(
        self, request: pb.GetAttributeTextRequest, call: Call
    ) -> pb.AttributeText:
        async with call.read() as read:
            found = await actions.get_setting(read, AttributeText, request.name, request.locale)
        return wire.encode_attribute_text(found)

    @read(scope="catalog.write")
    async def ListAttributeTexts(
        self, request: pb.ListAttributeTextsRequest, call: Call
    ) -> pb.ListAttributeTextsResponse:
        rows, token = await _page(
            call, AttributeText, request.page, lambda row: [row.name, row.locale]
        )
        return pb.ListAttributeTextsResponse(
            attribute_texts=map(wire.encode_attribute_text, rows), next_page_token=token
        )

    @write(scope="catalog.write", needs_key=True)
    async def DeleteAttributeText(
        self, request: pb.DeleteAttributeTextRequest, call: Call
    ) -> pb.DeleteAttributeTextResponse:
        await _delete(
            call,
            AttributeText,
            request.name,
            request.locale,
            expected_version=request.expected_version,
        )
        return pb.DeleteAttributeTextResponse()

    @read(scope="catalog.write")
    async def GetSearchWeights(
        self, request: pb.GetSearchWeightsRequest, call: Call
    ) -> pb.SearchWeights:
        async with call.read() as read:
            channel = (await self._directory.context(read)).channels.channel(request.code).code
            found = await read.get(SearchWeights, channel)
        now = self._clock.now()
        return wire.encode_search_weights(found or default_weights(channel, now))

    @write(scope="catalog.write", needs_key=True)
    async def PutSearchWeights(
        self, request: pb.PutSearchWeightsRequest, call: Call
    ) -> pb.SearchWeights:
        async with call.tx() as tx:
            channels = (await self._directory.context(tx)).channels
            kept = await actions.put_search_weights(
                tx,
                channels,
                wire.decode_search_weights(request.weights),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_search_weights(kept)


async def _delete(call: Call, row: type[R], *key: str, expected_version: int) -> None:
    async with call.tx() as tx:
        await actions.delete_setting(
            tx, row, *key, actor_id=call.caller.subject_id, expected_version=expected_version
        )


async def _page(
    call: Call, row: type[R], page: Page, key: Callable[[R], list[str]]
) -> tuple[list[R], str]:
    """Returns a page of settings and the token of the next one. Raises InvalidPageToken."""
    size: int = size_of(page.size, default=_PAGE_SIZE)
    is_text = row is AttributeText
    position = position_of(page.token, length=2 if is_text else 1) or [""] * (1 + is_text)
    if not all(isinstance(part, str) and "\x00" not in part for part in position):
        raise InvalidPageToken
    async with call.read() as read:
        found: list[R] = (
            await list_texts(read, after=(position[0], position[1]), size=size + 1)  # type: ignore[assignment]
            if is_text
            else await list_by_code(read, row, after=position[0], size=size + 1)
        )
    has_more = len(found) > size
    return found[:size], token_of([*key(found[size - 1])]) if has_more else ""
