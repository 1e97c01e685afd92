"""Headers of requests and answers, as the OpenAPI document tells of them."""

from typing import Any, Final

from gateway.consents import ALL, CATEGORIES, NONE
from gateway.endpoints.access import Access, Limit
from gateway.endpoints.answers import is_localized
from gateway.endpoints.endpoint import Endpoint, KeyRule

_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A key of your choice, e.g. a UUID. A repeat with the same key and body has no "
    "second effect and gets the same answer, with `Idempotency-Replayed`. Kept for 48 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    "example": "6f1c7d2e-8a53-4be0-9c0e-1f2d3c4b5a69",
}
_IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that you saw; 412 if the resource changed meanwhile.",
    "schema": {"type": "string", "maxLength": 80},
    "example": '"3"',
}


def _text(name: str, description: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


REQUEST_HEADERS: Final[dict[str, Any]] = {
    "Idempotency-Key": _KEY,
    "Idempotency-Key-Required": {**_KEY, "required": True},
    "Idempotency-Key-Or-If-Match": {
        **_KEY,
        "description": f"{_KEY['description']} Required unless `If-Match` is sent.",
    },
    "If-Match": _IF_MATCH,
    "If-Match-Required": {**_IF_MATCH, "required": True},
    "If-None-Match": _text(
        "If-None-Match", "The ETag of what you have; 304 if it is still good.", '"5f2c"'
    ),
    "Accept-Language": _text(
        "Accept-Language", "Languages of the answer, with weights.", "de, en;q=0.5"
    ),
    "Sojourn-Channel": {
        **_text("Sojourn-Channel", "Code of the channel; the default one without it.", "web"),
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{0,64}$"},
    },
    "Sojourn-Client-Address": _text(
        "Sojourn-Client-Address",
        "IP address of the shopper for whom a storefront's server calls: limits count it in place "
        "of the server's. Passed over without `Sojourn-Storefront`.",
        "203.0.113.7",
    ),
    "Sojourn-Consent": _text(
        "Sojourn-Consent",
        f"What the visitor agreed to: a list of {', '.join(CATEGORIES)}; or {ALL}, or {NONE}.",
        "analytics, marketing",
    ),
    "Sojourn-Session": _text(
        "Sojourn-Session",
        "The session of the visitor's browser or app, a UUID of your choice.",
        "0190a6e2-0000-7000-8000-000000000002",
    ),
    "Sojourn-Storefront": _text(
        "Sojourn-Storefront",
        "For servers of storefronts: the access token that `POST /v1/sessions/api-key` gives for "
        "an API key of the role `storefront`. Requests count against the limit of that key.",
        "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
    ),
    "Sojourn-Visitor": _text(
        "Sojourn-Visitor",
        "The signed handle from an earlier answer; also taken from the cookie `sojourn_visitor`.",
        "0190a6e2-0000-7000-8000-000000000003.5f2c",
    ),
}
ANSWER_HEADERS: Final[dict[str, Any]] = {
    "Cache-Control": _header("How long the answer may be kept, and by whom."),
    "Content-Language": _header("The language of the answer's texts."),
    "ETag": _header("The version of the answer: send it back as If-Match or If-None-Match."),
    "Idempotency-Replayed": {
        "description": "Set if the answer was given before, to the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Location": _header("Where the resource is."),
    "RateLimit-Limit": _header("Requests in a window of a minute.", "integer"),
    "RateLimit-Remaining": _header("Requests that are left of it.", "integer"),
    "RateLimit-Reset": _header("Seconds until the next window.", "integer"),
    "Retry-After": _header("Seconds after which a repeat makes sense.", "integer"),
    "Sojourn-Consent": _header("The consent that the request was recorded with."),
    "Sojourn-Reason": _header("The reason of the refusal, as in the body."),
    "Sojourn-Session": _header("The session that the request belongs to."),
    "Sojourn-Visitor": _header("The signed handle of the visitor: send it back to stay the same."),
    "Trace-Id": _header("The trace of the request, for support."),
    "Vary": _header("Headers that the answer depends on."),
    "WWW-Authenticate": _header("The scheme of the token to send: Bearer."),
}
_LIMITS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_VISITOR: Final = ("Sojourn-Consent", "Sojourn-Session", "Sojourn-Visitor")
# Requests whose head or body never arrived are answered before they are counted.
_UNCOUNTED: Final = frozenset({408, 431})


def request_headers_of(endpoint: Endpoint[Any, Any]) -> list[str]:
    """Returns the names of the components of the request headers that count at an endpoint."""
    fields = endpoint.rpc.request.DESCRIPTOR.fields_by_name
    is_webhook = endpoint.limit is Limit.WEBHOOK
    names = []
    # The back office has no visitors.
    is_of_visitor = endpoint.callers.access is not Access.STAFF and not is_webhook
    if is_of_visitor or "channel" in fields or "view" in fields:
        names.append("Sojourn-Channel")
    if is_of_visitor:
        names += _VISITOR
    if not is_webhook:
        names += ["Sojourn-Storefront", "Sojourn-Client-Address"]
    if "view" in fields or "accepted_locales" in fields:
        names.append("Accept-Language")
    if endpoint.is_cached:
        names.append("If-None-Match")
    if endpoint.has_versions:
        names.append("If-Match-Required" if endpoint.needs_version else "If-Match")
    match endpoint.key_rule:
        case KeyRule.REQUIRED:
            is_patch = endpoint.method == "PATCH"
            names.append("Idempotency-Key-Or-If-Match" if is_patch else "Idempotency-Key-Required")
        case KeyRule.OPTIONAL:
            names.append("Idempotency-Key")
        case KeyRule.NONE:
            pass
    return names


def answer_headers_of(endpoint: Endpoint[Any, Any], status: int) -> dict[str, dict[str, str]]:
    """Returns the headers of a good answer of an endpoint."""
    names = ["Cache-Control", "Trace-Id", *_LIMITS, *_VISITOR]
    if status in (301, 302):
        return _refs([*names, "Location", *(["Vary"] if endpoint.is_cached else [])])
    if endpoint.has_etag:
        names.append("ETag")
    if endpoint.key_rule is not KeyRule.NONE:
        names.append("Idempotency-Replayed")
    if endpoint.has_location(status):
        names.append("Location")
    if endpoint.is_cached or (status != 204 and is_localized(endpoint.rpc.reply)):
        names.append("Content-Language")
    if endpoint.is_cached:
        names.append("Vary")
    return _refs(names)


def problem_headers_of(status: int) -> dict[str, dict[str, str]]:
    """Returns the headers of a refusal of a status."""
    names = ["Sojourn-Reason"]
    if status not in _UNCOUNTED:
        names += ["Trace-Id", *_LIMITS, *_VISITOR]
    if status == 401:
        names.append("WWW-Authenticate")
    if status in (429, 503):
        names.append("Retry-After")
    return _refs(names)


def _refs(names: list[str]) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
