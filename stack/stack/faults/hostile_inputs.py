"""Inputs that break careless validation: control characters, surrogates, huge numbers.

They stand in bodies and, as most documents have these names, inside imports and maps too. The same
seed makes the same inputs.
"""

import random
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

_PARTS: Final = (
    "a", "é", "e\u0301", "\u202e", "\u200b", "\ufeff", "\U0001f600", "\x7f", "\x85", "\\u0000",
    "\\u001f", "\\ud800", "\\udc00", "\\b", "\\n", "\\r",
)  # fmt: skip
_VALUES: Final = (
    "0", "1", "-1", "1.0", "1000.0", "1e400", "NaN", "Infinity", str(10**400), "9" * 5_000,
    str(2**63), str(2**43), "true", "null", "[]", "{}", '""',
    '"1"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"en"', "[[[[{}]]]]",
    '{"": ""}',
)  # fmt: skip
_NAMES: Final = (
    "title", "en", "slug", "name", "stages", "rules", "external_id", "amount_minor", "price",
    "prices", "variants", "initial_stock", "\\ud800", "é",
)  # fmt: skip
_QUERY_PARTS: Final = (
    "", "%00", "%1F", "%7f", "%C2%85", "%ED%A0%80", "%FF", "%0d%0a", "é", "e\u0301", "\u202e",
    "1.0", "-1", "9" * 400, "true", "%",
    "0001-01-01T00:00:00%2B14:00",
)  # fmt: skip


def body(chance: random.Random, names: Sequence[str]) -> bytes:
    """Returns a JSON object, or almost one, with some of the names."""
    chosen = chance.sample(names, k=min(len(names), 3))
    return ("{" + ", ".join(f'"{name}": {_value(chance)}' for name in chosen) + "}").encode(
        "utf-8", "surrogatepass"
    )


def query(chance: random.Random, names: Sequence[str]) -> str:
    """Returns a query with some of the names."""
    parts = [
        f"{name}={chance.choice(_QUERY_PARTS)}"
        for name in chance.sample([*names, "x%00", "é"], k=2)
    ]
    return quote("&".join(parts), safe="=&%")


def _value(chance: random.Random, depth: int = 3) -> str:
    match chance.randrange(4 if depth else 2):
        case 0:
            return '"' + "".join(chance.choices(_PARTS, k=chance.randrange(6))) + '"'
        case 1:
            return chance.choice(_VALUES)
        case 2:
            return (
                "[" + ", ".join(_value(chance, depth - 1) for _ in range(chance.randrange(3))) + "]"
            )
    return (
        "{"
        + ", ".join(
            f'"{chance.choice(_NAMES)}": {_value(chance, depth - 1)}'
            for _ in range(chance.randrange(4))
        )
        + "}"
    )
