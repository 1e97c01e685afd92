"""Preferences of mail, and what was sent."""

from typing import Final

from gateway.composed.mails import (
    RECORD,
    follow_link,
    prepare_mail_touchpoint,
    show_picture,
)
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.notifications.v1.notifications_pb2_grpc import (
    NotificationServiceServicer,
    PreferenceServiceServicer,
)
from sojourn.notifications.v1.staff_notices_pb2_grpc import StaffNoticeServiceServicer

_SMALL: Final = 16 * KIB
_OF_REQUEST: Final = frozenset({"device", "proxy", "consent", "is_prefetch"})
# A reader waits for the page.
_LINK_SECONDS: Final = 1.0
_RECIPIENT: Final = "/v1/staff/notice-recipients/{code}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/me/preferences",
        rpc=rpc(PreferenceServiceServicer.GetPreferences),
        callers=SHOPPER,
        touchpoint=None,
        text="Returns the topics that the caller wants mail about.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/me/preferences",
        rpc=rpc(PreferenceServiceServicer.SetPreferences),
        callers=SHOPPER,
        touchpoint="account.preferences",
        body=WHOLE,
        text="Sets topics; others stay. What belongs to an order cannot be switched off.",
    ),
    Endpoint(
        method="POST",
        path="/v1/unsubscribe",
        rpc=rpc(PreferenceServiceServicer.Unsubscribe),
        callers=PUBLIC,
        touchpoint="email.unsubscribe",
        query=Parameters(renamed={"token": "token"}),
        sends_token=False,
        key=KeyRule.NONE,
        most_bytes=_SMALL,
        text="Ends a topic at once (RFC 8058): mail programs POST here. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/subscriptions/confirm",
        rpc=rpc(PreferenceServiceServicer.ConfirmAddress),
        callers=PUBLIC,
        touchpoint="email.confirm",
        body=WHOLE,
        sends_token=False,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
        text="Confirms by the link of a mail that its address may get reminders. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/mails/links/{token}",
        rpc=RECORD,
        callers=PUBLIC,
        touchpoint=None,
        hidden=_OF_REQUEST,
        prepare=prepare_mail_touchpoint,
        ask=follow_link,
        status=302,
        sends_token=False,
        deadline_seconds=_LINK_SECONDS,
        name="FollowMailLink",
        text="A tracked link of a mail: redirects to a page of the storefront, and counts the "
        "click where the mail's recipient allows analytics.",
    ),
    Endpoint(
        method="GET",
        path="/v1/mails/opens/{token}",
        rpc=RECORD,
        callers=PUBLIC,
        touchpoint=None,
        hidden=_OF_REQUEST,
        prepare=prepare_mail_touchpoint,
        ask=show_picture,
        answer_media="image/gif",
        sends_token=False,
        deadline_seconds=_LINK_SECONDS,
        name="ShowMailPicture",
        text="The picture of a mail that tells that it was opened, where its recipient allows "
        "analytics.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/messages",
        rpc=rpc(NotificationServiceServicer.ListMessages),
        callers=staff("notifications.read"),
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Lists messages, newest first, without the parts that only the recipient may see.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/messages/{message_id}/redrive",
        rpc=rpc(NotificationServiceServicer.RedriveMessage),
        callers=staff("notifications.write"),
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        is_keyed=True,
        text="Queues a failed message anew.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/notice-recipients",
        rpc=rpc(StaffNoticeServiceServicer.ListStaffNoticeRecipients),
        callers=staff("notifications.read"),
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Recipients of mails to the staff, by code.",
    ),
    Endpoint(
        method="GET",
        path=_RECIPIENT,
        rpc=rpc(StaffNoticeServiceServicer.GetStaffNoticeRecipient),
        callers=staff("notifications.read"),
        touchpoint=None,
        text="A recipient of mails to the staff.",
    ),
    Endpoint(
        method="PUT",
        path=_RECIPIENT,
        rpc=rpc(StaffNoticeServiceServicer.PutStaffNoticeRecipient),
        callers=staff("notifications.write"),
        touchpoint=None,
        body="recipient",
        paths={"code": "recipient.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a recipient of mails to the staff by its code, with the kinds "
        "of notices and the channels that it is told of. A repeat changes nothing.",
    ),
    Endpoint(
        method="DELETE",
        path=_RECIPIENT,
        rpc=rpc(StaffNoticeServiceServicer.DeleteStaffNoticeRecipient),
        callers=staff("notifications.write"),
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a recipient of mails to the staff. A repeat is fine.",
    ),
)
