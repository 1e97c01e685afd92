"""The API is what its OpenAPI document says: no 5xx, no unknown status, examples run."""

from __future__ import annotations

import copy
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.testing import eventually
from stack.faults import hostile_inputs
from stack.platform import Platform
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL

# Of the operations, each within the time of one test.
PARTS = 6
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="session")
def document(platform: Platform) -> dict[str, Any]:
    return dict(httpx.get(f"{platform.gateway_url}/openapi.json").json())


@pytest.fixture(scope="session")
def tokens(platform: Platform) -> dict[str, str]:
    """A customer's token and a staff member's."""
    with httpx.Client(base_url=platform.gateway_url) as client:
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "long enough to be safe"}
        customer = client.post(
            "/v1/customers", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}
        ).json()
        staff = client.post(
            "/v1/sessions", json={"email": STAFF_EMAIL, "password": platform.staff_password}
        ).json()
    return {"customer": customer["access_token"], "staff": staff["access_token"]}


@pytest.fixture(scope="module", autouse=True)
def nothing_left(platform: Platform, tokens: dict[str, str]) -> Iterator[None]:
    """A request here may change what other stories meet.

    It may make a promotion, a limit on orders, or another warehouse the default, which serves no
    channel.
    """
    yield
    headers = {"Authorization": f"Bearer {tokens['staff']}"}
    # Where the stack has ended, nothing of it is left.
    with (
        suppress(httpx.ConnectError),
        httpx.Client(base_url=platform.gateway_url, headers=headers) as client,
    ):
        for promotion in client.get("/v1/staff/promotions?page_size=100").json()["promotions"]:
            off = {"label": {"en": "off"}, "percent_basis_points": 1, "active": False}
            client.put(
                f"/v1/staff/promotions/{promotion['code']}",
                json=off,
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )
        client.patch("/v1/staff/warehouses/main", json={"is_default": True}).raise_for_status()
        for method in client.get("/v1/staff/payment-methods").json()["payment_methods"]:
            if method["code"] != "card":
                client.delete(f"/v1/staff/payment-methods/{method['code']}").raise_for_status()
        # A limit of one order a day would refuse those of other stories.
        for limit in client.get("/v1/staff/fraud-limits?page_size=100").json()["limits"]:
            client.delete(f"/v1/staff/fraud-limits/{limit['code']}").raise_for_status()
        accepting = {"elevated_risk": "accept"}
        client.put("/v1/staff/fraud-settings", json=accepting).raise_for_status()


# Some requests to each operation, of which there are hundreds.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_is_sent_breaks_it(
    platform: Platform, document: dict[str, Any], tokens: dict[str, str], part: int
) -> None:
    schema = schemathesis.openapi.from_dict(_without_storefronts(document))
    schema.config.update(base_url=platform.gateway_url)

    broken = list[str]()
    for operation in islice(schema.get_all_operations(), part, None, PARTS):
        described = operation.ok()
        token = tokens["staff" if described.path.startswith("/v1/staff") else "customer"]
        try:
            given(case=described.as_strategy())(_attempt(token))()
        except (FailureGroup, Failure) as failure:
            causes = failure.exceptions if isinstance(failure, FailureGroup) else (failure,)
            broken += [
                f"{described.method.upper()} {described.path}: {cause} "
                f"{getattr(cause, 'message', '')[:300]}"
                for cause in causes
            ]

    assert not broken, "\n".join(broken)


def _without_storefronts(document: dict[str, Any]) -> dict[str, Any]:
    """Returns the document without a header whose made-up tokens would all be refused.

    Each counts as a failure, of which an address has few before everything is refused.
    """
    copied = copy.deepcopy(document)
    for operations in copied["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [
                each
                for each in operation["parameters"]
                if not each.get("$ref", "").endswith("/Sojourn-Storefront")
            ]
    del copied["components"]["parameters"]["Sojourn-Storefront"]
    return copied


def _attempt(token: str) -> Callable[..., None]:
    """Sends one case and checks the answer against the document."""

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: Any) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"}, checks=list(CHECKS), timeout=20
        )

    return attempt


