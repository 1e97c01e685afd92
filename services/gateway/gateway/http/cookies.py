"""Cookies of a request."""

from collections.abc import Mapping


def cookie_of(headers: Mapping[str, str], wanted: str) -> str:
    """Returns the value of a cookie; empty if there is none."""
    if "cookie" not in headers:
        return ""
    for part in headers["cookie"].split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted:
            return value
    return ""
