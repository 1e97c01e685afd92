"""The consent of a visitor to the analysis of their behaviour, as each request carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from chassis.rpc.errors import Invalid
from gateway.http.cookies import cookie_of

HEADER: Final = "sojourn-consent"
COOKIE: Final = "sojourn_consent"
ANALYTICS: Final = "analytics"
CATEGORIES: Final = (ANALYTICS, "marketing", "personalization")
ALL: Final = "all"
NONE: Final = "none"


class UnknownConsent(Invalid):
    """`Sojourn-Consent` names a category that does not exist; nothing is recorded.

    `allowed` lists what it may name.
    """


@dataclass(frozen=True, slots=True)
class Consent:
    """`answer` is granted, denied or unknown, for analytics.

    `recorded` is what answers tell; `unknown` are words that are no category.
    """

    answer: str
    recorded: str = ""
    unknown: tuple[str, ...] = ()

    def require_known(self) -> None:
        """Raises UnknownConsent."""
        if self.unknown:
            allowed = ", ".join((*CATEGORIES, ALL, NONE))
            raise UnknownConsent(
                f"Sojourn-Consent is a list of {allowed}",
                path="Sojourn-Consent",
                rule="in",
                allowed=allowed,
                unknown=", ".join(self.unknown)[:100],
            )


def consent_of(headers: Mapping[str, str]) -> Consent:
    """Returns the consent of the header `Sojourn-Consent`, or else of its cookie.

    It is a list of granted categories, `all` or `none`.

    Words of the cookie that are no category are passed over: an older page may have set them.
    """
    given = headers.get(HEADER)
    is_header = bool(given)
    # Cookie libraries encode the commas of a value, and some put it into quotes.
    given = given or unquote(cookie_of(headers, COOKIE)).strip('"')
    if not given:
        return _UNKNOWN
    words = [word for word in (part.strip().lower() for part in given.split(",")) if word]
    granted = [category for category in CATEGORIES if category in words or ALL in words]
    unknown = (
        tuple(word for word in words if word not in (*CATEGORIES, ALL, NONE)) if is_header else ()
    )
    if unknown:
        return Consent("unknown", unknown=unknown)
    return Consent("granted" if ANALYTICS in granted else "denied", ", ".join(granted) or NONE)


_UNKNOWN: Final = Consent("unknown")
