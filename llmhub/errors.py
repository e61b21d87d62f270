"""Everything that can go wrong, as one tree. Each class has a stable `code` that the panel turns into words and buttons.

LLMHubError (code, message, hint, details)
├── ConfigError                         names the setting and where it was read
├── ProviderError (provider, model)
│   ├── KeyRejected · KeyMissing · ModelNotFound · ContextTooLong · ContentRefused · BadAnswer · RequestRejected
│   └── Retryable (retry_after)         RateLimited · Unavailable · TimedOut · Interrupted
├── NotFound (ExchangeGone) · Conflict · TooLarge · Invalid
├── Unreachable                         no llmhub server where a client looks for one
├── StoreError                          Corrupt · NewerVersion · Full · Locked · ReadOnly
└── PolicyError                         AccessDenied · QuotaExceeded

`Fallback` looks only at `Retryable`. The message is for the person who reads it: what happened, to what; the hint says what to
do next. Keys and prompts never stand in either.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, Final


class LLMHubError(Exception):
    """Base of all our errors.

    `message` says what happened, `hint` what to do, `details` is JSON for programs.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = details or {}

    def to_json(self) -> dict[str, Any]:
        """The error as the contract's `{"code", "message", "hint", "details"}`."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "details": self.details}

    def _render_traceback_(self) -> list[str]:
        """What IPython shows, which asks for it by this name: the way to the call, not what llmhub did then; and the hint."""
        ipython: Any = sys.modules["IPython"]
        # Another one of this kind, without the errors that led to it.
        told = Exception.__new__(type(self), f"{self.message} {self.hint}".strip())
        way = _outside(self.__traceback__)
        return ipython.get_ipython().InteractiveTB.structured_traceback(type(self), told, way, tb_offset=1)


def _outside(trace: TracebackType | None) -> TracebackType | None:
    """A traceback up to the first frame of llmhub."""
    if trace is None or str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] == __package__:
        return None
    return TracebackType(_outside(trace.tb_next), trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


class ConfigError(LLMHubError):
    """A setting that cannot be used. `details` hold `key`, `source` (file or variable) and `line` where known."""

    code = "config_error"


# ---- providers


class ProviderError(LLMHubError):
    """A model provider did not do what was asked."""

    code = "provider_error"

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        model: str = "",
        status: int | None = None,
        hint: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.provider = provider
        self.model = model
        self.status = status
        self.details.setdefault("provider", provider)
        self.details.setdefault("model", model)
        if status is not None:
            self.details.setdefault("status", status)


class KeyRejected(ProviderError):
    """The provider refused the key (401, 403)."""

    code = "key_rejected"


class KeyMissing(ProviderError):
    """The provider needs a key and none was found."""

    code = "key_missing"


class ModelNotFound(ProviderError):
    """The provider does not know this model, or no configured provider offers it."""

    code = "model_not_found"


class ContextTooLong(ProviderError):
    """The conversation does not fit into the model's context window."""

    code = "context_too_long"


class ContentRefused(ProviderError):
    """The provider's content filter refused the request or cut the answer."""

    code = "content_refused"


class BadAnswer(ProviderError):
    """The endpoint answered, but not in its protocol (HTML, broken JSON, nothing at all)."""

    code = "bad_answer"


class RequestRejected(ProviderError):
    """The provider refused the request itself (400, 422) for a reason of its own, which the message quotes."""

    code = "request_rejected"