async def test_no_hostile_text_time_or_number_breaks_it(
    platform: Platform, document: dict[str, Any], tokens: dict[str, str]
) -> None:
    """Values beyond a schema's: characters, times and numbers that break storage and encodings."""
    chance, broken = random.Random(11), list[str]()
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=20) as client:
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                token = tokens["staff" if path.startswith("/v1/staff") else "customer"]
                content = (
                    operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                )
                schema = document["components"]["schemas"].get(
                    content.get("schema", {}).get("$ref", "").rpartition("/")[2], {}
                )
                bodies, queries = (
                    sorted(schema.get("properties", {})),
                    [p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query"],
                )
                filled = re.sub(
                    r"{(\w+)}",
                    lambda found: (
                        "x"
                        if found[1] in ("slug", "sku", "code", "provider")
                        else str(uuid.uuid4())
                    ),
                    path,
                )
                for _ in range(8):
                    headers = {
                        "Authorization": f"Bearer {token}",
                        "Idempotency-Key": str(uuid.uuid4()),
                        "If-Match": '"1"',
                    }
                    sent = hostile_inputs.body(chance, bodies) if bodies else b""
                    if sent:
                        headers["Content-Type"] = "application/json"
                    question = (
                        f"{filled}?{hostile_inputs.query(chance, queries)}" if queries else filled
                    )
                    response = await client.request(method, question, content=sent, headers=headers)
                    if (
                        response.status_code >= 500
                        or str(response.status_code) not in operation["responses"]
                    ):
                        broken.append(
                            f"{method} {question} {sent[:300]!r}: {response.status_code} "
                            f"{response.text[:300]}"
                        )

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}" * 10, b"[" * 5_000]
)
async def test_malformed_bodies_get_a_problem(
    platform: Platform, document: dict[str, Any], tokens: dict[str, str], body: bytes
) -> None:
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=20) as client:
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if "requestBody" not in operation or "webhooks" in path:
                    continue
                if not body and not operation["requestBody"]["required"]:
                    continue
                token = tokens["staff" if path.startswith("/v1/staff") else "customer"]
                headers = {
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": str(uuid.uuid4()),
                }
                filled = path.replace("{slug}", "x").replace("{sku}", "x")
                for name in (
                    "cart_id",
                    "line_id",
                    "checkout_id",
                    "order_id",
                    "shipment_id",
                    "return_id",
                    "gift_card_id",
                    "address_id",
                    "product_id",
                    "variant_id",
                ):
                    filled = filled.replace("{" + name + "}", str(uuid.uuid4()))
                response = await client.request(method, filled, content=body, headers=headers)

                assert 400 <= response.status_code < 500, (method, path, response.status_code)
                assert response.headers["content-type"] == "application/problem+json"
                assert response.json()["reason"]


async def test_every_example_is_accepted_by_its_own_shape(
    platform: Platform, document: dict[str, Any], tokens: dict[str, str]
) -> None:
    """An example may be refused by the business, as its ids are made up; it is never malformed."""
    async with Api(platform.gateway_urls) as api:
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                reference = (
                    operation.get("requestBody", {})
                    .get("content", {})
                    .get("application/json", {})
                    .get("schema", {})
                    .get("$ref", "")
                )
                examples = (
                    document["components"]["schemas"]
                    .get(reference.rsplit("/", 1)[-1], {})
                    .get("examples", [])
                )
                api.token = tokens["staff" if path.startswith("/v1/staff") else "customer"]
                for example in examples:
                    filled = path
                    for name in ("slug", "sku", "code"):
                        filled = filled.replace("{" + name + "}", "example")
                    filled = filled.replace("{locale}", "de").replace("{kind}", "product")
                    filled = filled.replace("{relation}", "accessory")
                    filled = re.sub(r"\{(\w+_)?id\}", lambda _: str(uuid.uuid4()), filled)
                    headers = {
                        **api.headers(),
                        "Idempotency-Key": str(uuid.uuid4()),
                        "If-Match": '"1"',
                    }
                    response = await api.client.request(
                        method, platform.gateway_url + filled, json=example, headers=headers
                    )

                    assert str(response.status_code) in operation["responses"], (
                        method,
                        path,
                        response.text,
                    )
                    is_refused = response.status_code >= 400
                    reason = response.json()["reason"] if is_refused else ""
                    assert "MALFORMED" not in reason, (method, path, response.text)


async def test_a_large_body_and_an_unknown_path_get_problems(
    platform: Platform, tokens: dict[str, str]
) -> None:
    async with httpx.AsyncClient(base_url=platform.gateway_url) as client:
        token = {"Authorization": f"Bearer {tokens['customer']}"}
        large = await client.post(
            "/v1/carts", content=json.dumps({"locale": "x" * 300_000}), headers=token
        )
        unknown = await client.get("/v1/nothing")
        wrong_method = await client.delete("/v1/categories")

    assert (large.status_code, large.json()["reason"]) == (413, "BODY_TOO_LARGE")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "NO_SUCH_ROUTE")
    assert (wrong_method.status_code, wrong_method.json()["reason"]) == (405, "METHOD_NOT_ALLOWED")


async def test_catalogue_reads_are_revalidated(platform: Platform, catalogue: None) -> None:
    async with httpx.AsyncClient(base_url=platform.gateway_url) as client:

        async def revalidated() -> tuple[httpx.Response, httpx.Response] | None:
            """Reads twice with one state of the index: an import is indexed within a second."""
            first = await client.get("/v1/products?page_size=5")
            again = await client.get(
                "/v1/products?page_size=5", headers={"If-None-Match": first.headers["etag"]}
            )
            return (first, again) if again.status_code == 304 else None

        first, again = await eventually(revalidated, within=10)

    assert len(first.json()["products"]) == 5
    assert again.content == b""
