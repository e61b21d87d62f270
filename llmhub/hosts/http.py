"""What any web host needs, without a web framework: errors → status codes, JSON text → checked values → JSON text.

Nothing a client sends may surprise what lies behind: text that no database takes (NUL, lone surrogates), numbers that are none,
a field given twice and nesting without end are refused here, in words and with the field named.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final, TypeVar, cast, get_args

import orjson
import pydantic_core
from pydantic import BaseModel, ValidationError

from .. import errors
from ..messages import PartType
from .bodies.fields import PATTERNS, Filters

Model = TypeVar("Model", bound=BaseModel)

DEEPEST: Final = 64
"""Levels of lists and objects within one another in a body."""

_PART_TYPES: Final = get_args(PartType)
_SHAPES: Final = ("function-after[", "tuple[", "list[", "dict[")
"""How pydantic calls the shapes that a value can have."""
_STATUS: Final[tuple[tuple[type[errors.LLMHubError], int], ...]] = (  # the first that fits counts: the narrow before the wide
    (errors.Malformed, 400),
    (errors.AccessDenied, 403),
    (errors.QuotaExceeded, 429),
    (errors.PolicyError, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.TooLarge, 413),
    (errors.Invalid, 422),
    (errors.ModelNotFound, 422),
    (errors.KeyMissing, 422),
    (errors.ContextTooLong, 422),
    (errors.RateLimited, 429),
    (errors.TimedOut, 504),
    (errors.ProviderError, 502),
    (errors.Unreachable, 502),
    (errors.Full, 507),
    (errors.StoreError, 503),
    (errors.ConfigError, 503),
)


def status_of(error: BaseException) -> int:
    """The HTTP status that says what `error` says."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def headers_of(error: BaseException) -> dict[str, str]:
    """Headers that belong to an error: `Retry-After` where there is a time to wait for."""
    if isinstance(error, errors.Locked):
        return {"Retry-After": "1"}
    if isinstance(error, errors.QuotaExceeded):
        # What is refused for hours is not asked again within a second: OpenAI's and Anthropic's clients know the second header.
        return {"Retry-After": str(error.retry_after), "x-should-retry": "false"}
    if isinstance(error, errors.Retryable) and (error.retry_after is not None or isinstance(error, errors.RateLimited)):
        return {"Retry-After": str(max(1, ceil(error.retry_after or 1)))}
    return {}


def error_body(error: BaseException) -> bytes:
    """The contract's `{"error": {"code", "message", "hint", "details"}}`; what is wrong with a field stands in `details.errors`."""
    said = errors.words(error)
    named = said["details"].get("errors")
    if isinstance(named, Mapping):  # the store names its own as an object: for who asks there is one shape
        faults = [{"field": field, "message": message} for field, message in cast("Mapping[str, str]", named).items()]
        said = {**said, "details": {**said["details"], "errors": faults}}
    return to_json({"error": said})


class Written(bytes):
    """An answer that is JSON text already."""


def to_json(value: Any) -> bytes:
    """Models, dataclasses and plain values as JSON text; times come out as RFC 3339."""
    return value if isinstance(value, Written) else pydantic_core.to_json(value)


# ---- reading


def read_json(body: bytes) -> Any:
    """The value that `body` says, as long as everything behind can hold it. Raises `Malformed` or `Invalid`."""
    if not body.strip():
        raise errors.Malformed("The request has no body.", hint="Send a JSON object with Content-Type: application/json.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise errors.Malformed(
            f"The body is not JSON: {exc.msg}, line {exc.lineno}, column {exc.colno}.", hint="Send JSON in UTF-8."
        ) from None
    refuse_what_nothing_holds(value)
    _refuse_fields_given_twice(body)
    return value


def parse(model: type[Model], value: Any) -> Model:
    """`value` as `model`. Raises `Invalid`, which names each field and never quotes what stood in it."""
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise _invalid(exc) from None


def parse_query(model: type[Model], arguments: Mapping[str, Sequence[str]]) -> Model:
    """A query string's arguments as `model`; each may be given once."""
    for name, values in arguments.items():
        if len(values) > 1:
            raise invalid((name, f"given {len(values)} times; give it once"))
        _refuse_text(values[0], name)
    sent = {name: values[0] for name, values in arguments.items() if values}
    return parse(model, model.without_empty(sent) if issubclass(model, Filters) else sent)


