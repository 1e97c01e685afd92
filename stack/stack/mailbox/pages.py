"""The inbox as HTML pages without scripts or outside resources.

Every text in them comes from mails and is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from stack.mailbox.letters import Delivery

STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0f766e; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1.2rem;
}
h1 { font-size: 1.3rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } p { margin: .2rem 0 1.2rem;
opacity: .75; }
a { color: inherit; } .letter { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem;
padding: .7rem .5rem;
  border-bottom: 1px solid var(--line); text-decoration: none; }
.letter:hover { background: var(--soft); } .letter b { overflow-wrap: anywhere;
} .letter span { opacity: .7; font-size: .92em; }
.twice { background: #c8332b; color: #fff; border-radius: 4px; padding: 0 .4em; font-size: .85em;
margin-left: .5em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem 1rem; margin: 0 0 1.2rem;
font-size: .93em; }
dt { opacity: .65; } dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 62rem; border: 1px solid var(--line); border-radius: 8px;
background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: 1rem;
border-radius: 8px; }
"""


def inbox_page(deliveries: Iterable[Delivery], counts: dict[str, int]) -> str:
    """The newest deliveries, each a link."""
    rows = "".join(_row(delivery) for delivery in deliveries)
    told = f"{counts['deliveries']} deliveries of {counts['unique']} mails"
    return _page(
        "Mailbox", f"<h1>Mailbox</h1><p>{told} · newest first</p>{rows or '<p>Nothing yet.</p>'}"
    )


def _row(delivery: Delivery) -> str:
    twice = (
        f'<i class="twice">delivered {delivery.deliveries} times</i>'
        if delivery.deliveries > 1
        else ""
    )
    return (
        '<a class="letter" '
        f'href="/inbox/{delivery.id}"><b>{escape(delivery.subject) or "(no subject)"}{twice}</b>'
        f"<span>{escape(delivery.received_at[:19].replace('T', ' '))}</span>"
        f"<span>{escape(', '.join(delivery.recipients))}</span></a>"
    )


def letter_page(delivery: Delivery, parts: dict[str, Any]) -> str:
    """One delivery: its headers, its HTML in a frame, its text."""
    headers = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in parts["headers"].items()
    )
    frame = (
        f'<iframe src="/messages/{delivery.id}.html" title="The mail"></iframe>'
        if parts["html"]
        else ""
    )
    state = "" if frame else " open"
    plain = escape(parts["text"] or "")
    text = f"<details{state}><summary>Text</summary><pre>{plain}</pre></details>"
    heading = (
        f"<p><a href='/'>← Mailbox</a></p><h1>{escape(delivery.subject) or '(no subject)'}</h1>"
    )
    return _page(
        delivery.subject,
        f"{heading}<details><summary>Headers</summary><dl>{headers}</dl></details>{text}<br>{frame}",
    )


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        "content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )
