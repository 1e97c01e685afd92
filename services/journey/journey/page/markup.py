"""HTML by construction: what is no `Html` is escaped."""

from html import escape
from typing import Final

_VOID: Final = frozenset({"meta", "br", "circle", "rect", "path", "line", "polygon"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = Html | str | int | None


def el(tag: str, *children: Child, **attributes: str | int | float | None) -> Html:
    """An element.

    Attribute names lose a trailing `_`, and `_` becomes `-`; None leaves an attribute or a child
    out.
    """
    names = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID and not children:
        return Html(f"<{tag}{names}>" if tag in ("meta", "br") else f"<{tag}{names}/>")
    return Html(f"<{tag}{names}>{joined(*children)}</{tag}>")


def joined(*children: Child) -> Html:
    """Children one after the other."""
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(str(child))
            for child in children
            if child is not None
        )
    )


def number(value: float, digits: int = 0) -> str:
    """A number with separators of thousands."""
    return f"{value:,.{digits}f}"


def percent(rate: float) -> str:
    """A rate as a percentage, with a decimal where it is small."""
    return f"{rate * 100:.1f} %" if 0 < rate < 0.1 else f"{rate * 100:.0f} %"


def duration(seconds: float) -> str:
    """A time in the unit that people would use."""
    for limit, unit, size in (
        (1, "ms", 0.001),
        (120, "s", 1),
        (7_200, "min", 60),
        (172_800, "h", 3_600),
    ):
        if seconds < limit:
            value = seconds / size
            return (
                f"{value:.1f} {unit}"
                if value < 10 and unit != "ms" and value != int(value)
                else f"{value:.0f} {unit}"
            )
    return f"{seconds / 86_400:.1f} days"


def milliseconds(value: float) -> str:
    """A time to answer."""
    return f"{value:.0f} ms" if value < 1_000 else f"{value / 1_000:.1f} s"
