"""Code with a gap: Ollama's way, completions from before there were chats, and Mistral's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from .ask import JSON, Ask, Counts, sse
from .ollama import Ollama
from .openai import OpenAI


class Generate(Ollama):
    """`POST /api/generate` with a `suffix`. Without one, it would be a question."""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        if not body["suffix"] or "insert" not in self.show(self.model)["capabilities"] or "messages" in body:
            raise KeyError(f"registry.ollama.ai/library/{self.model} does not support insert")
        return Ask(self.model, body["prompt"])

    def _line(self, message: JSON, **more: Any) -> bytes:
        line = {"model": self.model, "created_at": "2026-11-20T00:00:00Z", "response": message["content"]}
        return json.dumps(line | {"done": False} | more).encode() + b"\n"


class Completions(OpenAI):
    """`POST /v1/completions` with `stream: true`: what came before chats."""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        self.usage_wanted = body.get("stream_options", {}).get("include_usage", False)
        return Ask(self.model, body["prompt"], stream=body.get("stream", False))

    def _chunk(self, delta: JSON, finish: str | None = None) -> bytes:
        choice = {"index": 0, "text": delta.get("content", ""), "logprobs": None, "finish_reason": finish}
        return sse({"id": "c1", "object": "text_completion", "model": self.model, "choices": [choice]})


class Fim(OpenAI):
    """Mistral's `POST /v1/fim/completions`: chunks as of chats, usage unasked in the last one, no unknown field."""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        known = {"model", "prompt", "suffix", "stream", "temperature", "top_p", "max_tokens", "min_tokens", "stop", "random_seed"}
        if strange := set(body) - known:
            raise KeyError(f"Extra inputs are not permitted: {strange}")
        return Ask(self.model, body["prompt"], stream=body.get("stream", False))

    def end(self, reason: str, counts: Counts) -> bytes:
        self.reported = replace(counts)
        usage = {"prompt_tokens": counts.input, "completion_tokens": counts.output, "total_tokens": counts.input + counts.output}
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": self.end_reasons[reason]}
        return sse({"id": "c1", "model": self.model, "choices": [choice], "usage": usage}) + b"data: [DONE]\n\n"
