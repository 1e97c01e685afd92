"""The page of webhooks that tell of changes, with what did not arrive."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import Refusal, read_form, web_of
from web.studio.documents.refusals import refusal_of
from web.studio.words import Words, words_of
from web.watch.changes import MEASURES
from web.watch.model import CreatedWebhook, Delivery, DeliveryList, Webhook, WebhookList

PATH: Final = "/v1/staff/insight-webhooks"
_PAGE: Final = "/studio/changes/webhooks"
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN: Final = "10"


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """A delivery in the reader's language."""

    id: str
    what: str
    at: str
    state: str
    problem: str
    can_resend: bool


@dataclass(frozen=True, slots=True)
class ShownWebhook:
    """A webhook with its newest deliveries."""

    row: Webhook
    told_of: str
    state: str
    deliveries: list[ShownDelivery]


async def show_webhooks(request: Request, caller: Caller) -> Response:
    """Shows webhooks and what they were told last."""
    return await _show(request, caller)


async def change_webhooks(request: Request, caller: Caller) -> Response:
    """Does what a form of the page says: creates, stops, starts, deletes, or sends again."""
    form = await read_form(request, most_fields=40)
    action = form.get("action", "")
    if action == "create":
        return await _create(request, caller, form)
    id, delivery = form.get("id", ""), form.get("delivery", "")
    if not _ID.fullmatch(id) or (action == "resend" and not _ID.fullmatch(delivery)):
        raise Refusal(422, "INVALID_QUESTION", "Check id.")
    match action:
        case "delete":
            call = Call("DELETE", f"{PATH}/{{id}}", caller, values={"id": id})
        case "start" | "stop":
            row = await _webhook(request, caller, id)
            body = {
                "name": row.name,
                "url": row.url,
                "maps": row.maps,
                "measures": row.measures,
                "is_active": action == "start",
            }
            path = f"{PATH}/{{id}}"
            call = Call("PUT", path, caller, values={"id": id}, body=body, version=row.version)
        case "resend":
            call = Call(
                "POST",
                f"{PATH}/{{id}}/deliveries/{{delivery}}/resend",
                caller,
                values={"id": id, "delivery": delivery},
                key=form.get("key", "")[:100] or secrets.token_urlsafe(),
            )
        case _:
            raise Refusal(422, "INVALID_QUESTION", "Check action.")
    if reason := await refusal_of(request, call):
        return await _show(request, caller, reason=reason)
    return RedirectResponse(_PAGE, status_code=303)


async def _create(request: Request, caller: Caller, form: Mapping[str, str]) -> Response:
    body = {
        "name": form.get("name", "").strip(),
        "url": form.get("url", "").strip(),
        "maps": form.get("maps", "").replace(",", " ").split(),
        "measures": [one for one in MEASURES if form.get(f"measure_{one}") == "true"],
    }
    key = form.get("key", "")[:100] or secrets.token_urlsafe()
    try:
        answer = await web_of(request).gateway.ask(Call("POST", PATH, caller, body=body, key=key))
    except Problem as problem:
        if problem.status not in (400, 404, 409, 422):
            raise
        return await _show(request, caller, reason=problem.reason, form=form)
    return await _show(request, caller, secret=answer.read(CreatedWebhook).secret)


async def _webhook(request: Request, caller: Caller, id: str) -> Webhook:
    for one in await _list(request, caller):
        if one.id == id:
            return one
    raise Problem(404, "INSIGHT_WEBHOOK_NOT_FOUND")


async def _list(request: Request, caller: Caller) -> list[Webhook]:
    answer = await web_of(request).gateway.ask(Call("GET", PATH, caller))
    return answer.read(WebhookList).webhooks


async def _show(
    request: Request,
    caller: Caller,
    *,
    reason: str = "",
    secret: str = "",
    form: Mapping[str, str] | None = None,
) -> Response:
    web, words = web_of(request), words_of(request)
    rows = await _list(request, caller)

    async def deliveries(row: Webhook) -> list[Delivery]:
        path, query = f"{PATH}/{{id}}/deliveries", {"page_size": _SHOWN}
        call = Call("GET", path, caller, values={"id": row.id}, query=query)
        return (await web.gateway.ask(call)).read(DeliveryList).deliveries

    found = await asyncio.gather(*map(deliveries, rows))
    return web.pages.render(
        "watch/webhooks.html",
        status=409 if reason else 200,
        words=words,
        webhooks=[describe(row, told, words) for row, told in zip(rows, found, strict=True)],
        measures=MEASURES,
        form=form or {},
        secret=secret,
        key=secrets.token_urlsafe(),
        refusal=words.text_or(f"webhooks.refused.{reason}", words.text("webhooks.refused"))
        if reason
        else "",
    )


def describe(row: Webhook, told: list[Delivery], words: Words) -> ShownWebhook:
    """Returns what the page shows of a webhook."""
    measures = [words.text_or(f"change.measure.{one}", one) for one in row.measures]
    return ShownWebhook(
        row=row,
        told_of=words.text(
            "webhooks.told_of",
            maps=", ".join(row.maps) or words.text("webhooks.all_maps"),
            measures=", ".join(measures) or words.text("webhooks.all_measures"),
        ),
        state=words.text("webhooks.active" if row.is_active else "webhooks.stopped"),
        deliveries=[_delivery(one, words) for one in told],
    )


def _delivery(one: Delivery, words: Words) -> ShownDelivery:
    problem = words.text_or(f"delivery.problem.{one.last_problem}", one.last_problem)
    if one.last_problem == "status":
        problem = words.text("delivery.answered", status=one.last_status)
    return ShownDelivery(
        id=one.id,
        what=words.text_or(f"delivery.{one.type}", one.type),
        at=words.moment(one.created_at),
        state=words.text_or(f"delivery.state.{one.state}", one.state)
        + (f" · {words.count('delivery.attempts', one.attempts)}" if one.attempts else ""),
        problem=problem,
        can_resend=one.state != "waiting",
    )
