"""A real SMTP server that keeps what it gets and shows it over HTTP:

`python -m stack.mailbox.server`.

Every accepted delivery is kept, also a second one under the same Message-ID: it is the witness of
how many mails were sent. It can be told to misbehave (`PUT /misbehaviour`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from stack.mailbox.letters import Delivery, LetterStore, parts_of
from stack.mailbox.misbehaviour import Misbehaviour, Mode
from stack.mailbox.pages import inbox_page, letter_page

DEFAULT_LISTED: Final = 100
MOST_LISTED: Final = 1_000
ACCEPTED: Final = "250 2.0.0 OK"
HTML_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' "
    "data: https: http:; frame-src 'self';"
    " base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Mailbox:
    """The server: SMTP and HTTP on one event loop. `store` is shared by both."""

    def __init__(self, path: Path) -> None:
        self.store = LetterStore(path)
        self.misbehaviour = Misbehaviour()
        # Whether it takes addresses whose local part is not ASCII (RFC 6531).
        self.offers_smtputf8 = True
        self.app = _app(self)
        self._server: asyncio.Server | None = None
        self._protocols: set[SMTP] = set()

    async def listen(self, host: str, port: int) -> int:
        """Takes mail from now on.

        Returns the port, which is a free one for 0. Raises OSError if it is taken.
        """
        self._server = await asyncio.get_running_loop().create_server(self._protocol, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    @property
    def is_listening(self) -> bool:
        return self._server is not None and self._server.is_serving()

    async def hang_up(self) -> None:
        """Takes no mail any more, and ends the conversations that are under way."""
        if self._server is None:
            return
        self._server.close()
        for protocol in list(self._protocols):
            _cut(protocol)
        await asyncio.sleep(0)
        self._server = None

    def close(self) -> None:
        """Closes the store."""
        self.store.close()

    def _protocol(self) -> SMTP:
        protocol = SMTP(
            _Postman(self),
            enable_SMTPUTF8=self.offers_smtputf8,
            ident="Sojourn mailbox",
            hostname="mailbox",
            timeout=60,
        )
        self._protocols = {each for each in self._protocols if each.transport is not None} | {
            protocol
        }
        return protocol


class _Postman:
    """aiosmtpd's hooks. Their names are its own."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._mailbox.misbehaviour.refusal("rcpt", [address]):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        misbehaviour = self._mailbox.misbehaviour
        if reply := misbehaviour.refusal("data", recipients):
            return reply
        mode = misbehaviour.take(recipients)
        if mode is Mode.SLOW:
            # A client that gives up meanwhile cancels this: its mail is not kept.
            await asyncio.sleep(misbehaviour.seconds)
        if mode is Mode.DROP_BEFORE_KEEPING:
            return self._drop(server)
        content = (
            envelope.content
            if isinstance(envelope.content, bytes)
            else str(envelope.content or "").encode()
        )
        self._mailbox.store.store(str(envelope.mail_from or ""), recipients, content)
        if mode is Mode.DROP_AFTER_DATA:
            return self._drop(server)
        if mode is Mode.SLOW_ANSWER:
            await asyncio.sleep(misbehaviour.seconds)
        # Nothing is awaited between keeping and answering.
        return ACCEPTED

    def _drop(self, server: SMTP) -> str:
        _cut(server)
        return ACCEPTED

    async def handle_exception(self, error: Exception) -> str:
        # Text of an error may quote the mail.
        logging.getLogger("stack.mailbox.server").error(
            "cannot take a mail: %s", type(error).__name__
        )
        return "451 4.3.0 cannot take it now"


def _cut(protocol: SMTP) -> None:
    """Ends a conversation without a word."""
    if protocol.transport is not None:
        cast(asyncio.Transport, protocol.transport).abort()


def _app(mailbox: Mailbox) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", _inbox),
            Route("/messages", _list, methods=["GET"]),
            Route("/messages", _clear, methods=["DELETE"]),
            Route("/messages/{id:int}.html", _html),
            Route("/messages/{id:int}", _show),
            Route("/inbox/{id:int}", _read),
            Route("/receipts", _receipts),
            Route("/misbehaviour", _misbehaviour, methods=["GET"]),
            Route("/misbehaviour", _misbehave, methods=["PUT"]),
            Route("/misbehaviour", _behave, methods=["DELETE"]),
            Route("/livez", _alive),
            Route("/readyz", _ready),
        ]
    )
    app.state.mailbox = mailbox
    return app


