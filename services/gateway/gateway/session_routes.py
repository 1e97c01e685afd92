"""Sessions and customers: guests, registration, login, profile, addresses, consents."""

from ipaddress import ip_network
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from chassis.rpc.errors import DomainError
from gateway import bodies
from gateway.access import KIB, Access
from gateway.context import context_of
from gateway.contracts.encoding import render
from gateway.limits import limits_of
from gateway.peers import peers_of
from gateway.routing import (
    Id,
    IfMatch,
    Key,
    Routes,
    empty,
    etag_of,
    reply_with,
    schemas,
    version_of,
)
from sojourn.cart.v1 import cart_pb2
from sojourn.common.v1 import address_pb2
from sojourn.identity.v1 import identity_pb2 as pb

routes = Routes("sessions and customers")
_LOGGED_IN = schemas.composed(
    "LoggedIn",
    pb.Session,
    cart={
        "anyOf": [schemas.ref(cart_pb2.Cart), {"type": "null"}],
        "description": "The customer's cart after merging.",
    },
)


DEVICE_COOKIE: Final = "sojourn_device"
# As long as identity knows a device by default; how long it does is identity's to say.
_DEVICE_COOKIE_SECONDS: Final = 180 * 86_400
_LONGEST_DEVICE_TOKEN: Final = 200


def guest_token_of(request: Request) -> str:
    """The token of the guest who registers or logs in, or empty."""
    context = context_of(request)
    return context.authorization.partition(" ")[2] if context.caller.kind == "guest" else ""


def device_token_of(request: Request, given: str | None = None) -> str:
    """The token of a device that logged in before: of the body, or else of the cookie."""
    token = given or request.cookies.get(DEVICE_COOKIE, "")
    return (
        token
        if len(token) <= _LONGEST_DEVICE_TOKEN and token.isascii() and token.isprintable()
        else ""
    )


def keep_device(request: Request, response: Response, session: pb.Session) -> None:
    """Lets a browser keep the session's device token where no script and no other site can use it."""
    if not session.device_token:
        return
    settings = request.app.state.settings
    response.set_cookie(
        DEVICE_COOKIE,
        session.device_token,
        max_age=_DEVICE_COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
        secure=settings.environment == "production" or settings.public_url.startswith("https:"),
    )


def client_network_of(request: Request) -> str:
    """Returns the network of the client's address, a /24 of IPv4 or a /64 of IPv6; empty where the
    address is not known.
    """
    address = context_of(request).address
    try:
        counted = ip_network(address, strict=False)
    except ValueError:
        return ""
    return str(counted.supernet(new_prefix=24) if counted.version == 4 else counted)


async def _logged_in(
    request: Request, session: pb.Session, guest_token: str, status: int
) -> Response:
    """The session, with the guest's cart merged into the customer's before the answer, so that the
    next look has it.
    """
    cart: dict[str, Any] | None = None
    degraded: list[str] = []
    if guest_token and session.kind == pb.SUBJECT_KIND_CUSTOMER:
        cart_peer = peers_of(request).cart
        message = cart_pb2.MergeCartRequest(guest_token=guest_token)
        authorization = f"Bearer {session.access_token}"
        try:
            reply = await cart_peer.ask(
                request, cart_peer.carts.MergeCart, message, authorization=authorization
            )
            cart = render(reply.cart) if reply.HasField("cart") else None
        except DomainError:
            # The guest's token still reaches the cart: the next login merges it.
            degraded.append("cart")
    response = reply_with(
        {**render(session), "cart": cart, "degraded": degraded},
        status=status,
        headers={"Cache-Control": "no-store"},
    )
    keep_device(request, response, session)
    return response


@routes.add(
    "POST",
    "/v1/sessions/guest",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint=None,
    reply=pb.Session,
    status=201,
)
async def create_guest_session(request: Request) -> Response:
    """Makes a guest: a token to shop with before, or without, an account."""
    identity = peers_of(request).identity
    message = pb.CreateGuestSessionRequest(channel=context_of(request).channel)
    reply = await identity.ask(
        request, identity.sessions.CreateGuestSession, message, authorization=""
    )
    return reply_with(render(reply), status=201, headers={"Cache-Control": "no-store"})


@routes.add(
    "POST",
    "/v1/customers",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="account.register",
    reply=_LOGGED_IN,
    status=201,
    errors=(409,),
)
async def register(request: Request, body: bodies.Registration, key: Key) -> Response:
    """Makes an account, and mails a link that confirms its address.

    Send the guest's token as `Authorization` to keep their cart and history.

    The answer is the same where another account has the address: its owner is told by mail.
    """
    limits_of(request).count_login(context_of(request).address, body.email)
    identity, guest = peers_of(request).identity, guest_token_of(request)
    fields = body.model_dump(exclude_none=True, exclude={"device_token"})
    message = pb.RegisterRequest(
        **fields,
        guest_token=guest,
        channel=context_of(request).channel,
        device_token=device_token_of(request, body.device_token),
    )
    session = await identity.ask(
        request, identity.sessions.Register, message, authorization="", key=key
    )
    return await _logged_in(request, session, guest, 201)


