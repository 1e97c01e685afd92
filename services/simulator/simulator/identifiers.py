"""Identifiers as providers write them: a prefix that tells the kind, then an opaque rest."""

import secrets
import time


def new_id(prefix: str) -> str:
    """A unique id that sorts by time of creation (48 bits of milliseconds, 80 of chance)."""
    # Ascending keys append to SQLite's B-trees; random ones would rewrite a page for each payment.
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def new_secret(prefix: str) -> str:
    """An unguessable token of 192 bits."""
    return f"{prefix}_{secrets.token_urlsafe(24)}"
