"""E-mail addresses: the one rule and the one normal form of all services.

Syntax follows RFC 5321 and RFC 6531 as `email-validator` reads them: internationalized local parts
and domains, tags, 64 octets before the at sign, 254 in all. Quoted local parts, address literals
and comments are refused. No DNS is asked.
"""

import hashlib
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from chassis.rpc.errors import Invalid


class InvalidEmail(Invalid):
    """The text is not an e-mail address."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address in lower case.

    `text` has the domain in Unicode; `ascii_domain_text` has it in Punycode, as mail servers want
    it.
    """

    text: str
    ascii_domain_text: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of `text`, for look-ups and counts that must not hold the address; 32 bytes."""
        return hashlib.sha256(self.text.encode()).digest()


def parse_email(text: str, *, allows_test_domains: bool = True) -> EmailAddress:
    """Returns the address that a text holds; space around it is dropped.

    Raises InvalidEmail, which never quotes the text.

    `allows_test_domains` accepts names under `.test` (RFC 6761), which production refuses.
    """
    try:
        valid = validate_email(
            text.strip(),
            check_deliverability=False,
            strict=True,
            test_environment=allows_test_domains,
        )
    except EmailNotValidError:
        raise InvalidEmail("not an e-mail address") from None
    return EmailAddress(
        valid.normalized.lower(), f"{valid.local_part}@{valid.ascii_domain}".lower()
    )


def normalize_email(text: str, *, allows_test_domains: bool = True) -> str:
    """Returns `parse_email(text).text`. Raises InvalidEmail."""
    return parse_email(text, allows_test_domains=allows_test_domains).text
