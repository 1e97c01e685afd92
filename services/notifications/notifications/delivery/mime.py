"""Encodes a rendered mail in MIME: text, HTML, and the headers that mail servers expect."""

import binascii
import secrets
from dataclasses import dataclass
from email import policy
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, formataddr, parseaddr
from typing import Final

from chassis.runtime.clock import real_now
from notifications.delivery.channel import MimeMessage
from notifications.mails.model import Mail
from notifications.mails.recipients import encode_domain
from notifications.preferences.model import Topic
from notifications.templates.links import Links
from notifications.templates.model import BACK_IN_STOCK, CONFIRM_ALERT, PRICE_DROP

# Python would fold a long URL in a header, which mail programs do not unfold. RFC 5322 allows lines
# of 998 characters.
_LONGEST_LINE: Final = 998
# Mails whose variables have the token that ends their alert.
_ALERTS: Final = frozenset({BACK_IN_STOCK.name, CONFIRM_ALERT.name, PRICE_DROP.name})
# `compat32` encodes a mail four times as fast as the newer policies, which parse each header. Only
# `SMTPUTF8` writes text beyond ASCII without encoding it.
_POLICY: Final = policy.compat32.clone(linesep="\r\n", max_line_length=_LONGEST_LINE)
_INTERNATIONAL: Final = policy.SMTPUTF8.clone(linesep="\r\n", max_line_length=_LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class MimeEncoder:
    """Encodes mails of one sender.

    `sender` is an address with an optional name: `Sojourn <shop@example.com>`.
    """

    sender: str
    links: Links

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1]

    def message_id(self, mail: Mail) -> str:
        """Returns the Message-ID, which is the same for all attempts of a mail."""
        return f"<{mail.id}@{self.address.rpartition('@')[2]}>"

    def encode(self, mail: Mail) -> MimeMessage:
        """Returns a rendered mail in MIME.

        Two attempts differ in the Date and in the boundary only.
        """
        name, address = parseaddr(self.sender)
        recipient = encode_domain(mail.recipient)
        is_international = not recipient.isascii()
        message = MIMEMultipart("alternative", boundary=f"=_{secrets.token_hex(12)}")
        headers = {
            "From": formataddr((name, address)),
            "To": recipient,
            "Subject": mail.subject,
            "Date": format_datetime(real_now()),
            "Message-ID": self.message_id(mail),
            "Auto-Submitted": "auto-generated",
        }
        if mail.locale:
            headers["Content-Language"] = mail.locale
        if url := self._one_click_url(mail):
            headers |= {
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        for header, value in headers.items():
            # A line break in a value would begin another header.
            line = " ".join(value.splitlines())
            message[header] = (
                line
                if line.isascii() or is_international
                else Header(line, "utf-8", header_name=header).encode()
            )
        message.attach(_part("plain", mail.body_text))
        message.attach(_part("html", mail.body_html))
        content = message.as_bytes(policy=_INTERNATIONAL if is_international else _POLICY)
        return MimeMessage(self.message_id(mail), address, recipient, content)

    def _one_click_url(self, mail: Mail) -> str:
        """Returns where a mail program unsubscribes its reader; empty for mails that have none."""
        if mail.unsubscribe_topic:
            topic = Topic(mail.unsubscribe_topic)
            return self.links.one_click_unsubscribe_url(mail.email_digest, topic)
        if mail.template in _ALERTS and isinstance(mail.variables, dict):
            return self.links.one_click_alert_end_url(str(mail.variables["end_token"]))
        return ""


def _part(subtype: str, text: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # Quoted-printable writes `=` as =3D, so no line can equal the boundary.
    part.set_payload(binascii.b2a_qp(text.encode()).decode("ascii"))
    return part
