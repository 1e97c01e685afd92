"""Query strings as parameters of a model."""

from typing import TypeVar
from unicodedata import normalize
from urllib.parse import parse_qsl

from pydantic import ValidationError

from chassis.campaigns import campaign_name
from gateway.contracts.query_models import QueryModel
from gateway.endpoints.field_errors import errors_of, unknown
from gateway.http.problems import FieldError

Q = TypeVar("Q", bound=QueryModel)
_MOST_TOLD = 20


def read_query(model: type[Q], query_string: bytes) -> Q | list[FieldError]:
    """Returns the parameters of a query string, or what is wrong with it.

    Campaign parameters are known everywhere: an advertisement may link to any page. A parameter
    without a value is as none.
    """
    values: dict[str, str | list[str]] = {}
    strangers: dict[str, None] = {}
    for name, text in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True):
        if name not in model.model_fields:
            if not campaign_name(name):
                strangers[name] = None
        elif not text:
            continue
        elif name in model.lists:
            listed = values.setdefault(name, [])
            assert isinstance(listed, list)
            listed.append(normalize("NFC", text))
        else:
            values[name] = normalize("NFC", text)
    if strangers:
        known = sorted(model.model_fields)
        told = [*strangers][:_MOST_TOLD]
        return [unknown(("query", name), "UNKNOWN_PARAMETER", known) for name in told]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return errors_of(error, ("query",))
