"""The scope that the gateway requires on a request's head is the service's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, Access, Callers, staff
from gateway.endpoints.endpoint import Endpoint
from gateway.operations import ENDPOINTS
from sojourn.checkout.v1.checkout_pb2_grpc import OrderServiceServicer

ROOT = Path(__file__).parent.parent
# Where a method serves owners and staff, its body asks for the scope; the file that does, and how.
IN_THE_BODY = {
    "ListOrders": (
        "services/checkout/checkout/servicers/orders.py",
        'call.caller.require("orders.read")',
    ),
    "CancelOrder": ("services/checkout/checkout/orders/access.py", "not caller.has(_WRITE)"),
    "CancelOrderLines": (
        "services/checkout/checkout/servicers/orders.py",
        "self._find_writable(wanted.order_id, call)",
    ),
    "RequestReturn": (
        "services/checkout/checkout/servicers/after_sale/returns.py",
        "not is_writer(call.caller, order.owner_id, buyer_ids)",
    ),
    "ListReturns": (
        "services/checkout/checkout/servicers/after_sale/returns.py",
        'call.caller.require("orders.read")',
    ),
    "OpenClaim": (
        "services/checkout/checkout/servicers/after_sale/claims.py",
        "not is_writer(call.caller, order.owner_id, buyer_ids)",
    ),
    "ListClaims": (
        "services/checkout/checkout/servicers/after_sale/claims.py",
        'call.caller.require("orders.read")',
    ),
    "GetStoreCredit": (
        "services/checkout/checkout/servicers/store_credit.py",
        "call.caller.require(_READ)",
    ),
    "ListReturnPictures": (
        "services/checkout/checkout/orders/access.py",
        '"orders.read"',
    ),
    "ReadReturnPicture": (
        "services/checkout/checkout/orders/access.py",
        '"orders.read"',
    ),
    "GetPoints": (
        "services/checkout/checkout/servicers/loyalty/loyalty.py",
        "call.caller.require(_READ)",
    ),
    "ListPointEntries": (
        "services/checkout/checkout/servicers/loyalty/loyalty.py",
        "call.caller.require(_READ)",
    ),
    "ListStoreCreditEntries": (
        "services/checkout/checkout/servicers/store_credit.py",
        "call.caller.require(_READ)",
    ),
    "GetOrderTracking": (
        "services/checkout/checkout/servicers/shipping/tracking.py",
        "require_reader(call.caller, order, ",
    ),
    "GetOrderTimeline": (
        "services/checkout/checkout/servicers/order_desk/desk.py",
        "for_staff = _READ in call.caller.scopes",
    ),
    "GetJourney": ("services/journey/journey/servicers/journeys.py", "_READ not in caller.scopes"),
}


def constants_of(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        target = (
            node.targets[0]
            if isinstance(node, ast.Assign)
            else node.target
            if isinstance(node, ast.AnnAssign)
            else None
        )
        value = getattr(node, "value", None)
        if (
            isinstance(target, ast.Name)
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
        ):
            found[target.id] = value.value
    return found


def checked_scopes() -> dict[str, str]:
    """Scopes by method, of all servicers."""
    scopes = {}
    for path in [
        *(ROOT / "services").glob("*/*/**/*.py"),
        ROOT / "chassis" / "chassis" / "events" / "dead_letters.py",
    ]:
        if "/tests/" in str(path) or "/gateway/" in str(path):
            continue
        tree = ast.parse(path.read_text())
        constants = constants_of(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.AsyncFunctionDef) or not node.name[0].isupper():
                continue
            for decorator in node.decorator_list:
                for keyword in getattr(decorator, "keywords", ()):
                    if keyword.arg == "scope":
                        value = keyword.value
                        scopes[node.name] = (
                            constants[value.id]
                            if isinstance(value, ast.Name)
                            else str(ast.literal_eval(value))
                        )
    journey = constants_of(
        ast.parse((ROOT / "services/journey/journey/servicers/journeys.py").read_text())
    )
    return {
        **scopes,
        "ListOrders": "orders.read",
        "CancelOrder": "orders.write",
        "CancelOrderLines": "orders.write",
        "ListReturns": "orders.read",
        "GetOrderTimeline": "orders.read",
        "GetOrderTracking": "orders.read",
        "RequestReturn": "orders.write",
        "OpenClaim": "orders.write",
        "ListClaims": "orders.read",
        "GetStoreCredit": "gift_cards.read",
        "ListStoreCreditEntries": "gift_cards.read",
        "ListReturnPictures": "orders.read",
        "ReadReturnPicture": "orders.read",
        "GetPoints": "gift_cards.read",
        "ListPointEntries": "gift_cards.read",
        "GetJourney": journey["_READ"],
    }


def test_the_gateway_asks_for_the_scope_that_the_service_checks() -> None:
    scopes = checked_scopes()
    rows = [row for row in ENDPOINTS if row.callers.access is Access.STAFF]

    wrong = [
        (row.method, row.path, row.rpc.name)
        for row in rows
        if scopes.get(row.rpc.name) != row.callers.scope
    ]

    assert wrong == []
    assert len(rows) > 20


def test_scopes_that_a_body_asks_for_are_still_asked_for() -> None:
    for path, text in IN_THE_BODY.values():
        assert text in (ROOT / path).read_text()


@pytest.mark.parametrize(
    ("path", "callers"),
    [
        ("/v1/staff/x", Callers(Access.STAFF)),
        ("/v1/staff/x", SHOPPER),
        ("/v1/x", staff("orders.read")),
    ],
)
def test_an_endpoint_of_the_staff_without_a_scope_cannot_be_declared(
    path: str, callers: Callers
) -> None:
    get_order = rpc(OrderServiceServicer.GetOrder)

    with pytest.raises(ValueError, match=re.escape(path)):
        Endpoint(method="GET", path=path, rpc=get_order, callers=callers, touchpoint=None)
