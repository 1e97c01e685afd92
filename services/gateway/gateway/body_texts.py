"""The texts of a JSON body: refused where they hold what no text may hold, and put into Unicode
normal form C.

A JSON text holds control characters and surrogates only as escapes, so the bytes tell cheaply
whether a body needs a look at all.
"""

import json
import re
from typing import Any, Final

from chassis import text

# An escape other than of quotes, backslashes, slashes, tabs and line breaks, or anything beyond
# ASCII.
_SUSPECT: Final = re.compile(rb"\\[ubf]|[\x7f-\xff]")


def normalize(content: bytes) -> bytes:
    """Returns the body in normal form; a body that is no JSON as it came.

    Raises InvalidText with the `path` of the first bad text.
    """
    if _SUSPECT.search(content) is None:
        return content
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return content
    try:
        return json.dumps(normalize_value(value), ensure_ascii=False).encode()
    except RecursionError:
        raise text.InvalidText("a document is nested too deeply") from None


def normalize_value(value: Any, path: str = "") -> Any:
    """Returns a JSON value with all of its texts in normal form, keys included.

    Raises InvalidText.
    """
    if isinstance(value, str):
        return text.normalize(value, path=path)
    if isinstance(value, list):
        return [normalize_value(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        clean: dict[str, Any] = {}
        for key, item in value.items():
            here = f"{path}.{text.printable(key)[:40]}" if path else text.printable(key)[:40]
            clean[text.normalize(key, path=here)] = normalize_value(item, here)
        return clean
    return value
