"""Synthetic shoppers: the keys that staff give them, and what they may buy."""

from starlette.requests import Request
from starlette.responses import Response

from gateway import bodies, reading
from gateway.access import KIB, Access
from gateway.catalogue_routes import View
from gateway.context import context_of
from gateway.contracts.encoding import render
from gateway.enums import value_of
from gateway.peers import peers_of
from gateway.routing import Id, Key, Routes, replayed, reply_with
from sojourn.catalog.v1 import catalog_pb2
from sojourn.identity.v1 import identity_pb2 as pb

routes = Routes("synthetic shoppers")


@routes.add(
    "POST",
    "/v1/sessions/api-key",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint=None,
    reply=pb.Session,
    status=201,
)
async def create_api_key_session(request: Request, body: bodies.ApiKey) -> Response:
    """A guest's token for the holder of an API key: a synthetic shopper's, whose orders count for
    nothing.

    Nothing refreshes it.
    """
    identity = peers_of(request).identity
    message = pb.CreateApiKeySessionRequest(api_key=body.api_key)
    reply = await identity.ask(
        request, identity.sessions.CreateApiKeySession, message, authorization=""
    )
    return reply_with(render(reply), status=201, headers={"Cache-Control": "no-store"})


@routes.add(
    "GET",
    "/v1/synthetic/offers",
    access=Access.SHOPPER,
    touchpoint=None,
    reply=catalog_pb2.GetOffersResponse,
    errors=(403,),
)
async def synthetic_offers(request: Request, query: View) -> Response:
    """Lists the offers that a synthetic shopper may buy.

    Needs the token of an API key with that role.
    """
    catalog = peers_of(request).catalog
    view = reading.view_of(
        query, request.headers.get("accept-language", ""), context_of(request).channel
    )
    message = catalog_pb2.GetOffersRequest(view=view, synthetic=True)
    return reply_with(render(await catalog.ask(request, catalog.shop.GetOffers, message)))


@routes.add(
    "POST",
    "/v1/staff/api-keys",
    access=Access.STAFF,
    scope="api_keys.write",
    touchpoint=None,
    reply=pb.CreateApiKeyResponse,
    status=201,
    errors=(403, 409),
)
async def create_api_key(request: Request, body: bodies.NewApiKey, key: Key) -> Response:
    """Makes an API key.

    Its text is in this answer only: a repeat answers the same key without it.
    """
    identity, seen = peers_of(request).identity, dict[str, str]()
    message = pb.CreateApiKeyRequest(name=body.name, role=value_of(pb.ApiKeyRole, body.role))
    reply = await identity.ask(request, identity.api_keys.CreateApiKey, message, key=key, seen=seen)
    return reply_with(
        render(reply), status=201, headers={"Cache-Control": "no-store", **replayed(seen)}
    )


@routes.add(
    "GET",
    "/v1/staff/api-keys",
    access=Access.STAFF,
    scope="api_keys.write",
    touchpoint=None,
    reply=pb.ListApiKeysResponse,
    errors=(403,),
)
async def api_keys(request: Request) -> Response:
    """All API keys, newest first, without their texts."""
    identity = peers_of(request).identity
    return reply_with(
        render(await identity.ask(request, identity.api_keys.ListApiKeys, pb.ListApiKeysRequest()))
    )


@routes.add(
    "DELETE",
    "/v1/staff/api-keys/{key_id}",
    access=Access.STAFF,
    scope="api_keys.write",
    touchpoint=None,
    reply=pb.ApiKey,
    errors=(403, 404),
)
async def revoke_api_key(request: Request, key_id: Id) -> Response:
    """Ends an API key.

    Tokens that it got are good until they expire, within minutes. A repeat is fine.
    """
    identity = peers_of(request).identity
    return reply_with(
        render(
            await identity.ask(
                request, identity.api_keys.RevokeApiKey, pb.RevokeApiKeyRequest(key_id=key_id)
            )
        )
    )
