"""The scope that the gateway requires on a request's head is the service's."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateway import access, journey_routes, mail_routes, staff_routes, synthetic_routes
from gateway.access import OPERATIONS, Access

ROOT = Path(__file__).parent.parent
ROUTES: tuple[ModuleType, ...] = (staff_routes, journey_routes, mail_routes, synthetic_routes)
# Where a method serves owners and staff, its body asks for the scope; the file that does, and how.
IN_THE_BODY = {
    "ListOrders": (
        "services/checkout/checkout/servicers/orders.py",
        'call.caller.require("orders.read")',
    ),
    "CancelOrder": ("services/checkout/checkout/orders/access.py", 'or_scope="orders.write"'),
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
        "GetJourney": journey["_READ"],
    }


def staff_functions() -> Iterator[tuple[tuple[str, str], Any]]:
    for module in ROUTES:
        for route in module.routes.router.routes:
            for method in route.methods:
                if OPERATIONS[method, route.path].access is Access.STAFF:
                    yield (method, route.path), inspect.unwrap(route.endpoint)


def methods_of(function: Any, scopes: dict[str, str]) -> set[str]:
    """The RPCs that a route's function names, as attributes or texts."""
    return set(re.findall(r"\b[A-Z][A-Za-z]+\b", inspect.getsource(function))) & scopes.keys()


def test_the_gateway_asks_for_the_scope_that_the_service_checks() -> None:
    scopes = checked_scopes()

    wrong, seen = [], 0
    for key, function in staff_functions():
        called = methods_of(function, scopes)
        seen += 1
        if {scopes[name] for name in called} != {OPERATIONS[key].scope}:
            wrong.append((key, called, OPERATIONS[key].scope))

    assert wrong == []
    assert seen == sum(operation.access is Access.STAFF for operation in OPERATIONS.values()) > 20


def test_scopes_that_a_body_asks_for_are_still_asked_for() -> None:
    for path, text in IN_THE_BODY.values():
        assert text in (ROOT / path).read_text()


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1/staff/x", access.Operation(Access.STAFF)),
        ("/v1/x", access.Operation(Access.STAFF, "x")),
    ],
)
def test_a_staff_operation_without_a_scope_cannot_be_declared(
    path: str, operation: access.Operation
) -> None:
    with pytest.raises(ValueError, match=re.escape(path)):
        access.declare("GET", path, operation)
