from __future__ import annotations

import asyncio
import os
import smtplib
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.testing import eventually
from stack.embedded.processes import answers_ready
from stack.mailbox.server import Mailbox
from stack.ports import free_port


class Postbox:
    """A mailbox with its client, and a way to send to it as a mail server does."""

    def __init__(self, mailbox: Mailbox, smtp_port: int, client: httpx.AsyncClient) -> None:
        self.mailbox, self.smtp_port, self.http = mailbox, smtp_port, client

    async def send(self, message: EmailMessage, to: str = "ana@example.com") -> Any:
        return await asyncio.to_thread(_send, self.smtp_port, message, to)

    async def messages(self, **params: str) -> dict[str, Any]:
        return (await self.http.get("/messages", params=params)).json()

    async def misbehave(self, **wish: Any) -> None:
        assert (await self.http.put("/misbehaviour", json=wish)).status_code == 200


def _send(port: int, message: EmailMessage, to: str) -> Any:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        return client.send_message(message, from_addr="shop@example.com", to_addrs=[to])


def a_letter(subject: str = "Hello", message_id: str = "<one@example.com>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = (
        "shop@example.com",
        "ana@example.com",
        subject,
        message_id,
    )
    message.set_content("Grüße, https://shop.example/text")
    message.add_alternative(
        '<p>Grüße <a href="https://shop.example/?a=1&amp;b=2#t">x</a><script>1</script></p>',
        subtype="html",
    )
    return message


@pytest.fixture
async def postbox(tmp_path: Path) -> AsyncIterator[Postbox]:
    mailbox = Mailbox(tmp_path / "mailbox.sqlite3")
    port = await mailbox.listen("127.0.0.1", 0)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(mailbox.app), base_url="http://mailbox"
    ) as client:
        yield Postbox(mailbox, port, client)
    await mailbox.hang_up()
    mailbox.close()


async def test_a_mail_is_kept_and_shown_with_its_parts(postbox: Postbox) -> None:
    await postbox.send(a_letter("Ihre Bestellung – danke"))

    (listed,) = (await postbox.messages())["messages"]
    shown = (await postbox.http.get(f"/messages/{listed['id']}")).json()
    page = await postbox.http.get(f"/messages/{listed['id']}.html")

    assert (listed["subject"], listed["to"], listed["from"]) == (
        "Ihre Bestellung – danke",
        ["ana@example.com"],
        "shop@example.com",
    )
    assert shown["text"].startswith("Grüße")
    assert shown["links"] == ["https://shop.example/?a=1&b=2#t"]
    assert shown["headers"]["Message-ID"] == "<one@example.com>"
    assert page.text.startswith("<p>Grüße")
    assert page.headers["content-security-policy"].startswith("sandbox ")
    assert (await postbox.http.get("/messages/99")).status_code == 404


async def test_mails_are_found_by_recipient_and_subject_newest_first(postbox: Postbox) -> None:
    await postbox.send(a_letter("Order 1", "<1@x>"))
    await postbox.send(a_letter("Order 2", "<2@x>"))
    await postbox.send(a_letter("Other", "<3@x>"), "eve@example.com")

    assert [
        each["subject"] for each in (await postbox.messages(to="ANA@", subject="order"))["messages"]
    ] == ["Order 2", "Order 1"]
    assert (await postbox.messages(to="eve"))["deliveries"] == 1
    assert (await postbox.http.get("/messages", params={"limit": "x"})).status_code == 422


async def test_a_second_delivery_of_one_mail_is_kept_and_told(postbox: Postbox) -> None:
    await postbox.send(a_letter())
    await postbox.send(a_letter())

    listed = await postbox.messages()
    receipt = (
        await postbox.http.get("/receipts", params={"message_id": "<one@example.com>"})
    ).json()

    assert (listed["deliveries"], listed["unique"]) == (2, 1)
    assert [each["deliveries"] for each in listed["messages"]] == [2, 2]
    assert receipt["deliveries"] == 2
    assert "delivered 2 times" in (await postbox.http.get("/")).text
    assert (await postbox.http.get("/receipts", params={"message_id": "<no@x>"})).json()[
        "deliveries"
    ] == 0


