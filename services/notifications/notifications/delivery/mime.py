"""A mail as a letter: MIME with text and HTML, and the headers that mail programs and servers look for."""

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
from notifications.delivery.channel import Letter
from notifications.mails import recipients
from notifications.mails.model import Mail
from notifications.preferences.topics import Topic
from notifications.templates.links import Links

# Python folds a long URL in a header into pieces that nobody reads; RFC 5322 allows lines of 998 characters.
_LONGEST_LINE: Final = 998
# The older half of the library: the newer one parses each header that it is given and writes, which takes four times as long. It alone
# can write what is not ASCII as it is.
_POLICY: Final = policy.compat32.clone(linesep="\r\n", max_line_length=_LONGEST_LINE)
_INTERNATIONAL: Final = policy.SMTPUTF8.clone(linesep="\r\n", max_line_length=_LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes. `sender` is an address, with a name or without: `Sojourn <shop@example.com>`."""

    sender: str
    links: Links

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1]

    def message_id(self, mail: Mail) -> str:
        """The Message-ID of all attempts of a mail."""
        return f"<{mail.id}@{self.address.rpartition('@')[2]}>"

    def letter(self, mail: Mail) -> Letter:
        """The rendered mail. Bytes differ between attempts in the Date and the boundary only."""
        name, address = parseaddr(self.sender)
        recipient = recipients.as_mail_servers_want(mail.recipient)
        is_international = not recipient.isascii()
        message = MIMEMultipart("alternative", boundary=f"=_{secrets.token_hex(12)}")
        headers = {
            "From": formataddr((name, address)),
            "To": recipient,
            "Subject": mail.subject,
            "Date": format_datetime(real_now()),
            "Message-ID": self.message_id(mail),
            "Auto-Submitted": "auto-generated",
            "Content-Language": mail.locale,
        }
        if mail.unsubscribe_topic:
            url = self.links.unsubscribe_at_once(mail.email_digest, Topic(mail.unsubscribe_topic))
            headers |= {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        for header, value in headers.items():
            # Else a line of it would be another header.
            line = " ".join(value.splitlines())
            message[header] = line if line.isascii() or is_international else Header(line, "utf-8", header_name=header).encode()
        message.attach(_part("plain", mail.body_text))
        message.attach(_part("html", mail.body_html))
        content = message.as_bytes(policy=_INTERNATIONAL if is_international else _POLICY)
        return Letter(self.message_id(mail), address, recipient, content)


def _part(subtype: str, text: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # No line of it begins as the boundary does: `=` is written as =3D.
    part.set_payload(binascii.b2a_qp(text.encode()).decode("ascii"))
    return part
