"""Pages that links in mails lead to.

A link has its secret in the fragment, which reaches no server and no log. A module of the page
moves it into the form, and the form POSTs it when the reader presses the button: programs that
follow links of mails to look for malware press none.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.gateway_client import Problem
from web.server.requests import read_form, web_of
from web.server.routing import route
from web.shop.languages import Language, language_of
from web.shop.model import Session
from web.shop.visits import Visit, campaign_of

Form = Mapping[str, str]
_LONGEST_TOKEN: Final = 4_096
_LONGEST_COMMENT: Final = 2_000
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
# A file runs nothing where a browser opens it.
_PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_SCORES: Final = [str(score) for score in range(11)]


class Mistake(Exception):
    """A field that the reader can mend. `key` is of the text that says how."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class LinkPage:
    """One kind of link: its path, the prefix of its texts, its fields, and what it does.

    `perform` asks the gateway and returns the place to go to, or "" for a page that says it is
    done, or a file. It raises Problem, and Mistake.
    """

    path: str
    name: str
    perform: Callable[[Visit, Form], Awaitable[str | Response]]
    fields: str = ""

    @property
    def routes(self) -> list[Route]:
        return [route("GET", self.path, self.show), route("POST", self.path, self.follow)]

    async def show(self, request: Request) -> Response:
        """Shows the page, on which nothing has happened yet."""
        return self._render(Visit.of_request(request), form={})

    async def follow(self, request: Request) -> Response:
        """Does what the link is for."""
        form = await read_form(request)
        visit = Visit.of_request(request)
        if not 0 < len(form.get("token", "")) <= _LONGEST_TOKEN and not self._may_go_without(form):
            return self._render(visit, form=form, message="incomplete", status=422)
        try:
            result = await self.perform(visit, form)
        except Mistake as mistake:
            return self._render(visit, form=form, message=mistake.key, status=422)
        except Problem as problem:
            key = _message_of(problem)
            if not key:
                raise
            return self._render(visit, form=form, message=key, status=problem.status)
        if isinstance(result, Response):
            return visit.set_cookies(result)
        if result:
            return visit.redirect(result)
        return visit.render("shop/done.html", name=self.name)

    def _may_go_without(self, form: Form) -> bool:
        return self.fields == "login" and bool(form.get("email"))

    def _render(
        self, visit: Visit, *, form: Form, message: str = "", status: int = 200
    ) -> Response:
        language = language_of(visit.request)
        campaign = campaign_of(visit.request)
        return visit.render(
            "shop/link.html",
            status=status,
            page=self,
            action=self.path + (f"?{urlencode(campaign)}" if campaign else ""),
            token=form.get("token", "")[:_LONGEST_TOKEN],
            key=secrets.token_urlsafe(),
            email=form.get("email", ""),
            comment=form.get("comment", ""),
            score=form.get("score", ""),
            scores=_SCORES,
            message=_text_of(language, message),
        )


def _text_of(language: Language, key: str) -> str:
    return language.text(key) if key else ""


def _message_of(problem: Problem) -> str:
    """Returns the text of a refusal that a reader can understand; empty for any other."""
    if problem.reason == "WRONG_CREDENTIALS":
        return "login.wrong"
    if problem.reason == "LOGIN_LINK_REQUIRED":
        return "login.link_required"
    if problem.status in (503, 504):
        return "late"
    if problem.status == 429:
        return "too_many"
    return "invalid" if problem.status in (401, 403, 404, 409, 410, 422) else ""


async def _confirm_email(visit: Visit, form: Form) -> str:
    body = {"token": form["token"]}
    if password := form.get("password", ""):
        body["password"] = password
    await visit.ask("POST", "/v1/customers/confirm", body=body)
    return ""


async def _confirm_subscription(visit: Visit, form: Form) -> str:
    await visit.ask("POST", "/v1/subscriptions/confirm", body={"token": form["token"]})
    return ""


async def _confirm_alert(visit: Visit, form: Form) -> str:
    await visit.ask("POST", "/v1/subscriptions/alerts/confirm", body={"token": form["token"]})
    return ""


async def _end_alert(visit: Visit, form: Form) -> str:
    await visit.ask("POST", "/v1/subscriptions/alerts/end", body={"token": form["token"]})
    return ""


async def _unsubscribe(visit: Visit, form: Form) -> str:
    await visit.ask("POST", "/v1/unsubscribe", query={"token": form["token"]})
    return ""


async def _answer_survey(visit: Visit, form: Form) -> str:
    score, comment = form.get("score", ""), form.get("comment", "").strip()
    if score not in _SCORES:
        raise Mistake("score.missing")
    body = {"token": form["token"], "score": int(score), "comment": comment[:_LONGEST_COMMENT]}
    await visit.ask("POST", "/v1/feedback", body=body)
    return ""


async def _restore_cart(visit: Visit, form: Form) -> str:
    # The form's key: a double tap opens the cart once.
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        key = secrets.token_urlsafe()
    body = {"restore_token": form["token"]}
    await visit.ask_as_shopper("POST", "/v1/carts/restore", body=body, key=key)
    return "/cart"


async def _read_document(visit: Visit, form: Form) -> Response:
    """Returns the document as a file. The link is good for more than one look."""
    body = {"token": form["token"], "format": "pdf"}
    answer = await visit.ask("POST", "/v1/orders/links/mailed-document", body=body)
    headers = {"Content-Disposition": answer.disposition or "attachment", **_PRIVATE}
    return Response(answer.content, media_type="application/pdf", headers=headers)


async def _log_in(visit: Visit, form: Form) -> str:
    """Logs in by a link, or, on the page without one, by e-mail address and password."""
    body: dict[str, object] = {}
    if device_token := web_of(visit.request).cookies.device.read(visit.request):
        body["device_token"] = device_token
    if token := form.get("token", ""):
        answer = await visit.ask("POST", "/v1/sessions/link", body={**body, "token": token})
    else:
        credentials = {"email": form.get("email", ""), "password": form.get("password", "")}
        if not credentials["password"]:
            raise Mistake("login.wrong")
        answer = await visit.ask("POST", "/v1/sessions", body={**body, **credentials})
    session = answer.read(Session)
    if session.kind != "customer":
        raise Mistake("login.wrong")
    visit.start_session(session)
    return "/account"


PAGES: Final = (
    LinkPage("/account/confirm", "confirm", _confirm_email, fields="password"),
    LinkPage("/subscriptions/confirm", "subscription", _confirm_subscription),
    LinkPage("/alerts/confirm", "alert", _confirm_alert),
    LinkPage("/alerts/end", "alert_end", _end_alert),
    LinkPage("/unsubscribe", "unsubscribe", _unsubscribe),
    LinkPage("/survey", "survey", _answer_survey, fields="survey"),
    LinkPage("/cart/restore", "restore", _restore_cart),
    LinkPage("/orders/document", "document", _read_document),
    LinkPage("/login", "login", _log_in, fields="login"),
)
