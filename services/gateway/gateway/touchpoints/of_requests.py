"""The touchpoint of a request: what its path, query, headers and answer tell."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Scope

from chassis.campaigns import parse_campaign
from gateway.context import Context
from gateway.devices import device_of
from sojourn.journey.v1 import events_pb2 as pb

# The kind of a search, which has a term and results.
SEARCH: Final = "search"
# Parameters of paths that join the touchpoints of one purchase.
_CHAIN: Final = frozenset({"cart_id", "checkout_id", "order_id"})
# Headers by which browsers tell that they ask ahead of their user.
_PURPOSES: Final = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_MOST_TERM: Final = 200
CONSENTS: Final = {
    "granted": pb.CONSENT_GRANTED,
    "denied": pb.CONSENT_DENIED,
    "unknown": pb.CONSENT_UNSPECIFIED,
}
# Devices of touchpoints where staff act for a shopper.
_STAFF_DEVICES: Final = {"pos": "till"}


def touchpoint_of_request(
    kind: str,
    scope: Scope,
    context: Context,
    path_params: Mapping[str, Any],
    *,
    status: int,
    seconds: float,
) -> pb.Touchpoint | None:
    """Returns the touchpoint of a request, but for its id and its time; None where it has none.

    Staff, services, synthetic callers, pages that a CDN may keep, and what a browser asks before
    its user does, have none.
    """
    caller = context.caller
    if (
        caller.kind in ("staff", "service")
        or caller.is_synthetic
        or context.is_shared
        or context.is_head
        # It comes again by its new path, and counts then.
        or status == 301
        or is_prefetch(scope)
    ):
        return None
    facts: dict[str, Any] = (
        {f"{caller.kind}_id": str(caller.subject_id)} if caller.subject_id else {}
    )
    facts |= campaign_of(scope) | subject_of(path_params) | dict(context.facts)
    via = caller.acted_via
    facts["device"] = _STAFF_DEVICES.get(via, via) if via else device_of(scope)
    if kind == SEARCH and context.question is not None and status < 400:
        term = getattr(context.question.query, "q", "") or ""
        facts["properties"] = search_of(term, context.results)
    return pb.Touchpoint(
        visitor_id=context.visitor_id,
        session_id="" if via else context.session_id,
        channel=context.channel,
        kind=kind,
        consent=CONSENTS[context.consent],
        outcome=pb.OUTCOME_ERROR
        if status >= 500
        else pb.OUTCOME_REFUSED
        if status >= 400
        else pb.OUTCOME_OK,
        reason=context.reason,
        duration_ms=round(seconds * 1000),
        trace_id=context.trace_id,
        **facts,
    )


def may_have_campaign(query: bytes) -> bool:
    """Returns whether a query may hold campaign fields."""
    folded = query.lower()
    # Click ids are called gclid, click_id, gbraid, li_fat_id and the like.
    return any(part in folded for part in (b"utm_", b"cl", b"braid", b"li_fat"))


def campaign_of(scope: Scope) -> dict[str, str]:
    """The campaign fields of a landing, from the query."""
    if not may_have_campaign(scope["query_string"]):
        return {}
    return parse_campaign(scope["query_string"].decode("latin-1"))


def subject_of(path_params: Mapping[str, object]) -> dict[str, Any]:
    """The fields of what a touchpoint is about, from its path."""
    if not path_params:
        return {}
    chain = {name: str(value)[:200] for name, value in path_params.items() if name in _CHAIN}
    return {"subject": str(next(iter(path_params.values())))[:200], "properties": chain}


def search_of(term: str, results: int | None) -> dict[str, str]:
    """The properties of a search: its term as it is compared, and how many results it had."""
    folded = " ".join(term.casefold().split())[:_MOST_TERM]
    if not folded:
        return {}
    return {"term": folded} | ({} if results is None else {"results": str(results)})


def is_prefetch(scope: Scope) -> bool:
    """Returns whether a browser asks before its user does: that is no view."""
    return any(
        name in _PURPOSES and (b"prefetch" in value.lower() or b"preview" in value.lower())
        for name, value in scope["headers"]
    )
