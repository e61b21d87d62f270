"""What of a message is searched, from its parts as they are stored. A part of an unknown type has no words and breaks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any, Final, Literal, cast, get_args

import orjson

Has = Literal["image", "code", "file", "tool"]
HAS: Final[tuple[Has, ...]] = get_args(Has)

_TAG: Final = re.compile(r"<[^<>]*>")
_DEEPEST: Final = 50
_TEXTS: Final = ("text/plain", "text/markdown", "text/latex", "text/html", "application/json")
"""Of a Jupyter output the first of these: they say the same."""


def texts_of(bodies: Iterable[Any], names: Mapping[str, str], instruction: str | None = None) -> list[str]:
    """The texts of a message in their order. `names`: those of stored files, by id."""
    texts = [text for body in bodies for text in _texts(body, names)]
    return [*texts, instruction] if instruction else texts


def has_of(bodies: Iterable[Any]) -> set[Has]:
    """What kinds of things a message holds."""
    found: set[Has] = set()
    for body in bodies:
        match body:
            case {"type": "text", "text": str(text)} if "```" in text or "~~~" in text:
                found.add("code")
            case {"type": "image"}:
                found.add("image")
            case {"type": "file"}:
                found.add("file")
            case {"type": "tool_call"}:
                found.add("tool")
            case {"type": "tool_result"}:
                found.add("tool")
                found |= has_of(_inner(body))
            case {"type": "output"} if any(str(kind).startswith("image/") for kind in _bundle(body)):
                found.add("image")
            case _:
                pass
    return found


def file_ids(bodies: Iterable[Any]) -> set[str]:
    """The stored files whose names a message does not know itself."""
    found: set[str] = set()
    for body in bodies:
        match body:
            case {"type": "image", "file_id": str(id)}:
                found.add(id)
            case {"type": "tool_result"}:
                found |= file_ids(_inner(body))
            case _:
                pass
    return found


def _texts(body: Any, names: Mapping[str, str]) -> Iterable[str]:
    match body:
        case {"type": "text" | "reasoning" | "quote", "text": str(text)}:
            yield text
        case {"type": "tool_call"}:
            yield from _strings(body.get("title"), body.get("name"))
            yield from _arguments(body.get("arguments"))
        case {"type": "tool_result"}:
            for inner in _inner(body):
                yield from _texts(inner, names)
        case {"type": "output"}:
            yield from _output(_bundle(body))
        case {"type": "citation"}:
            yield from _strings(body.get("title"), body.get("locator"), body.get("quote"))
        case {"type": "file"}:
            yield from _strings(body.get("name"))
        case {"type": "image", "file_id": str(id)} if id in names:
            yield names[id]
        case _:
            pass


def _inner(body: Any) -> list[Any]:
    parts = body.get("parts")
    return cast("list[Any]", parts) if isinstance(parts, list) else []


def _bundle(body: Any) -> dict[str, Any]:
    bundle = body.get("mime_bundle")
    return cast("dict[str, Any]", bundle) if isinstance(bundle, dict) else {}


def _strings(*values: Any) -> Iterable[str]:
    return (value for value in values if isinstance(value, str) and value)


def _arguments(written: Any) -> Iterable[str]:
    """The JSON text that a model wrote, as what it means: an escaped line break is no letter n."""
    if not isinstance(written, str):
        return ()
    try:
        return _leaves(orjson.loads(written))
    except orjson.JSONDecodeError:
        return (written,)


def _leaves(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth < _DEEPEST and isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return [text for key, inner in pairs for text in (key, *_leaves(inner, depth + 1))]
    if depth < _DEEPEST and isinstance(value, list):
        return [text for inner in cast("list[Any]", value) for text in _leaves(inner, depth + 1)]
    return [str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _output(bundle: dict[str, Any]) -> Iterable[str]:
    for kind in _TEXTS:
        if kind in bundle:
            value = bundle[kind]
            text = "".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else value
            if kind == "application/json":
                return _leaves(value)
            if isinstance(text, str):
                return (unescape(_TAG.sub(" ", text)) if kind == "text/html" else text,)
    return ()
