"""OpenAPI 3.1, made from the table of routes, what each handler says of itself, and the models that check its bodies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from ... import __version__
from ..bodies.failure import ErrorView
from ..doors.failure import Failure
from .operation import Operation, operation_of
from .routes import DOORS, TABLE, handler_of

_METHODS: Final = ("get", "put", "post", "patch", "delete")
_REFS: Final = "#/components/schemas/{model}"
_ERRORS: Final = {
    400: "The request cannot be read.",
    401: "Nobody is logged in.",
    403: "Not logged in, not allowed, or Jupyter's XSRF token is missing.",
    404: "There is no such thing, or it is somebody else's.",
    405: "The address does not know this method.",
    409: "The thing is in a state in which this cannot be done.",
    413: "The body is larger than allowed.",
    422: "Well-formed, but it means nothing; `details.errors` names each field.",
    429: "Too many requests; `Retry-After` says when.",
    500: "An unexpected error; the server's log has the details.",
    502: "A provider's fault.",
    503: "The store or the configuration cannot be used.",
    504: "A provider was silent.",
    507: "No space is left on the disk.",
    529: "A provider is overloaded, as Anthropic says it.",
}
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "model": {"type": "string", "minLength": 1},
    "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"},
}
_ID: Final = {"type": "string", "format": "uuid", "description": "a UUIDv7"}


_PANEL: Final = (
    "Everything the panel can do. Authentication is Jupyter's: its token, or its cookie with X-XSRFToken. "
    "`stream` beside these is a WebSocket: `{watch, after}` and `{unwatch}` in; hello, events, notices and errors out."
)
_OTHERS: Final = (
    "The doors for programs that know OpenAI's or Anthropic's API; answers have the shapes of those, whose own documents describe "
    "them. Authentication is Jupyter's; its token may also come as `Bearer` or in `x-api-key`."
)


@lru_cache(maxsize=4)
def document(base_url: str) -> dict[str, Any]:
    """The document of our own contract, for a server at `base_url`."""
    return _document(TABLE, f"{base_url}llmhub/api", _PANEL, ErrorView)


@lru_cache(maxsize=4)
def doors_document(base_url: str) -> dict[str, Any]:
    """The document of the doors."""
    return _document(DOORS, f"{base_url}llmhub/v1", _OTHERS, Failure)


def _document(table: Sequence[tuple[str, str]], url: str, description: str, failure: Any) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for address, name in table:
        path = address.replace("...}", "}")
        handler = handler_of(name)
        told = {method: operation_of(handler, method) for method in _METHODS}
        operations = {method: _operation(path, method, one, schemas, failure) for method, one in told.items() if one is not None}
        if operations:
            paths[f"/{path}"] = operations | _path_parameters(path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "llmhub",
            "version": __version__,
            "description": description,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "security": [{"token": []}, {"cookie": [], "xsrf": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`token <Jupyter's token>`"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "username-<host>"},
                "xsrf": {"type": "apiKey", "in": "header", "name": "X-XSRFToken"},
            },
        },
    }


def _operation(path: str, method: str, told: Operation, schemas: dict[str, Any], failure: Any) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{method}_{path.replace('/', '_').replace('{', '').replace('}', '').replace('.', '_')}",
        "summary": told.summary,
        "tags": [path.split("/")[0]],
        "responses": _responses(path, told, schemas, failure),
    }
    if told.query is not None:
        described["parameters"] = _query_parameters(told.query, schemas)
    if told.body is not None:
        content = {"application/json": {"schema": _schema(told.body, "validation", schemas)}}
        described["requestBody"] = {"required": told.body_required, "content": content}
    elif told.form:
        file = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        described["requestBody"] = {"required": False, "content": {"multipart/form-data": {"schema": file}}}
    elif told.raw_body:
        content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        described["requestBody"] = {"required": False, "content": content}
        described.setdefault("parameters", []).append(
            {"name": "X-File-Name", "in": "header", "required": False, "schema": {"type": "string"}, "description": "URL-encoded"}
        )
    return described


def _responses(path: str, told: Operation, schemas: dict[str, Any], failure: Any) -> dict[str, Any]:
    good: dict[str, Any] = {"description": told.summary}
    if told.media_type != "application/json":
        good["content"] = _other_content(told, schemas)
    elif told.answer is not None:
        good["content"] = {"application/json": {"schema": _schema(told.answer, "serialization", schemas)}}
    for media_type in told.also_as:
        good.setdefault("content", {})[media_type] = {"schema": {"type": "string"}}
    statuses: set[int] = {400, 401, 403, 500, 503, 507, *told.errors}
    if "{" in path:
        statuses.add(404)
    if told.body is not None or told.query is not None or told.raw_body or told.form:
        statuses |= {413, 422}
    error = {"application/json": {"schema": _schema(failure, "serialization", schemas)}}
    bad = {str(status): {"description": _ERRORS[status], "content": error} for status in sorted(statuses)}
    also = {
        str(status): {
            "description": told.summary,
            "content": {"application/json": {"schema": _schema(kind, "serialization", schemas)}},
        }
        for status, kind in told.also.items()
    }
    return {str(told.status): good, **also, **bad}


def _other_content(told: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if told.answer is bytes:
        return {"*/*": {"schema": {"type": "string"}}}
    contents = {"contentMediaType": "application/json", "contentSchema": _schema(told.answer, "serialization", schemas)}
    data = {"type": "string", **contents}
    if told.media_type == "application/x-ndjson":  # a line each
        return {told.media_type: {"schema": data}}
    event = {"id": {"type": "string"}, "event": {"type": "string"}, "data": data}
    return {told.media_type: {"schema": {"type": "object", "properties": event}}}


def _path_parameters(path: str) -> dict[str, Any]:
    names = [step[1:-1] for step in path.split("/") if step.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": _PARAMETERS.get(name, _ID)} for name in names]
    return {"parameters": parameters} if parameters else {}


def _query_parameters(model: type[BaseModel], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(mode="validation", ref_template=_REFS)
    schemas.update(schema.pop("$defs", {}))
    properties: dict[str, dict[str, Any]] = schema["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": _not_null(inner)} for name, inner in properties.items()]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what is optional is left out."""
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if len(choices) == 1:
        return choices[0]
    return {key: value for key, value in schema.items() if key != "title"}


class _AsWritten(GenerateJsonSchema):
    """In answers a field with a default is always there."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def _schema(kind: Any, mode: JsonSchemaMode, schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to `kind`, whose definition goes to `schemas`. Read and written forms of one type are two definitions."""
    suffix = "" if mode == "serialization" else "Input"
    template = f"#/components/schemas/{{model}}{suffix}"
    schema = TypeAdapter(kind).json_schema(mode=mode, ref_template=template, schema_generator=_AsWritten)
    for name, inner in schema.pop("$defs", {}).items():
        _define(f"{name}{suffix}", inner, schemas)
    if "title" not in schema or schema.get("type") != "object":
        return schema
    name = f"{schema['title']}{suffix}"
    _define(name, schema, schemas)
    return {"$ref": f"#/components/schemas/{name}"}


def _define(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Two types of one name would silently describe one another's values."""
    if schemas.setdefault(name, schema) != schema:
        raise ValueError(f"two types that cross the wire are called {name}")
