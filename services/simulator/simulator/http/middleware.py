"""Shared parts of routes: caller, idempotency key, and the form of answers and refusals."""

import hmac
import sqlite3
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from simulator.errors import Outage, ProviderTimedOut, Refusal, Unauthenticated
from simulator.messages import Problem
from simulator.provider import Provider
from simulator.storage.idempotency import Answer

REPLAYED_HEADER = "Idempotency-Replayed"
_KEY_PATTERN = r"^[\x21-\x7e]+$"
_KEY_DESCRIPTION = (
    "Makes a repeat safe: the same key with the same body is answered with the stored response."
)

_bearer = HTTPBearer(auto_error=False, description="The simulator's API key.")


def provider_of(request: Request) -> Provider:
    """The provider that this application serves."""
    provider: Provider = request.app.state.provider
    return provider


ProviderDep = Annotated[Provider, Depends(provider_of)]
RequiredKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=_KEY_PATTERN,
        description=_KEY_DESCRIPTION,
    ),
]
OptionalKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=_KEY_PATTERN,
        description=_KEY_DESCRIPTION,
    ),
]


async def authenticated(
    provider: ProviderDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> None:
    """Raises Unauthenticated unless the API key came as a bearer token."""
    expected = provider.settings.simulator_api_key.get_secret_value().encode()
    if credentials is None or not hmac.compare_digest(credentials.credentials.encode(), expected):
        raise Unauthenticated("an API key is required as a bearer token")


async def admitted(provider: ProviderDep) -> None:
    """Applies the outage and the latency of the misbehaviour rules. Raises Outage."""
    await provider.admit()


async def respond(provider: Provider, work: Callable[[sqlite3.Connection], Answer]) -> Response:
    """The answer of a transaction; withheld, where it says so, until it is too late.

    Raises ProviderTimedOut then.
    """
    answer = await provider.write(work)
    if answer.is_withheld:
        await provider.pause(provider.rules.timeout_seconds)
        raise ProviderTimedOut("the provider did not answer in time")
    headers = {REPLAYED_HEADER: "true"} if answer.is_replayed else None
    return Response(answer.body, answer.status_code, headers=headers, media_type="application/json")


def json(content: Any, *, status_code: int = 200) -> Response:
    """A response of plain values, unvalidated."""
    return Response(to_json(content), status_code, media_type="application/json")


def problem(
    status: int, code: str, detail: str, *, members: dict[str, Any] | None = None
) -> Response:
    """RFC 9457, with a `code` for programs and whatever members the code has."""
    title = HTTPStatus(status).phrase
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **(members or {}),
    }
    return Response(to_json(content), status, media_type="application/problem+json")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for OpenAPI."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def refuse_in_problem_documents(app: FastAPI) -> None:
    """Makes every refusal, expected or not, an `application/problem+json`."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _broken)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    response = problem(error.status, error.code, error.detail, members=dict(error.members))
    match error:
        case Unauthenticated():
            response.headers["WWW-Authenticate"] = "Bearer"
        case Outage():
            response.headers["Retry-After"] = "1"
        case ProviderTimedOut():
            response.headers["Connection"] = "close"
        case _:
            pass
    return response


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Without the values: one of them may be a secret in the wrong place.
    errors = [
        {"path": ".".join(map(str, each["loc"])), "message": each["msg"]} for each in error.errors()
    ]
    return problem(
        422, "invalid_request", "the request has the wrong shape", members={"errors": errors}
    )


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    response = problem(error.status_code, phrase.lower().replace(" ", "_"), phrase)
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, error: Exception) -> Response:
    return problem(500, "internal", "the provider failed; nothing is known of the outcome")
