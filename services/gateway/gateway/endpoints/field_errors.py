"""Errors of single fields, in the one structure that every refusal of a request's shape has."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from chassis.rpc.errors import DomainError
from chassis.text import printable
from gateway.contracts.models import ContractModel, fields_at
from gateway.http.problems import FieldError

Place = Sequence[str | int]


# Codes of pydantic's kinds of errors; others have the name of their type or of the broken rule.
_CODES: Final[Mapping[str, str]] = {
    "missing": "REQUIRED",
    "extra_forbidden": "UNKNOWN_FIELD",
    "literal_error": "UNKNOWN_VALUE",
    "string_too_short": "TOO_SHORT",
    "string_too_long": "TOO_LONG",
    "too_short": "TOO_SHORT",
    "too_long": "TOO_LONG",
    "greater_than_equal": "TOO_SMALL",
    "less_than_equal": "TOO_LARGE",
    "string_pattern_mismatch": "WRONG_FORM",
}
# Codes of the contracts' rules, which services hold too.
_RULES: Final[Mapping[str, str]] = {
    "required": "REQUIRED",
    "min_len": "TOO_SHORT",
    "max_len": "TOO_LONG",
    "min_items": "TOO_SHORT",
    "max_items": "TOO_LONG",
    "min_pairs": "TOO_SHORT",
    "max_pairs": "TOO_LONG",
    "gte": "TOO_SMALL",
    "lte": "TOO_LARGE",
    "pattern": "WRONG_FORM",
    "uuid": "WRONG_FORM",
    "in": "UNKNOWN_VALUE",
    "defined_only": "UNKNOWN_VALUE",
}
# Problems of the parts of a whole, such as an address.
_PROBLEMS: Final[Mapping[str, str]] = {
    "required": "is needed",
    "invalid": "is not one of its country",
    "too_long": "is too long",
    "not_served": "is not served",
    "not_of_region": "is of another region",
}
_STEP: Final = re.compile(r"[^.\[\]]+")
_QUOTED: Final = re.compile(r"'([^']*)'")
_LONGEST_STEP: Final = 100


def pointer_of(place: Place) -> str:
    """Returns the JSON pointer of a place (RFC 6901)."""
    return "".join(
        "/" + printable(str(step))[:_LONGEST_STEP].replace("~", "~0").replace("/", "~1")
        for step in place
    )


def steps_of(path: str) -> list[str]:
    """Returns the steps of a path as services write it, e.g. `lines[0].quantity`."""
    return _STEP.findall(path)


def field_error(place: Place, code: str, message: str, allowed: Sequence[str] = ()) -> FieldError:
    return FieldError(pointer=pointer_of(place), code=code, message=message, allowed=[*allowed])


def unknown(place: Place, code: str, known: Sequence[str]) -> FieldError:
    """Returns the error of a name that is not known, with those that are."""
    named = f"known are {', '.join(known)}" if known else "none is known here"
    return field_error(place, code, f"unknown name; {named}", known)


def errors_of(
    error: ValidationError, place: Place, model: type[ContractModel] | None = None
) -> list[FieldError]:
    """Returns the errors that a validation found at a place of the request.

    What was sent is not repeated: it may be a password. `model` tells which fields are known.
    """
    found = error.errors(include_url=False, include_input=False)
    return [_error_of(each, place, model) for each in found]


def _error_of(
    error: Mapping[str, Any], place: Place, model: type[ContractModel] | None
) -> FieldError:
    kind, at = error["type"], [*place, *error["loc"]]
    if kind == "extra_forbidden":
        known = fields_at(model, error["loc"][:-1]) if model is not None else []
        return unknown(at, "UNKNOWN_FIELD", known)
    if kind == "literal_error":
        allowed = _QUOTED.findall(error["ctx"]["expected"])
        return field_error(at, "UNKNOWN_VALUE", f"is one of {', '.join(allowed)}", allowed)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return field_error(at, "WRONG_TYPE", "is a JSON object")
    if kind.endswith(
        ("_type", "_parsing", "_parsing_size", "_from_date_parsing", "int_from_float")
    ):
        return field_error(at, "WRONG_TYPE", error["msg"])
    return field_error(at, _CODES.get(kind, kind.upper()), error["msg"])


def errors_of_refusal(refusal: DomainError, place: Place) -> list[FieldError]:
    """Returns the errors of the field at a place that a service, or a border, refused.

    A refusal of a whole, such as an address, lists its `fields` with their problems.
    """
    if ":" in (fields := refusal.metadata.get("fields", "")):
        return [_error_of_part(refusal, place, each) for each in fields.split(",")]
    rule = refusal.metadata.get("rule", "").rpartition(".")[2]
    allowed = refusal.metadata.get("allowed", "")
    code = _RULES.get(rule, refusal.reason)
    names = [each for each in allowed.split(", ") if each] if code == "UNKNOWN_VALUE" else []
    return [field_error(place, code, refusal.message, names)]


def _error_of_part(refusal: DomainError, place: Place, part: str) -> FieldError:
    """Returns the error of a part, given as its name and its problem."""
    name, _, why = part.partition(":")
    allowed = [each for each in refusal.metadata.get(f"allowed_{name}", "").split(", ") if each]
    example = refusal.metadata.get(f"example_{name}", "")
    message = _PROBLEMS.get(why, why.replace("_", " "))
    if example and why != "too_long":
        message = f"{message}; it looks like {example}"
    return field_error([*place, name], why.upper(), message, allowed)
