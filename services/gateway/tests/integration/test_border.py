"""No input makes a 5xx: texts, times and numbers at the border of the gateway."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from chassis.rpc.errors import Invalid, Unavailable
from chassis.runtime.clock import uuid7
from gateway.app import OPERATIONS
from gateway.endpoints.access import Access
from gateway.http.problems import FieldError, problem
from services.gateway.tests.gateway_shop import TOKENS, Shop, a_shop
from stack.faults import hostile_inputs

KEY = {"Idempotency-Key": "k-1", "Content-Type": "application/json"}
STAFF = "Bearer " + TOKENS.create(
    "staff", uuid7(),
    scopes=["catalog.write", "promotions.write", "orders.place", "orders.read", "orders.write",
    "journeys.read", "journeys.write", "journeys.comment", "journeys.export", "api_keys.write",
             "feedback.texts.read",
            "dead_letters.read", "dead_letters.redrive", "notifications.read",
            "notifications.write", "taxes.write", "delivery.write", "payments.write",
            "documents.read", "documents.write",
            "gift_cards.read", "gift_cards.write",
            "customers.read", "tax_exemptions.write",
            "customers.write", "customers.erase", "staff.read"],
)  # fmt: skip
# As they stand in JSON: control characters only as escapes, or beyond U+007F as they are.
BAD_TEXTS = [
    "a\\u0000",
    "\\u0001",
    "\\b",
    "\\f",
    "\\u001f",
    "\\u007f",
    "\x7f",
    "\x85",
    "\\ud800",
    "a\\udfffb",
    "\\ud800\\ud800",
    "\\ufffe",
]
ALL = tuple(operation for operations in OPERATIONS.values() for operation in operations)
# Mail programs post a form to them (RFC 8058), and their token is in the query.
UNSUBSCRIBE = ("/v1/unsubscribe", "/v1/subscriptions/alerts/unsubscribe")
UNLIMITED: dict[str, Any] = {
    "rate_limit_per_minute": 1_000_000,
    "login_rate_limit_per_minute": 1_000_000,
    "code_rate_limit_per_minute": 1_000_000,
}
ADDRESS = {
    "first_name": "Ann",
    "street_address": "Hauptstr. 5",
    "address_locality": "Berlin",
    "address_country": "DE",
}


async def refused(
    shop: Shop, method: str, path: str, body: str, authorization: str = ""
) -> tuple[int, str]:
    headers = {**KEY, "Authorization": authorization or TOKENS.customer()}
    response = await shop.client.request(
        method, path, content=body.encode("utf-8", "surrogatepass"), headers=headers
    )
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["reason"]


@pytest.mark.parametrize("text", BAD_TEXTS)
async def test_a_text_that_no_text_may_be_is_refused_wherever_it_stands(text: str) -> None:
    def with_text(template: str) -> str:
        return template.replace("@@", text)

    email = json.dumps({"cart_id": str(uuid7()), "email": "@example.com"}).replace("@", text + "@")
    address = json.dumps({"delivery_address": ADDRESS}).replace("Ann", text)
    product = with_text(
        '{"source": "erp", "products": [{"external_id": "x", "title": {"en": "@@"}}]}'
    )
    key = with_text('{"source": "erp", "products": [{"external_id": "x", "title": {"@@": "T"}}]}')
    charts = with_text('{"map": {"name": {"en": "@@"}, "stages": [{"slug": "a"}]}}')
    label = with_text('{"label": {"en": "@@"}, "percent_basis_points": 5}')
    async with a_shop() as shop:
        answers = [
            await refused(shop, "POST", "/v1/checkouts", email),
            await refused(shop, "PATCH", f"/v1/checkouts/{uuid7()}", address),
            await refused(shop, "POST", "/v1/staff/products/import", product, STAFF),
            await refused(shop, "POST", "/v1/staff/products/import", key, STAFF),
            await refused(
                shop,
                "POST",
                "/v1/staff/categories/import",
                with_text('{"categories": [{"slug": "@@"}]}'),
                STAFF,
            ),
            await refused(shop, "PUT", "/v1/staff/maps/x", charts, STAFF),
            await refused(shop, "PUT", "/v1/staff/promotions/x", label, STAFF),
            await refused(
                shop,
                "POST",
                "/v1/touchpoints",
                with_text(
                    f'{{"touchpoints": [{{"id": "{uuid7()}", "kind": "a", "subject": "@@"}}]}}'
                ),
            ),
        ]

    assert {status for status, _ in answers} == {422}
    assert {reason for _, reason in answers} <= {"INVALID_TEXT", "MALFORMED_REQUEST"}


async def test_texts_reach_the_services_in_one_normal_form() -> None:
    async with a_shop() as shop:
        body = json.dumps({"email": "jose\u0301@example.com", "password": "x"}, ensure_ascii=False)
        await shop.client.post("/v1/sessions", content=body.encode(), headers=KEY)

    assert [asked.email for asked in shop.identity.calls.requests("Login")] == [
        "jos\u00e9@example.com"
    ]


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=a%1Fb",
        "q=%7f",
        "q=%C2%85",
        "%01=x",
        "q=%EF%BF%BE",
        "locale=%00",
        "page_token=%08",
    ],
)
async def test_a_query_that_no_text_may_be_is_refused(query: str) -> None:
    async with a_shop() as shop:
        status, reason = await refused(shop, "GET", f"/v1/search?{query}", "")

    assert (status, reason) == (422, "INVALID_TEXT")


async def test_paths_and_headers_are_texts_too() -> None:
    async with a_shop() as shop:
        path = await refused(shop, "GET", "/v1/staff/stock/a%00b", "", STAFF)
        channel = await shop.client.get(
            "/v1/products/a", headers={"Sojourn-Channel": "app\x85".encode("latin-1")}
        )

    assert path == (422, "INVALID_TEXT")
    assert (channel.status_code, channel.json()["reason"]) == (422, "INVALID_TEXT")


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
    ],
)
async def test_a_time_beyond_what_can_be_stored_is_refused(at: str) -> None:
    async with a_shop() as shop:
        beacon = await refused(
            shop,
            "POST",
            "/v1/touchpoints",
            json.dumps({"touchpoints": [{"id": str(uuid7()), "kind": "a", "occurred_at": at}]}),
        )
        query = at.replace("+", "%2B")
        funnel = await refused(shop, "GET", f"/v1/staff/funnel?since={query}", "", STAFF)
        until = await refused(shop, "GET", f"/v1/staff/funnel?until={query}", "", STAFF)

    assert beacon == funnel == until == (422, "MALFORMED_REQUEST")


async def test_a_bad_touchpoint_is_refused_by_index_and_the_good_ones_are_stored() -> None:
    good = [{"id": str(uuid7()), "kind": "video.play"} for _ in range(3)]
    bad = {"id": str(uuid7()), "kind": "ad.click", "utm_campaign": "c" * 251}
    worse = {"id": str(uuid7()), "kind": "ad.click", "subject": "a\u0000"}
    late = {"id": str(uuid7()), "kind": "ad.click", "occurred_at": "0001-01-01T00:00:00+14:00"}
    async with a_shop() as shop:
        response = await shop.client.post(
            "/v1/touchpoints", json={"touchpoints": [good[0], bad, good[1], worse, good[2], late]}
        )

    assert response.status_code == 202
    assert response.json()["stored"] == 3
    assert response.json()["rejected"] == [
        {"index": 1, "field": "utm_campaign", "reason": "TOO_LONG"},
        {"index": 3, "field": "subject", "reason": "INVALID_TEXT"},
        {"index": 5, "field": "occurred_at", "reason": "INVALID_TIME"},
    ]
    assert list(shop.journey.recorded) == [each["id"] for each in good]


def test_a_problem_can_quote_anything() -> None:
    response = problem(
        Invalid("quotes \ud800", problem="\ud800\x00\x1b"),
        errors=[FieldError(pointer="/\udfff", code="X", message="\ud800", allowed=[])],
    )

    document = json.loads(response.body)
    assert (document["detail"], document["metadata"]["problem"]) == (
        "quotes \ufffd",
        "\ufffd\ufffd\ufffd",
    )


async def test_a_document_nested_without_end_is_refused() -> None:
    body = '{"source": "erp", "products": [{"title": ' + '{"é": ' * 900 + "1" + "}" * 900 + "}]}"
    async with a_shop() as shop:
        status, _ = await refused(shop, "POST", "/v1/staff/products/import", body, STAFF)

    assert status == 422


class Away:
    """Peers of which none answers."""

    def __getattr__(self, name: str) -> Away:
        return self

    def backend_of(self, rpc: Any) -> Away:
        return self

    def named(self, name: str) -> Away:
        return self

    async def ask(self, *arguments: Any, **options: Any) -> Any:
        raise Unavailable("away")


def path_of(template: str) -> str:
    words = {
        "slug": "x",
        "sku": "x",
        "code": "x",
        "provider": "x",
        "relation": "accessory",
        "kind": "product",
        "name": "categories",
        "number": "1",
    }
    return re.sub(r"{(\w+)}", lambda found: words.get(found[1]) or str(uuid7()), template)


def token_for(endpoint: Any) -> str:
    return STAFF if endpoint.callers.access is Access.STAFF else TOKENS.customer()


@pytest.mark.parametrize("part", range(4))
async def test_no_hostile_body_breaks_an_operation(part: int) -> None:
    """Peers are away: a valid request gets 503 at most; a 500 is a defect of the border."""
    chance, broken = random.Random(part), []
    async with a_shop(**UNLIMITED) as shop:
        shop.app.state.peers = Away()
        for operation in ALL[part::4]:
            if operation.binding.body is None:
                continue
            endpoint, names = operation.endpoint, sorted(operation.binding.body.model_fields)
            for _ in range(40):
                body = hostile_inputs.body(chance, names)
                response = await shop.client.request(
                    endpoint.method,
                    path_of(endpoint.path),
                    content=body,
                    headers={
                        **KEY,
                        "Idempotency-Key": str(uuid7()),
                        "Authorization": token_for(endpoint),
                        "If-Match": '"1"',
                    },
                )
                if response.status_code in (500, 504) or (
                    response.status_code >= 400 and not response.json()["reason"]
                ):
                    broken.append((endpoint.method, endpoint.path, body, response.text))

    assert broken == []


async def test_null_in_any_field_is_cleared_or_refused() -> None:
    broken = []
    async with a_shop(**UNLIMITED) as shop:
        shop.app.state.peers = Away()
        for operation in ALL:
            endpoint, body = operation.endpoint, operation.binding.body
            for name in body.model_fields if body is not None else ():
                response = await shop.client.request(
                    endpoint.method,
                    path_of(endpoint.path),
                    json={name: None},
                    headers={**KEY, "Authorization": token_for(endpoint), "If-Match": '"1"'},
                )
                if response.status_code == 500:
                    broken.append((endpoint.method, endpoint.path, name))

    assert broken == []


async def test_every_operation_refuses_unknown_parameters_with_those_that_it_takes() -> None:
    ignoring = []
    async with a_shop(**UNLIMITED) as shop:
        shop.app.state.peers = Away()
        for operation in ALL:
            endpoint, known = operation.endpoint, sorted(operation.binding.query.model_fields)

            response = await shop.client.request(
                endpoint.method,
                f"{path_of(endpoint.path)}?emial=jo@example.org",
                headers={"Authorization": token_for(endpoint), **KEY},
            )

            told = [
                each for each in response.json().get("errors", ()) if "/query" in each["pointer"]
            ]
            wanted = ("/query/emial", "UNKNOWN_PARAMETER", known)
            if [(each["pointer"], each["code"], each["allowed"]) for each in told] != [wanted]:
                ignoring.append((endpoint.method, endpoint.path, response.text))

    assert ignoring == []


async def test_every_operation_refuses_unknown_fields_with_those_that_it_takes() -> None:
    ignoring = []
    async with a_shop(**UNLIMITED) as shop:
        shop.app.state.peers = Away()
        for operation in ALL:
            endpoint, body = operation.endpoint, operation.binding.body
            if endpoint.method == "GET" or endpoint.is_raw or endpoint.path in UNSUBSCRIBE:
                continue
            known = sorted(body.model_fields) if body is not None else []

            response = await shop.client.request(
                endpoint.method,
                path_of(endpoint.path),
                json={"colour": "red"},
                headers={"Authorization": token_for(endpoint), **KEY, "If-Match": '"1"'},
            )

            told = [each for each in response.json()["errors"] if each["code"] == "UNKNOWN_FIELD"]
            if [(each["pointer"], each["allowed"]) for each in told] != [("/body/colour", known)]:
                ignoring.append((endpoint.method, endpoint.path, response.text))

    assert ignoring == []


async def test_an_operation_without_a_body_takes_an_empty_object_and_refuses_broken_json() -> None:
    broken = []
    async with a_shop(**UNLIMITED) as shop:
        shop.app.state.peers = Away()
        for operation in ALL:
            endpoint = operation.endpoint
            if (
                endpoint.method == "GET"
                or endpoint.is_raw
                or operation.binding.body is not None
                or endpoint.path in UNSUBSCRIBE
            ):
                continue
            headers = {
                "Authorization": token_for(endpoint),
                "Content-Type": "application/json",
                "If-Match": '"1"',
                **KEY,
            }
            answers = [
                await shop.client.request(
                    endpoint.method, path_of(endpoint.path), content=content, headers=headers
                )
                for content in (b"{", b"{}")
            ]
            if answers[0].json()["reason"] != "MALFORMED_JSON" or answers[1].status_code == 422:
                broken.append((endpoint.method, endpoint.path, answers[1].text))

    assert broken == []


async def test_every_operation_refuses_unknown_values_of_its_enums_with_those_that_it_takes() -> (
    None
):
    ignoring, asked = [], 0
    async with a_shop(**UNLIMITED) as shop:
        shop.app.state.peers = Away()
        for operation in ALL:
            endpoint = operation.endpoint
            schema = (
                operation.binding.query.model_json_schema()["properties"]
                if (operation.binding.query.model_fields)
                else {}
            )
            for name, part in schema.items():
                names = next(
                    (e["enum"] for e in (part, *part.get("anyOf", ())) if "enum" in e), None
                )
                if names is None:
                    continue
                asked += 1

                response = await shop.client.request(
                    endpoint.method,
                    f"{path_of(endpoint.path)}?{name}=colour",
                    headers={"Authorization": token_for(endpoint), **KEY},
                )

                # Another parameter may be needed, and missing.
                told = [(one["pointer"], one.get("allowed")) for one in response.json()["errors"]]
                if (f"/query/{name}", names) not in told:
                    ignoring.append((endpoint.method, endpoint.path, response.text))

    assert ignoring == []
    assert asked > 5


async def test_a_campaign_parameter_is_known_on_every_page_and_part_of_no_cache_key() -> None:
    async with a_shop() as shop:
        pages = [
            await shop.client.get(f"/v1/products/tea{query}")
            for query in ("", "?utm_source=mail&gclid=1", "?fbclid=2")
        ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len(shop.catalog.calls.requests("GetProduct")) == 1


async def test_an_unknown_parameter_of_a_listing_is_refused_whether_it_is_cached_or_not() -> None:
    async with a_shop() as shop:
        await shop.client.get("/v1/search?q=tea")

        refused = await shop.client.get("/v1/search?q=tea&filters=brand:x")

    assert (refused.status_code, refused.json()["reason"]) == (422, "MALFORMED_REQUEST")
    assert refused.json()["errors"][0]["allowed"] == [
        "currency",
        "filter",
        "locale",
        "page_size",
        "page_token",
        "q",
        "sort",
    ]


async def test_an_order_is_placed_without_a_body_where_the_etag_tells_what_the_buyer_saw() -> None:
    path, headers = (
        f"/v1/checkouts/{uuid7()}/complete",
        {"Authorization": TOKENS.customer(), "If-Match": '"3-2500-EUR"'},
    )
    async with a_shop() as shop:
        without_key = await shop.client.post(path, headers=headers)
        without_body = await shop.client.post(
            path, headers={**headers, "Idempotency-Key": str(uuid7())}
        )

    assert (without_key.status_code, without_key.json()["reason"]) == (422, "KEY_REQUIRED")
    # It passed the border: the service behind is away.
    assert (without_body.status_code, without_body.json()["reason"]) == (503, "UNAVAILABLE")


async def test_a_consent_that_is_no_category_is_refused_and_a_good_one_is_told_in_the_answer() -> (
    None
):
    async with a_shop() as shop:
        await shop.client.get("/v1/products/tea")
        refused = await shop.client.get("/v1/products/tea", headers={"Sojourn-Consent": "granted"})
        told = [
            await shop.client.get("/v1/products/tea", headers={"Sojourn-Consent": given})
            for given in ("all", "none")
        ]
        silent = await shop.client.get("/v1/products/tea")

    assert (refused.status_code, refused.json()["reason"]) == (422, "UNKNOWN_CONSENT")
    assert (
        refused.json()["metadata"]["allowed"] == "analytics, marketing, personalization, all, none"
    )
    assert refused.json()["errors"] == [
        {
            "pointer": "/header/Sojourn-Consent",
            "code": "UNKNOWN_VALUE",
            "message": refused.json()["detail"],
            "allowed": ["analytics", "marketing", "personalization", "all", "none"],
        }
    ]
    assert "sojourn-consent" not in refused.headers
    assert [answer.headers["sojourn-consent"] for answer in told] == [
        "analytics, marketing, personalization",
        "none",
    ]
    assert "sojourn-consent" not in silent.headers


async def test_null_in_a_patch_clears_the_field() -> None:
    operation = next(each for each in ALL if each.endpoint.operation_id == "updateCheckout")
    content = b'{"email": null, "delivery_address": null, "delivery_option_id": "express"}'
    arguments: dict[str, Any] = {}

    operation.binding.read_body(content, arguments, [])

    message = operation.endpoint.rpc.request(**arguments)
    assert (message.HasField("email"), message.email) == (True, "")
    assert message.HasField("delivery_address")
    assert message.delivery_option_id == "express"
    assert not message.HasField("payment_token")
