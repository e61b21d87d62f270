"""An answer in the shape of OpenAI's chat completions: chunk by chunk, or in one piece.

A chunk with text is made of bytes that are ready but for its text: fifty answers at once must leave the machine to those who
compute on it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import orjson

from ...errors import LLMHubError
from ...ids import new_id
from ...messages import FinishReason, ReasoningPart, TextPart, ToolCallPart, Usage
from ...providers.base import AnsweredBy, Finished, Metadata, ModelInfo, ProviderEvent, Reasoning, Text, ToolCall, Used
from .failure import openai_error
from .gathered import Gathered, ending
from .openai_body import METADATA

_REASONS: Final = ("stop", "length", "tool_calls", "content_filter")


class ChatStream:
    """Provider events in, server-sent events out."""

    awake = b": awake\n\n"
    """Keeps proxies from thinking that nobody is there."""

    def __init__(self, model: str, *, include_usage: bool) -> None:
        self.reason: FinishReason | None = None
        self._id = f"chatcmpl-{new_id()}"
        self._created = int(time.time())
        self._include_usage = include_usage
        self._usage: Usage | None = None
        self._calls: set[int] = set()
        self._has_begun = False
        self._use(model)

    def take(self, event: ProviderEvent) -> bytes:
        """The chunks that `event` means; none for what concerns only the bookkeeping."""
        match event:
            case Text(text=text):
                return self._delta(b'{"content":%b}' % orjson.dumps(text))
            case Reasoning(text=text):
                return self._delta(b'{"reasoning_content":%b}' % orjson.dumps(text))
            case ToolCall():
                return self._delta(orjson.dumps({"tool_calls": [self._call(event)]}))
            case Metadata(part_type="tool_call", values=values, index=index) if index in self._calls:
                extra = {"index": index, "function": {"arguments": ""}, "extra_content": {METADATA: dict(values)}}
                return self._delta(orjson.dumps({"tool_calls": [extra]}))
            case AnsweredBy(model=model):
                self._use(model)
            case Used(usage=usage):
                self._usage = usage
            case Finished(reason=reason):
                self.reason = reason
            case _:
                pass
        return b""

    def end(self) -> bytes:
        """The last chunks: how it ended, what was used if that was asked for, and that this was all."""
        reason = _reason(ending(self.reason, called=bool(self._calls)))
        said = self._delta(b"{}", orjson.dumps(reason))
        if self._include_usage and (usage := usage_of(self._usage)) is not None:
            said += b"data: %b[],%b}\n\n" % (self._before, b'"usage":' + orjson.dumps(usage))
        return said + b"data: [DONE]\n\n"

    def fail(self, error: BaseException) -> bytes:
        """An error where the answer should have gone on."""
        return b"data: %b\n\n" % orjson.dumps(openai_error(error)[1])

    def refused(self, error: LLMHubError) -> bool:
        """Whether `error` says only what the reason for the end says already."""
        return self.reason == "content_filter"

    def _use(self, model: str) -> None:
        head = {"id": self._id, "object": "chat.completion.chunk", "created": self._created, "model": model}
        self._before = orjson.dumps(head)[:-1] + b',"choices":'
        self._prefix = b"data: %b" % self._before + b'[{"index":0,"delta":'
        self._suffix = b',"usage":null}\n\n' if self._include_usage else b"}\n\n"

    def _delta(self, delta: bytes, reason: bytes = b"null") -> bytes:
        chunk = b'%b%b,"logprobs":null,"finish_reason":%b}]%b' % (self._prefix, delta, reason, self._suffix)
        if self._has_begun:
            return chunk
        self._has_begun = True
        return self._delta(b'{"role":"assistant","content":""}') + chunk

    def _call(self, event: ToolCall) -> dict[str, Any]:
        if event.index in self._calls:
            return {"index": event.index, "function": {"arguments": event.arguments}}
        self._calls.add(event.index)
        function = {"name": event.name, "arguments": event.arguments}
        return {"index": event.index, "id": event.call_id or f"call_{new_id()}", "type": "function", "function": function}


def completion(said: Gathered) -> dict[str, Any]:
    """A whole answer."""
    thoughts = "".join(part.text for part in said.parts if isinstance(part, ReasoningPart))
    words = "".join(part.text for part in said.parts if isinstance(part, TextPart))
    calls = [_whole_call(part) for part in said.parts if isinstance(part, ToolCallPart)]
    message: dict[str, Any] = {"role": "assistant", "content": words if words or not calls else None, "refusal": None}
    if thoughts:
        message["reasoning_content"] = thoughts
    if calls:
        message["tool_calls"] = calls
    return {
        "id": f"chatcmpl-{new_id()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": said.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(said.ending)}],
        "usage": usage_of(said.usage),
    }


def usage_of(usage: Usage | None) -> dict[str, Any] | None:
    """Tokens as OpenAI counts them; None where the provider counted none."""
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    given, answered = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "prompt_tokens": given,
        "completion_tokens": answered,
        "total_tokens": given + answered,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }


def models_list(models: Sequence[ModelInfo]) -> dict[str, Any]:
    """The models that can be asked."""
    return {"object": "list", "data": [model_of(model) for model in models if model.available]}


def model_of(model: ModelInfo) -> dict[str, Any]:
    """One model."""
    return {"id": model.id, "object": "model", "created": 0, "owned_by": model.provider}


def _reason(reason: FinishReason) -> str:
    return reason if reason in _REASONS else "stop"


def _whole_call(part: ToolCallPart) -> dict[str, Any]:
    function = {"name": part.name, "arguments": part.arguments or "{}"}
    call: dict[str, Any] = {"id": part.call_id or f"call_{new_id()}", "type": "function", "function": function}
    return call | ({"extra_content": {METADATA: part.provider_metadata}} if part.provider_metadata else {})
