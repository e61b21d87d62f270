"""Plain values → a checked model, or a `ConfigError` that names the setting, the place and what was expected.

It never shows a value: a key pasted into the wrong line must not end up in a log.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..errors import ConfigError
from .layers import Key, Layer, annotation_under, dotted, fields_of, is_mapping

Model = TypeVar("Model", bound=BaseModel)
_SHOWN = 5

_EXPECTED = {
    "string": "text (put it in quotes)",
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "true or false",
    "dict": "`key: value` lines",
    "model": "`key: value` lines",
    "tuple": "a list",
    "list": "a list",
}


def checked(schema: type[Model], layer: Layer) -> Model:
    """The layer's values as a `schema`."""
    values = _with_empty_sections(layer.values, schema)
    try:
        return schema.model_validate(values)
    except ValidationError as exc:
        raise _in_words(schema, layer, exc.errors(include_url=False)) from None


def check_names(schema: type[BaseModel], names: tuple[str, ...], layer: Layer, setting: str) -> None:
    """`locked: [features.vioce]` must name settings that exist."""
    for index, name in enumerate(names):
        here: Any = schema
        for depth, part in enumerate(parts := tuple(name.split("."))):
            above, here = here, annotation_under(here, part)
            if here is None:
                message, hint = _unknown(parts[: depth + 1], above, schema)
                place = layer.place((setting, str(index)))
                raise ConfigError(
                    f"`{setting}` {place.words()} names what is no setting: {message}",
                    hint=hint,
                    details=_details(layer, (setting, str(index))),
                )


def _with_empty_sections(value: Any, kind: Any) -> Any:
    """`providers:` with nothing under it means "no providers", although YAML reads null."""
    if value is None and is_mapping(kind):
        return {}
    if isinstance(value, dict) and is_mapping(kind):
        items = cast(dict[str, Any], value).items()
        return {name: _with_empty_sections(inner, annotation_under(kind, name)) for name, inner in items}
    return cast(Any, value)


def _in_words(schema: type[BaseModel], layer: Layer, faults: list[ErrorDetails]) -> ConfigError:
    keys = [tuple(str(part) for part in fault["loc"] if part != "[key]") for fault in faults]
    said = [_one(schema, layer, key, fault) for key, fault in zip(keys, faults, strict=True)]
    order = sorted(range(len(said)), key=lambda i: layer.place(keys[i]).line or 0)
    messages = [said[i][0] for i in order[:_SHOWN]]
    if len(said) > _SHOWN:
        messages.append(f"… and {len(said) - _SHOWN} more.")
    first = order[0]
    errors = [{**_details(layer, keys[i]), "message": said[i][0], "hint": said[i][1]} for i in order]
    return ConfigError(" ".join(messages), hint=said[first][1], details={**_details(layer, keys[first]), "errors": errors})


def _one(schema: type[BaseModel], layer: Layer, key: Key, fault: ErrorDetails) -> tuple[str, str]:
    """Message and hint for one fault."""
    where = layer.place(key).words()
    what = f"`{dotted(key)}` {where}".rstrip() if key else f"The settings {where}"
    kind = fault["type"]
    context = fault.get("ctx", {})
    match kind:
        case "extra_forbidden":
            message, hint = _unknown(key, _type_at(schema, key[:-1]), schema)
            return f"Unknown setting {where}: {message}", hint
        case "missing":
            return f"`{dotted(key)}` is missing {where}.", f"Add `{key[-1]}:` there."
        case "value_error":
            return f"{what} {context.get('error', 'cannot be used')}.", "Correct it."
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            relation = kind.replace("_", " ").replace("than equal", "than or equal to")
            bound = next((each for name, each in context.items() if name in ("gt", "ge", "lt", "le")), "")
            return f"{what} must be {relation} {bound}.", "Correct the number."
        case "literal_error":
            expected = str(context.get("expected", ""))
            near = difflib.get_close_matches(str(fault["input"]), re.findall("'([^']+)'", expected), n=1, cutoff=0.6)
            return f"{what} must be {expected}." + (f" Did you mean '{near[0]}'?" if near else ""), "Correct it."
        case _:
            expected = _EXPECTED.get(kind.partition("_")[0], fault["msg"])
            return f"{what} is {_found(fault['input'])}, but it must be {expected}.", "Correct it."


def _unknown(key: Key, section: Any, schema: type[BaseModel]) -> tuple[str, str]:
    """Message and hint for a name that does not exist in `section`."""
    known = list(fields_of(section)) if isinstance(section, type) and issubclass(section, BaseModel) else []
    message = f"`{dotted(key)}`."
    near = difflib.get_close_matches(key[-1].lower().replace("-", "_"), known, n=1, cutoff=0.5)
    home = _home(key[-1], schema)
    if near:
        message += f" Did you mean `{dotted((*key[:-1], near[0]))}`?"
    elif home:
        message += f" Did you mean `{home}`?"
    under = f"under `{dotted(key[:-1])}`" if key[:-1] else "at the top"
    return message, f"Known {under}: {', '.join(known)}." if known else "Remove it."


def _home(name: str, kind: Any, way: Key = ()) -> str | None:
    """Where else a setting of this name lives, for one that is indented wrongly."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = fields_of(kind)
        if name in fields and way:
            return dotted((*way, name))
        return next((found for each, inner in fields.items() if (found := _home(name, inner, (*way, each)))), None)
    if is_mapping(kind):
        return _home(name, annotation_under(kind, ""), (*way, "<name>"))
    return None


def _type_at(schema: type[BaseModel], key: Key) -> Any:
    here: Any = schema
    for part in key:
        here = annotation_under(here, part)
    return here


def _found(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(cast(object, value)).__name__}"


def _details(layer: Layer, key: Key) -> dict[str, Any]:
    place = layer.place(key)
    return {"key": dotted(key), "source": place.source} | ({"line": place.line} if place.line is not None else {})
