"""The OpenAPI document is true and complete."""

from __future__ import annotations

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


def fits(schema: dict[str, Any], value: object) -> None:
    jsonschema_rs.validate({**schema, "components": DOCUMENT["components"]}, value)


@pytest.mark.parametrize("operation", ALL, ids=lambda each: each.endpoint.operation_id)
def test_the_examples_of_an_operation_fit_their_schemas(operation: Any) -> None:
    endpoint = operation.endpoint
    shown = described(endpoint.method, endpoint.path)

    for answer in shown["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                fits(content["schema"], content["example"])
    body = shown.get("requestBody", {}).get("content", {}).get("application/json", {})
    if operation.binding.body is not None:
        fits(body["schema"], body["example"])
        message = operation.binding.body.model_validate(body["example"]).arguments()
        assert isinstance(message, dict)


def test_every_reference_leads_somewhere() -> None:
    text = str(DOCUMENT)

    for kind, name in re.findall(r"#/components/(\w+)/([\w-]+)", text):
        assert name in DOCUMENT["components"][kind], name


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
    assert shown.get("x-scope", "") == endpoint.callers.scope
    assert shown["summary"]
    key = parameters.get("Idempotency-Key")
    assert (key is not None) is (endpoint.key_rule is not KeyRule.NONE)
    if endpoint.key_rule is KeyRule.REQUIRED and endpoint.method != "PATCH":
        assert key is not None
        assert key["required"] is True
    assert ("If-Match" in parameters) is endpoint.has_versions
    assert set(re.findall(r"{(\w+)}", endpoint.path)) <= parameters.keys()
    assert all(each["description"] for each in parameters.values())


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
