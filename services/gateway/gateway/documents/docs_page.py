"""The documentation page: the OpenAPI document rendered here, and a form that tries a call."""

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

router = APIRouter()
_ASSETS: Final = files("gateway") / "assets"
_STYLE: Final = (_ASSETS / "docs.css").read_text(encoding="utf-8")
_SCRIPT: Final = (_ASSETS / "docs.js").read_text(encoding="utf-8")
_DIGEST: Final = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
# The edge adds `X-Content-Type-Options: nosniff` to every answer.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; "
        f"script-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
Json = dict[str, Any]


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The page."""
    document = request.app.openapi()
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            row = _operation(method, path, operation, document)
            by_tag.setdefault(operation["tags"][0], []).append(row)
    texts = {tag["name"]: tag["description"] for tag in document["tags"]}
    sections = "".join(
        f"<h2>{escape(tag)}</h2><p>{_inline(texts.get(tag, ''))}</p>{''.join(rows)}"
        for tag, rows in by_tag.items()
    )
    return HTMLResponse(_page(document, sections), headers=_HEADERS)


@router.get("/", include_in_schema=False)
async def root() -> Response:
    """Leads to the page."""
    return Response(status_code=307, headers={"Location": "/docs"})


def _page(document: Json, sections: str) -> str:
    intro = "".join(
        f"<p>{_inline(part)}</p>" for part in document["info"]["description"].split("\n\n")
    )
    schemas = "".join(
        _schema(name, schema) for name, schema in document["components"]["schemas"].items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        "content='width=device-width,initial-scale=1'>"
        f"<title>Sojourn API</title><style>{_STYLE}</style><h1>Sojourn API</h1>{intro}"
        "<p>The machine-readable form is <a href=/openapi.json>/openapi.json</a>.</p>"
        "<p><label>Token for trying calls <input id=token autocomplete=off "
        "placeholder='access_token of a session'></label></p>"
        f"{sections}<h2>Schemas</h2>{schemas}<script>{_SCRIPT}</script></html>"
    )


def _inline(text: str) -> str:
    parts = escape(text).split("`")
    marked = "".join(
        f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)
    )
    bold = marked.split("**")
    return "".join(
        f"<strong>{part}</strong>" if index % 2 else part for index, part in enumerate(bold)
    )


def _operation(method: str, path: str, operation: Json, document: Json) -> str:
    parameters = [_resolved(each, document) for each in operation["parameters"]]
    answers = "".join(
        f"<tr><td>{code}</td><td>{_inline(answer['description'])}</td>"
        f"<td>{_links(answer)}</td></tr>"
        for code, answer in operation["responses"].items()
    )
    return (
        f"<details id='{escape(operation['operationId'])}'><summary>"
        f"<b class={method}>{method.upper()}</b><code>{escape(path)}</code>"
        f"<span>{_inline(operation['summary'])}</span></summary>"
        f"<p>{_inline(operation['description'])}</p>"
        f"<p><small>{_callers(operation)}</small></p>"
        f"{_trial(method, path, parameters, operation)}"
        f"<h4>Answers</h4><table>{answers}</table>{_examples(operation)}</details>"
    )


def _callers(operation: Json) -> str:
    if scope := operation.get("x-scope"):
        return f"Staff with the scope <code>{escape(scope)}</code>."
    return "Needs a token." if {} not in operation["security"] else "Public."


def _trial(method: str, path: str, parameters: list[Json], operation: Json) -> str:
    """Returns the form that tries a call: its parameters and its body."""
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{each['in']}"
        f"{', required' if each.get('required') else ''}</td>"
        f"<td><input name='{escape(each['name'])}' data-in={each['in']}"
        f"{_listed(each['schema'])}></td><td>{_inline(each.get('description', ''))}</td></tr>"
        for each in parameters
    )
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = ""
    if content:
        example = json.dumps(content.get("example", {}), indent=2, ensure_ascii=False)
        height = example.count("\n") + 2
        body = (
            f"<h4>Body {_links({'content': {'application/json': content}})}</h4>"
            f"<textarea name=body rows={height}>{escape(example)}</textarea>"
        )
    return (
        f"<form data-method={method.upper()} data-path='{escape(path)}'>"
        + (f"<h4>Parameters</h4><table>{rows}</table>" if rows else "")
        + f"{body}<p><button>Try it</button></p><pre hidden></pre></form>"
    )


def _listed(schema: Json) -> str:
    values = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return f" placeholder='{escape(', '.join(map(str, values)))}'" if values else ""


def _examples(operation: Json) -> str:
    for code, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        if "example" in content:
            text = json.dumps(content["example"], indent=2, ensure_ascii=False)
            return f"<h4>Example of {code}</h4><pre>{escape(text)}</pre>"
    return ""


def _schema(name: str, schema: Json) -> str:
    needed = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(part)}"
        f"{'' if field in needed else ', optional'}</td>"
        f"<td>{_inline(part.get('description', ''))}</td></tr>"
        for field, part in schema.get("properties", {}).items()
    )
    return (
        f"<details id='schema-{escape(name)}'><summary><code>{escape(name)}</code>"
        f"<span>{_inline(schema.get('description', ''))}</span></summary>"
        f"<table>{rows}</table></details>"
    )


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return _link(schema["$ref"])
    for kind in ("anyOf", "allOf"):
        if kind in schema:
            return " or ".join(_type(part) for part in schema[kind])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {_type(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"object of {_type(schema['additionalProperties'])}"
    return escape(str(schema.get("format") or schema.get("type", "any")))


def _links(answer: Json) -> str:
    return "".join(_type(content["schema"]) for content in answer.get("content", {}).values())


def _link(reference: str) -> str:
    name = escape(reference.rpartition("/")[2])
    return f"<a href='#schema-{name}'>{name}</a>"


def _resolved(parameter: Json, document: Json) -> Json:
    if "$ref" not in parameter:
        return parameter
    found: Json = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found
