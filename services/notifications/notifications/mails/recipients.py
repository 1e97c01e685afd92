"""E-mail addresses of recipients: their normal form, a digest for what must not hold them, and a mask for people."""

import hashlib

from chassis.email_addresses import InvalidEmail, normalize_email, parse_email
from notifications.errors import InvalidRecipient


def normalized(address: str, *, allows_test_domains: bool) -> str:
    """The address in its normal form. Raises InvalidRecipient."""
    try:
        return normalize_email(address, allows_test_domains=allows_test_domains)
    except InvalidEmail:
        raise InvalidRecipient("not an e-mail address") from None


def as_mail_servers_want(address: str) -> str:
    """A normal address with its domain in Punycode: ASCII, unless its local part is not."""
    return parse_email(address).ascii_domain_text


def digest_of(address: str) -> str:
    """Hex SHA-256 of an address with its domain in Punycode, in lower case; of the text in lower case where it is no address.

    The form of the first release: the preferences of addresses are stored by it.
    """
    try:
        text = parse_email(address).ascii_domain_text
    except InvalidEmail:
        text = address.lower()
    return hashlib.sha256(text.encode()).hexdigest()


def masked(address: str) -> str:
    """The first letters and the top-level domain: a•••@e•••.com."""
    local, at, domain = address.rpartition("@")
    if not at:
        return ""
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{top}"
