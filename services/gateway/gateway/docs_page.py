"""The documentation page: the OpenAPI document as one server-rendered page, with nothing from
elsewhere.
"""

import json
from html import escape
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

router = APIRouter()
# The edge adds `X-Content-Type-Options: nosniff` to every answer.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STYLE: Final = """
:root{color-scheme:light dark;--line:#8884;--accent:#0a7;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.8rem;border-radius:.5rem;overflow:auto}
details{border:1px solid var(--line);border-radius:.5rem;margin:.4rem 0;padding:.5rem .8rem}
summary{cursor:pointer;display:flex;gap:.8rem;align-items:baseline;flex-wrap:wrap}
summary b{min-width:4.2rem;text-align:center;border-radius:.3rem;background:var(--accent);color:#fff;font-size:.8rem;padding:.1rem .4rem}
summary b.get{background:#37c}summary b.delete{background:#c43}summary b.patch,summary b.put{background:#b70}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
h2{margin-top:2.2rem;text-transform:capitalize}a{color:var(--accent)}
"""


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The page."""
    document = request.app.openapi()
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(
                _operation(method, path, operation, document)
            )
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(rows)}" for tag, rows in by_tag.items())
    intro = "".join(
        f"<p>{_inline(part)}</p>" for part in document["info"]["description"].split("\n\n")
    )
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        "content='width=device-width,initial-scale=1'>"
        f"<title>Sojourn API</title><style>{_STYLE}</style><h1>Sojourn API</h1>{intro}"
        "<p>The machine-readable form is <a "
        f"href=/openapi.json>/openapi.json</a>.</p>{sections}</html>",
        headers=_HEADERS,
    )


@router.get("/", include_in_schema=False)
async def root() -> Response:
    """Links between the parts of the page."""
    return Response(status_code=307, headers={"Location": "/docs"})


def _inline(text: str) -> str:
    parts = escape(text).split("`")
    marked = "".join(
        f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)
    )
    bold = marked.split("**")
    return "".join(
        f"<strong>{part}</strong>" if index % 2 else part for index, part in enumerate(bold)
    )


def _operation(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{escape(p['in'])}{', required' if p.get('required') else ''}</td>"
        f"<td>{_inline(p.get('description') or p['schema'].get('description', ''))}</td></tr>"
        for p in operation.get("parameters", [])
    )
    answers = "".join(
        f"<tr><td>{code}</td><td>{escape(answer['description'])}</td><td>{_schema_link(answer)}</td></tr>"
        for code, answer in sorted(operation["responses"].items())
    )
    return (
        f"<details id='{escape(operation['operationId'])}'><summary><b "
        f"class={method}>{method.upper()}</b><code>{escape(path)}</code>"
        f"<span>{_inline(operation.get('description', ''))}</span></summary>"
        + (f"<h4>Parameters</h4><table>{parameters}</table>" if parameters else "")
        + _example(operation, document)
        + f"<h4>Answers</h4><table>{answers}</table></details>"
    )


def _schema_link(answer: dict[str, Any]) -> str:
    for media, content in answer.get("content", {}).items():
        name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        return f"<code>{escape(name or media)}</code>"
    return ""


def _example(operation: dict[str, Any], document: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    examples = document["components"]["schemas"].get(name, {}).get("examples", [])
    return (
        f"<h4>Body</h4><pre>{escape(json.dumps(examples[0], indent=2))}</pre>" if examples else ""
    )
