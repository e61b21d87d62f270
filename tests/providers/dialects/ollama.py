"""Ollama's own API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .ask import JSON, Ask, Counts, size_of


class Ollama:
    """`POST /api/chat`, one JSON object a line."""

    name = "ollama"
    reported: Counts | None = None
    content_type = "application/x-ndjson"

    def __init__(self) -> None:
        self.model = ""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        last = body["messages"][-1]
        ask = Ask(self.model, "", stream=body.get("stream", True))
        if last["role"] == "tool":
            ask.tool_result = last["content"]
        user = next((m for m in reversed(body["messages"]) if m["role"] == "user"), {"content": ""})
        ask.text = user["content"]
        ask.images = [("", size_of(data)) for data in user.get("images", [])]
        return ask

    def _line(self, message: JSON, **more: Any) -> bytes:
        line = {"model": self.model, "created_at": "2026-11-20T00:00:00Z", "message": {"role": "assistant", **message}}
        return json.dumps(line | {"done": False} | more).encode() + b"\n"

    def start(self, counts: Counts) -> bytes:
        return b""

    def text(self, text: str) -> bytes:
        return self._line({"content": text})

    def reasoning(self, text: str) -> bytes:
        return self._line({"content": "", "thinking": text})

    def reasoning_end(self) -> bytes:
        return b""

    def call(self, call_id: str, name: str, fragments: list[str]) -> Iterator[bytes]:
        function = {"name": name, "arguments": json.loads("".join(fragments))}
        yield self._line({"content": "", "tool_calls": [{"function": function}]})

    def end(self, reason: str, counts: Counts) -> bytes:
        self.reported = Counts(input=counts.input, output=counts.output)
        done = {"done": True, "done_reason": "length" if reason == "length" else "stop", "total_duration": 5}
        return self._line({"content": ""}, **done, prompt_eval_count=counts.input, eval_count=counts.output)

    def broken(self) -> bytes:
        return b'{"model": "x", "message": {"content\n'

    def stream_error(self) -> bytes:
        return b'{"error": "model runner has unexpectedly stopped"}\n'

    def error(self, status: int, fault: str, message: str) -> JSON:
        return {"error": message}

    def context_words(self) -> tuple[int, str]:
        return 400, "the input length exceeds the context length"

    def filter_first(self) -> tuple[int, JSON | bytes] | None:
        return None  # Ollama has no content filter

    def models(self, names: list[str]) -> JSON:
        return {"models": [{"name": n, "model": n, "size": 5, "digest": n, "details": {"family": "test"}} for n in names]}

    def show(self, name: str) -> JSON:
        """Those that say something, and those at a gate, fill gaps too."""
        capabilities = (
            ["completion", "tools"] + (["vision"] if name == "vision" else []) + (["thinking"] if name == "reasoner" else [])
        )
        if name.startswith(("says-", "gated")):
            capabilities.append("insert")
        return {"capabilities": capabilities, "model_info": {"general.architecture": "test", "test.context_length": 40960}}
