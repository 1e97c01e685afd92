"""Pages that links in mails lead to: the secret comes by a form, and the gateway gets it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.web.tests.web_pages import CUSTOMER, GUEST, ORDER_ID, Site, a_site, eur

LINKS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("/account/confirm", "/v1/customers/confirm", {"password": "long enough"},
     {"token": "secret", "password": "long enough"}),
    ("/subscriptions/confirm", "/v1/subscriptions/confirm", {}, {"token": "secret"}),
    ("/alerts/confirm", "/v1/subscriptions/alerts/confirm", {}, {"token": "secret"}),
    ("/alerts/end", "/v1/subscriptions/alerts/end", {}, {"token": "secret"}),
    ("/survey", "/v1/feedback", {"score": "9", "comment": " good "},
     {"token": "secret", "score": 9, "comment": "good"}),
]  # fmt: skip
PAGES = [
    *(path for path, *_ in LINKS),
    "/unsubscribe",
    "/cart/restore",
    "/orders/document",
    "/login",
]


@pytest.mark.parametrize("path", PAGES)
async def test_following_a_link_does_nothing_before_the_button_is_pressed(path: str) -> None:
    async with a_site() as site:
        page = await site.browser.get(f"{path}?utm_source=sojourn&utm_campaign=m&other=1")

    assert page.status_code == 200
    assert site.gateway.requests == []
    assert f'action="{path}?utm_source=sojourn&amp;utm_campaign=m"' in page.text
    assert 'name="token" value=""' in page.text


@pytest.mark.parametrize(("path", "endpoint", "fields", "body"), LINKS)
async def test_the_button_posts_the_secret_to_the_gateway(
    path: str, endpoint: str, fields: dict[str, Any], body: dict[str, Any]
) -> None:
    async with a_site() as site:
        site.gateway.reply("POST", endpoint, {})
        done = await site.browser.post(f"{path}?utm_campaign=m", data={"token": "secret", **fields})

    assert done.status_code == 200
    assert "Thank you" in done.text
    assert site.gateway.bodies("POST", endpoint) == [body]
    assert site.gateway.asked("POST", endpoint).url.params["utm_campaign"] == "m"
    assert "secret" not in done.text


async def test_unsubscribing_posts_the_token_of_the_link() -> None:
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/unsubscribe", {"topic": "reminders"})
        done = await site.browser.post("/unsubscribe", data={"token": "secret.reminders"})

    assert "You get no more of these mails" in done.text
    asked = site.gateway.asked("POST", "/v1/unsubscribe")
    assert asked.url.params["token"] == "secret.reminders"


async def test_a_mailed_document_is_a_file_of_the_browser() -> None:
    async def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/v1/orders/links/mailed-document":
            return None
        return httpx.Response(
            200,
            content=b"%PDF-1.7",
            headers={"Content-Disposition": "attachment; filename*=UTF-8''R-100.pdf"},
        )

    async with a_site() as site:
        site.gateway.intercept = answer
        file = await site.browser.post("/orders/document", data={"token": "secret"})
        shown = site.gateway.bodies("POST", "/v1/orders/links/mailed-document")

    assert shown == [{"token": "secret", "format": "pdf"}]
    assert (file.content, file.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert "R-100.pdf" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "no-store"
    assert "sandbox" in file.headers["content-security-policy"]


async def test_a_document_link_that_ended_says_so_in_german() -> None:
    async with a_site() as site:
        site.gateway.reply(
            "POST",
            "/v1/orders/links/mailed-document",
            {"reason": "DOCUMENT_LINK_NOT_FOUND"},
            status=404,
        )
        page = await site.browser.post(
            "/orders/document", data={"token": "old"}, headers={"Accept-Language": "de"}
        )

    assert page.status_code == 404
    assert "Ihr Dokument" in page.text


def prepare_cart(site: Site) -> None:
    item = {
        "title": "Trail <Runner>",
        "options": "Size: 42",
        "quantity": {"steps": 2, "scale": 0, "unit_code": "C62"},
        "total": eur(25_800),
    }
    total = {"type": "total", "label": "", "amount": eur(25_800)}
    cart = {"lines": [{"item": item}], "totals": [total]}
    site.gateway.reply("POST", "/v1/sessions/guest", GUEST, status=201)
    site.gateway.reply("POST", "/v1/carts/restore", cart)
    site.gateway.reply("GET", "/v1/carts/current", cart)


async def test_a_saved_cart_opens_for_a_new_guest_and_is_shown() -> None:
    async with a_site() as site:
        prepare_cart(site)
        form = {"token": "secret", "key": "k" * 20}
        response = await site.browser.post("/cart/restore?utm_campaign=m", data=form)
        cart = await site.browser.get(response.headers["location"])

    restore = site.gateway.asked("POST", "/v1/carts/restore")
    assert restore.headers["authorization"] == "Bearer guest-token"
    assert restore.headers["idempotency-key"] == "k" * 20
    assert restore.headers["sojourn-visitor"] == "visitor.handle", "one visit at the gateway"
    assert site.browser.cookies["sojourn_shopper"] == "guest-token"
    assert site.browser.cookies["sojourn_visitor"] == "visitor.handle"
    assert site.gateway.asked("GET", "/v1/carts/current").headers["sojourn-session"] == ORDER_ID
    assert "Trail &lt;Runner&gt;" in cart.text
    assert "€258.00" in cart.text


async def test_who_has_an_old_session_becomes_a_guest() -> None:
    async def refuse_old(request: httpx.Request) -> httpx.Response | None:
        is_old = request.headers.get("authorization") == "Bearer old"
        return httpx.Response(401, json={"reason": "TOKEN_EXPIRED"}) if is_old else None

    async with a_site() as site:
        prepare_cart(site)
        site.gateway.intercept = refuse_old
        response = await site.browser.post(
            "/cart/restore", data={"token": "secret"}, headers={"Cookie": "sojourn_shopper=old"}
        )

    tokens = [
        request.headers.get("authorization", "")
        for request in site.gateway.requests
        if request.url.path == "/v1/carts/restore"
    ]
    assert (response.status_code, response.headers["location"]) == (303, "/cart")
    assert tokens == ["Bearer old", "Bearer guest-token"]


async def test_a_login_link_opens_the_customer_s_orders() -> None:
    order = {
        "number": "S-100001",
        "status": "delivered",
        "created_at": "2026-03-01T12:00:00Z",
        "placed_at": None,
        "totals": [{"type": "total", "label": "", "amount": eur(5_500)}],
        "delivery_option": {"latest_on": "2026-03-06"},
        "shipments": [
            {
                "status": "shipped",
                "carrier": "Acme",
                "tracking_number": "0034",
                "tracking_url": "https://acme.example/0034",
            }
        ],
    }
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions/link", CUSTOMER, status=201)
        site.gateway.reply("GET", "/v1/orders", {"orders": [order]})
        response = await site.browser.post("/login", data={"token": "secret"})
        account = await site.browser.get(response.headers["location"])
        await site.browser.post(
            "/logout", headers={"content-type": "application/x-www-form-urlencoded"}
        )
        again = await site.browser.get("/account")

    assert site.gateway.asked("GET", "/v1/orders").headers["authorization"] == (
        "Bearer customer-token"
    )
    for text in (
        "S-100001",
        "delivered",
        "€55.00",
        "March 1, 2026",
        "https://acme.example/0034",
        "March 6, 2026",
    ):
        assert text in account.text
    assert again.headers["location"] == "/login"


async def test_a_customer_sees_the_groups_of_a_split_order_with_their_days() -> None:
    order = {
        "number": "S-100002",
        "status": "placed",
        "created_at": "2026-03-01T12:00:00Z",
        "placed_at": None,
        "totals": [],
        "lines": [
            {"id": name, "item": {"title": f"<{name}>", "options": ""}}
            for name in ("mug", "pot", "lid")
        ],
        "delivery_option": {
            "latest_on": "2026-04-06",
            "shipments": [
                {"line_ids": ["mug"], "earliest_on": "2026-03-05", "latest_on": "2026-03-07"},
                {"line_ids": ["pot", "lid"], "earliest_on": "", "latest_on": ""},
            ],
        },
        "shipments": [{"status": "shipped", "carrier": "Acme"}],
    }
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions/link", CUSTOMER, status=201)
        site.gateway.reply("GET", "/v1/orders", {"orders": [order]})
        await site.browser.post("/login", data={"token": "secret"})
        account = await site.browser.get("/account")

    text = " ".join(account.text.split())
    assert '&lt;mug&gt; <span class="muted">expected by March 7, 2026' in text
    assert '&lt;pot&gt;, &lt;lid&gt; <span class="muted">day not known yet' in text
    assert "April 6, 2026" not in text


async def test_without_a_link_a_customer_logs_in_by_password() -> None:
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions", CUSTOMER, status=201)
        form = {"email": "ana@example.com", "password": "long enough"}
        response = await site.browser.post("/login", data=form)

    assert response.headers["location"] == "/account"


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (404, "CONFIRMATION_TOKEN_NOT_FOUND", "not good any more"),
        (401, "WRONG_CREDENTIALS", "password is wrong"),
        (429, "RATE_LIMITED", "Wait a minute"),
        (503, "OVERLOADED", "Nothing is lost"),
    ],
)
async def test_a_refused_link_says_why_and_can_be_tried_again(
    status: int, reason: str, words: str
) -> None:
    async with a_site() as site:
        site.gateway.refuse("POST", "/v1/customers/confirm", status, reason)
        page = await site.browser.post(
            "/account/confirm", data={"token": "sec&ret", "password": "long enough"}
        )

    assert page.status_code == status
    assert words in page.text
    assert 'name="token" value="sec&amp;ret"' in page.text
    assert "long enough" not in page.text


@pytest.mark.parametrize("token", ["", "x" * 5_000])
async def test_a_link_without_its_secret_is_not_complete(token: str) -> None:
    async with a_site() as site:
        page = await site.browser.post("/unsubscribe", data={"token": token})

    assert page.status_code == 422
    assert "This link is not complete" in page.text
    assert site.gateway.requests == []


@pytest.mark.parametrize("score", ["", "11", "-1", "ten"])
async def test_a_survey_without_a_number_asks_for_one(score: str) -> None:
    async with a_site() as site:
        page = await site.browser.post("/survey", data={"token": "secret", "score": score})

    assert page.status_code == 422
    assert "Choose a number" in page.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,en;q=0.5,de;q=0.7", "de"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("de;q=x,en", "en"),
        ("", "en"),
    ],
)
async def test_a_page_speaks_the_browser_s_language(header: str, language: str) -> None:
    async with a_site() as site:
        page = await site.browser.get("/unsubscribe", headers={"Accept-Language": header})

    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    assert ("Abbestellen" in page.text) is (language == "de")


async def test_home_shows_a_few_products() -> None:
    card = {"slug": "a", "title": "A <b>", "brand": "", "image": None, "price_from": eur(1_000)}
    async with a_site() as site:
        site.gateway.reply("GET", "/v1/search", {"products": [card]})
        page = await site.browser.get("/?utm_source=sojourn")

    assert "A &lt;b&gt;" in page.text
    assert "from €10.00" in page.text
    assert [request.url.path for request in site.gateway.requests] == ["/v1/search"]


async def test_who_agreed_and_comes_by_a_campaign_is_told_to_their_journey() -> None:
    async with a_site() as site:
        site.gateway.reply("GET", "/v1/search", {"products": []})
        site.browser.cookies.set("sojourn_consent", "analytics,unheard-of")
        page = await site.browser.get("/?utm_source=sojourn&utm_campaign=welcome")

    assert page.status_code == 200, "the fake refuses touchpoints, and the page comes all the same"
    (body,) = site.gateway.bodies("POST", "/v1/touchpoints")
    assert body["touchpoints"] == [
        {
            "kind": "page.view",
            "subject": "home",
            "utm_source": "sojourn",
            "utm_campaign": "welcome",
        }
    ]
    told = site.gateway.asked("POST", "/v1/touchpoints")
    assert told.headers["sojourn-consent"] == "analytics"
    assert "sojourn-consent" not in site.gateway.asked("GET", "/v1/search").headers
