"""Google's Gemini."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from .ask import JSON, Ask, Counts, size_of, sse


class Gemini:
    """`POST /v1beta/models/{model}:streamGenerateContent?alt=sse`."""

    name = "gemini"
    reported: Counts | None = None
    content_type = "text/event-stream"
    end_reasons: ClassVar = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}

    def __init__(self) -> None:
        self.model = ""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = model or ""
        ask = Ask(self.model, "")
        for part in body["contents"][-1]["parts"]:
            if "text" in part:
                ask.text += part["text"]
            elif "inlineData" in part:
                ask.images.append((part["inlineData"]["mimeType"], size_of(part["inlineData"]["data"])))
            elif "functionResponse" in part:
                response = part["functionResponse"]["response"]
                ask.tool_result = str(response.get("result", response.get("content")))
        return ask

    def _parts(self, *parts: JSON, **candidate: Any) -> bytes:
        content = {"role": "model", "parts": list(parts)}
        return sse({"candidates": [{"content": content, "index": 0, **candidate}], "modelVersion": self.model})

    def start(self, counts: Counts) -> bytes:
        return b""

    def text(self, text: str) -> bytes:
        return self._parts({"text": text})

    def reasoning(self, text: str) -> bytes:
        return self._parts({"text": text, "thought": True})

    def reasoning_end(self) -> bytes:
        return b""

    def call(self, call_id: str, name: str, fragments: list[str]) -> Iterator[bytes]:
        call = {"name": name, "args": json.loads("".join(fragments)), "id": call_id}
        yield self._parts({"functionCall": call, "thoughtSignature": "Z2VtaW5pLXNpZw=="})

    def end(self, reason: str, counts: Counts) -> bytes:
        self.reported = replace(counts)
        usage = {
            "promptTokenCount": counts.input,
            "cachedContentTokenCount": counts.cached,
            "candidatesTokenCount": counts.output - counts.reasoning,
            "thoughtsTokenCount": counts.reasoning,
            "totalTokenCount": counts.input + counts.output,
        }
        candidate = {"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": self.end_reasons[reason], "index": 0}
        return sse({"candidates": [candidate], "usageMetadata": usage, "modelVersion": self.model})

    def broken(self) -> bytes:
        return b'data: {"candidates": [{"content": \n\n'

    def stream_error(self) -> bytes:
        return sse({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}})

    def error(self, status: int, fault: str, message: str) -> JSON:
        error: JSON = {"code": status, "message": message, "status": "INVALID_ARGUMENT"}
        if fault == "key":  # Gemini answers a wrong key with 400
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
            error |= {"code": 400, "details": [info]}
        elif fault == "model":
            error["status"] = "NOT_FOUND"
        elif fault == "rate":
            error["status"] = "RESOURCE_EXHAUSTED"
        elif fault == "server":
            error["status"] = "UNAVAILABLE" if status == 503 else "INTERNAL"
        return {"error": error}

    def context_words(self) -> tuple[int, str]:
        return 400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."

    def filter_first(self) -> tuple[int, JSON | bytes]:
        self.reported = Counts(input=7)
        return 200, sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 7}})

    def models(self, names: list[str]) -> JSON:
        def entry(name: str) -> JSON:
            return {
                "name": f"models/{name}",
                "displayName": name.title(),
                "inputTokenLimit": 1048576,
                "outputTokenLimit": 65536,
                "supportedGenerationMethods": ["generateContent"],
            }

        embed = {"name": "models/text-embedding-004", "displayName": "E", "supportedGenerationMethods": ["embedContent"]}
        return {"models": [*map(entry, names), embed]}
