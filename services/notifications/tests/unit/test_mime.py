from __future__ import annotations

import email
from email import policy
from pathlib import Path

import pytest

from notifications.delivery.channel import ReceiptStatus, SubmissionStatus
from notifications.delivery.folder import FolderChannel
from notifications.delivery.mime import MimeEncoder
from notifications.delivery.preview import create_sample_mail
from notifications.mails.model import Mail
from notifications.preferences.model import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates.links import Links

TOKENS = UnsubscribeTokens("a-secret")


LINKS = Links("https://shop.example", TOKENS, "a-secret")


def a_mail(recipient: str = "ana@example.com", *, unsubscribe_topic: str = "reminders") -> Mail:
    mail = create_sample_mail("cart_reminder", locale="de")
    mail.recipient, mail.unsubscribe_topic = recipient, unsubscribe_topic
    mail.subject, mail.body_text, mail.body_html = (
        "Ihr Warenkorb – " + "lang " * 40 + "Ende",
        "Grüße\n" + "x" * 2000 + "\n",
        "<p>Grüße</p>",
    )
    return mail


def test_a_mime_message_has_both_bodies_and_one_click_unsubscribing() -> None:
    encoder = MimeEncoder("Söjourn Shop <shop@sojourn.example>", LINKS)
    mail = a_mail()

    message = encoder.encode(mail)
    read = email.message_from_bytes(message.content, policy=policy.default)

    assert read["Message-ID"] == message.message_id == f"<{mail.id}@sojourn.example>"
    assert (read["From"], read["To"]) == ("Söjourn Shop <shop@sojourn.example>", "ana@example.com")
    assert read["Subject"] == mail.subject
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = LINKS.one_click_unsubscribe_url(mail.email_digest, Topic.REMINDERS)
    assert f"List-Unsubscribe: <{token}>\r\n".encode() in message.content
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert read.get_body(("plain",)).get_content().replace("\r\n", "\n") == mail.body_text  # type: ignore[union-attr]
    assert max(map(len, message.content.split(b"\r\n"))) < 998
    assert message.content.isascii()
    assert "List-Unsubscribe" not in email.message_from_bytes(
        encoder.encode(a_mail(unsubscribe_topic="")).content
    )


@pytest.mark.parametrize(
    ("recipient", "in_letter"),
    [
        ("ana@example.com", "ana@example.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("änna@bücher.example", "änna@xn--bcher-kva.example"),
    ],
)
def test_a_mime_message_decodes_to_the_text_of_its_mail(recipient: str, in_letter: str) -> None:
    mail = a_mail(recipient)
    mail.subject = "Größe\r\nBcc: eve@example.com\u2028X-Evil: 1"
    mail.body_text = "a = b\n.\nFrom here\n--=_ x \n" + "ü" * 500 + "\n"

    message = MimeEncoder("Söjourn Shop <shop@sojourn.example>", LINKS).encode(mail)
    read = email.message_from_bytes(message.content, policy=policy.SMTPUTF8)

    assert (read["To"], read["Bcc"], read["X-Evil"], read.defects) == (in_letter, None, None, [])
    assert read["Subject"] == "Größe Bcc: eve@example.com X-Evil: 1"
    assert read["From"] == "Söjourn Shop <shop@sojourn.example>"
    parts = [read.get_body((kind,)) for kind in ("plain", "html")]
    bodies = [part.get_content().replace("\r\n", "\n") for part in parts if part is not None]
    assert bodies == [mail.body_text, mail.body_html]
    assert message.recipient == in_letter
    assert message.content.isascii() is in_letter.isascii()
    assert b"\n" not in message.content.replace(b"\r\n", b"")


def test_a_printed_mail_shows_no_personal_data() -> None:
    mail = a_mail("ana.secret@example.com")

    assert [
        secret
        for secret in ("ana.secret", "Grüße", "a-token")
        for shown in (repr(mail), str(mail))
        if secret in shown
    ] == []
    assert str(mail.id) in repr(mail)


async def test_a_repeated_submission_leaves_one_file_in_the_folder(tmp_path: Path) -> None:
    channel, message = (
        FolderChannel(tmp_path / "mails"),
        MimeEncoder("shop@sojourn.example", LINKS).encode(a_mail()),
    )

    async def ready() -> None: ...

    assert await channel.find_receipt(message.message_id) is ReceiptStatus.NOT_ACCEPTED
    for _ in range(2):
        assert (await channel.submit(message, ready)).status is SubmissionStatus.ACCEPTED

    assert await channel.find_receipt(message.message_id) is ReceiptStatus.ACCEPTED
    assert [path.suffix for path in (tmp_path / "mails").iterdir()] == [".eml"]
