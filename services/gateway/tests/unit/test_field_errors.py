"""Refusals of services as errors of fields."""

from __future__ import annotations

from chassis.rpc.errors import Invalid
from gateway.endpoints.field_errors import errors_of_refusal


def test_an_address_is_refused_field_by_field_with_what_may_be_meant() -> None:
    refusal = Invalid(
        path="delivery_address",
        fields="address_region:invalid,postal_code:not_of_region,street_address:required",
        allowed_address_region="California, Colorado",
        example_postal_code="95014",
    )

    errors = errors_of_refusal(refusal, ["body", "delivery_address"])

    assert [(each["pointer"], each["code"], each["allowed"]) for each in errors] == [
        ("/body/delivery_address/address_region", "INVALID", ["California", "Colorado"]),
        ("/body/delivery_address/postal_code", "NOT_OF_REGION", []),
        ("/body/delivery_address/street_address", "REQUIRED", []),
    ]
    assert errors[1]["message"] == "is of another region; it looks like 95014"


def test_any_other_refusal_is_the_error_of_its_field() -> None:
    [error] = errors_of_refusal(Invalid("no", path="sku"), ["body", "sku"])

    assert (error["pointer"], error["message"], error["allowed"]) == ("/body/sku", "no", [])
