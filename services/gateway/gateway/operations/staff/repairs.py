"""Repairs by staff: stuck orders, dead letters, skipped rows."""

from typing import Final, Literal

from gateway.composed.dead_letters import (
    CONSUMERS,
    DEAD_LETTERS,
    LIST_DEAD_LETTERS,
    LIST_SKIPPED_ROWS,
    REDRIVE_DEAD_LETTERS,
    SERVICES,
    SKIPPED_ROWS,
    RedriveBody,
    list_dead_letters,
    list_skipped_rows,
    redrive_dead_letters,
)
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.checkout_pb2_grpc import OrderServiceServicer

_READ: Final = staff("dead_letters.read")
_PAGE: Final = {"page_size": 200}
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/staff/reconcile",
        rpc=rpc(OrderServiceServicer.Reconcile),
        callers=staff("orders.write"),
        touchpoint=None,
        key=KeyRule.NONE,
        deadline_seconds=30,
        text="Looks for stuck orders, charges without an order and reservations without one, and "
        "mends what it can.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/dead-letters",
        rpc=LIST_DEAD_LETTERS,
        callers=_READ,
        touchpoint=None,
        hidden=frozenset({"after_sequence"}),
        fixed=_PAGE,
        query=Parameters(also={"service": Literal[CONSUMERS]}),
        ask=list_dead_letters,
        reply=DEAD_LETTERS,
        text="Events that services gave up on; of all services, or of one.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/skipped-rows",
        rpc=LIST_SKIPPED_ROWS,
        callers=_READ,
        touchpoint=None,
        hidden=frozenset({"loop"}),
        fixed=_PAGE,
        query=Parameters(also={"service": Literal[SERVICES]}),
        ask=list_skipped_rows,
        reply=SKIPPED_ROWS,
        text="Rows that loops of services left out because they cannot handle them; of all "
        "services, or of one.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/dead-letters/redrive",
        rpc=REDRIVE_DEAD_LETTERS,
        callers=staff("dead_letters.redrive"),
        touchpoint=None,
        body=WHOLE,
        body_model=RedriveBody,
        ask=redrive_dead_letters,
        example={"service": "cart", "sequences": []},
        key=KeyRule.NONE,
        text="Gives dead letters back to their service, where each is handled at most once.",
    ),
)
