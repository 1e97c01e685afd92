"""E-mail addresses of recipients: normal form, digest and mask."""

import hashlib

from chassis.email_addresses import InvalidEmail, normalize_email, parse_email
from notifications.errors import InvalidRecipient


def normalize_recipient(address: str, *, allows_test_domains: bool) -> str:
    """Returns the normal form of an address. Raises InvalidRecipient."""
    try:
        return normalize_email(address, allows_test_domains=allows_test_domains)
    except InvalidEmail:
        raise InvalidRecipient("not an e-mail address") from None


def encode_domain(address: str) -> str:
    """Returns a normalized address with its domain in Punycode. The local part does not change."""
    return parse_email(address).ascii_domain_text


def digest_address(address: str) -> str:
    """Returns the hexadecimal SHA-256 of an address.

    The hashed text is in lower case, with the domain in Punycode if the address is valid. The first
    release defined this form, and stored preferences depend on it.
    """
    try:
        text = parse_email(address).ascii_domain_text
    except InvalidEmail:
        text = address.lower()
    return hashlib.sha256(text.encode()).hexdigest()


def mask_address(address: str) -> str:
    """Returns an address with its first letters and its top-level domain only: `a•••@e•••.com`."""
    local, at, domain = address.rpartition("@")
    if not at:
        return ""
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{top}"
