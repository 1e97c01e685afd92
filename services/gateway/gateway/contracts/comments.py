"""Comments of the contracts' messages and fields, for the API's documentation."""

import json
from importlib.resources import files
from typing import Final

_COMMENTS: Final[dict[str, str]] = json.loads((files("sojourn") / "comments.json").read_text())


def comment_of(full_name: str) -> str:
    """Returns the comment of a message or a field by its full name; empty where it has none."""
    return _COMMENTS.get(full_name, "")
