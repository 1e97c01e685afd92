"""The parts of a request that an endpoint's message is made of, and how they are read.

Models and validators are made once, from the endpoint's row and the contract.
"""

import re
from collections.abc import Mapping
from email.message import Message as Headers
from functools import lru_cache, partial
from typing import Any, Final, Generic, Literal, TypeVar, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request

from chassis.rpc.constraints import rules_of
from chassis.rpc.errors import KeyRequired
from chassis.runtime.clock import uuid7
from gateway.context import Context, context_of
from gateway.contracts.fields import type_of
from gateway.contracts.models import ContractModel, Selection, model_of
from gateway.contracts.query_models import Parameters, QueryModel, query_model
from gateway.contracts.rpc import descriptor_of
from gateway.contracts.texts import parse
from gateway.conversions import convert
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from gateway.endpoints.exchange import Exchange
from gateway.endpoints.field_errors import errors_of, field_error, steps_of
from gateway.endpoints.preconditions import version_of
from gateway.endpoints.query_strings import read_query
from gateway.http.languages import accepted_locales
from gateway.http.problems import (
    FieldError,
    MalformedJson,
    MalformedRequest,
    PreconditionRequired,
    UnsupportedMediaType,
)
from gateway.peers import CallOptions

Req = TypeVar("Req", bound=Message)
KEY_PATTERN: Final = re.compile(r"[\x21-\x7e]{1,255}")
_JSON: Final = frozenset({"application/json", "application/json; charset=utf-8"})
# Fields that every endpoint takes from headers.
_FROM_HEADERS: Final = frozenset({"accepted_locales", "channel", "expected_version"})
# Arguments of a message's constructor.
Arguments = dict[str, Any]


class _NoFields(ContractModel):
    """The body of an endpoint that takes none."""


