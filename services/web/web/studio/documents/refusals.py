"""Refusals of the gateway that a page explains."""

from starlette.requests import Request

from web.gateway_client import Call, Problem
from web.server.requests import web_of


async def refusal_of(request: Request, call: Call) -> str:
    """Makes a call; returns the reason of a refusal that its page explains, else nothing.

    Raises Problem for one that no other input mends.
    """
    try:
        await web_of(request).gateway.ask(call)
    except Problem as problem:
        if problem.status not in (400, 409, 412, 422):
            raise
        return problem.reason
    return ""
