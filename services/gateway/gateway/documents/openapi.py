"""The OpenAPI document, made from the operation tables and the contracts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import grpc
from pydantic import JsonValue
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema

from gateway.contracts.comments import comment_of
from gateway.contracts.examples import example_body, example_of, example_of_message
from gateway.contracts.models import ContractModel
from gateway.contracts.schemas import JsonSchema, Schemas
from gateway.documents.headers import ANSWER_HEADERS, REQUEST_HEADERS
from gateway.endpoints.access import Access
from gateway.endpoints.endpoint import Endpoint, KeyRule
from gateway.endpoints.refusals import refusals_of
from gateway.endpoints.route import Operation
from gateway.http.problems import TITLES

REF: Final = "#/components/schemas/{model}"
_STATUSES: Final = re.compile(
    rf"[;,:]?\s*\b(?:{'|'.join(code.name for code in grpc.StatusCode)})\b[^.]*"
)
_EXPAND: Final = "parts of the answer that another service knows; left out unless asked for"
_MARKS: Final = frozenset({"Safe", "Public", "Idempotent", "Public, safe"})
_PROBLEM: Final = {"$ref": REF.format(model="Problem")}


class _Schema(GenerateJsonSchema):
    """Schemas of requests, in which a field that may be left out has no default of its own."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def get_title_from_name(self, name: str) -> str:
        return ""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document_of(
    title: str, version: str, description: str, tables: Mapping[str, Iterable[Operation]],
    texts: Mapping[str, str], *, public_url: str,
) -> JsonSchema:  # fmt: skip
    """Returns the document of all operations, by tag."""
    schemas = Schemas()
    paths: dict[str, dict[str, JsonSchema]] = {}
    bodies: dict[type[ContractModel], JsonValue] = {}
    for tag, operations in tables.items():
        for operation in operations:
            endpoint = operation.endpoint
            described = _operation(operation, schemas)
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = {
                "tags": [tag],
                **described,
            }
            if operation.binding.body is not None:
                bodies[operation.binding.body] = _body_example(operation)
    components = {**_body_schemas(bodies), **schemas.components}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "servers": [{"url": public_url, "description": "This installation"}],
        "tags": [{"name": tag, "description": text.strip()} for tag, text in texts.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "headers": ANSWER_HEADERS,
            "parameters": REQUEST_HEADERS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _operation(operation: Operation, schemas: Schemas) -> JsonSchema:
    endpoint = operation.endpoint
    text = endpoint.text or _plain(endpoint.rpc.description)
    described: JsonSchema = {
        "operationId": endpoint.operation_id,
        "summary": text.partition(".")[0].partition(":")[0][:80],
        "description": text,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": _responses(endpoint, schemas),
        "security": _security(endpoint),
        "x-touchpoint": endpoint.touchpoint,
    }
    described["parameters"] += [
        {"$ref": f"#/components/parameters/{name}"} for name in _header_names(endpoint)
    ]
    if endpoint.callers.scope:
        described["x-scope"] = endpoint.callers.scope
    if endpoint.key_rule is KeyRule.REQUIRED:
        described["x-idempotency-key"] = "required"
    if (body := _request_body(operation)) is not None:
        described["requestBody"] = body
    return described


def _plain(comment: str) -> str:
    """Returns a contract's comment without the statuses of gRPC, which the answers tell."""
    text = _STATUSES.sub("", " ".join(comment.split()))
    sentences = [each.strip(" .") for each in text.split(". ")]
    return ". ".join(each for each in sentences if each and each not in _MARKS) + "."


def _security(endpoint: Endpoint[Any, Any]) -> list[dict[str, list[str]]]:
    if not endpoint.sends_token and endpoint.callers.access is Access.PUBLIC:
        # A token that comes along names the guest, or is not looked at.
        return [{}, {"bearer": []}] if endpoint.prepare is not None else [{}]
    if endpoint.callers.access is Access.PUBLIC:
        return [{}, {"bearer": []}]
    return [{"bearer": []}]


def _header_names(endpoint: Endpoint[Any, Any]) -> list[str]:
    names = ["Sojourn-Channel", "Sojourn-Consent", "Sojourn-Session", "Sojourn-Visitor"]
    fields = endpoint.rpc.request.DESCRIPTOR.fields_by_name
    if "view" in fields or "accepted_locales" in fields:
        names.append("Accept-Language")
    if endpoint.is_cached:
        names.append("If-None-Match")
    if endpoint.has_versions:
        names.append("If-Match-Required" if endpoint.needs_version else "If-Match")
    match endpoint.key_rule:
        case KeyRule.REQUIRED:
            is_patch = endpoint.method == "PATCH"
            names.append("Idempotency-Key" if is_patch else "Idempotency-Key-Required")
        case KeyRule.OPTIONAL:
            names.append("Idempotency-Key")
        case KeyRule.NONE:
            pass
    return names


def _path_parameters(operation: Operation) -> list[JsonSchema]:
    found = []
    for name, adapter in operation.binding.path_adapters.items():
        field = operation.binding.path_fields[name]
        schema = adapter.json_schema(schema_generator=_Schema)
        found.append(
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": comment_of(field.full_name),
                "schema": {**schema, "minLength": max(1, schema.get("minLength", 1))},
                "example": example_of(field),
            }
        )
    return found


