"""`Shape`: what an answer has to be: an object of a schema, or any JSON; how it is asked for, and read out of what came."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from ...errors import Invalid
from ...params import schema_fault

_FENCE: Final = re.compile(r"```[\w-]*\n(.*?)\n?```", re.DOTALL)
_SAID: Final = 1500
"""Characters of a schema up to which it is said in words too, for models that take no schema."""


class Mismatch(Exception):
    """An answer that is not as it should be; the text says why, for the model as for a person."""


class Shape(Protocol):
    """What an answer has to be."""

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema that a provider is given, which is one of an object."""
        ...

    @property
    def instruction(self) -> str:
        """What the model is told."""
        ...

    def read(self, text: str) -> Any:
        """The value that an answer's text holds. Raises `Mismatch`."""
        ...


class AnyJson:
    """Any JSON value."""

    schema: dict[str, Any] | None = None
    instruction = "Answer with JSON only: no words before or after it, no code fence."

    def read(self, text: str) -> Any:
        """The value."""
        return _json(text)


class OfSchema:
    """An object as a JSON schema, a pydantic model or a type says."""

    def __init__(self, schema: dict[str, Any], adapter: TypeAdapter[Any] | None) -> None:
        self._own = schema
        self._adapter = adapter
        self._is_wrapped = schema.get("type") != "object"
        self.schema: dict[str, Any] | None = _wrapped(schema) if self._is_wrapped else schema

    @property
    def instruction(self) -> str:
        """For models that take no schema, too."""
        text = json.dumps(self.schema, ensure_ascii=False)
        return AnyJson.instruction + (f" It fits this JSON schema: {text}" if len(text) <= _SAID else "")

    def read(self, text: str) -> Any:
        """The object: an instance of the model, if there is one, else plain JSON."""
        value: Any = _json(text)
        if self._is_wrapped and isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {"value"}:
            value = cast("dict[str, Any]", value)["value"]
        if self._adapter is None:
            return self._checked(value)
        try:
            return self._adapter.validate_python(value)
        except ValidationError as exc:
            faults = exc.errors(include_url=False, include_input=False)
            raise Mismatch("; ".join(f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}" for each in faults[:5])) from None

    def _checked(self, value: Any) -> Any:
        from jsonschema import Draft202012Validator  # on first use: it takes a tenth of a second

        validator: Any = Draft202012Validator(self._own)
        for fault in validator.iter_errors(value):
            place = str(fault.json_path).removeprefix("$").lstrip(".")
            raise Mismatch(f"{place or 'it'}: {fault.message}"[:500])
        return value


def shape_of(schema: Any, name: str = "schema") -> Shape:
    """From a pydantic model, a dataclass, a type such as `list[int]`, or a JSON schema as dictionary or JSON. Raises `Invalid`."""
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except ValueError as exc:
            raise Invalid(f"{name} is no JSON schema: it is not JSON ({exc}).", hint="Give a pydantic model or a schema.") from None
    if isinstance(schema, Mapping):
        told = dict(cast("Mapping[str, Any]", schema))
        if fault := schema_fault(told):
            raise Invalid(f"{name} {fault}.", hint="Give a pydantic model, or a JSON schema as a dictionary.")
        return OfSchema(told, None)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(schema)
        made = adapter.json_schema()
    except (PydanticUserError, TypeError, AttributeError, NameError):
        kind = schema.__name__ if isinstance(schema, type) else f"a {type(schema).__name__}"
        raise Invalid(
            f"{name} is {kind}, which has no schema.", hint="Give a pydantic model, a dataclass, or a JSON schema as a dictionary."
        ) from None
    return OfSchema(made, adapter)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return TypeAdapter(Any).dump_python(value, mode="json")


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    """In an object, as providers want it."""
    inner = {name: each for name, each in schema.items() if name != "$defs"}
    shared = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return {"type": "object", "properties": {"value": inner}, "required": ["value"], "additionalProperties": False, **shared}


def _json(text: str) -> Any:
    """The JSON in an answer: all of it, what stands in its code block, or from the first bracket to its end."""
    fenced = _FENCE.search(text)
    for candidate in (text, fenced[1] if fenced else ""):
        if candidate.strip():
            try:
                return json.loads(candidate)
            except (ValueError, RecursionError):
                pass
    begin = re.search(r"[\[{]", text)
    if begin is not None:
        try:
            return json.JSONDecoder().raw_decode(text[begin.start() :])[0]
        except (ValueError, RecursionError) as exc:
            raise Mismatch(f"it is not JSON: {exc}") from None
    raise Mismatch("it is not JSON")
