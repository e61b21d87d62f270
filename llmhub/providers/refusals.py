"""What a provider refuses, by status first, then by its codes, types and words, in our own classes and words.

What it says is quoted shortened and redacted. The surprise: wrong keys, missing models and filters come with many statuses each.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson

from ..errors import (
    BadAnswer,
    ContextTooLong,
    KeyMissing,
    KeyRejected,
    ModelNotFound,
    ProviderError,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unavailable,
)
from . import faults
from .faults import Place
from .loose import arr, number, obj, text

NO_CREDIT: Final = "no_credit"
"""In the details of a `RateLimited` that waiting does not end."""
_CONTEXT: Final = re.compile(
    r"context[ _]?(length|window|size)|maximum context|prompt is too long|input is too long|too many (input )?tokens|"
    r"token count .{0,40}exceeds|exceeds? .{0,40}(number of tokens|context)|reduce the length|max_prompt|string_above_max_length|"
    r"request_too_large|exceed_context_size",
    re.IGNORECASE,
)
_FILTER: Final = re.compile(
    r"content[_ ]?(filter|policy|management)|responsibleai|safety (system|policy|filter)|"
    r"data_inspection_failed|prohibited_content|moderation",
    re.IGNORECASE,
)
_KEY: Final = re.compile(
    r"api[_ ]?key[_ ](not[_ ]valid|invalid)|invalid[_ ]api[_ ]?key|incorrect api key|invalid x-api-key|authentication_error|"
    r"invalid_authentication",
    re.IGNORECASE,
)
_MODEL: Final = re.compile(
    r"model_not_found|model_not_exist|no such model|unknown model|"
    r"models?\b.{0,120}(not found|does not exist|doesn't exist|not exist|is not supported for|not available)|invalid model|"
    r"not a valid model",
    re.IGNORECASE | re.DOTALL,
)
_NO_CREDIT: Final = re.compile(
    r"insufficient[_ ](quota|balance|credit|funds)|exceeded your current quota|credit balance|billing_hard_limit|payment required|"
    r"add credits",
    re.IGNORECASE,
)


def from_status(status: int, headers: Mapping[str, str], body: bytes, place: Place) -> ProviderError:
    """The error that a status and a body mean: by status first, then by the provider's code, type and words."""
    error = _error_object(body)
    is_page = body.lstrip()[:1] == b"<" or "text/html" in headers.get("content-type", "")
    if is_page and status in (403, 404, 405):
        return faults.web_page(place, status)
    return classify(status, marks_of(error), words_of(error), place, retry_after(headers, error))


def classify(status: int, marks: str, words: str, place: Place, wait: float | None = None) -> ProviderError:
    """The error for a status; `marks` are the provider's codes and words to look for, `words` what may be quoted."""
    names: dict[str, Any] = {**place.names, "status": status}
    said = f" It says: “{quote}”" if (quote := place.quote(words)) else ""
    who = f"'{place.provider}'"
    if status == 401 or (status in (400, 403) and _KEY.search(marks)):
        return _key(place, names)
    # Google says "quota" for every limit; only one that no wait ends means that the money is gone.
    if status == 402 or (status in (429, 400, 403) and _NO_CREDIT.search(marks) and wait is None):
        return RateLimited(
            f"The account at {who} has no credit left.{said}",
            hint="Add credit there, or choose another model.",
            details={"reason": NO_CREDIT},
            **names,
        )
    if (status in (400, 413, 422, 500) and _CONTEXT.search(marks)) or status == 413:
        return ContextTooLong(
            f"The conversation is too long for '{place.model}'.{said}",
            hint="Choose a model with a larger context window, or begin a new conversation.",
            **names,
        )
    if status in (400, 403, 422) and _FILTER.search(marks):
        return faults.filtered(place)
    if status == 404 or (status in (400, 403, 422) and _MODEL.search(marks)):
        return _not_found(place, marks, said, names)
    if status == 403:
        return KeyRejected(
            f"{who} does not allow this with the key it was given.{said}",
            hint="Check what the key may do: its project, its permissions, its region.",
            **names,
        )
    if status == 429:
        return rate_limited(place, wait, said, status)
    if status in (408, 504):
        return TimedOut(f"{who} gave up: its own time limit was reached ({status}).", hint="Try again.", retry_after=wait, **names)
    if status >= 500:
        what = "is overloaded" if status in (503, 529) else "has a fault of its own"
        return Unavailable(f"{who} {what} ({status}).{said}", hint="Try again in a moment.", retry_after=wait, **names)
    if status < 400:
        return BadAnswer(
            f"{who} sends us to another address ({status}).", hint=f"Correct the address of {who}: it is not followed.", **names
        )
    return RequestRejected(f"{who} refused the request ({status}).{said}", hint=_rejected_hint(place), **names)


