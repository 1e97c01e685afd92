"""Headers of requests and answers, as the OpenAPI document tells of them."""

from typing import Any, Final

from gateway.consents import ALL, CATEGORIES, NONE

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
}