def _query_parameters(operation: Operation) -> list[JsonSchema]:
    schema = operation.binding.query.model_json_schema(schema_generator=_Schema)
    needed = schema.get("required", ())
    own = {"expand": _EXPAND, "service": "only of this service"}
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "description": part.get("description") or own.get(name, ""),
            "schema": _without_null({k: v for k, v in part.items() if k != "description"}),
        }
        for name, part in schema.get("properties", {}).items()
    ]


def _without_null(schema: JsonSchema) -> JsonSchema:
    """Returns the schema of a parameter, which is left out and never null."""
    match schema:
        case {"anyOf": [single, {"type": "null"}], **rest}:
            return {**single, **rest}
    return schema


def _request_body(operation: Operation) -> JsonSchema | None:
    endpoint, model = operation.endpoint, operation.binding.body
    if endpoint.is_raw:
        media = {"application/json": {"schema": {"type": "object"}}}
        return {"required": True, "content": media}
    if model is None:
        return None
    needed = any(field.is_required() for field in model.model_fields.values())
    content = {
        "schema": {"$ref": REF.format(model=model.__name__)},
        "example": _body_example(operation),
    }
    return {"required": needed, "content": {"application/json": content}}


def _body_example(operation: Operation) -> JsonValue:
    model = operation.binding.body
    return operation.endpoint.example or (example_body(model) if model is not None else None)


def _body_schemas(bodies: Mapping[type[ContractModel], JsonValue]) -> dict[str, JsonSchema]:
    wanted = [(model, "validation") for model in bodies]
    _, document = models_json_schema(wanted, ref_template=REF, schema_generator=_Schema)  # type: ignore[arg-type]
    schemas: dict[str, JsonSchema] = document.get("$defs", {})
    for model, example in bodies.items():
        if model.__name__ in schemas:
            schemas[model.__name__]["examples"] = [example]
    return schemas


def _responses(endpoint: Endpoint[Any, Any], schemas: Schemas) -> dict[str, JsonSchema]:
    good = _good(endpoint, schemas)
    found: dict[str, JsonSchema] = {
        str(endpoint.status): {
            "description": "Done",
            "headers": _headers(endpoint, endpoint.status),
            **good,
        }
    }
    for status, meaning in endpoint.also.items():
        headers = _headers(endpoint, status)
        content = {} if status == 304 else good
        found[str(status)] = {"description": meaning, "headers": headers, **content}
    for status, reasons in refusals_of(endpoint).items():
        found[str(status)] = _problem(status, reasons)
    return dict(sorted(found.items()))


def _good(endpoint: Endpoint[Any, Any], schemas: Schemas) -> JsonSchema:
    if endpoint.status == 204:
        return {}
    if endpoint.reply is not None:
        schema = schemas.composed(endpoint.reply)
        example = endpoint.reply.example()
    else:
        schema = schemas.ref(endpoint.rpc.reply)
        example = example_of_message(endpoint.rpc.reply)
    return {"content": {"application/json": {"schema": schema, "example": example}}}


def _headers(endpoint: Endpoint[Any, Any], status: int) -> dict[str, JsonSchema]:
    names = ["Sojourn-Consent", "Sojourn-Session", "Sojourn-Visitor", "Trace-Id"]
    if endpoint.has_etag:
        names.append("ETag")
    if endpoint.key_rule is not KeyRule.NONE and status != 304:
        names.append("Idempotency-Replayed")
    if endpoint.has_location(status):
        names.append("Location")
    if endpoint.is_cached:
        names += ["Cache-Control", "Vary"]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}


def _problem(status: int, reasons: list[str]) -> JsonSchema:
    headers = ["Sojourn-Reason", "Trace-Id"]
    if status in (429, 503):
        headers.append("Retry-After")
    schema: JsonSchema = _PROBLEM
    if reasons:
        own = {"properties": {"reason": {"examples": reasons}}}
        schema = {"allOf": [_PROBLEM, own]}
    listed = f": {', '.join(f'`{reason}`' for reason in reasons)}" if reasons else ""
    return {
        "description": TITLES[status] + listed,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(headers)},
        "content": {"application/problem+json": {"schema": schema}},
        "x-reasons": reasons,
    }