async def _list(request: Request) -> Response:
    query = request.query_params
    limit = query.get("limit", str(DEFAULT_LISTED))
    if not limit.isascii() or not limit.isdigit():
        return PlainTextResponse("limit is a number", status_code=422)
    criteria = {name: query.get(name, "") for name in ("to", "subject", "message_id")}
    store = _mailbox(request).store
    found = store.newest(**criteria, limit=min(int(limit), MOST_LISTED))
    return JSONResponse({"messages": [each.summary for each in found], **store.counts(**criteria)})


async def _clear(request: Request) -> Response:
    return JSONResponse({"deleted": _mailbox(request).store.clear()})


async def _show(request: Request) -> Response:
    found = _found(request)
    if found is None:
        return PlainTextResponse("no such message", status_code=404)
    return JSONResponse({**found.summary, **parts_of(found.content)})


async def _html(request: Request) -> Response:
    found = _found(request)
    html = parts_of(found.content)["html"] if found else None
    if html is None:
        return PlainTextResponse("no such message, or it has no HTML", status_code=404)
    # As mail programs do: no scripts, no forms, an origin of its own.
    policy = (
        "sandbox allow-popups allow-popups-to-escape-sandbox "
        "allow-top-navigation-by-user-activation; "
    )
    return HTMLResponse(
        html,
        headers={
            **HTML_HEADERS,
            "Content-Security-Policy": policy + HTML_HEADERS["Content-Security-Policy"],
        },
    )


async def _inbox(request: Request) -> Response:
    store, query = _mailbox(request).store, request.query_params
    criteria = {name: query.get(name, "") for name in ("to", "subject", "message_id")}
    return HTMLResponse(
        inbox_page(store.newest(**criteria, limit=DEFAULT_LISTED), store.counts(**criteria)),
        headers=HTML_HEADERS,
    )


async def _read(request: Request) -> Response:
    found = _found(request)
    if found is None:
        return PlainTextResponse("no such message", status_code=404)
    return HTMLResponse(letter_page(found, parts_of(found.content)), headers=HTML_HEADERS)


async def _receipts(request: Request) -> Response:
    """Returns the count of acceptances of a Message-ID, for a sender whose connection was lost."""
    message_id = request.query_params.get("message_id", "")
    if not message_id:
        return PlainTextResponse("message_id is missing", status_code=422)
    deliveries = _mailbox(request).store.counts(message_id=message_id)["deliveries"]
    return JSONResponse({"message_id": message_id, "deliveries": deliveries})


async def _misbehaviour(request: Request) -> Response:
    return JSONResponse(_mailbox(request).misbehaviour.as_json)


async def _misbehave(request: Request) -> Response:
    try:
        _mailbox(request).misbehaviour.apply(await request.json())
    except (ValueError, TypeError, AttributeError):
        return PlainTextResponse(
            f"mode is one of {', '.join(Mode)}; see stack.mailbox.misbehaviour", status_code=422
        )
    return JSONResponse(_mailbox(request).misbehaviour.as_json)


async def _behave(request: Request) -> Response:
    _mailbox(request).misbehaviour.apply({"mode": Mode.NONE})
    return JSONResponse(_mailbox(request).misbehaviour.as_json)


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok")


async def _ready(request: Request) -> Response:
    return (
        PlainTextResponse("ok")
        if _mailbox(request).is_listening
        else PlainTextResponse("not listening", status_code=503)
    )


def _mailbox(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox


def _found(request: Request) -> Delivery | None:
    return _mailbox(request).store.get(request.path_params["id"])


async def serve(path: Path, host: str, *, http_port: int, smtp_port: int) -> None:
    """Serves until SIGTERM or SIGINT."""
    mailbox = Mailbox(path)
    await mailbox.listen(host, smtp_port)
    config = uvicorn.Config(
        mailbox.app,
        host=host,
        port=http_port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        await mailbox.hang_up()
        mailbox.close()


def main() -> None:
    # aiosmtpd's lines quote addresses.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    environment: dict[str, Any] = {**os.environ}
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            serve(
                Path(environment["MAILBOX_PATH"]),
                environment.get("HOST", "127.0.0.1"),
                http_port=int(environment["HTTP_PORT"]),
                smtp_port=int(environment["SMTP_PORT"]),
            )
        )


if __name__ == "__main__":
    main()
