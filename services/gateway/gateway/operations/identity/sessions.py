"""Sessions and tokens: guests, registration, login."""

from typing import Final

from gateway.composed.sessions import (
    LOGGED_IN,
    key_set,
    logged_in,
    prepare_confirmation,
    prepare_link,
    prepare_login,
    prepare_refresh,
    prepare_registration,
)
from gateway.contracts.rpc import rpc
from gateway.contracts.schemas import Composed
from gateway.endpoints.access import PUBLIC, Limit
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.identity.v1.identity_pb2_grpc import IdentityServiceServicer

_SMALL: Final = 16 * KIB
_GUEST: Final = frozenset({"guest_token", "channel"})
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/sessions/guest",
        rpc=rpc(IdentityServiceServicer.CreateGuestSession),
        callers=PUBLIC,
        touchpoint=None,
        sends_token=False,
        is_secret=True,
        status=201,
        key=KeyRule.NONE,
        limit=Limit.GUEST,
        most_bytes=_SMALL,
        text="Makes a guest: a token to shop with before, or without, an account.",
    ),
    Endpoint(
        method="POST",
        path="/v1/customers",
        rpc=rpc(IdentityServiceServicer.Register),
        callers=PUBLIC,
        touchpoint="account.register",
        body=WHOLE,
        hidden=_GUEST,
        prepare=prepare_registration,
        reads_token=True,
        compose=logged_in,
        reply=LOGGED_IN,
        sends_token=False,
        is_secret=True,
        status=201,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
        text="Makes an account, and mails a link that confirms its address. Send the guest's "
        "token as `Authorization` to keep their cart and history.\n\nThe answer is the same where "
        "another account has the address: its owner is told by mail.",
    ),
    Endpoint(
        method="POST",
        path="/v1/sessions",
        rpc=rpc(IdentityServiceServicer.Login),
        callers=PUBLIC,
        touchpoint="account.login",
        body=WHOLE,
        hidden=frozenset({"guest_token", "client_network"}),
        prepare=prepare_login,
        reads_token=True,
        compose=logged_in,
        reply=LOGGED_IN,
        sends_token=False,
        is_secret=True,
        status=201,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
        text="Logs in. Send the guest's token as `Authorization` to keep their cart and history."
        "\n\nA device that logged in before shows it by a cookie, or by `device_token`. After too "
        "many wrong passwords from devices that did not, these get a 409 `LOGIN_LINK_REQUIRED`, "
        "and an account with that address a mail with a link that logs in, or one that confirms "
        "the address if no account has done so and the password is right.",
    ),
    Endpoint(
        method="POST",
        path="/v1/sessions/link",
        rpc=rpc(IdentityServiceServicer.LoginWithLink),
        callers=PUBLIC,
        touchpoint="account.login",
        body=WHOLE,
        hidden=frozenset({"guest_token"}),
        prepare=prepare_link,
        reads_token=True,
        compose=logged_in,
        reply=LOGGED_IN,
        sends_token=False,
        is_secret=True,
        status=201,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
        text="Logs in by the link of a mail, once. The link carries its secret in the fragment; "
        "the page that it leads to POSTs it here.",
    ),
    Endpoint(
        method="POST",
        path="/v1/sessions/api-key",
        rpc=rpc(IdentityServiceServicer.CreateApiKeySession),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        status=201,
        key=KeyRule.NONE,
        limit=Limit.API_KEY,
        most_bytes=_SMALL,
        text="A guest's token for the holder of an API key: a synthetic shopper's, whose orders "
        "count for nothing. Nothing refreshes it.",
    ),
    Endpoint(
        method="POST",
        path="/v1/sessions/refresh",
        rpc=rpc(IdentityServiceServicer.Refresh),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        prepare=prepare_refresh,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.REFRESH,
        most_bytes=_SMALL,
        text="Trades a refresh token for new tokens, once. A second use ends the session.",
    ),
    Endpoint(
        method="POST",
        path="/v1/sessions/logout",
        rpc=rpc(IdentityServiceServicer.Logout),
        callers=PUBLIC,
        touchpoint="account.logout",
        body=WHOLE,
        sends_token=False,
        status=204,
        key=KeyRule.NONE,
        most_bytes=_SMALL,
        text="Ends a session. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/customers/confirm",
        rpc=rpc(IdentityServiceServicer.ConfirmEmail),
        callers=PUBLIC,
        touchpoint="account.confirm",
        body=WHOLE,
        prepare=prepare_confirmation,
        reads_token=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
        text="Confirms an account's address by the link of a mail. Send that customer's token, or "
        "the account's password. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/.well-known/jwks.json",
        rpc=rpc(IdentityServiceServicer.GetKeys),
        callers=PUBLIC,
        touchpoint=None,
        compose=key_set,
        reply=Composed(name="KeySet", may_degrade=False, text="A JSON Web Key Set (RFC 7517)."),
        sends_token=False,
        text="The public keys that verify tokens (RFC 7517).",
    ),
)
