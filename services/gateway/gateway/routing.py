"""Declaration of routes: path, touchpoint, reply and errors.

The OpenAPI document follows from it.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query
from fastapi.routing import APIRoute
from google.protobuf.message import Message
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute

from chassis import telemetry
from gateway.access import KIB, Access, Operation
from gateway.access import declare as declare_operation
from gateway.contracts.encoding import to_json
from gateway.contracts.schemas import Schemas
from gateway.problems import TITLES, MalformedPrecondition, PreconditionRequired
from gateway.reading import SLUG_PATTERN
from sojourn.common.v1 import money_pb2, page_pb2

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A key of your choice, e.g. a UUID. A repeat with the same key and body has "
        "no second effect and gets the same answer.",
        examples=["6f1c7d2e-8a53-4be0-9c0e-1f2d3c4b5a69"],
    ),
]
Id = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        description="UUID",
    ),
]
Slug = Annotated[
    str, Path(min_length=1, max_length=200, pattern=SLUG_PATTERN, description="URL part")
]
PageSize = Annotated[int, Query(ge=1, le=100)]
PageToken = Annotated[
    str, Query(max_length=500, description="`next_page_token` of the previous page")
]
IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        max_length=80,
        description="The ETag that you saw; 412 if it changed meanwhile.",
    ),
]
Handler = Callable[..., Awaitable[Response]]
# What a customer does by calling a route, by method and path.
TOUCHPOINTS: dict[tuple[str, str], str] = {}
# Any request may meet these; what a route adds is its own.
_ALWAYS: Final = (400, 401, 408, 413, 422, 429, 431, 500, 503, 504)
_PRICED_TAG: Final = re.compile(r'(?:W/)?"(\d{1,9})-(\d{1,13})-([A-Z]{3})"')
schemas = Schemas()


class Routes:
    """The routes of one area.

    `touchpoint` names what a customer does by calling a route; None for what no customer does.
    """

    def __init__(self, tag: str) -> None:
        self.router = APIRouter(tags=[tag])

    def add(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        scope: str = "",
        most_bytes: int = 64 * KIB,
        touchpoint: str | None,
        reply: type[Message] | dict[str, Any] | None,
        status: int = 200,
        errors: tuple[int, ...] = (),
        also: Mapping[int, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declares a route.

        `access` and `scope` say who may call it, `most_bytes` how large a body may be. `errors` are
        statuses beyond those that any route may answer, `also` further good ones with their
        meaning.
        """

        def declare(handler: Handler) -> Handler:
            if touchpoint is not None:
                TOUCHPOINTS[method, path] = touchpoint
                handler = _carrying(touchpoint, handler)
            schema = (
                reply
                if isinstance(reply, dict)
                else schemas.ref(reply)
                if reply is not None
                else None
            )
            content = (
                {"content": {"application/json": {"schema": schema}}} if schema is not None else {}
            )
            responses: dict[int | str, dict[str, Any]] = {
                status: {"description": "Done", **content}
            }
            for code, meaning in (also or {}).items():
                responses[code] = {"description": meaning, **({} if code == 304 else content)}
            for code in sorted({*_ALWAYS, *errors}):
                problem_schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
                responses[code] = {
                    "description": TITLES[code],
                    "content": {"application/problem+json": problem_schema},
                }
            self.router.add_api_route(
                path,
                handler,
                methods=[method],
                status_code=status,
                response_class=Response,
                response_model=None,
                responses=responses,
                openapi_extra={
                    "x-touchpoint": touchpoint,
                    **({"requestBody": body} if body else {}),
                },
                operation_id=f"{handler.__name__}",
            )
            declare_operation(
                method,
                path,
                Operation(access, scope, most_bytes, _query_of(self.router.routes[-1])),
            )
            return handler

        return declare


def _query_of(route: BaseRoute) -> frozenset[str]:
    """Returns the names of a route's query parameters."""
    assert isinstance(route, APIRoute)
    names: set[str] = set()
    for field in route.dependant.query_params:
        model = field.field_info.annotation
        names |= (
            set(model.model_fields)
            if isinstance(model, type) and issubclass(model, BaseModel)
            else {field.alias}
        )
    return frozenset(names)


def _carrying(touchpoint: str, handler: Handler) -> Handler:
    """Lets every span of the request name its touchpoint."""

    @wraps(handler)
    async def carry(*args: Any, **kwargs: Any) -> Response:
        telemetry.carry("touchpoint", touchpoint)
        return await handler(*args, **kwargs)

    return carry


def reply_with(
    value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON reply from plain values."""
    return Response(
        to_json(value),
        status_code=status,
        media_type="application/json",
        headers=dict(headers or {}),
    )


def empty() -> Response:
    return Response(status_code=204)


def replayed(seen: dict[str, str]) -> dict[str, str]:
    """The header that says that an answer was given before."""
    return {"Idempotency-Replayed": "true"} if seen else {}


def page_of(size: int, token: str) -> page_pb2.Page:
    """Returns which part of a list a query asks for."""
    return page_pb2.Page(size=size, token=token)


def etag_of(version: int) -> dict[str, str]:
    """The ETag of a versioned resource."""
    return {"ETag": f'"{version}"'}


def etag_of_amount(version: int, amount: Any) -> dict[str, str]:
    """Returns the ETag of a priced resource: of its version and of the amount that it shows, which
    prices change without a new version.
    """
    return {"ETag": f'"{version}-{amount.amount_minor}-{amount.currency}"'}


def amount_of(if_match: str) -> money_pb2.Money | None:
    """Returns the amount that an ETag of `etag_of_amount` names; None for any other."""
    found = _PRICED_TAG.fullmatch(if_match.strip())
    return money_pb2.Money(amount_minor=int(found[2]), currency=found[3]) if found else None


def version_of(if_match: str, *, required: bool = False) -> int:
    """Returns the version that an If-Match header names; 0 for none or `*`.

    Raises PreconditionRequired, MalformedPrecondition.
    """
    if found := _PRICED_TAG.fullmatch(if_match.strip()):
        return int(found[1])
    if not if_match:
        if required:
            raise PreconditionRequired("send If-Match with the ETag that you saw")
        return 0
    text = if_match.strip().removeprefix("W/").strip('"')
    if text == "*":
        return 0
    if not text.isdigit() or not 0 < int(text) < 2**31:
        raise MalformedPrecondition("If-Match is not one of our ETags")
    return int(text)
