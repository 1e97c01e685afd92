"""The page that tells how to add an endpoint is true."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from gateway.contracts.rpc import rpc
from gateway.documents.openapi import document_of
from gateway.endpoints import access, endpoint
from gateway.endpoints.endpoint import Endpoint
from gateway.endpoints.route import Operation
from sojourn.checkout.v1 import checkout_pb2_grpc

PAGE = (Path(__file__).parents[4] / "docs" / "how-to" / "add-an-endpoint.md").read_text()


class OrderServiceServicer(checkout_pb2_grpc.OrderServiceServicer):
    """The contract, in which the page's method is there already."""

    ListReturnableOrders = checkout_pb2_grpc.OrderServiceServicer.ListOrders


def test_the_row_of_the_page_is_an_endpoint() -> None:
    code = re.search(r"```python\n(.+?)```", PAGE, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {
        **vars(access),
        **vars(endpoint),
        "rpc": rpc,
        "OrderServiceServicer": OrderServiceServicer,
    }
    row = eval(code[1].strip().rstrip(","), names)

    document = document_of("x", "1", "x", {"orders": [Operation(row)]}, {}, public_url="http://x")

    shown = document["paths"]["/v1/orders/returnable"]["get"]
    assert {"page_size", "page_token", "status"} <= {
        each.get("name") for each in shown["parameters"]
    }
    assert shown["security"] == [{"bearer": []}]
    assert shown["x-touchpoint"] == "order.list"


def test_every_field_of_a_row_that_the_page_names_exists() -> None:
    table = PAGE[PAGE.index("| field | when |") : PAGE.index("`expected_version` in")]
    rows = [line.split("|")[1] for line in table.splitlines()[2:] if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}

    assert named - {each.name for each in fields(Endpoint)} == set()
