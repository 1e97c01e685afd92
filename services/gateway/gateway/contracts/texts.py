"""Texts of a JSON body: refused with forbidden characters, else in Unicode normal form C.

A JSON text holds control characters and surrogates only as escapes, so the bytes tell cheaply
whether a body needs a look at all.
"""

import json
import re
from typing import Final, NoReturn, cast

import pydantic_core
from pydantic import JsonValue

from chassis import text
from chassis.text import InvalidText

# An escape other than of quotes, backslashes, slashes, tabs and line breaks, or anything beyond
# ASCII.
_SUSPECT: Final = re.compile(rb"\\[ubf]|[\x7f-\xff]")


def parse(content: bytes, *, normalizes: bool = True) -> JsonValue:
    """Returns the value of a JSON document, with its texts in normal form if `normalizes`.

    Raises ValueError where it is no JSON, and InvalidText with the `path` of the first bad text.
    """
    if _SUSPECT.search(content) is None:
        return pydantic_core.from_json(content, allow_inf_nan=False)  # type: ignore[no-any-return]
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_refuse)
        return normalize(value) if normalizes else cast(JsonValue, value)
    except RecursionError:
        raise InvalidText("a document is nested too deeply") from None


def normalize(value: JsonValue, path: str = "") -> JsonValue:
    """Returns a JSON value with all of its texts in normal form, keys included.

    Raises InvalidText.
    """
    if isinstance(value, str):
        return text.normalize(value, path=path)
    if isinstance(value, list):
        return [normalize(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        clean: dict[str, JsonValue] = {}
        for key, item in value.items():
            here = f"{path}.{text.printable(key)[:40]}" if path else text.printable(key)[:40]
            clean[text.normalize(key, path=here)] = normalize(item, here)
        return clean
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