def refuse_what_nothing_holds(value: Any) -> None:
    """Raises `Invalid` for text that no database takes, and `Malformed` for what is nested too deep."""
    # Without recursion: the depth is what is being checked.
    level: list[tuple[str, Any]] = [("", value)]
    for _ in range(DEEPEST):
        below: list[tuple[str, Any]] = []
        for path, item in level:
            if isinstance(item, str):
                _refuse_text(item, path)
            elif isinstance(item, dict):
                for key, inner in cast("dict[str, Any]", item).items():
                    _refuse_text(key, path)
                    below.append((f"{path}.{key}" if path else key, inner))
            elif isinstance(item, list):
                for index, inner in enumerate(cast("list[Any]", item)):
                    below.append((f"{path}.{index}" if path else str(index), inner))
        if not below:
            return
        level = below
    raise errors.Malformed(
        f"The body nests lists and objects more than {DEEPEST} levels deep.", hint="Send flatter JSON.", details={"limit": DEEPEST}
    )


def _refuse_text(text: str, path: str) -> None:
    if "\0" in text:
        raise invalid((path, "contains a NUL character, which cannot be stored"))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise invalid((path, "contains half a surrogate pair, which is not text")) from None


def _refuse_fields_given_twice(body: bytes) -> None:
    """Of two equal fields orjson takes the last without a word; what was meant is unknown, so it is refused."""

    def pairs(items: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in items]
        if len(set(names)) < len(names):
            name = next(name for name in names if names.count(name) > 1)
            raise errors.Malformed(f"The field {name[:80]!r} is given twice in one object.", hint="Give each field once.")

    json.loads(body, object_pairs_hook=pairs, parse_int=len, parse_float=len)


def invalid(*fields: tuple[str, str]) -> errors.Invalid:
    """What is wrong with each field, as one error: `invalid(("after", "is not a number"))`."""
    named = [{"field": field or "body", "message": message} for field, message in fields[:20]]
    said = "; ".join(f"{item['field']}: {item['message']}" for item in named[:3])
    more = f" (and {len(fields) - 3} more)" if len(fields) > 3 else ""
    return errors.Invalid(f"{said}{more}.", hint="Correct what is named and send again.", details={"errors": named})


def _invalid(exc: ValidationError) -> errors.Invalid:
    faults = exc.errors(include_url=False, include_input=False)
    # pydantic counts only the items that are right: a list with a wrong one is not too short as well.
    within = {fault["loc"][:steps] for fault in faults for steps in range(1, len(fault["loc"]))}
    faults = [fault for fault in faults if fault["type"] != "too_short" or fault["loc"] not in within]
    said = [(_path(fault["loc"]), _words(fault["type"], fault["msg"], fault.get("ctx", {}))) for fault in faults]
    return invalid(*dict.fromkeys(said))


def _path(location: tuple[int | str, ...]) -> str:
    """Where a fault is: `message.parts.0.text`. A part's type and the name of a shape, which pydantic puts there, are left out."""
    kept = [
        str(step)
        for index, step in enumerate(location)
        if not (step in _PART_TYPES and isinstance(location[index - 1], int) and index + 1 < len(location))
        and not (isinstance(step, str) and step.startswith(_SHAPES))
    ]
    return ".".join(step[:80] for step in kept)


def _words(kind: str, message: str, context: dict[str, Any]) -> str:
    match kind:
        case "string_pattern_mismatch" if context["pattern"] in PATTERNS:
            return PATTERNS[context["pattern"]]
        case "extra_forbidden":
            return "is not a known field"
        case "missing":
            return "is missing"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "should be a JSON object"
        case "tuple_type" | "list_type":
            return "should be a list"
        case "too_short" | "too_long" if context["field_type"] == "Value":  # a key, say: of that pydantic counts "items", too
            return f"is {kind.replace('_', ' ')}"
        case "too_short":
            least = context["min_length"]
            return f"should have at least {least} item{'s' if least > 1 else ''}"
        case "too_long":
            return f"should have at most {context['max_length']} items"
        case "union_tag_not_found":
            return f"lacks its {context['discriminator']}"
        case "union_tag_invalid":
            return f"should have as {context['discriminator']} one of {context['expected_tags']}"
        case "value_error":
            return str(context["error"])
        case _:
            return message[:1].lower() + message[1:]


# ---- logging


def trace_of(error: BaseException) -> str:
    """Where an unexpected error came from, for the log: frames and classes, without the texts that may quote a key or a prompt."""
    lines: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        told = f": {at}" if isinstance(at, AttributeError | NameError | ImportError | NotImplementedError | OSError) else ""
        lines.insert(0, "".join(traceback.format_tb(at.__traceback__)) + f"{type(at).__module__}.{type(at).__qualname__}{told}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\nwhich led to\n\n".join(lines)


def size_words(count: int) -> str:
    """A number of bytes as people say it: "80.0 MB"; whole numbers go without a fraction."""
    for unit, size in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if count >= size:
            return f"{count // size} {unit}" if count % size == 0 else f"{count / size:.1f} {unit}"
    return f"{count} bytes"
