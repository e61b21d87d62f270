"""Anthropic's Messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from .ask import JSON, Ask, Counts, size_of, sse


class Anthropic:
    """`POST /v1/messages` with `stream: true`."""

    name = "anthropic"
    reported: Counts | None = None
    content_type = "text/event-stream; charset=utf-8"
    end_reasons: ClassVar = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}

    def __init__(self) -> None:
        self.index = -1
        self.open: str | None = None
        self.model = ""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        ask = Ask(self.model, "", stream=body.get("stream", False))
        last = body["messages"][-1]
        for part in last["content"] if isinstance(last["content"], list) else [{"type": "text", "text": last["content"]}]:
            if part["type"] == "text":
                ask.text += part["text"]
            elif part["type"] == "image":
                source = part["source"]
                ask.images.append(
                    (source["media_type"], size_of(source["data"])) if source["type"] == "base64" else (source["url"], 0)
                )
            elif part["type"] == "tool_result":
                content = part["content"]
                ask.tool_result = content if isinstance(content, str) else "".join(c.get("text", "") for c in content)
        return ask

    def start(self, counts: Counts) -> bytes:
        self.reported = Counts(input=counts.input, cached=counts.cached, output=1)
        usage = {
            "input_tokens": counts.input - counts.cached,
            "cache_read_input_tokens": counts.cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": 1,
        }
        message = {"id": "m1", "type": "message", "role": "assistant", "model": self.model, "content": [], "usage": usage}
        return sse({"type": "message_start", "message": message}, "message_start") + sse({"type": "ping"}, "ping")

    def _block(self, kind: str, block: JSON) -> bytes:
        out = b""
        if self.open == kind and kind != "tool_use":
            return out
        out = self._close()
        self.index += 1
        self.open = kind
        return out + sse({"type": "content_block_start", "index": self.index, "content_block": block}, "content_block_start")

    def _close(self) -> bytes:
        if self.open is None:
            return b""
        self.open = None
        return sse({"type": "content_block_stop", "index": self.index}, "content_block_stop")

    def _delta(self, delta: JSON) -> bytes:
        return sse({"type": "content_block_delta", "index": self.index, "delta": delta}, "content_block_delta")

    def text(self, text: str) -> bytes:
        return self._block("text", {"type": "text", "text": ""}) + self._delta({"type": "text_delta", "text": text})

    def reasoning(self, text: str) -> bytes:
        start = self._block("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        return start + self._delta({"type": "thinking_delta", "thinking": text})

    def reasoning_end(self) -> bytes:
        signed = self._delta({"type": "signature_delta", "signature": "c2lnbmVk"}) + self._close()
        return signed + self._block("redacted_thinking", {"type": "redacted_thinking", "data": "cmVkYWN0ZWQ="}) + self._close()

    def call(self, call_id: str, name: str, fragments: list[str]) -> Iterator[bytes]:
        yield self._block("tool_use", {"type": "tool_use", "id": call_id, "name": name, "input": {}})
        for fragment in fragments:
            yield self._delta({"type": "input_json_delta", "partial_json": fragment})

    def end(self, reason: str, counts: Counts) -> bytes:
        delta = {"stop_reason": self.end_reasons[reason], "stop_sequence": None}
        message_delta = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": counts.output}}
        self.reported = replace(self.reported or Counts(), output=counts.output)
        return self._close() + sse(message_delta, "message_delta") + sse({"type": "message_stop"}, "message_stop")

    def broken(self) -> bytes:
        return b'event: content_block_delta\ndata: {"type": "content_block_delta", "delta": {"te\n\n'

    def stream_error(self) -> bytes:
        return sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error")

    def error(self, status: int, fault: str, message: str) -> JSON:
        kind = {
            "key": "authentication_error",
            "model": "not_found_error",
            "rate": "rate_limit_error",
            "server": "overloaded_error" if status == 529 else "api_error",
        }.get(fault, "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}}

    def context_words(self) -> tuple[int, str]:
        return 400, "prompt is too long: 208310 tokens > 200000 maximum"

    def filter_first(self) -> tuple[int, JSON | bytes]:
        return 200, self.start(Counts()) + self.end("content_filter", Counts())

    def models(self, names: list[str]) -> JSON:
        data = [{"type": "model", "id": n, "display_name": n.title(), "created_at": "2026-01-01T00:00:00Z"} for n in names]
        return {"data": data, "has_more": False, "first_id": names[0], "last_id": names[-1]}