@pytest.mark.parametrize(
    ("mode", "code"), [("refuse_temporarily", 451), ("refuse_permanently", 550)]
)
@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_it_refuses_as_often_as_it_was_told(
    postbox: Postbox, mode: str, code: int, stage: str
) -> None:
    await postbox.misbehave(mode=mode, stage=stage, times=1, to="ana")

    await postbox.send(a_letter("Other", "<2@x>"), "eve@example.com")
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)) as refusal:
        await postbox.send(a_letter())
    await postbox.send(a_letter())

    assert str(code) in str(refusal.value)
    assert (await postbox.messages())["deliveries"] == 2
    assert (await postbox.http.get("/misbehaviour")).json()["mode"] == "none"


@pytest.mark.parametrize(("mode", "kept"), [("drop_after_data", 1), ("drop_before_keeping", 0)])
async def test_it_drops_the_connection_instead_of_answering(
    postbox: Postbox, mode: str, kept: int
) -> None:
    await postbox.misbehave(mode=mode, times=1)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        await postbox.send(a_letter())

    assert (await postbox.messages())["deliveries"] == kept


@pytest.mark.parametrize(("mode", "kept_at_once"), [("slow", 0), ("slow_answer", 1)])
async def test_a_mail_is_kept_after_a_slow_receipt_and_before_a_slow_answer(
    postbox: Postbox, mode: str, kept_at_once: int
) -> None:
    await postbox.misbehave(mode=mode, seconds=0.4, times=1)

    async def has_begun() -> bool:
        return bool((await postbox.http.get("/misbehaviour")).json()["mode"] == "none")

    sending = asyncio.create_task(postbox.send(a_letter()))
    await eventually(has_begun)

    assert (await postbox.messages())["deliveries"] == kept_at_once
    await sending
    assert (await postbox.messages())["deliveries"] == 1


async def test_a_wrong_wish_to_misbehave_is_refused(postbox: Postbox) -> None:
    for wish in (
        {"mode": "dance"},
        {"mode": "slow", "seconds": -1},
        {"mode": "slow", "times": 0},
        {"mode": "slow", "stage": "quit"},
        [1],
    ):
        assert (await postbox.http.put("/misbehaviour", json=wish)).status_code == 422


async def test_pages_escape_all_that_comes_from_mails(postbox: Postbox) -> None:
    evil = "<script>alert('x')</script>"
    letter = a_letter(evil)
    letter["X-Evil"] = evil
    await postbox.send(letter)
    id = (await postbox.messages())["messages"][0]["id"]

    for path in ("/", f"/inbox/{id}"):
        page = await postbox.http.get(path)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "&lt;script&gt;" in page.text
        assert "<script" not in page.text


async def test_it_is_emptied(postbox: Postbox) -> None:
    await postbox.send(a_letter())

    assert (await postbox.http.delete("/messages")).json() == {"deleted": 1}
    assert (await postbox.messages())["messages"] == []


async def test_readiness_tells_whether_it_takes_mail(postbox: Postbox) -> None:
    assert (await postbox.http.get("/readyz")).status_code == 200
    await postbox.mailbox.hang_up()
    assert (await postbox.http.get("/readyz")).status_code == 503
    assert (await postbox.http.get("/livez")).status_code == 200


async def test_the_program_keeps_its_mails_through_a_kill(tmp_path: Path) -> None:
    http_port, smtp_port = free_port(), free_port()
    env = {
        **os.environ,
        "HTTP_PORT": str(http_port),
        "SMTP_PORT": str(smtp_port),
        "MAILBOX_PATH": str(tmp_path / "m.sqlite3"),
    }

    async def started() -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stack.mailbox.server", env=env
        )
        await eventually(lambda: asyncio.to_thread(answers_ready, http_port), within=20)
        return process

    first = await started()
    await asyncio.to_thread(_send, smtp_port, a_letter(), "ana@example.com")
    first.kill()
    await first.wait()
    second = await started()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http_port}") as client:
        listed = (await client.get("/messages")).json()
    second.terminate()

    assert listed["deliveries"] == 1
    assert await second.wait() in (0, -15)
