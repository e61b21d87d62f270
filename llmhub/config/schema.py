"""The JSON schema of `llmhub.yaml`, for editors: made from the models, printed by `llmhub config schema`, shipped beside this file.

It accepts what llmhub accepts: `${NAME}` where a number or a switch could stand, and sections with nothing under them.
"""

from __future__ import annotations

import json
from typing import Any, cast

from pydantic.json_schema import GenerateJsonSchema

from .settings import Settings

FILE = "llmhub.schema.json"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}


class _Untitled(GenerateJsonSchema):
    """A title that repeats the name would stand above every description."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def settings_schema() -> dict[str, Any]:
    """The document."""
    schema = Settings.model_json_schema(schema_generator=_Untitled)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # what editors' YAML servers know best
        **cast("dict[str, Any]", _lenient(_in_draft_7(schema))),
        "title": "llmhub.yaml",
    }


def schema_text() -> str:
    """The document as it is shipped."""
    return json.dumps(settings_schema(), indent=1, ensure_ascii=False) + "\n"


def _in_draft_7(value: Any) -> Any:
    """`definitions` for `$defs`; a description beside a reference goes round it, where draft 7 would not see it."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        result = {("definitions" if name == "$defs" else name): _in_draft_7(inner) for name, inner in items.items()}
        if isinstance(reference := result.get("$ref"), str):
            del result["$ref"]
            result["allOf"] = [{"$ref": reference.replace("#/$defs/", "#/definitions/")}]
        return result
    return [_in_draft_7(inner) for inner in cast("list[Any]", value)] if isinstance(value, list) else value


def _lenient(value: Any) -> Any:
    """The schema with what the file's reader also takes."""
    if isinstance(value, list):
        return [_lenient(inner) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    result = {
        name: inner if name in ("default", "enum") else _lenient(inner) for name, inner in cast("dict[str, Any]", value).items()
    }
    match result.get("type"):
        case "integer" | "number" | "boolean" as kind:
            bounds = {name: result.pop(name) for name in list(result) if name not in ("description", "default")}
            return {**result, "anyOf": [{**bounds, "type": kind}, _VARIABLE]}
        case "object":
            return {**result, "type": ["object", "null"]}
        case _:
            return result
