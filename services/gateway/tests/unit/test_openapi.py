"""The OpenAPI document is true and complete."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from gateway.app import DESCRIPTION, OPERATIONS
from gateway.documents.openapi import document_of
from gateway.endpoints.access import Access
from gateway.endpoints.endpoint import KeyRule
from gateway.operations import ENDPOINTS, TEXTS

DOCUMENT = document_of(
    "Sojourn", "1.0.0", DESCRIPTION, OPERATIONS, TEXTS, public_url="https://api.shop.example"
)
# Operations that know a guest or a customer by their token, and do not pass it on.
READ_TOKENS = {"register", "login", "loginWithLink", "confirmEmail"}
LIMIT_HEADERS = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
ALL = [operation for operations in OPERATIONS.values() for operation in operations]


def described(method: str, path: str) -> dict[str, Any]:
    return DOCUMENT["paths"][path][method.lower()]  # type: ignore[no-any-return]


def parameters_of(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for each in operation["parameters"]:
        name = each.get("$ref", "").rpartition("/")[2]
        parameter = DOCUMENT["components"]["parameters"][name] if name else each
        found[parameter["name"]] = parameter
    return found


def answers_of(operation: dict[str, Any]) -> dict[int, dict[str, Any]]:
    found = {}
    for status, each in operation["responses"].items():
        name = each.get("$ref", "").rpartition("/")[2]
        found[int(status)] = DOCUMENT["components"]["responses"][name] if name else each
    return found


def fits(schema: dict[str, Any], value: object) -> None:
    jsonschema_rs.validate({**schema, "components": {"schemas": schemas_of(schema)}}, value)


def schemas_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The schemas that a schema refers to, those of its parts included."""
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for name in re.findall(r"#/components/schemas/([\w-]+)", json.dumps(waiting.pop())):
            if name not in found:
                found[name] = DOCUMENT["components"]["schemas"][name]
                waiting.append(found[name])
    return found


@pytest.mark.parametrize("operation", ALL, ids=lambda each: each.endpoint.operation_id)
def test_the_examples_of_an_operation_fit_their_schemas(operation: Any) -> None:
    endpoint = operation.endpoint
    shown = described(endpoint.method, endpoint.path)

    for answer in shown["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                fits(content["schema"], content["example"])
    for parameter in parameters_of(shown).values():
        if "example" in parameter:
            fits(parameter["schema"], parameter["example"])
    body = shown.get("requestBody", {}).get("content", {}).get("application/json", {})
    assert ("requestBody" in shown) is (operation.binding.body is not None or endpoint.is_raw)
    if body:
        fits(body["schema"], body["example"])
    if operation.binding.body is not None:
        message = operation.binding.body.model_validate(body["example"]).arguments()
        assert isinstance(message, dict)


def test_every_reference_leads_somewhere_and_no_component_is_unused() -> None:
    found = set(re.findall(r"#/components/(\w+)/([\w-]+)", json.dumps(DOCUMENT)))

    components = DOCUMENT["components"]
    kinds = components.keys() - {"securitySchemes"}
    assert found == {(kind, name) for kind in kinds for name in components[kind]}


def test_operations_are_named_after_their_methods_each_once() -> None:
    names = [
        operation["operationId"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
    ]

    assert len(names) == len(set(names)) == len(ENDPOINTS)
    assert described("POST", "/v1/carts/{cart_id}/lines")["operationId"] == "addLine"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.operation_id)
def test_an_operation_says_who_may_call_it_and_what_it_takes(endpoint: Any) -> None:
    shown = described(endpoint.method, endpoint.path)
    parameters = parameters_of(shown)

    is_public = endpoint.callers.access is Access.PUBLIC
    assert ({} in shown["security"]) is is_public
    takes_token = not is_public or endpoint.sends_token or endpoint.operation_id in READ_TOKENS
    assert ({"bearer": []} in shown["security"]) is takes_token
    assert shown.get("x-scope", "") == endpoint.callers.scope
    assert shown["summary"]
    key = parameters.get("Idempotency-Key")
    assert (key is not None) is (endpoint.key_rule is not KeyRule.NONE)
    if key is not None:
        is_needed = endpoint.key_rule is KeyRule.REQUIRED and endpoint.method != "PATCH"
        assert key.get("required", False) is is_needed
    assert ("If-Match" in parameters) is endpoint.has_versions
    assert set(re.findall(r"{(\w+)}", endpoint.path)) <= parameters.keys()
    assert all(each["description"] for each in parameters.values())


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.operation_id)
def test_an_operation_tells_the_headers_that_count(endpoint: Any) -> None:
    parameters = parameters_of(described(endpoint.method, endpoint.path))
    fields = dict(endpoint.rpc.request.DESCRIPTOR.fields_by_name)
    is_webhook, is_staff = (
        endpoint.path.startswith("/v1/webhooks/"),
        endpoint.path.startswith("/v1/staff/"),
    )

    for name in ("Sojourn-Consent", "Sojourn-Session", "Sojourn-Visitor"):
        assert (name in parameters) is not (is_webhook or is_staff), name
    for name in ("Sojourn-Storefront", "Sojourn-Client-Address"):
        assert (name in parameters) is not is_webhook, name
    assert "channel" not in fields or parameters.keys() & {"Sojourn-Channel", "channel"}
    assert ("Accept-Language" in parameters) is bool({"view", "accepted_locales"} & fields.keys())
    assert ("If-None-Match" in parameters) is endpoint.is_cached
    if "If-Match" in parameters:
        assert parameters["If-Match"].get("required", False) is endpoint.needs_version


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.operation_id)
def test_an_answer_tells_its_headers(endpoint: Any) -> None:
    reply = endpoint.rpc.reply.DESCRIPTOR
    is_resource = reply.name in ("Cart", "Checkout", "Order")

    for status, answer in answers_of(described(endpoint.method, endpoint.path)).items():
        headers = answer["headers"].keys()
        assert (headers >= LIMIT_HEADERS) is (status not in (408, 431))
        assert ("Retry-After" in headers) is (status in (429, 503))
        assert ("WWW-Authenticate" in headers) is (status == 401)
        assert ("Sojourn-Reason" in headers) is (status >= 400)
        if status >= 400:
            continue
        if status in (301, 302):
            assert "Location" in headers
            continue
        has_body = status not in (204, 304)
        is_versioned = has_body and "version" in reply.fields_by_name
        assert ("ETag" in headers) is (is_versioned or endpoint.is_cached)
        assert ("Idempotency-Replayed" in headers) is (endpoint.key_rule is not KeyRule.NONE)
        assert ("Location" in headers) is (is_resource and status in (201, 202))
        assert ("Content-Language" in headers) is ((is_resource and has_body) or endpoint.is_cached)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.operation_id)
