"""A mail as a letter: MIME with text and HTML, and the headers that mail programs and servers look for."""

from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

from chassis.clock import real_now
from notifications.channels import Letter
from notifications.links import Links
from notifications.mails import Mail
from notifications.topics import Topic

# Python folds a long URL in a header into pieces that nobody reads; RFC 5322 allows lines of 998 characters.
_POLICY: Final = policy.SMTP.clone(max_line_length=998)
_ENCODING: Final = "quoted-printable"


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
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = Address(display_name=name, addr_spec=address)
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(real_now())
        message["Message-ID"] = self.message_id(mail)
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = mail.locale
        if mail.unsubscribe_topic:
            url = self.links.unsubscribe_at_once(mail.email_digest, Topic(mail.unsubscribe_topic))
            message["List-Unsubscribe"] = f"<{url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.body_text, cte=_ENCODING)
        message.add_alternative(mail.body_html, subtype="html", cte=_ENCODING)
        content = message.as_bytes(policy=_POLICY.clone(utf8=not mail.recipient.isascii()))
        return Letter(self.message_id(mail), address, mail.recipient, content)
