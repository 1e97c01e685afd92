"""E-mail addresses: one normal form, and a digest to look accounts up by."""

import hashlib

from email_validator import EmailNotValidError, validate_email

from identity.errors import InvalidEmail


def normalized(email: str, *, allows_test_domains: bool = False) -> str:
    """The address in lower case, its domain in Unicode. No DNS is asked. Raises InvalidEmail."""
    try:
        valid = validate_email(email.strip(), check_deliverability=False, strict=True, test_environment=allows_test_domains)
    except EmailNotValidError:
        # Its text quotes the address.
        raise InvalidEmail("not an e-mail address") from None
    return valid.normalized.lower()


def digest_of(email: str) -> bytes:
    """What accounts are looked up and locked by; 32 bytes. `email` is in its normal form."""
    return hashlib.sha256(email.encode()).digest()