class Binding(Generic[Req]):
    """Reads the requests of one endpoint."""

    def __init__(self, endpoint: Endpoint[Req, Any]) -> None:
        self.endpoint = endpoint
        descriptor = descriptor_of(endpoint.rpc.request)
        self.paths = {
            name: tuple(endpoint.paths.get(name, name).split(".")) for name in endpoint.parameters
        }
        self.path_fields = {
            name: _field_at(descriptor, target) for name, target in self.paths.items()
        }
        self.path_adapters = {
            name: TypeAdapter[str](type_of(field, rules_of(field), is_strict=False))
            for name, field in self.path_fields.items()
        }
        self.body = self._body_model(descriptor)
        self.query = self._query_model(descriptor)
        self._usual_query = self._without_query()
        fields = descriptor.fields_by_name
        self._has_channel = "channel" in fields and "channel" not in self.query.targets
        self._has_view = "view" in fields
        self._has_locales = "accepted_locales" in fields
        self._has_version = endpoint.has_versions
        self._takes_nothing = endpoint.method != "GET" and not endpoint.is_raw
        # Contracts clear a field that is set and empty.
        self._clears = endpoint.method == "PATCH"

    async def read(self, request: Request) -> Exchange[Req]:
        """Returns the request as a message.

        Raises KeyRequired, MalformedRequest, MalformedJson, UnsupportedMediaType, InvalidText,
        PreconditionRequired, MalformedPrecondition.
        """
        context = context_of(request)
        errors: list[FieldError] = []
        if context.question is not None:
            query, path = context.question.query, context.question.path
        else:
            query, path = self._read_head(request, errors)
        key = self._read_key(request.headers, errors)
        if errors and self.body is None:
            raise MalformedRequest(errors)
        given: Arguments = dict(self.endpoint.fixed)
        if self.query.targets:
            given |= query.arguments()
        self._take_context(request, context, given)
        size, body = 0, None
        if self.body is not None:
            content = await _content_of(request, self.endpoint.takes_plain_text)
            size = len(content)
            body = await convert(size, partial(self.read_body, content, given, errors))
        elif self._takes_nothing and _is_json(request.headers.get("content-type", "")):
            content = await _content_of(request, takes_plain_text=False)
            errors += _errors_of_needless(content)
        if errors:
            raise MalformedRequest(errors)
        self._place(path, given)
        options = CallOptions(
            authorization=None if self.endpoint.sends_token else "",
            key=key,
            timeout=self.endpoint.deadline_seconds,
        )
        message = await convert(size, partial(self._message, given))
        expand = frozenset(query.__dict__.get("expand") or ())
        return Exchange(request, message, query, body, expand, options)

    def _read_head(
        self, request: Request, errors: list[FieldError]
    ) -> tuple[QueryModel, Mapping[str, str]]:
        query = self.read_query(request)
        path = self._read_path(request.path_params, errors)
        if isinstance(query, list):
            raise MalformedRequest([*errors, *query])
        return query, path

    def path_values(self, given: Mapping[str, str]) -> Mapping[str, str] | None:
        """Returns the path's parameters; None where one is not of the documented form."""
        errors: list[FieldError] = []
        values = self._read_path(given, errors)
        return None if errors else values

    def read_query(self, request: Request) -> QueryModel | list[FieldError]:
        """Returns the parameters of the query, or what is wrong with them."""
        query_string = request.scope["query_string"]
        if not query_string and self._usual_query is not None:
            return self._usual_query
        return read_query(self.query, query_string)

    def place_of(self, path: str) -> list[str]:
        """Returns the place in the request of a field that a service names by its own path."""
        steps = steps_of(path)
        for name, target in self.paths.items():
            if [*target] == steps:
                return ["path", name]
        for name, target in self.query.targets.items():
            if [*target] == steps[: len(target)]:
                return ["query", name]
        if steps and steps[0] == self.endpoint.body:
            steps = steps[1:]
        return ["body", *steps]

    def _read_path(self, given: Mapping[str, str], errors: list[FieldError]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, adapter in self.path_adapters.items():
            try:
                found[name] = adapter.validate_python(given[name])
            except ValidationError as error:
                errors += errors_of(error, ("path", name))
        return found

    def _read_key(self, headers: Mapping[str, str], errors: list[FieldError]) -> str:
        rule = self.endpoint.key_rule
        if rule is KeyRule.NONE:
            return ""
        key = headers.get("idempotency-key", "")
        if key:
            if KEY_PATTERN.fullmatch(key) is None:
                place, said = ("header", "Idempotency-Key"), "is 1 to 255 visible characters"
                errors.append(field_error(place, "WRONG_FORM", said))
            return key
        is_repeatable = self.endpoint.method == "PATCH" and "if-match" in headers
        if rule is KeyRule.REQUIRED and not is_repeatable:
            raise KeyRequired("send an Idempotency-Key of your choice: this creates or charges")
        return str(uuid7()) if self.endpoint.is_keyed else ""

    def read_body(
        self, content: bytes, arguments: Arguments, errors: list[FieldError]
    ) -> ContractModel | None:
        """Returns the body, and adds what it says of the message, or what is wrong with it."""
        model = cast(type[ContractModel], self.body)
        try:
            value = parse(content, normalizes=not model.reads_texts) if content else {}
        except ValueError:
            raise MalformedJson("the body is no JSON") from None
        try:
            body = model.model_validate(value)
        except ValidationError as error:
            errors += errors_of(error, ("body",), model)
            return None
        given = body.arguments()
        if self._clears:
            given |= {
                name: _empty_value(model.contract.get(name))
                for name in body.cleared()
                if _has_empty_value(model.contract.get(name))
            }
        if self.endpoint.body == WHOLE:
            arguments |= given
        else:
            arguments[cast(str, self.endpoint.body)] = given
        return body

    def _place(self, path: Mapping[str, str], arguments: Arguments) -> None:
        for name, value in path.items():
            place = arguments
            *steps, last = self.paths[name]
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = value

    def _take_context(self, request: Request, context: Context, arguments: Arguments) -> None:
        if self._has_channel and context.channel:
            arguments["channel"] = context.channel
        accepted = request.headers.get("accept-language", "")
        if self._has_locales:
            arguments["accepted_locales"] = accepted_locales(accepted)
        if self._has_view:
            view = arguments.setdefault("view", {})
            view["channel"] = context.channel
            if not view.get("locale"):
                view["accepted_locales"] = accepted_locales(accepted)
        if self._has_version:
            if_match = request.headers.get("if-match", "")
            if self.endpoint.needs_version and not if_match:
                raise PreconditionRequired("send If-Match with the ETag that you saw")
            arguments["expected_version"] = version_of(if_match)

    def _message(self, arguments: Arguments) -> Req:
        try:
            return self.endpoint.rpc.request(**arguments)
        except (ValueError, TypeError, OverflowError, RecursionError):
            # A free document may hold numbers and depths that no message can.
            said = "holds a number or a depth that cannot be stored"
            raise MalformedRequest([field_error(("body",), "NOT_STORABLE", said)]) from None

    def _body_model(self, descriptor: Descriptor) -> type[ContractModel] | None:
        endpoint = self.endpoint
        if endpoint.body is None or endpoint.body_model is not None:
            return endpoint.body_model
        # A field of the request message itself that the path sets is left out of the body.
        optional = frozenset(
            field.full_name for name, field in self.path_fields.items() if len(self.paths[name]) > 1
        )
        if endpoint.body == WHOLE:
            elsewhere = {*endpoint.hidden, *endpoint.fixed, *_FROM_HEADERS}
            elsewhere |= {target[0] for target in self.paths.values() if len(target) == 1}
            return model_of(descriptor, Selection(frozenset(elsewhere), optional))
        field = descriptor.fields_by_name[endpoint.body]
        return model_of(cast(Descriptor, field.message_type), Selection(optional=optional))

    def _query_model(self, descriptor: Descriptor) -> type[QueryModel]:
        endpoint, choices = self.endpoint, self.endpoint.query
        elsewhere = {*choices.without, *endpoint.hidden, *endpoint.fixed, "expected_version"}
        elsewhere |= {target[0] for target in self.paths.values()}
        if "channel" not in choices.renamed:
            elsewhere.add("channel")
        if endpoint.method != "GET":
            elsewhere |= {
                field.name for field in descriptor.fields if field.name not in choices.renamed
            }
        also = dict(choices.also)
        if endpoint.expands:
            also["expand"] = list[Literal[endpoint.expands]]  # type: ignore[name-defined]
        wanted = Parameters(frozenset(elsewhere), choices.renamed, choices.defaults, also)
        return query_model(descriptor, wanted)

    def _without_query(self) -> QueryModel | None:
        try:
            return self.query()
        except ValidationError:
            return None


def _has_empty_value(field: FieldDescriptor | None) -> bool:
    """Returns whether an empty text or message clears a field; the service's mask clears others."""
    return field is None or not (
        field.is_repeated
        or field.enum_type is not None
        or field.cpp_type not in (FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_MESSAGE)
    )


def _empty_value(field: FieldDescriptor | None) -> object:
    return {} if field is not None and field.message_type is not None else ""


def _field_at(descriptor: Descriptor, target: tuple[str, ...]) -> FieldDescriptor:
    field = descriptor.fields_by_name[target[0]]
    for step in target[1:]:
        field = cast(Descriptor, field.message_type).fields_by_name[step]
    return field


async def _content_of(request: Request, takes_plain_text: bool) -> bytes:
    """Returns the body of a request.

    Raises UnsupportedMediaType where there is one that is no JSON, and MalformedRequest where its
    client left before its end.
    """
    try:
        content = await request.body()
    except ClientDisconnect:
        raise MalformedJson("the body ended early") from None
    media = request.headers.get("content-type", "")
    is_plain = takes_plain_text and media.partition(";")[0].strip().lower() == "text/plain"
    if content and not is_plain and not _is_json(media):
        raise UnsupportedMediaType("send the body as application/json")
    return content


def _errors_of_needless(content: bytes) -> list[FieldError]:
    """Returns the errors of a JSON body where none is taken; an empty object is as none.

    Raises MalformedJson.
    """
    if not content:
        return []
    try:
        _NoFields.model_validate(parse(content))
    except ValidationError as error:
        return errors_of(error, ("body",), _NoFields)
    except ValueError:
        raise MalformedJson("the body is no JSON") from None
    return []


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    if content_type in _JSON:
        return True
    headers = Headers()
    headers["content-type"] = content_type
    kind = headers.get_content_subtype()
    is_json = kind == "json" or kind.endswith("+json")
    return bool(content_type) and headers.get_content_maintype() == "application" and is_json
