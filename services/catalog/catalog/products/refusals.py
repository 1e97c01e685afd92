"""Refusals of what a product may hold, with their place: in an import, or in a request."""

from typing import Final, NoReturn

from catalog.errors import InvalidImport, InvalidProduct
from catalog.products.plain_text import line_of

# The line of what is no import: a request about one product.
NO_LINE: Final = 0


def refuse(line: int, field: str, why: str, *, most: int | None = None) -> NoReturn:
    """Raises InvalidImport that says where and why, and `most` where that is the limit.

    `path` is the field as other refusals name it. Without a line, raises InvalidProduct.
    """
    allowed = {} if most is None else {"most": most}
    if line == NO_LINE:
        raise InvalidProduct(f"{field}: {why}", path=field, why=why, **allowed)
    raise invalid(line, field, why, **allowed)


def invalid(line: int, field: str, why: str, **allowed: int) -> InvalidImport:
    """Returns the refusal of a line of an import."""
    return InvalidImport(
        f"line {line}: {field}: {why}", line=line, field=field, path=field, why=why, **allowed
    )


def require_at_most(most: int, count: int, line: int, field: str, unit: str) -> None:
    """Refuses more than `most`."""
    if count > most:
        refuse(line, field, f"must be at most {most} {unit}", most=most)


def short_text(text: str, line: int, field: str, *, most: int = 255) -> str:
    """Returns a text as one line. Refuses one of more than `most` characters."""
    text = line_of(text)
    if len(text) > most:
        refuse(line, field, f"must have at most {most} characters", most=most)
    return text
