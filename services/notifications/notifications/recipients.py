"""E-mail addresses: one normal form, a digest for what must not hold them, and a mask for people."""

import hashlib

from email_validator import EmailNotValidError, validate_email

from notifications.errors import InvalidRecipient


def normalized(address: str) -> str:
    """The address in lower case, its domain in ASCII. No DNS is asked. Raises InvalidRecipient.

    Whether a domain is for tests is identity's and checkout's to refuse.
    """
    try:
        valid = validate_email(address.strip(), check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError:
        # Its text quotes the address.
        raise InvalidRecipient("not an e-mail address") from None
    return f"{valid.local_part}@{valid.ascii_domain}".lower()


def digest_of(address: str) -> str:
    """Hex SHA-256 of an address in its normal form."""
    return hashlib.sha256(address.lower().encode()).hexdigest()


def masked(address: str) -> str:
    """The first letters and the top-level domain: a•••@e•••.com."""
    local, at, domain = address.rpartition("@")
    if not at:
        return ""
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{top}"
