"""An answer in the shape of Anthropic's messages: event by event, or in one piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import orjson

from ...errors import BadAnswer, ContentRefused, LLMHubError
from ...ids import new_id
from ...messages import FinishReason, ReasoningPart, TextPart, ToolCallPart, Usage
from ...providers.base import (
    AnsweredBy,
    Finished,
    Metadata,
    ModelInfo,
    PartEnded,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    Used,
)
from .failure import anthropic_error
from .gathered import Gathered, ending
from .signature import signature_of

_REASONS: Final[Mapping[str, str]] = {"length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
_BLOCKS: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}


class MessageStream:
    """Provider events in, server-sent events out. One block is open at a time, as this API's clients expect."""

    awake = b'event: ping\ndata: {"type":"ping"}\n\n'
    """Keeps proxies from thinking that nobody is there."""

    def __init__(self, model: str) -> None:
        self.reason: FinishReason | None = None
        self._model = model
        self._usage: Usage | None = None
        self._has_begun = False
        self._index = -1
        self._open: Literal["", "text", "thinking", "tool_use"] = ""
        self._call = -1
        self._calls: set[int] = set()

    def take(self, event: ProviderEvent) -> bytes:
        """The events that `event` means; none for what concerns only the bookkeeping."""
        match event:
            case Text(text=text):
                return self._ensure("text") + self._delta(b'"text_delta","text":%b' % orjson.dumps(text))
            case Reasoning(text=text):
                return self._ensure("thinking") + self._delta(b'"thinking_delta","thinking":%b' % orjson.dumps(text))
            case ToolCall():
                return self._called(event)
            case Metadata(part_type="reasoning", values=values):
                return self._signed(values)
            case PartEnded():
                return self._close()
            case AnsweredBy(model=model):
                self._model = model
            case Used(usage=usage):
                self._usage = usage
            case Finished(reason=reason):
                self.reason = reason
            case _:
                pass
        return b""

    def end(self) -> bytes:
        """The last events: how it ended and what was used."""
        reason = _reason(ending(self.reason, called=bool(self._calls)))
        delta = {"stop_reason": reason, "stop_sequence": None}
        last = _sse("message_delta", {"delta": delta, "usage": usage_of(self._usage)})
        return self._begin() + self._close() + last + _sse("message_stop", {})

    def fail(self, error: BaseException) -> bytes:
        """An error where the answer should have gone on."""
        return b"event: error\ndata: %b\n\n" % orjson.dumps(anthropic_error(error)[1])

    def refused(self, error: LLMHubError) -> bool:
        """Whether `error` is told by the reason for the end: this API has one for what a model will not say."""
        if isinstance(error, ContentRefused):
            self.reason = "content_filter"
        return self.reason == "content_filter"

    def _begin(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        message = _message(self._model, [], None, self._usage)
        return _sse("message_start", {"message": message})

    def _ensure(self, kind: Literal["text", "thinking"]) -> bytes:
        if self._open == kind:
            return b""
        return self._start(kind, _BLOCKS[kind])

    def _start(self, kind: Literal["text", "thinking", "tool_use"], block: Mapping[str, Any]) -> bytes:
        before = self._begin() + self._close()
        self._index += 1
        self._open = kind
        return before + _sse("content_block_start", {"index": self._index, "content_block": dict(block)})

    def _close(self) -> bytes:
        if not self._open:
            return b""
        self._open, self._call = "", -1
        return _sse("content_block_stop", {"index": self._index})

    def _delta(self, rest: bytes) -> bytes:
        head = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":' % self._index
        return head + rest + b"}}\n\n"

    def _called(self, event: ToolCall) -> bytes:
        said = b""
        if event.index not in self._calls:
            self._calls.add(event.index)
            block: dict[str, Any] = {
                "type": "tool_use",
                "id": event.call_id or f"toolu_{new_id()}",
                "name": event.name,
                "input": {},
            }
            said = self._start("tool_use", block)
            self._call = event.index
        elif self._call != event.index:
            raise BadAnswer("The model wrote two tool calls at once, which this API cannot carry.", hint="Ask without streaming.")
        if event.arguments:
            said += self._delta(b'"input_json_delta","partial_json":%b' % orjson.dumps(event.arguments))
        return said

    def _signed(self, values: Mapping[str, Any]) -> bytes:
        if redacted := _redacted(values):
            said = self._begin() + self._close()
            self._index += 1
            block = {"type": "redacted_thinking", "data": redacted}
            start = _sse("content_block_start", {"index": self._index, "content_block": block})
            return said + start + _sse("content_block_stop", {"index": self._index})
        signature = signature_of(values)
        return self._ensure("thinking") + self._delta(b'"signature_delta","signature":%b' % orjson.dumps(signature))


def message(said: Gathered) -> dict[str, Any]:
    """A whole answer."""
    blocks = [block for part in said.parts if (block := _block(part)) is not None]
    return _message(said.model, blocks, _reason(said.ending), said.usage)


def usage_of(usage: Usage | None) -> dict[str, Any]:
    """Tokens as Anthropic counts them: what came from the cache is not among the input. Unknown is 0: the shape has no other."""
    cached = (usage and usage.cached_tokens) or 0
    given = (usage and usage.input_tokens) or 0
    return {
        "input_tokens": max(given - cached, 0),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "output_tokens": (usage and usage.output_tokens) or 0,
    }


def models_list(models: Sequence[ModelInfo]) -> dict[str, Any]:
    """The models that can be asked, in one page."""
    rows = [model_of(model) for model in models if model.available]
    first, last = (rows[0]["id"], rows[-1]["id"]) if rows else (None, None)
    return {"data": rows, "has_more": False, "first_id": first, "last_id": last}


def model_of(model: ModelInfo) -> dict[str, Any]:
    """One model."""
    return {"type": "model", "id": model.id, "display_name": model.label, "created_at": "1970-01-01T00:00:00Z"}


def _message(model: str, blocks: list[dict[str, Any]], reason: str | None, usage: Usage | None) -> dict[str, Any]:
    return {
        "id": f"msg_{new_id()}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": usage_of(usage),
    }


def _block(part: Any) -> dict[str, Any] | None:
    match part:
        case TextPart(text=text):
            return {"type": "text", "text": text}
        case ReasoningPart(text=text, provider_metadata=metadata):
            if redacted := _redacted(metadata or {}):
                return {"type": "redacted_thinking", "data": redacted}
            return {"type": "thinking", "thinking": text, "signature": signature_of(metadata)}
        case ToolCallPart():
            return {"type": "tool_use", "id": part.call_id or f"toolu_{new_id()}", "name": part.name, "input": _input(part)}
        case _:
            return None


def _input(part: ToolCallPart) -> dict[str, Any]:
    """The input must be an object, and what a model wrote may be none."""
    try:
        value = orjson.loads(part.arguments or "{}")
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"_malformed": part.arguments}  # pyright: ignore[reportUnknownVariableType]


def _redacted(values: Mapping[str, Any]) -> str:
    own = values.get("anthropic")
    found = own.get("redacted") if isinstance(own, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return found if isinstance(found, str) else ""


def _reason(reason: FinishReason) -> str:
    return _REASONS.get(reason, "end_turn")


def _sse(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps({"type": name, **data}))
