"""Calls a route's function straight: the application's way there, through its routers, exit stacks
and dependencies, costs more than most of the functions do.

What a function is called with is read off the route that the application has, and validated by the
same fields. A JSON body that does not fit is refused here with the application's own errors,
because the application would parse it once more, on the event loop. Whatever else does not fit goes
through the application, which says what is wrong.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import Message as Headers
from functools import lru_cache
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.params import Body
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send

from chassis.rpc.errors import DomainError, Internal
from gateway import body_texts
from gateway.access import PathTree
from gateway.conversions import convert
from gateway.problems import MalformedRequest, problem, problem_of_shape

_JSON: Final = frozenset({"application/json", "application/json; charset=utf-8"})
# A path whose parameters are whole segments.
_PLAIN: Final = re.compile(r"(/[^/{}]+|/\{\w+\})+")


@dataclass(frozen=True, slots=True)
class Given:
    """A text that a function is called with, from the path or a header."""

    name: str
    alias: str
    default: str | None
    validate: Callable[..., tuple[Any, list[Any]]]


@dataclass(frozen=True, slots=True)
class Straight:
    """A route whose function can be called straight: with the request, texts of path and headers,
    and at most a JSON body.
    """

    route: APIRoute
    call: Callable[..., Awaitable[Response]]
    request: str
    path: tuple[Given, ...]
    headers: tuple[Given, ...]
    body: Given | None
    reads_texts: bool
    """Set if the body's model checks its texts itself."""

    @classmethod
    def of(cls, route: APIRoute) -> "Straight | None":
        """None for a route that takes anything else."""
        needs = route.dependant
        others = [
            needs.query_params,
            needs.cookie_params,
            needs.dependencies,
            needs.response_param_name,
            needs.background_tasks_param_name,
        ]
        if any(others) or needs.request_param_name is None or _PLAIN.fullmatch(route.path) is None:
            return None
        if any(
            field.field_info.annotation is not str
            for field in [*needs.path_params, *needs.header_params]
        ):
            return None
        if any(
            field is not route.body_field or type(field.field_info) is not Body
            for field in needs.body_params
        ):
            return None
        path, headers, body = (
            tuple(map(_given, fields))
            for fields in (needs.path_params, needs.header_params, needs.body_params)
        )
        return cls(
            route,
            route.endpoint,
            needs.request_param_name,
            path,
            headers,
            body[0] if body else None,
            _reads_texts(needs.body_params),
        )

    def read(
        self, request: Request, content: bytes | None
    ) -> tuple[bytes | None, dict[str, Any] | None]:
        """Returns the body with its texts in normal form, and the arguments as `arguments` does.

        Raises InvalidText, MalformedRequest, RequestValidationError.
        """
        if content is not None and not self.reads_texts:
            content = body_texts.normalize(content)
        return content, self.arguments(request, content)

    def arguments(self, request: Request, content: bytes | None) -> dict[str, Any] | None:
        """Returns what to call the function with; None where the application says what is wrong.

        Raises MalformedRequest, or RequestValidationError where a JSON body was parsed and the
        request does not have the documented shape.
        """
        values: dict[str, Any] = {self.request: request}
        errors = [
            *_take("path", self.path, request.path_params, values),
            *_take("header", self.headers, request.headers, values),
        ]
        if self.body is None:
            return None if errors else values
        if not content or not _is_json(request.headers.get("content-type", "")):
            return None
        values[self.body.name], body_errors = self.body.validate(_parse(content), loc=("body",))
        if errors or body_errors:
            raise RequestValidationError([*errors, *body_errors])
        return values


def _reads_texts(fields: list[Any]) -> bool:
    return any(getattr(field.field_info.annotation, "reads_texts", False) for field in fields)


def _given(field: Any) -> Given:
    return Given(
        field.name,
        field.alias,
        None if field.field_info.is_required() else field.default,
        field.validate,
    )


def _take(
    place: str, wanted: tuple[Given, ...], given: Mapping[str, str], values: dict[str, Any]
) -> list[Any]:
    """Adds what is given to the values.

    Returns the errors of what is missing or not as declared.
    """
    found: list[Any] = []
    for one in wanted:
        if (text := given.get(one.alias)) is not None:
            values[one.name], errors = one.validate(text, loc=(place, one.alias))
            found += errors
        elif one.default is not None:
            values[one.name] = one.default
        else:
            found.append({"type": "missing", "loc": (place, one.alias), "msg": "Field required"})
    return found


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    """Returns whether the application reads a body of this type as JSON."""
    if content_type in _JSON:
        return True
    headers = Headers()
    headers["content-type"] = content_type
    kind = headers.get_content_subtype()
    return (
        bool(content_type)
        and headers.get_content_maintype() == "application"
        and (kind == "json" or kind.endswith("+json"))
    )


def _parse(content: bytes) -> Any:
    """Returns the value of a JSON text. Raises RequestValidationError, MalformedRequest."""
    try:
        return from_json(content)
    except ValueError:
        # The application's parser is slower, takes UTF-16 too, and names the position of an error.
        try:
            return json.loads(content)
        except json.JSONDecodeError as error:
            raise RequestValidationError(
                [{"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error"}]
            ) from None
        except (ValueError, RecursionError):
            raise MalformedRequest("the request cannot be read") from None


class Dispatcher:
    """In front of the application: answers what can be answered straight, and leaves it the rest."""

    def __init__(self, app: FastAPI, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._tree: PathTree[Straight] = PathTree()
        for route in routes:
            if isinstance(route, APIRoute) and (straight := Straight.of(route)) is not None:
                for method in route.methods or ():
                    self._tree.add(method, route.path, straight)

    def find(self, method: str, path: str) -> tuple[Straight, dict[str, str]] | None:
        """Returns the route of a path, and the path's parameters."""
        if (found := self._tree.find(method, path)) is None:
            return None
        straight, texts = found
        return straight, dict(zip(straight.route.param_convertors, texts, strict=True))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        response = None
        if found is not None:
            straight, scope["path_params"] = found
            scope["app"], scope["route"] = self._app, straight.route
            response, receive = await self._answer(straight, scope, receive, send)
        await (response or self._app)(scope, receive, send)

    async def _answer(
        self, straight: Straight, scope: Scope, receive: Receive, send: Send
    ) -> tuple[Response | None, Receive]:
        """The function's answer, or what the application is to receive instead."""
        request, content = Request(scope, receive), None
        try:
            if straight.body is not None:
                content = await request.body()
            size = len(content) if content is not None else 0
            content, arguments = await convert(size, straight.read, request, content)
            if arguments is None:
                return None, _again(content, receive)
            return await straight.call(**arguments), receive
        except DomainError as error:
            return problem(error), receive
        except RequestValidationError as error:
            return problem_of_shape(error.errors()), receive
        except ClientDisconnect:
            return None, receive
        except Exception:
            # Logged by the edge, to which it is raised on.
            await problem(Internal())(scope, receive, send)
            raise


def _again(content: bytes | None, receive: Receive) -> Receive:
    """Receives a body once more that was received already, and then what follows it."""
    if content is None:
        return receive
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