@routes.add(
    "POST",
    "/v1/sessions",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="account.login",
    reply=_LOGGED_IN,
    status=201,
    errors=(409,),
)
async def login(request: Request, body: bodies.Credentials) -> Response:
    """Logs in.

    Send the guest's token as `Authorization` to keep their cart and history.

    A device that logged in before shows it by a cookie, or by `device_token`. After too many wrong
    passwords from devices that did not, these get a 409 `LOGIN_LINK_REQUIRED`, and an account with
    that address a mail with a link that logs in, or one that confirms the address if no account has
    done so and the password is right.
    """
    limits_of(request).count_login(context_of(request).address, body.email)
    identity, guest = peers_of(request).identity, guest_token_of(request)
    message = pb.LoginRequest(
        email=body.email,
        password=body.password,
        guest_token=guest,
        client_network=client_network_of(request),
        device_token=device_token_of(request, body.device_token),
    )
    session = await identity.ask(request, identity.sessions.Login, message, authorization="")
    return await _logged_in(request, session, guest, 201)


@routes.add(
    "POST",
    "/v1/sessions/link",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="account.login",
    reply=_LOGGED_IN,
    status=201,
)
async def login_with_link(request: Request, body: bodies.LoginLink) -> Response:
    """Logs in by the link of a mail, once.

    The link carries its secret in the fragment; the page that it leads to POSTs it here.
    """
    identity, guest = peers_of(request).identity, guest_token_of(request)
    message = pb.LoginWithLinkRequest(
        token=body.token,
        guest_token=guest,
        device_token=device_token_of(request, body.device_token),
    )
    session = await identity.ask(
        request, identity.sessions.LoginWithLink, message, authorization=""
    )
    return await _logged_in(request, session, guest, 201)


@routes.add(
    "POST",
    "/v1/customers/confirm",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="account.confirm",
    reply=pb.ConfirmEmailResponse,
    errors=(404, 409),
)
async def confirm_email(request: Request, body: bodies.EmailConfirmation) -> Response:
    """Confirms an account's address by the link of a mail.

    Send that customer's token, or the account's password. A repeat is fine.
    """
    identity, context = peers_of(request).identity, context_of(request)
    message = pb.ConfirmEmailRequest(token=body.token, password=body.password or "")
    authorization = context.authorization if context.caller.kind == "customer" else ""
    return reply_with(
        render(
            await identity.ask(
                request, identity.sessions.ConfirmEmail, message, authorization=authorization
            )
        )
    )


@routes.add(
    "POST",
    "/v1/me/confirmation",
    access=Access.SHOPPER,
    most_bytes=16 * KIB,
    touchpoint=None,
    reply=None,
    status=204,
    errors=(403, 404),
)
async def resend_confirmation(request: Request) -> Response:
    """Mails the confirmation link anew, at most three times a day with pauses from ten minutes;
    nothing where the address is confirmed.
    """
    identity = peers_of(request).identity
    await identity.ask(
        request, identity.customers.ResendConfirmation, pb.ResendConfirmationRequest()
    )
    return empty()


@routes.add(
    "POST",
    "/v1/sessions/refresh",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint=None,
    reply=pb.Session,
)
async def refresh_session(request: Request, body: bodies.RefreshToken) -> Response:
    """Trades a refresh token for new tokens, once. A second use ends the session."""
    limits_of(request).count_refresh(context_of(request).address, body.refresh_token)
    identity = peers_of(request).identity
    message = pb.RefreshRequest(refresh_token=body.refresh_token)
    reply = await identity.ask(request, identity.sessions.Refresh, message, authorization="")
    return reply_with(render(reply), headers={"Cache-Control": "no-store"})


@routes.add(
    "POST",
    "/v1/sessions/logout",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="account.logout",
    reply=None,
    status=204,
)
async def logout(request: Request, body: bodies.RefreshToken) -> Response:
    """Ends a session. A repeat is fine."""
    identity = peers_of(request).identity
    await identity.ask(
        request,
        identity.sessions.Logout,
        pb.LogoutRequest(refresh_token=body.refresh_token),
        authorization="",
    )
    return empty()


