"""Tracked links: only in HTML, only to our own pages, and only where it is allowed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from uuid import UUID

import pytest

from notifications.delivery.preview import create_sample_mail
from notifications.delivery.renderer import Renderer
from notifications.mails.model import Mail
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates.links import Links
from notifications.templates.model import TEMPLATES

SECRET = "a secret of at least sixteen"
API, SHOP = "https://api.shop.example", "https://shop.example"
HREF = re.compile(r'(?:href|src)="([^"]*)"')
TRACKED = re.compile(rf"{API}/v1/mails/(links|opens)/([A-Za-z0-9_-]+)(#[^ ]*)?")
OWNER = UUID(int=7)


def a_renderer() -> Renderer:
    links = Links(
        API,
        UnsubscribeTokens("s" * 32),
        SECRET,
        storefront_url=SHOP,
        storefront_by_channel={"us": "https://us.shop.example"},
    )
    return Renderer(links, shop_name="Sojourn", default_locale="en")


def a_mail(template: str, *, channel: str = "default", owner: UUID | None = OWNER) -> Mail:
    mail = create_sample_mail(template, locale="en")
    return mail.copy_row(channel=channel, owner_id=owner)


def fields_of(token: str) -> list[str]:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    payload, mac = raw[:-32], raw[-32:]
    assert mac == hmac.digest(SECRET.encode(), b"mail-act:" + payload, hashlib.sha256)
    return payload.decode().split("\x1f")


def links_of(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in HREF.findall(html)]


def test_a_mail_that_may_be_tracked_has_tracked_links_and_a_picture_in_its_html_alone() -> None:
    mail = a_mail("cart_reminder")

    plain = a_renderer().render(mail)
    tracked = a_renderer().render(mail, may_be_tracked=True)

    assert tracked.text == plain.text
    assert "/v1/mails/" not in plain.html + tracked.text
    found = [match for link in links_of(tracked.html) if (match := TRACKED.fullmatch(link))]
    assert {match[1] for match in found} == {"links", "opens"}
    paths = {fields_of(match[2])[-1]: match[3] for match in found}
    assert {path.partition("?")[0] for path in paths} == {"/", "/cart/restore", ""}
    for match in found:
        message, owner, template, channel, _ = fields_of(match[2])
        assert (message, owner) == (str(mail.id), str(OWNER))
        assert (template, channel) == ("cart_reminder", "default")


def test_a_secret_stays_in_the_fragment() -> None:
    html = a_renderer().render(a_mail("cart_reminder"), may_be_tracked=True).html

    (restore,) = [link for link in links_of(html) if "#token=" in link and "/links/" in link]
    match = TRACKED.fullmatch(restore)
    assert match is not None
    assert match[3] == "#token=a-token-that-restores-nothing"
    assert "restores-nothing" not in fields_of(match[2])[-1]


def test_each_score_of_a_survey_leads_to_its_own_page() -> None:
    html = a_renderer().render(a_mail("survey"), may_be_tracked=True).html

    paths = [
        fields_of(match[2])[-1]
        for link in links_of(html)
        if (match := TRACKED.fullmatch(link)) and match[1] == "links"
    ]
    scores = [path.rpartition("=")[2] for path in paths if path.startswith("/surveys/")]
    assert scores == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("template", ["login_link", "confirm_email", "order_link", "draft_order"])
def test_links_with_which_one_logs_in_or_confirms_are_never_tracked(template: str) -> None:
    html = a_renderer().render(a_mail(template), may_be_tracked=True).html

    (secret,) = [link for link in links_of(html) if "#token=a-token-that" in link]
    assert secret.startswith(f"{SHOP}/")


@pytest.mark.parametrize("template", TEMPLATES)
def test_unsubscribing_is_never_tracked(template: str) -> None:
    html = a_renderer().render(a_mail(template), may_be_tracked=True).html

    assert not [link for link in links_of(html) if "unsubscribe" in link and "/mails/" in link]


def test_mails_of_a_storefront_elsewhere_and_without_an_owner_are_not_tracked() -> None:
    for mail in (a_mail("cart_reminder", channel="us"), a_mail("cart_reminder", owner=None)):
        assert "/v1/mails/" not in a_renderer().render(mail, may_be_tracked=True).html
