"""Links of mails: where they may lead, and whose machine fetches a picture."""

from __future__ import annotations

import base64

import pytest

from gateway.composed.mails import PICTURE, is_own_path, path_of, proxy_of
from services.gateway.tests.gateway_shop import a_shop
from sojourn.journey.v1 import mails_pb2 as pb


def a_token(path: str) -> str:
    payload = "\x1f".join(["message", "owner", "survey", "default", path]).encode()
    return base64.urlsafe_b64encode(payload + b"m" * 32).decode().rstrip("=")


@pytest.mark.parametrize(
    ("path", "is_own"),
    [
        ("/", True),
        ("/cart/restore?utm_source=sojourn", True),
        ("", False),
        ("https://evil.example", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/a\r\nSet-Cookie: a=b", False),
        ("@evil.example", False),
        (".evil.example", False),
    ],
)
async def test_a_link_leads_to_a_path_of_our_own_storefront_and_nowhere_else(
    path: str, is_own: bool
) -> None:
    # The fake journey has no such method: the gateway's own check is all that is left.
    async with a_shop(storefront_url="https://shop.example") as shop:
        answer = await shop.client.get(f"/v1/mails/links/{a_token(path)}")

    assert is_own_path(path) is is_own
    assert path_of(a_token(path)) == path
    if not is_own:
        assert "location" not in answer.headers


async def test_a_reader_comes_through_where_the_journey_service_does_not_answer() -> None:
    async with a_shop(storefront_url="https://shop.example") as shop:
        answer = await shop.client.get(f"/v1/mails/links/{a_token('/cart/restore?a=b')}")

    assert answer.status_code == 302
    assert answer.headers["location"] == "https://shop.example/cart/restore?a=b"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_picture_comes_whatever_its_token_is() -> None:
    async with a_shop() as shop:
        answer = await shop.client.get("/v1/mails/opens/nonsense")

    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("agent", "proxy"),
    [
        ("Mozilla/5.0", pb.MAIL_PROXY_APPLE),
        (
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com "
            "GoogleImageProxy)",
            pb.MAIL_PROXY_GMAIL,
        ),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
         pb.MAIL_PROXY_YAHOO),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", pb.MAIL_PROXY_UNSPECIFIED),
        ("", pb.MAIL_PROXY_UNSPECIFIED),
    ],
)  # fmt: skip
def test_machines_of_mail_services_are_known_by_their_user_agents(agent: str, proxy: int) -> None:
    assert proxy_of({"headers": [(b"user-agent", agent.encode())]}) == proxy
