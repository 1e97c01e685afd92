"""Sessions: what the gateway knows of a login, and the cart that it brings along."""

from ipaddress import ip_network
from typing import Any, Final, Protocol

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response

from chassis.rpc.errors import DomainError
from gateway.context import context_of
from gateway.contracts.encoding import render
from gateway.contracts.rpc import rpc
from gateway.contracts.schemas import Composed, nullable
from gateway.endpoints.answers import NO_STORE, json_answer, raw_answer
from gateway.endpoints.exchange import Exchange
from gateway.http.limits import limits_of
from gateway.peers import CallOptions
from sojourn.cart.v1 import cart_pb2
from sojourn.cart.v1.cart_pb2_grpc import CartServiceServicer
from sojourn.identity.v1 import erasures_pb2
from sojourn.identity.v1 import identity_pb2 as pb

LOGGED_IN: Final = Composed(
    name="LoggedIn",
    message=pb.Session,
    parts={"cart": nullable(cart_pb2.Cart, "The customer's cart after merging.")},
)
MERGE_CART: Final = rpc(CartServiceServicer.MergeCart)
DEVICE_COOKIE: Final = "sojourn_device"
# As long as identity knows a device by default; how long it does is identity's to say.
_DEVICE_COOKIE_SECONDS: Final = 180 * 86_400
_LONGEST_DEVICE_TOKEN: Final = 200


class _Login(Protocol):
    guest_token: str
    device_token: str


def guest_token_of(request: Request) -> str:
    """Returns the token of the guest who registers or logs in, or empty."""
    context = context_of(request)
    return context.authorization.partition(" ")[2] if context.caller.kind == "guest" else ""


def device_token_of(request: Request, given: str = "") -> str:
    """Returns the token of a device that logged in before: of the body, or else of the cookie."""
    token = given or request.cookies.get(DEVICE_COOKIE, "")
    is_text = token.isascii() and token.isprintable()
    return token if len(token) <= _LONGEST_DEVICE_TOKEN and is_text else ""


def keep_device(request: Request, response: Response, session: pb.Session) -> None:
    """Sets the session's device token as a cookie that no script and no other site can use."""
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
    """Returns the network of the client's address, a /24 of IPv4 or a /64 of IPv6.

    Empty if the address is not known.
    """
    address = context_of(request).address
    try:
        counted = ip_network(address, strict=False)
    except ValueError:
        return ""
    return str(counted.supernet(new_prefix=24) if counted.version == 4 else counted)


def _take_guest_and_device(request: Request, message: _Login) -> None:
    message.guest_token = guest_token_of(request)
    message.device_token = device_token_of(request, message.device_token)


async def prepare_registration(exchange: Exchange[pb.RegisterRequest]) -> None:
    """Counts the attempt, and adds guest and device. Raises RateLimited."""
    request, message = exchange.request, exchange.message
    limits_of(request).count_login(exchange.context.address, message.email)
    _take_guest_and_device(request, message)


async def prepare_login(exchange: Exchange[pb.LoginRequest]) -> None:
    """Counts the attempt, and adds guest, device and network. Raises RateLimited."""
    request, message = exchange.request, exchange.message
    limits_of(request).count_login(exchange.context.address, message.email)
    _take_guest_and_device(request, message)
    message.client_network = client_network_of(request)


async def prepare_erasure(exchange: Exchange[erasures_pb2.EraseMyAccountRequest]) -> None:
    """Adds device and network, by which wrong passwords are counted."""
    request, message = exchange.request, exchange.message
    message.device_token = device_token_of(request, message.device_token)
    message.client_network = client_network_of(request)


async def prepare_link(exchange: Exchange[pb.LoginWithLinkRequest]) -> None:
    """Adds guest and device."""
    _take_guest_and_device(exchange.request, exchange.message)


async def prepare_refresh(exchange: Exchange[pb.RefreshRequest]) -> None:
    """Counts the refresh. Raises RateLimited."""
    token = exchange.message.refresh_token
    limits_of(exchange.request).count_refresh(exchange.context.address, token)


async def prepare_confirmation(exchange: Exchange[pb.ConfirmEmailRequest]) -> None:
    """Sends the token of a customer only: nobody else's proves an account."""
    context = exchange.context
    is_customer = context.caller.kind == "customer"
    exchange.options.authorization = context.authorization if is_customer else ""


async def logged_in(exchange: Exchange[Any], session: pb.Session) -> Response:
    """Returns the session after the guest's cart was merged into the customer's."""
    cart: dict[str, JsonValue] | None = None
    degraded: list[JsonValue] = []
    guest_token = guest_token_of(exchange.request)
    if guest_token and session.kind == pb.SUBJECT_KIND_CUSTOMER:
        message = cart_pb2.MergeCartRequest(guest_token=guest_token)
        options = CallOptions(authorization=f"Bearer {session.access_token}")
        try:
            reply = await exchange.ask(MERGE_CART, message, options)
            cart = render(reply.cart) if reply.HasField("cart") else None
        except DomainError:
            # The guest's token still reaches the cart: the next login merges it.
            degraded.append("cart")
    document = {**render(session), "cart": cart, "degraded": degraded}
    response = json_answer(document, status=201, headers=NO_STORE)
    keep_device(exchange.request, response, session)
    return response


async def key_set(exchange: Exchange[pb.GetKeysRequest], reply: pb.GetKeysResponse) -> Response:
    """Returns the keys as identity wrote them."""
    headers = {"Cache-Control": "public, max-age=60"}
    return raw_answer(reply.jwks_json.encode(), headers=headers)