def rate_limited(place: Place, wait: float | None, said: str = "", status: int | None = 429) -> RateLimited:
    """Too many requests; `wait` is in seconds. The words say when to come back."""
    message = f"'{place.provider}' allows no more requests for now.{said}"
    hint = "Try again in a moment, or choose another model."
    details: dict[str, Any] = {}
    if wait is not None:
        at = datetime.now(UTC) + timedelta(seconds=wait)
        details["retry_at"] = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        message = f"'{place.provider}' allows no more requests for another {duration(wait)}.{said}"
        hint = f"Try again at {at.astimezone():%H:%M}, or choose another model."
    return RateLimited(message, hint=hint, retry_after=wait, details=details, status=status, **place.names)


def duration(seconds: float) -> str:
    """A length of time for a reader: "4 s", "12 min", "3 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{round(seconds / 3600)} h"


def _key(place: Place, names: dict[str, Any]) -> ProviderError:
    if place.keyless:
        return KeyMissing(
            f"'{place.provider}' wants a key, and none is set.",
            hint=f"Enter a key for '{place.provider}' in the settings.",
            **names,
        )
    return KeyRejected(
        f"'{place.provider}' refused the key.",
        hint=f"Check the key of '{place.provider}' in the settings: it may be mistyped, expired, or of another provider.",
        **names,
    )


def _not_found(place: Place, marks: str, said: str, names: dict[str, Any]) -> ProviderError:
    if place.model and (_MODEL.search(marks) or place.model in marks):
        return ModelNotFound(
            f"'{place.provider}' has no model '{place.model}'.", hint="Choose another model from the list.", **names
        )
    return ModelNotFound(
        f"'{place.provider}' knows nothing at {place.base_url}.{said}",
        hint=f"Check the address of '{place.provider}' (it usually ends in /v1) and the model's name.",
        **names,
    )


def _rejected_hint(place: Place) -> str:
    return f"If it is about a parameter, change it, or name it under `drop_params` of '{place.provider}'."


def _error_object(body: bytes) -> dict[str, Any]:
    """The error in a body, whatever the provider wraps it in; {} if there is none."""
    try:
        data: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        words = body[:1000].decode(errors="replace").strip()
        return {"message": words} if words and not words.startswith("<") else {}
    if rows := arr(data):  # Gemini wraps some errors in a list
        data = rows[0]
    outer = obj(data)
    error = outer.get("error", outer)
    if isinstance(error, str):
        return {**outer, "message": error, "error": None}
    return obj(error)


def words_of(error: Mapping[str, Any]) -> str:
    """The provider's own sentence. OpenRouter hides the upstream's one level deeper."""
    raw = text(obj(error.get("metadata")).get("raw"))
    if raw and (inner := text(_error_object(raw.encode()).get("message"))):
        return inner
    return text(error.get("message")) or text(error.get("detail")) or text(error.get("error_description"))


def marks_of(error: Mapping[str, Any]) -> str:
    """Codes, types and words, for looking at only."""
    marks = [error.get(name) for name in ("code", "type", "status", "param")]
    marks.append(obj(error.get("innererror")).get("code"))
    marks += [obj(detail).get("reason") for detail in arr(error.get("details"))]
    return " ".join([*(str(mark) for mark in marks if mark), words_of(error)])


def retry_after(headers: Mapping[str, str], error: Mapping[str, Any]) -> float | None:
    """Seconds to wait: from `retry-after-ms`, `Retry-After` (seconds or a date), or Gemini's RetryInfo."""
    if (milliseconds := number(headers.get("retry-after-ms"))) is not None:
        return max(0.0, milliseconds / 1000)
    if (seconds := number(said := headers.get("retry-after"))) is not None:
        return max(0.0, seconds)
    if said:
        with contextlib.suppress(ValueError):
            when = parsedate_to_datetime(said)
            return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    for detail in map(obj, arr(error.get("details"))):
        if (delay := number(text(detail.get("retryDelay")).removesuffix("s"))) is not None:
            return max(0.0, delay)
    return None