def test_an_operation_tells_what_may_go_wrong(endpoint: Any) -> None:
    answers = answers_of(described(endpoint.method, endpoint.path))

    assert {400, 401, 403, 408, 413, 422, 429, 431, 500, 503, 504} <= answers.keys()
    assert (412 in answers) is (endpoint.has_versions or "VERSION_MISMATCH" in endpoint.errors)
    for status, answer in answers.items():
        assert answer["description"]
        assert ("application/problem+json" in answer.get("content", {})) is (status >= 400)


@pytest.mark.parametrize("operation", ALL, ids=lambda each: each.endpoint.operation_id)
def test_values_of_enums_are_listed(operation: Any) -> None:
    endpoint = operation.endpoint
    parameters = parameters_of(described(endpoint.method, endpoint.path))
    fields = dict(endpoint.rpc.request.DESCRIPTOR.fields_by_name)

    for name, target in operation.binding.query.targets.items():
        if len(target) == 1 and fields[target[0]].enum_type is not None:
            assert '"enum"' in json.dumps(parameters[name]["schema"]), name
    if (model := operation.binding.body) is not None:
        require_enums(model)


def require_enums(model: Any) -> None:
    for name, field in model.contract.items():
        if field.enum_type is not None:
            properties = DOCUMENT["components"]["schemas"][model.__name__]["properties"]
            assert '"enum"' in json.dumps(properties[name]), (model.__name__, name)
    for inner in model.nested.values():
        require_enums(inner)


def test_null_is_a_value_only_where_it_clears_a_field() -> None:
    changes = {
        operation.binding.body.__name__
        for operation in ALL
        if operation.endpoint.method == "PATCH" and operation.binding.body is not None
    }
    sent = {
        name: json.dumps(schema["properties"])
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if name.endswith(("Request", "Input", "Body"))
    }

    nullable = {name for name, properties in sent.items() if '"null"' in properties}
    assert "UpdateCheckoutRequest" in nullable
    assert nullable <= changes


def test_each_tag_is_described_and_used() -> None:
    used = {
        tag
        for operations in DOCUMENT["paths"].values()
        for operation in operations.values()
        for tag in operation["tags"]
    }

    assert {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]} == used


def test_refusals_are_told_by_their_reasons() -> None:
    answers = described("POST", "/v1/carts/{cart_id}/lines")["responses"]

    assert {"CART_NOT_OPEN", "OUT_OF_STOCK", "KEY_REUSED"} <= {*answers["409"]["x-reasons"]}
    assert "KEY_REQUIRED" in answers["422"]["x-reasons"]
    assert "CART_NOT_FOUND" in answers["404"]["x-reasons"]
    assert "VERSION_MISMATCH" in answers["412"]["x-reasons"]
    assert "Retry-After" in answers["503"]["headers"]


def test_enums_are_listed_and_good_answers_have_their_headers() -> None:
    status = parameters_of(described("GET", "/v1/orders"))["status"]
    added = described("POST", "/v1/carts")["responses"]["201"]["headers"]

    assert "placed" in status["schema"]["enum"]
    assert {"ETag", "Idempotency-Replayed", "Location", "Sojourn-Consent"} <= added.keys()
    assert DOCUMENT["servers"] == [
        {"url": "https://api.shop.example", "description": "This installation"}
    ]
    assert all(tag["description"] for tag in DOCUMENT["tags"])


def test_an_import_is_described_product_by_product() -> None:
    products = DOCUMENT["components"]["schemas"]["ImportProductsRequest"]["properties"]["products"]

    assert products["items"] == {"$ref": "#/components/schemas/ProductInput"}
    variant = DOCUMENT["components"]["schemas"]["VariantInput"]["properties"]
    assert variant["weight_grams"]
