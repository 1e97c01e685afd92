"""Values of messages by the paths that refusals name."""

import re
from typing import Any, Final

from google.protobuf.message import Message

from catalog.jobs.model import MOST_VALUE

_STEP: Final = re.compile(r"\.?([A-Za-z_]\w*)|\[(\d+)\]|\['([^']*)'\]|\.([^.\[]+)")


def value_at(message: Message, path: str) -> str:
    """Returns the value at a path such as `variants[0].sku`, at most 80 characters.

    Empty where there is none, or where it is a message.
    """
    value: Any = message
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return ""
        at = step.end()
        try:
            value = _inner(value, step)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return ""
    is_plain = isinstance(value, str | int | float | bool)
    return str(value)[:MOST_VALUE] if is_plain else ""


def _inner(value: Any, step: re.Match[str]) -> Any:
    name, number, key, other = step.groups()
    if number is not None:
        return value[int(number)]
    if isinstance(value, Message):
        return getattr(value, name if name is not None else other)
    text = next(each for each in (key, name, other) if each is not None)
    if text not in value:
        raise KeyError(text)
    return value[text]
