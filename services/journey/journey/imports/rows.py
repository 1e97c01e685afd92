"""Records to touchpoints, or to why a record is none.

An event is the same event whatever its line looks like: its identity is its id where it has one,
and else its person, kind, time, and its number among the equal ones of its file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
from journey.imports.formats import Line, Record, value_at
from journey.imports.model import MOST_VALUE, ImportOptions, Refusal
from journey.imports.times import TimeReader, UnreadableTime, parse_zone
from journey.touchpoints.kinds import normalize_kind
from journey.touchpoints.model import (
    MOST_IMPORTED_PROPERTIES,
    MOST_SESSION,
    Outcome,
    Source,
    Touchpoint,
    clean_text,
    derive_imported_person,
    derive_touchpoint_id,
    parse_host,
    parse_reason,
    serialize_properties,
)

# Equal events this many keys apart in a file count as one.
_REMEMBERED: Final = 250_000
# An export has its people's events near each other, or all of them again and again.
_person: Final = lru_cache(maxsize=65_536)(derive_imported_person)
# The given texts of a record's fields, by field.
Given = dict[str, str]
_LONGEST_MS: Final = 2**31 - 1
_OUTCOMES: Final = {
    **dict.fromkeys(("", "ok", "success", "succeeded", "true", "1"), Outcome.OK),
    **dict.fromkeys(("refused", "rejected", "denied", "false", "0"), Outcome.REFUSED),
    **dict.fromkeys(("error", "failed", "failure", "exception"), Outcome.ERROR),
}
_OK: Final = Outcome.OK.value
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


@dataclass(frozen=True, slots=True)
class Imported:
    """A touchpoint of a line, and the handle of the e-mail address that the line names."""

    touchpoint: Touchpoint
    email_id: UUID | None = None


@dataclass(slots=True)
class Occurrences:
    """Counts equal keys in the order of a file, in bounded memory.

    Of a key only its 64-bit hash is kept: two of 500,000 keys have the same one once in 10^8 files.
    """

    _new: dict[int, int] = field(default_factory=dict)
    _old: dict[int, int] = field(default_factory=dict)

    def count(self, *parts: object) -> int:
        """Returns how often a key came before."""
        key = hash(parts)
        before = self._new.get(key, self._old.get(key, 0))
        if len(self._new) >= _REMEMBERED:
            self._old, self._new = self._new, {}
        self._new[key] = before + 1
        return before


class RowReader:
    """Reads the records of one file."""

    def __init__(
        self,
        options: ImportOptions,
        *,
        import_id: UUID,
        now: datetime,
        default_channel: str,
        digest: Digest,
    ) -> None:
        self._options, self._import_id, self._now = options, import_id, now
        self._default_channel, self._digest = default_channel, digest
        self._times = TimeReader(
            parse_zone(options.timezone) if options.timezone else UTC,
            options.time_unit,
            options.date_order,
        )
        self._columns = {name: tuple(columns) for name, columns in options.columns.items()}
        given = {*self._columns, *options.constants}
        # The time is read as it is, not as a text.
        self._fields: list[tuple[str, tuple[str, ...], object]] = [
            (name, self._columns.get(name, ()), options.constants.get(name))
            for name in given - {"time"}
        ]
        self._has_campaign = not given.isdisjoint(("url", "click_id", "referrer", *UTM))
        self._properties = property_columns(options)
        self._taken = {column for columns in self._columns.values() for column in columns}
        self._kinds = {normalize_kind(old): new for old, new in options.kinds.items()}
        self._equal, self._at_once = Occurrences(), Occurrences()

    def read(self, lines: Iterable[Line | Refusal]) -> Iterator[Imported | Refusal]:
        """Yields a touchpoint for each record, or why it is none."""
        for line in lines:
            if isinstance(line, Refusal):
                yield line
                continue
            try:
                yield self._row(line.record)
            except Invalid as error:
                column, value = self._place(line.record, error.field)
                yield Refusal(line.number, error.field, column, value, str(error))

    def _place(self, record: Record, field: str) -> tuple[str, str]:
        for column in self._columns.get(field, ()):
            if text := text_of(value_at(record, column)):
                shown = "" if field == "email" else clean_text(text, MOST_VALUE)
                return column, shown
        return next(iter(self._columns.get(field, ())), ""), ""

    def _given_of(self, record: Record) -> Given:
        """Returns the texts of the fields that a record gives; one that is empty is not there."""
        given: Given = {}
        for name, columns, value in self._fields:
            for column in columns:
                found = record[column] if column in record else value_at(record, column)
                if found is not None and found != "":
                    value = found
                    break
            if value is not None and (text := _stripped(value)):
                given[name] = text
        return given

    def _row(self, record: Record) -> Imported:
        given = self._given_of(record)
        visitor_id, customer_id, email_id = self._people(given)
        person = visitor_id or customer_id
        kind, at = self._kind(given), self._time(record)
        amount, currency = self._amount(given) if "amount" in given else (None, "")
        event_id, reason = given.get("event_id"), given.get("reason")
        channel, session = given.get("channel"), given.get("session")
        device = given.get("device")
        return Imported(
            Touchpoint(
                id=derive_touchpoint_id("import.id", self._options.source, event_id)
                if event_id
                else self._id_of(person, kind, at),
                visitor_id=visitor_id,
                guest_id=None,
                customer_id=customer_id,
                trace_id=None,
                occurred_at=at,
                received_at=self._now,
                duration_ms=self._duration(given) if "duration" in given else None,
                kind=kind,
                source=Source.IMPORT.value,
                channel=clean_text(channel, MOST_SESSION) if channel else self._default_channel,
                outcome=self._outcome(given) if "outcome" in given else _OK,
                reason=parse_reason(reason.upper()) if reason else "",
                subject=clean_text(given.get("subject", "")),
                session_id=clean_text(session, MOST_SESSION) if session else "",
                **self._campaign(given),
                properties=self._properties_of(record),
                sequence=self._at_once.count(person and person.int, at),
                device=_DEVICES.get(device.lower().replace(" ", "_"), "") if device else "",
                amount_minor=amount,
                currency=currency,
                import_id=self._import_id,
            ),
            email_id,
        )

    def _people(self, given: Given) -> tuple[UUID | None, UUID | None, UUID | None]:
        """Returns the visitor, the customer, and the key of the address."""
        visitor, customer = given.get("person"), given.get("customer")
        visitor_id = _person("visitor", visitor) if visitor else None
        customer_id = _person("customer", customer) if customer else None
        email_id = self._email(given)
        if visitor_id is None and customer_id is None:
            if email_id is None:
                raise Invalid("person", "a person is needed")
            visitor_id = email_id
        return visitor_id, customer_id, email_id

    def _id_of(self, person: UUID | None, kind: str, at: datetime) -> UUID:
        occurrence = self._equal.count(person and person.int, kind, at)
        return derive_touchpoint_id(
            "import",
            self._options.source,
            person.hex if person else "",
            kind,
            at.isoformat(),
            str(occurrence),
        )

    def _email(self, given: Given) -> UUID | None:
        if (text := given.get("email")) is None:
            return None
        try:
            return self._digest(text)
        except ValueError:
            raise Invalid("email", "no e-mail address") from None

    def _kind(self, given: Given) -> str:
        text = given.get("kind")
        if not text:
            raise Invalid("kind", "a kind is needed")
        try:
            kind = _normalized(text)
        except InvalidTouchpoint as error:
            raise Invalid("kind", error.message) from None
        return self._kinds.get(kind, kind)

    def _time(self, record: Record) -> datetime:
        value: object = self._options.constants.get("time")
        for column in self._columns.get("time", ()):
            found = record[column] if column in record else value_at(record, column)
            if found is not None and found != "":
                value = found
                break
        try:
            return self._times.read(value, self._now)
        except UnreadableTime as error:
            raise Invalid("time", str(error)) from None

    def _outcome(self, given: Given) -> str:
        outcome = _OUTCOMES.get(given["outcome"].lower())
        if outcome is None:
            raise Invalid("outcome", "not ok, refused or error")
        return outcome.value

    def _duration(self, given: Given) -> int:
        number = self._number(given, "duration")
        if not 0 <= number <= _LONGEST_MS:
            raise Invalid("duration", "no duration in milliseconds")
        return int(number)

    def _amount(self, given: Given) -> tuple[int, str]:
        number = self._number(given, "amount")
        currency = given.get("currency", "").upper()
        try:
            minor = round(number.scaleb(exponent(currency)))
        except UnknownCurrency:
            raise Invalid("currency", "no ISO 4217 code such as EUR") from None
        if abs(minor) > MOST_MINOR:
            raise Invalid("amount", "an amount beyond 10^12 minor units")
        return minor, currency

    def _number(self, given: Given, field: str) -> Decimal:
        text = given[field]
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

    def _campaign(self, given: Given) -> dict[str, str]:
        if not self._has_campaign:
            return {}
        url = given.get("url")
        found = campaign_of_url(url) if url else {}
        for name in UTM:
            if (told := given.get(name)) and (text := fold_campaign(told)):
                found[name] = text
        if click := clean_text(given.get("click_id", "")):
            found["click_id"] = click
        if referrer := given.get("referrer"):
            found["referrer_host"] = parse_host(referrer)
        return found

    def _properties_of(self, record: Record) -> str:
        if not self._properties and not self._options.property_maps:
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


@lru_cache(maxsize=4_096)
def _normalized(text: str) -> str:
    """Returns the kind of a name, of which a file has few."""
    return normalize_kind(text)


def _stripped(value: object) -> str:
    """Returns a value as text without space around it."""
    return value.strip() if type(value) is str else text_of(value).strip()


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
