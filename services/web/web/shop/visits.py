"""A shopper's visit: calls to the gateway with their session, and the marks that come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chassis import telemetry
from web.gateway_client import Answer, Call, Caller, Problem
from web.server.cookies import Cookie, consent_of
from web.server.requests import caller_of, web_of
from web.shop.languages import language_of
from web.shop.model import Session

log = telemetry.log("visits")
# Parameters of mails' links by which the gateway attributes what follows.
CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_LONGEST_MARK: Final = 200


@dataclass(slots=True)
class Visit:
    """One request of a shopper. What the gateway answered is kept in the response's cookies."""

    request: Request
    token: str
    _answers: list[Answer] = field(default_factory=list)
    _written: list[tuple[Cookie, str, int]] = field(default_factory=list)

    @classmethod
    def of_request(cls, request: Request) -> "Visit":
        """Returns the visit of a request, with the session that the browser kept."""
        return cls(request, web_of(request).cookies.shopper.read(request))

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
        key: str = "",
        is_anonymous: bool = False,
    ) -> Answer:
        """Asks the gateway for this shopper. Raises Problem."""
        parameters = {**campaign_of(self.request), **(query or {})}
        caller = self._caller("" if is_anonymous else self.token)
        call = Call(method, path, caller, query=parameters, body=body, key=key)
        answer = await web_of(self.request).gateway.ask(call)
        self._answers.append(answer)
        return answer

    async def ask_as_shopper(
        self, method: str, path: str, *, body: Mapping[str, object], key: str
    ) -> Answer:
        """The same for what needs a session: who has none, or an old one, becomes a guest."""
        if self.token:
            try:
                return await self.ask(method, path, body=body, key=key)
            except Problem as problem:
                if problem.status != 401:
                    raise
        answer = await self.ask("POST", "/v1/sessions/guest", is_anonymous=True)
        self.start_session(answer.read(Session))
        return await self.ask(method, path, body=body, key=key)

    async def record_touchpoint(self, kind: str, subject: str) -> None:
        """Tells a touchpoint that no call of its own makes, where the shopper agreed to that.

        A page does not fail because of it.
        """
        if consent_of(self.request) in ("", "none"):
            return
        touchpoint = {"kind": kind, "subject": subject, **campaign_of(self.request)}
        try:
            await self.ask("POST", "/v1/touchpoints", body={"touchpoints": [touchpoint]})
        except Problem as problem:
            log.warning("touchpoint not told", status=problem.status, reason=problem.reason)

    def start_session(self, session: Session) -> None:
        """Goes on with a new session, and lets the browser keep it."""
        cookies = web_of(self.request).cookies
        self.token = session.access_token
        self._written.append((cookies.shopper, session.access_token, session.expires_in_seconds))
        if session.device_token:
            self._written.append((cookies.device, session.device_token, 0))

    def render(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Returns a page of the shop in the browser's language."""
        language = language_of(self.request)
        response = web_of(self.request).pages.render(
            template, status=status, t=language.text, language=language, **context
        )
        response.headers["Content-Language"] = language.code
        response.headers["Vary"] = "Accept-Language"
        return self.set_cookies(response)

    def redirect(self, place: str) -> Response:
        """Returns a redirect to another of these pages."""
        response = RedirectResponse(place, status_code=303)
        response.headers["Cache-Control"] = "no-store"
        return self.set_cookies(response)

    def set_cookies(self, response: Response) -> Response:
        """Writes what the browser shall keep into a response."""
        cookies = web_of(self.request).cookies
        if self._answers:
            # Later answers of a request have the marks that the first one gave.
            cookies.keep_visit(self.request, response, self._answers[-1])
        for cookie, value, seconds in self._written:
            cookie.write(response, value, max_age=seconds)
        return response

    def _caller(self, token: str) -> Caller:
        caller = caller_of(self.request, token=token, is_shopper=True)
        if not self._answers:
            return caller
        first = self._answers[0]
        return Caller(
            token=token,
            visitor=caller.visitor or first.visitor,
            session=caller.session or first.session,
            consent=caller.consent,
            address=caller.address,
            language=caller.language,
        )


def campaign_of(request: Request) -> dict[str, str]:
    """Returns the campaign parameters of a request's query."""
    query = request.query_params
    return {
        name: query[name][:_LONGEST_MARK]
        for name in CAMPAIGN
        if query.get(name) and query[name].isprintable()
    }
