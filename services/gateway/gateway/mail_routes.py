"""Preferences of mail, and what was sent."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway import bodies
from gateway.access import KIB, Access
from gateway.contracts.encoding import render
from gateway.enums import NameOf, value_of
from gateway.peers import peers_of
from gateway.routing import Id, Key, PageSize, PageToken, Routes, page_of, reply_with
from sojourn.notifications.v1 import notifications_pb2 as pb

routes = Routes("mail")


@routes.add(
    "GET",
    "/v1/me/preferences",
    access=Access.SHOPPER,
    touchpoint=None,
    reply=pb.Preferences,
    errors=(403, 404),
)
async def preferences(request: Request) -> Response:
    """Returns the topics that the caller wants mail about."""
    peer = peers_of(request).notifications
    return reply_with(
        render(await peer.ask(request, peer.preferences.GetPreferences, pb.GetPreferencesRequest()))
    )


@routes.add(
    "PUT",
    "/v1/me/preferences",
    access=Access.SHOPPER,
    touchpoint="account.preferences",
    reply=pb.Preferences,
    errors=(403, 404, 409),
)
async def set_preferences(request: Request, body: bodies.Preferences) -> Response:
    """Sets topics; others stay. What belongs to an order cannot be switched off."""
    peer = peers_of(request).notifications
    return reply_with(
        render(
            await peer.ask(
                request,
                peer.preferences.SetPreferences,
                pb.SetPreferencesRequest(wanted=body.wanted),
            )
        )
    )


@routes.add(
    "POST",
    "/v1/unsubscribe",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="email.unsubscribe",
    reply=pb.UnsubscribeResponse,
    errors=(404,),
)
async def unsubscribe(
    request: Request, token: Annotated[str, Query(min_length=1, max_length=500)]
) -> Response:
    """Ends a topic at once (RFC 8058): mail programs POST here. A repeat is fine."""
    peer = peers_of(request).notifications
    message = pb.UnsubscribeRequest(token=token)
    return reply_with(
        render(await peer.ask(request, peer.preferences.Unsubscribe, message, authorization=""))
    )


@routes.add(
    "POST",
    "/v1/subscriptions/confirm",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint="email.confirm",
    reply=pb.ConfirmAddressResponse,
    errors=(404,),
)
async def confirm_address(request: Request, body: bodies.AddressConfirmation) -> Response:
    """Confirms by the link of a mail that its address may get reminders. A repeat is fine."""
    peer = peers_of(request).notifications
    message = pb.ConfirmAddressRequest(token=body.token)
    return reply_with(
        render(await peer.ask(request, peer.preferences.ConfirmAddress, message, authorization=""))
    )


@routes.add(
    "GET",
    "/v1/staff/messages",
    access=Access.STAFF,
    scope="notifications.read",
    touchpoint=None,
    reply=pb.ListMessagesResponse,
    errors=(403,),
)
async def messages(
    request: Request,
    page_size: PageSize = 50,
    page_token: PageToken = "",
    state: Annotated[
        str,
        NameOf(pb.MessageState, or_empty=True),
        Query(description="only messages in this state"),
    ] = "",
    order_id: Annotated[str, Query(max_length=36, description="of one order")] = "",
) -> Response:
    """Lists messages, newest first, without the parts that only the recipient may see."""
    peer = peers_of(request).notifications
    message = pb.ListMessagesRequest(
        page=page_of(page_size, page_token),
        state=value_of(pb.MessageState, state),
        order_id=order_id,
    )
    return reply_with(render(await peer.ask(request, peer.messages.ListMessages, message)))


@routes.add(
    "POST",
    "/v1/staff/messages/{message_id}/redrive",
    access=Access.STAFF,
    scope="notifications.write",
    touchpoint=None,
    reply=pb.Message,
    errors=(403, 404, 409),
)
async def redrive_message(request: Request, message_id: Id, key: Key) -> Response:
    """Queues a failed message anew."""
    peer = peers_of(request).notifications
    return reply_with(
        render(
            await peer.ask(
                request,
                peer.messages.RedriveMessage,
                pb.RedriveMessageRequest(message_id=message_id),
                key=key,
            )
        )
    )
