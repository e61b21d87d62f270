"""Reading values that others wrote: whatever stands there instead of what was expected is taken for nothing, never for an error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from ...messages import Usage
from .writer import plain

_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 1e11
"""Numbers from here on are no seconds: 10^11 seconds are the year 5138, 10^11 milliseconds 1973."""


def record(value: Any) -> Mapping[str, Any]:
    """An object, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def rows(value: Any) -> list[Any]:
    """An array, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def records(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in an array."""
    return (record(item) for item in rows(value) if isinstance(item, Mapping))


def text(value: Any) -> str:
    """A text, else an empty one."""
    return plain(value) if isinstance(value, str) else ""


def name(value: Any) -> str | None:
    """A text with something in it, on one line."""
    said = " ".join(text(value).split())
    return said or None


def key(value: Any) -> str | None:
    """Something that names a thing: a text or a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value) or None


def number(value: Any) -> float | None:
    """A number, also one in quotes."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found == found and abs(found) != float("inf") else None


def whole(value: Any) -> int | None:
    """A whole number that is not negative."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**53 else None


def time(value: Any) -> datetime | None:
    """A time: seconds or milliseconds since 1970, or ISO 8601; one without a zone is UTC. None for what cannot be one."""
    at: datetime | None = None
    if isinstance(value, str) and not value.strip().replace(".", "", 1).isdigit():
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    elif (found := number(value)) is not None:
        seconds = found / 1000 if abs(found) >= _MILLISECONDS else found
        try:
            at = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            return None
    try:
        return at.astimezone(UTC) if at is not None and _EARLIEST <= at < _LATEST else None
    except (OverflowError, ValueError):
        return None


def span(first: datetime | None, last: datetime | None, *within: datetime | None) -> tuple[datetime, datetime]:
    """When something began and when it last changed, in this order, from what is known of it."""
    known = [at for at in within if at is not None]
    begun = first or min(known, default=None) or last or datetime.now(UTC)
    changed = last or max(known, default=None) or begun
    return (begun, changed) if begun <= changed else (changed, begun)


def dumped(value: Any) -> str:
    """Any JSON as text to show."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def fenced(said: str, language: str = "") -> str:
    """Text as a block of code, whatever backticks are in it."""
    fence = "```"
    while fence in said:
        fence += "`"
    return f"{fence}{language}\n{said.rstrip(chr(10))}\n{fence}"


def usage(given: Any) -> Usage | None:
    """What an answer used, under the names that OpenAI, Ollama and Anthropic have for it."""
    used = record(given)
    spent = whole(used.get("prompt_tokens", used.get("input_tokens", used.get("prompt_eval_count", used.get("input")))))
    made = whole(used.get("completion_tokens", used.get("output_tokens", used.get("eval_count", used.get("output")))))
    return None if spent is None and made is None else Usage(input_tokens=spent, output_tokens=made)
