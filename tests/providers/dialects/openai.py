"""OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from .ask import JSON, Ask, Counts, size_of, sse


class OpenAI:
    """`POST /v1/chat/completions` with `stream: true`."""

    name = "openai"
    reported: Counts | None = None
    content_type = "text/event-stream; charset=utf-8"
    end_reasons: ClassVar = {"stop": "stop", "length": "length", "tool_calls": "tool_calls", "content_filter": "content_filter"}

    def __init__(self) -> None:
        self.model = ""
        self.calls = 0
        self.reasoning_field = "reasoning_content"

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        self.usage_wanted = body.get("stream_options", {}).get("include_usage", False)
        last = body["messages"][-1]
        ask = Ask(self.model, "", stream=body.get("stream", False))
        if last["role"] == "tool":
            ask.tool_result = last["content"]
        user = next((m for m in reversed(body["messages"]) if m["role"] == "user"), {"content": ""})
        for part in user["content"] if isinstance(user["content"], list) else [{"type": "text", "text": user["content"]}]:
            if part["type"] == "text":
                ask.text += part["text"]
            elif part["type"] == "image_url":
                url = part["image_url"]["url"]
                if url.startswith("data:"):
                    head, data = url.split(",", 1)
                    ask.images.append((head[5:].split(";")[0], size_of(data)))
                else:
                    ask.images.append((url, 0))
        return ask

    def _chunk(self, delta: JSON, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return sse({"id": "c1", "object": "chat.completion.chunk", "model": self.model, "choices": [choice]})

    def start(self, counts: Counts) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def reasoning(self, text: str) -> bytes:
        return self._chunk({self.reasoning_field: text})

    def reasoning_end(self) -> bytes:
        return b""

    def call(self, call_id: str, name: str, fragments: list[str]) -> Iterator[bytes]:
        index, self.calls = self.calls, self.calls + 1
        yield self._chunk(
            {"tool_calls": [{"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}]}
        )
        for fragment in fragments:
            yield self._chunk({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})

    def end(self, reason: str, counts: Counts) -> bytes:
        out = self._chunk({}, self.end_reasons[reason])
        if self.usage_wanted:
            self.reported = replace(counts)
            usage = {
                "prompt_tokens": counts.input,
                "completion_tokens": counts.output,
                "total_tokens": counts.input + counts.output,
                "prompt_tokens_details": {"cached_tokens": counts.cached},
                "completion_tokens_details": {"reasoning_tokens": counts.reasoning},
            }
            out += sse({"id": "c1", "object": "chat.completion.chunk", "model": self.model, "choices": [], "usage": usage})
        return out + b"data: [DONE]\n\n"

    def broken(self) -> bytes:
        return b'data: {"choices": [{"delta": {"content": "oops"\n\n'

    def stream_error(self) -> bytes:
        return sse({"error": {"message": "The engine is overloaded", "type": "server_error", "code": 503}})

    def error(self, status: int, fault: str, message: str) -> JSON:
        kinds = {
            "key": ("invalid_request_error", "invalid_api_key"),
            "model": ("invalid_request_error", "model_not_found"),
            "context": ("invalid_request_error", "context_length_exceeded"),
            "filter": ("invalid_request_error", "content_filter"),
            "rate": ("requests", "rate_limit_exceeded"),
            "server": ("server_error", None),
            "request": ("invalid_request_error", "invalid_value"),
        }
        kind, code = kinds[fault]
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}

    def context_words(self) -> tuple[int, str]:
        return 400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 12000 tokens."

    def filter_first(self) -> tuple[int, JSON | bytes]:
        return 400, self.error(400, "filter", "The response was filtered due to the prompt triggering a content policy.")

    def models(self, names: list[str]) -> JSON:
        return {"object": "list", "data": [{"id": n, "object": "model", "created": 1, "owned_by": "wire"} for n in names]}
