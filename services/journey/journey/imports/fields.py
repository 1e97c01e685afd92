"""Fields of a touchpoint, read from the texts of a record one by one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from chassis.campaigns import UTM, fold_campaign, parse_campaign
from chassis.money import MOST_MINOR, UnknownCurrency, exponent
from journey.errors import InvalidTouchpoint
from journey.imports.columns import property_columns, property_name
from journey.imports.formats import Record, value_at
from journey.imports.model import ImportOptions
from journey.imports.times import TimeReader, UnreadableTime, parse_zone
from journey.touchpoints.kinds import normalize_kind
from journey.touchpoints.model import (
    MOST_IMPORTED_PROPERTIES,
    MOST_SESSION,
    Campaign,
    Outcome,
    clean_text,
    derive_imported_person,
    parse_host,
    parse_reason,
    serialize_properties,
)

# Fields of a campaign; the columns of all of them make it.
CAMPAIGN: Final = ("url", *UTM, "click_id", "referrer")
_LONGEST_MS: Final = 2**31 - 1
_OUTCOMES: Final = {
    **dict.fromkeys(("", "ok", "success", "succeeded", "true", "1"), Outcome.OK),
    **dict.fromkeys(("refused", "rejected", "denied", "false", "0"), Outcome.REFUSED),
    **dict.fromkeys(("error", "failed", "failure", "exception"), Outcome.ERROR),
}
_DEVICES: Final = {
    **dict.fromkeys(("desktop", "computer", "pc", "web"), "desktop"),
    **dict.fromkeys(("phone", "mobile", "smartphone", "phablet"), "phone"),
    **{name: name for name in ("tablet", "app", "till", "call_center", "bot")},
}


class Invalid(ValueError):
    """A value makes no sense. `field` is whose, and the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Digest(Protocol):
    """Makes the handle of an e-mail address, or raises ValueError."""

    def __call__(self, email: str, /) -> UUID: ...


class FieldReader:
    """Reads the fields of one file's records.

    A text is without space around it, and None where the record gives none. Each method raises
    Invalid.
    """

    def __init__(
        self, options: ImportOptions, *, now: datetime, default_channel: str, digest: Digest
    ) -> None:
        self._options, self._now = options, now
        self._default_channel, self._digest = default_channel, digest
        self._times = TimeReader(
            parse_zone(options.timezone) if options.timezone else UTC,
            options.time_unit,
            options.date_order,
        )
        self._kinds = {normalize_kind(old): new for old, new in options.kinds.items()}
        self._properties = property_columns(options)
        self._taken = {column for columns in options.columns.values() for column in columns}
        self.has_properties = bool(self._properties or options.property_maps)

    def visitor(self, text: str | None) -> UUID | None:
        return derive_imported_person("visitor", text) if text else None

    def customer(self, text: str | None) -> UUID | None:
        return derive_imported_person("customer", text) if text else None

    def email(self, text: str | None) -> UUID | None:
        if text is None:
            return None
        try:
            return self._digest(text)
        except ValueError:
            raise Invalid("email", "no e-mail address") from None

    def kind(self, text: str | None) -> str:
        if not text:
            raise Invalid("kind", "a kind is needed")
        try:
            kind = normalize_kind(text)
        except InvalidTouchpoint as error:
            raise Invalid("kind", error.message) from None
        return self._kinds.get(kind, kind)

    def time(self, value: object) -> datetime:
        """Returns the time of a value as it is in the record."""
        try:
            return self._times.read(value, self._now)
        except UnreadableTime as error:
            raise Invalid("time", str(error)) from None

    def outcome(self, text: str | None) -> str:
        outcome = _OUTCOMES.get((text or "").lower())
        if outcome is None:
            raise Invalid("outcome", "not ok, refused or error")
        return outcome.value

    def duration(self, text: str | None) -> int | None:
        """Returns milliseconds."""
        if text is None:
            return None
        number = self._number("duration", text)
        if not 0 <= number <= _LONGEST_MS:
            raise Invalid("duration", "no duration in milliseconds")
        return int(number)

    def money(self, given: Mapping[str, str | None]) -> tuple[int | None, str]:
        """Returns minor units and their currency."""
        if (amount := given.get("amount")) is None:
            return None, ""
        number = self._number("amount", amount)
        code = (given.get("currency") or "").upper()
        try:
            minor = round(number.scaleb(exponent(code)))
        except UnknownCurrency:
            raise Invalid("currency", "no ISO 4217 code such as EUR") from None
        if abs(minor) > MOST_MINOR:
            raise Invalid("amount", "an amount beyond 10^12 minor units")
        return minor, code

    def _number(self, field: str, text: str) -> Decimal:
        mark = self._options.decimal_mark
        other = "," if mark == "." else "."
        if other in text and field == "amount":
            raise Invalid(
                field, f"a number with {other!r}: cents are parted by {mark!r}; see --decimal-mark"
            )
        try:
            number = Decimal(text.replace(mark, "."))
        except InvalidOperation:
            raise Invalid(field, "no number") from None
        if not number.is_finite():
            raise Invalid(field, "no number")
        return number

    def channel(self, text: str | None) -> str:
        return clean_text(text, MOST_SESSION) if text else self._default_channel

    def session(self, text: str | None) -> str:
        return clean_text(text, MOST_SESSION) if text else ""

    def subject(self, text: str | None) -> str:
        return clean_text(text) if text else ""

    def reason(self, text: str | None) -> str:
        return parse_reason(text.upper()) if text else ""

    def device(self, text: str | None) -> str:
        return _DEVICES.get(text.lower().replace(" ", "_"), "") if text else ""

    def campaign(self, given: Mapping[str, str | None]) -> Campaign:
        """Returns the campaign of the texts by field; what has a column of its own comes first."""
        url = given.get("url")
        found = campaign_of_url(url) if url else {}
        for name in UTM:
            if (told := given.get(name)) and (text := fold_campaign(told)):
                found[name] = text
        if click := clean_text(given.get("click_id") or ""):
            found["click_id"] = click
        if referrer := given.get("referrer"):
            found["referrer_host"] = parse_host(referrer)
        return Campaign(**found)

    def properties(self, record: Record) -> str:
        """Returns the properties of a record, serialized."""
        if not self.has_properties:
            return "{}"
        found: dict[str, str] = {}
        for one in self._properties:
            if text := text_of(value_at(record, one.column)):
                found[one.name] = text
        for column in self._options.property_maps:
            values = value_at(record, column)
            if isinstance(values, dict):
                for name, value in values.items():
                    # A `$` marks what the tool itself adds, such as $lib.
                    if name[:1] != "$" and f"{column}.{name}" not in self._taken:
                        text, short = text_of(value), property_name(name)
                        if text and short and short not in found:
                            found[short] = text
        return serialize_properties(found, most=MOST_IMPORTED_PROPERTIES)


def stripped(value: object) -> str | None:
    """Returns a value as text without space around it; None where nothing is left."""
    return (value if type(value) is str else text_of(value)).strip() or None


def text_of(value: object) -> str:
    """Returns a value as text; documents and lists have none."""
    match value:
        case str():
            return value
        case None | list() | dict() | bytes():
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
        case datetime():
            return value.isoformat()
    return str(value)


@lru_cache(maxsize=1_024)
def _campaign_items(url: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_campaign(urlsplit(url).query).items())
    except ValueError:
        return ()


def campaign_of_url(url: str) -> dict[str, str]:
    """Returns the campaign fields of a page's address."""
    return dict(_campaign_items(url))