class Retryable(ProviderError):
    """The same request may work later or elsewhere. `retry_after` is in seconds where the provider said so."""

    code = "retryable"

    def __init__(self, message: str, *, retry_after: float | None = None, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.retry_after = retry_after
        if retry_after is not None:
            self.details.setdefault("retry_after", retry_after)


class RateLimited(Retryable):
    """Too many requests (429)."""

    code = "rate_limited"


class Unavailable(Retryable):
    """The provider cannot be reached or is down: refused connection, TLS failure, 500, 502, 503, 529."""

    code = "unavailable"


class TimedOut(Retryable):
    """Nothing came within the time allowed: at connecting, before the first byte, or in mid-stream."""

    code = "timed_out"


class Interrupted(Retryable):
    """The connection or the server died in the middle of the answer. What had arrived is kept."""

    code = "interrupted"


# ---- requests


class NotFound(LLMHubError):
    """No such conversation, message, run, file or provider for this principal."""

    code = "not_found"


class ExchangeGone(NotFound):
    """What went over the wire for a run is not in this server's memory."""

    code = "exchange_gone"


class Conflict(LLMHubError):
    """The thing is in a state in which this cannot be done."""

    code = "conflict"


class TooLarge(LLMHubError):
    """More bytes or characters than the limit. `details` hold `size` and `limit`."""

    code = "too_large"


class Malformed(LLMHubError):
    """The body is not JSON or a parameter cannot be read at all (400)."""

    code = "malformed"


class Invalid(LLMHubError):
    """Well-formed, but it means nothing (422). `details["errors"]` names each field."""

    code = "invalid"


class Unreachable(LLMHubError):
    """A client finds no llmhub server, or the one it knew does not answer."""

    code = "unreachable"


# ---- store


class StoreError(LLMHubError):
    """The conversation store cannot be used."""

    code = "store_error"


class Corrupt(StoreError):
    """The database file is damaged. It is left untouched."""

    code = "store_corrupt"


class NewerVersion(StoreError):
    """The database was written by a newer llmhub. It is left untouched."""

    code = "store_newer_version"


class Full(StoreError):
    """No space left on the disk."""

    code = "store_full"


class Locked(StoreError):
    """Another process holds the database for too long."""

    code = "store_locked"


class ReadOnly(StoreError):
    """The data directory or database cannot be written."""

    code = "store_read_only"


# ---- policy


class PolicyError(LLMHubError):
    """Not allowed to this principal."""

    code = "policy_error"


class AccessDenied(PolicyError):
    """This principal may not do this."""

    code = "access_denied"


class QuotaExceeded(PolicyError):
    """As much is spent as may be until a time: `details["resets_at"]`. `retry_after` are the seconds until then."""

    code = "quota_exceeded"

    def __init__(self, message: str, *, retry_after: int = 1, hint: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(message, hint=hint, details=details)
        self.retry_after = retry_after


def words(error: BaseException) -> dict[str, Any]:
    """Any exception as the contract's error object. A foreign one says only its class: its text may hold a key or a prompt."""
    if isinstance(error, LLMHubError):
        return error.to_json()
    return {
        "code": "internal",
        "message": f"llmhub met an unexpected {type(error).__name__}.",
        "hint": "The server's log has the details. Please report it.",
        "details": {},
    }


def from_words(said: Mapping[str, Any]) -> LLMHubError:
    """The error that `words` made these words of, for clients. A code that no class has is an `LLMHubError` with that code."""
    code, details = str(said.get("code") or LLMHubError.code), dict(said.get("details") or {})
    kind = _kinds().get(code)
    hint = hint_away(str(said.get("hint", "")))
    error: LLMHubError = (kind or LLMHubError)(str(said.get("message", "")), hint=hint, details=details)
    if kind is None:
        error.code = code  # type: ignore[misc]
    if isinstance(error, ProviderError):
        error.provider, error.model = str(details.get("provider", "")), str(details.get("model", ""))
        error.status = details.get("status")
    if isinstance(error, Retryable):
        error.retry_after = details.get("retry_after")
    return error


_AWAY: Final = (
    ("from the list", "that `llmhub models` lists (in a notebook `%llm models`)"),
    ("in the settings", "in JupyterLab's chat settings"),
    ("before Jupyter starts", "before Jupyter or IPython starts"),
    ("Continue goes on from", "In JupyterLab's chat panel, Continue goes on from"),
    ("Send anyway this time, raise the ceiling,", "Raise the ceiling in JupyterLab's chat settings,"),
    ("Reload the list.", "List them again."),
    ("Reload the conversation", "Read the conversation again"),
)


def hint_away(hint: str) -> str:
    """A hint for whoever reads it in Python, in a cell or at a terminal, where there is no panel with its lists and buttons."""
    for there, here in _AWAY:
        hint = hint.replace(there, here)
    return hint


def _kinds() -> dict[str, type[LLMHubError]]:
    found: dict[str, type[LLMHubError]] = {}
    below: list[type[LLMHubError]] = [LLMHubError]
    while below:
        kind = below.pop()
        found.setdefault(kind.code, kind)
        below += kind.__subclasses__()
    return found
