"""The OpenAPI document, made from the operation tables and the contracts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import grpc
from pydantic import JsonValue
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema

from gateway.contracts.comments import comment_of
from gateway.contracts.examples import example_body, example_of, example_of_message
from gateway.contracts.models import ContractModel
from gateway.contracts.schemas import JsonSchema, Schemas
from gateway.documents.headers import (
    ANSWER_HEADERS,
    REQUEST_HEADERS,
    answer_headers_of,
    problem_headers_of,
    request_headers_of,
)
from gateway.endpoints.access import Access
from gateway.endpoints.endpoint import Endpoint, KeyRule
from gateway.endpoints.refusals import ALWAYS, refusals_of
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


@dataclass(frozen=True, slots=True)
class _Body:
    """An example of a request body; `clears` is true where null says more than nothing."""

    example: JsonValue
    clears: bool


def document_of(
    title: str, version: str, description: str, tables: Mapping[str, Iterable[Operation]],
    texts: Mapping[str, str], *, public_url: str,
) -> JsonSchema:  # fmt: skip
    """Returns the document of all operations, by tag."""
    schemas = Schemas()
    paths: dict[str, dict[str, JsonSchema]] = {}
    bodies: dict[type[ContractModel], _Body] = {}
    for tag, operations in tables.items():
        for operation in operations:
            endpoint = operation.endpoint
            described = _operation(operation, schemas)
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = {
                "tags": [tag],
                **described,
            }
            if operation.binding.body is not None:
                body = _Body(_body_example(operation), clears=endpoint.method == "PATCH")
                bodies[operation.binding.body] = body
    components = {**_body_schemas(bodies), **schemas.components}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "servers": [{"url": public_url, "description": "This installation"}],
        "tags": [{"name": tag, "description": text.strip()} for tag, text in texts.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": _shared_problems(paths),
            "headers": ANSWER_HEADERS,
            "parameters": REQUEST_HEADERS,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `access_token` of a session.",
                }
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
        {"$ref": f"#/components/parameters/{name}"} for name in request_headers_of(endpoint)
    ]
    if endpoint.callers.scope:
        described["x-scope"] = endpoint.callers.scope
    if endpoint.key_rule is KeyRule.REQUIRED and endpoint.method != "PATCH":
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
        return [{}, {"bearer": []}] if endpoint.reads_token else [{}]
    if endpoint.callers.access is Access.PUBLIC:
        return [{}, {"bearer": []}]
    return [{"bearer": []}]


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
    """Returns the schema of a value that is left out rather than null."""
    match schema:
        case {"anyOf": [single, {"type": "null"}], **rest}:
            return {**single, **rest}
    return schema


def _request_body(operation: Operation) -> JsonSchema | None:
    endpoint, model = operation.endpoint, operation.binding.body
    if endpoint.is_raw:
        is_json = endpoint.raw_media == "application/json"
        schema: JsonSchema = {"type": "object"} if is_json else {"type": "string"}
        media = {endpoint.raw_media: {"schema": schema, "example": endpoint.example}}
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


def _body_schemas(bodies: Mapping[type[ContractModel], _Body]) -> dict[str, JsonSchema]:
    wanted = [(model, "validation") for model in bodies]
    _, document = models_json_schema(wanted, ref_template=REF, schema_generator=_Schema)  # type: ignore[arg-type]
    schemas: dict[str, JsonSchema] = document.get("$defs", {})
    for model, body in bodies.items():
        if model.__name__ in schemas:
            schemas[model.__name__]["examples"] = [body.example]
    clearing = {model.__name__ for model, body in bodies.items() if body.clears}
    for name in schemas.keys() - clearing:
        properties = schemas[name].get("properties", {})
        for field, schema in properties.items():
            properties[field] = _without_null(schema)
    return schemas


def _responses(endpoint: Endpoint[Any, Any], schemas: Schemas) -> dict[str, JsonSchema]:
    good = _good(endpoint, schemas)
    found: dict[str, JsonSchema] = {
        str(endpoint.status): {
            "description": "Done",
            "headers": answer_headers_of(endpoint, endpoint.status),
            **good,
        }
    }
    for status, meaning in endpoint.also.items():
        headers = answer_headers_of(endpoint, status)
        content = {} if status in (301, 304) else good
        found[str(status)] = {"description": meaning, "headers": headers, **content}
    for status, reasons in refusals_of(endpoint).items():
        is_shared = tuple(reasons) == ALWAYS.get(status)
        found[str(status)] = (
            {"$ref": f"#/components/responses/{_phrase(status)}"}
            if is_shared
            else _problem(status, reasons)
        )
    return dict(sorted(found.items()))


def _shared_problems(paths: Mapping[str, Mapping[str, JsonSchema]]) -> dict[str, JsonSchema]:
    """Returns the refusals that are the same for every operation, as far as any has them."""
    used = {
        answer.get("$ref", "").rpartition("/")[2]
        for operations in paths.values()
        for operation in operations.values()
        for answer in operation["responses"].values()
    }
    return {
        _phrase(status): _problem(status, [*reasons])
        for status, reasons in ALWAYS.items()
        if _phrase(status) in used
    }


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _good(endpoint: Endpoint[Any, Any], schemas: Schemas) -> JsonSchema:
    if endpoint.status in (204, 302):
        return {}
    if endpoint.answer_media:
        return {
            "content": {
                media: {"schema": {"type": "string", "contentMediaType": media}}
                for media in endpoint.answer_media.split(", ")
            }
        }
    if endpoint.reply is not None:
        schema = schemas.composed(endpoint.reply)
        example = endpoint.reply.example()
    else:
        schema = schemas.ref(endpoint.rpc.reply)
        example = example_of_message(endpoint.rpc.reply)
    content: JsonSchema = {"application/json": {"schema": schema, "example": example}}
    if endpoint.stream_media:
        content[endpoint.stream_media] = {"schema": {"type": "string"}}
    return {"content": content}


def _problem(status: int, reasons: list[str]) -> JsonSchema:
    listed = f": {', '.join(f'`{reason}`' for reason in reasons)}" if reasons else ""
    return {
        "description": TITLES[status] + listed,
        "headers": problem_headers_of(status),
        "content": {"application/problem+json": {"schema": _PROBLEM}},
        "x-reasons": reasons,
    }
