"""Our errors in the shapes of OpenAI's and Anthropic's APIs: status, type and code are what their clients look at.

The surprise: a provider's key that is missing or refused is 403, not 401. 401 means that the door itself does not know who asks,
and no other key of the client's would mend the provider's.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from ... import errors
from ...messages import Value
from ...providers.refusals import NO_CREDIT


class OpenAIFault(Value):
    """What went wrong, as OpenAI says it."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIFailure(Value):
    """Every failure, for a client of OpenAI's."""

    error: OpenAIFault


class AnthropicFault(Value):
    """What went wrong, as Anthropic says it."""

    type: str
    message: str


class AnthropicFailure(Value):
    """Every failure, for a client of Anthropic's."""

    type: Literal["error"]
    error: AnthropicFault
    request_id: str | None


Failure = OpenAIFailure | AnthropicFailure
"""A door's failures: the first, and the second for who sends `anthropic-version` or asks for `messages`."""


class _Said(NamedTuple):
    status: int
    openai_type: str
    openai_code: str | None
    anthropic_type: str


_REQUEST: Final = "invalid_request_error"
_SAID: Final[tuple[tuple[type[errors.LLMHubError], _Said], ...]] = (  # the first that fits counts: the narrow before the wide
    (errors.KeyMissing, _Said(403, "permission_error", "key_missing", "permission_error")),
    (errors.KeyRejected, _Said(403, "permission_error", "key_rejected", "permission_error")),
    (errors.ModelNotFound, _Said(404, _REQUEST, "model_not_found", "not_found_error")),
    (errors.ContextTooLong, _Said(400, _REQUEST, "context_length_exceeded", _REQUEST)),
    (errors.ContentRefused, _Said(400, _REQUEST, "content_filter", _REQUEST)),
    (errors.RequestRejected, _Said(400, _REQUEST, "request_rejected", _REQUEST)),
    (errors.RateLimited, _Said(429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error")),
    (errors.TimedOut, _Said(504, "server_error", "timed_out", "timeout_error")),
    (errors.Unavailable, _Said(503, "server_error", "unavailable", "api_error")),
    (errors.ProviderError, _Said(502, "server_error", None, "api_error")),
    (errors.Malformed, _Said(400, _REQUEST, None, _REQUEST)),
    (errors.Invalid, _Said(400, _REQUEST, None, _REQUEST)),
    (errors.TooLarge, _Said(413, _REQUEST, "request_too_large", "request_too_large")),
    (errors.QuotaExceeded, _Said(429, "insufficient_quota", "insufficient_quota", "rate_limit_error")),
    (errors.PolicyError, _Said(403, "permission_error", "access_denied", "permission_error")),
    (errors.NotFound, _Said(404, _REQUEST, "not_found", "not_found_error")),
    (errors.StoreError, _Said(503, "server_error", None, "api_error")),
    (errors.ConfigError, _Said(503, "server_error", "config_error", "api_error")),
)
_NUMBERS: Final = {
    400: _Said(400, _REQUEST, None, _REQUEST),
    401: _Said(401, "authentication_error", "invalid_api_key", "authentication_error"),
    403: _Said(403, "permission_error", "access_denied", "permission_error"),
    404: _Said(404, _REQUEST, "not_found", "not_found_error"),
    405: _Said(405, _REQUEST, "method_not_allowed", _REQUEST),
    413: _Said(413, _REQUEST, "request_too_large", "request_too_large"),
}
_INTERNAL: Final = _Said(500, "server_error", "internal", "api_error")
NOBODY: Final = errors.LLMHubError(
    "The key that was sent is not this Jupyter server's token.",
    hint="Send the token as 'Authorization: Bearer <token>' or as 'x-api-key: <token>'.",
)
"""What an anonymous request is told."""


def openai_error(error: BaseException, status: int = 500) -> tuple[int, dict[str, Any]]:
    """Status and body for a client of OpenAI's. `status` counts for what Jupyter says by a number alone."""
    said = _said(error, status)
    kind, code = said.openai_type, said.openai_code or getattr(error, "code", None)
    if isinstance(error, errors.RateLimited) and error.details.get("reason") == NO_CREDIT:
        kind = code = "insufficient_quota"
    elif isinstance(error, errors.Invalid | errors.Malformed):
        code = None
    body = {"message": _message(error), "type": kind, "param": _field(error), "code": code}
    return said.status, {"error": body}


def anthropic_error(error: BaseException, status: int = 500) -> tuple[int, dict[str, Any]]:
    """The same for a client of Anthropic's."""
    said = _said(error, status)
    kind = said.anthropic_type
    if isinstance(error, errors.Unavailable) and error.status in (503, 529):
        said, kind = said._replace(status=529), "overloaded_error"
    return said.status, {"type": "error", "error": {"type": kind, "message": _message(error)}, "request_id": None}


def _said(error: BaseException, status: int) -> _Said:
    if error is NOBODY:
        return _NUMBERS[401]
    for kind, said in _SAID:
        if isinstance(error, kind):
            return said
    return _NUMBERS.get(status, _INTERNAL)


def _message(error: BaseException) -> str:
    words = errors.words(error)
    return f"{words['message']} {words['hint']}".strip()


def _field(error: BaseException) -> str | None:
    """What is wrong, where the error names it."""
    if isinstance(error, errors.ModelNotFound):
        return "model"
    named = error.details.get("errors") if isinstance(error, errors.Invalid) else None
    return named[0]["field"] if named else None