@routes.add(
    "GET", "/.well-known/jwks.json", access=Access.PUBLIC, touchpoint=None, reply={"type": "object"}
)
async def jwks(request: Request) -> Response:
    """The public keys that verify tokens (RFC 7517)."""
    identity = peers_of(request).identity
    reply = await identity.ask(
        request, identity.sessions.GetKeys, pb.GetKeysRequest(), authorization=""
    )
    return Response(
        reply.jwks_json,
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=60"},
    )


@routes.add(
    "GET", "/v1/me", access=Access.SHOPPER, touchpoint=None, reply=pb.Customer, errors=(403, 404)
)
async def me(request: Request) -> Response:
    """The caller's profile."""
    identity = peers_of(request).identity
    reply = await identity.ask(request, identity.customers.GetCustomer, pb.GetCustomerRequest())
    return reply_with(render(reply), headers=etag_of(reply.version))


@routes.add(
    "PATCH",
    "/v1/me",
    access=Access.SHOPPER,
    touchpoint="account.update",
    reply=pb.Customer,
    errors=(403, 404, 412, 428),
)
async def update_me(
    request: Request, body: bodies.ProfileChange, if_match: IfMatch = ""
) -> Response:
    """Changes the profile. Needs If-Match."""
    identity = peers_of(request).identity
    version = version_of(if_match, required=True)
    message = pb.UpdateCustomerRequest(
        **body.model_dump(exclude_none=True), expected_version=version
    )
    reply = await identity.ask(request, identity.customers.UpdateCustomer, message)
    return reply_with(render(reply), headers=etag_of(reply.version))


@routes.add(
    "GET",
    "/v1/me/addresses",
    access=Access.SHOPPER,
    touchpoint=None,
    reply=pb.ListAddressesResponse,
    errors=(403, 404),
)
async def addresses(request: Request) -> Response:
    """The caller's addresses, default first."""
    identity = peers_of(request).identity
    return reply_with(
        render(
            await identity.ask(request, identity.customers.ListAddresses, pb.ListAddressesRequest())
        )
    )


@routes.add(
    "POST",
    "/v1/me/addresses",
    access=Access.SHOPPER,
    touchpoint="account.address",
    reply=pb.CustomerAddress,
    status=201,
    errors=(403, 404, 409),
)
async def add_address(request: Request, body: bodies.CustomerAddressInput, key: Key) -> Response:
    """Adds an address."""
    identity = peers_of(request).identity
    message = pb.AddAddressRequest(
        address=address_pb2.Address(**body.address.model_dump()), is_default=body.is_default
    )
    return reply_with(
        render(await identity.ask(request, identity.customers.AddAddress, message, key=key)),
        status=201,
    )


@routes.add(
    "PUT",
    "/v1/me/addresses/{address_id}",
    access=Access.SHOPPER,
    touchpoint="account.address",
    reply=pb.CustomerAddress,
    errors=(403, 404),
)
async def update_address(
    request: Request, address_id: Id, body: bodies.CustomerAddressInput
) -> Response:
    """Replaces an address."""
    identity = peers_of(request).identity
    address = address_pb2.Address(**body.address.model_dump())
    message = pb.UpdateAddressRequest(
        address_id=address_id, address=address, is_default=body.is_default
    )
    return reply_with(
        render(await identity.ask(request, identity.customers.UpdateAddress, message))
    )


@routes.add(
    "DELETE",
    "/v1/me/addresses/{address_id}",
    access=Access.SHOPPER,
    touchpoint=None,
    reply=None,
    status=204,
    errors=(403, 404),
)
async def remove_address(request: Request, address_id: Id) -> Response:
    """Removes an address. A repeat is fine."""
    identity = peers_of(request).identity
    await identity.ask(
        request, identity.customers.RemoveAddress, pb.RemoveAddressRequest(address_id=address_id)
    )
    return empty()


@routes.add(
    "GET",
    "/v1/me/consents",
    access=Access.SHOPPER,
    touchpoint=None,
    reply=pb.Consents,
    errors=(403, 404),
)
async def consents(request: Request) -> Response:
    """Returns the caller's consents."""
    identity = peers_of(request).identity
    return reply_with(
        render(await identity.ask(request, identity.customers.GetConsents, pb.GetConsentsRequest()))
    )


@routes.add(
    "PUT",
    "/v1/me/consents",
    access=Access.SHOPPER,
    touchpoint="account.consent",
    reply=pb.Consents,
    errors=(403, 404),
)
async def set_consents(request: Request, body: bodies.ConsentsInput) -> Response:
    """Sets consents by category; others stay."""
    identity = peers_of(request).identity
    return reply_with(
        render(
            await identity.ask(
                request, identity.customers.SetConsents, pb.SetConsentsRequest(granted=body.granted)
            )
        )
    )
