"""OpenAI's Responses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .ask import JSON, Ask, Counts, size_of, sse
from .openai import OpenAI


class Responses:
    """`POST /v1/responses` with `stream: true` and `store: false`."""

    name = "responses"
    reported: Counts | None = None
    content_type = "text/event-stream; charset=utf-8"
    error = OpenAI.error
    context_words = OpenAI.context_words
    filter_first = OpenAI.filter_first
    models = OpenAI.models

    def __init__(self) -> None:
        self.model = ""
        self.number = -1
        self.output: list[JSON] = []
        self.open: JSON = {}

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = body["model"]
        if body.get("store") is not False:
            raise KeyError("store: this server keeps nothing")
        ask = Ask(self.model, "", stream=body.get("stream", False))
        last = body["input"][-1]
        if last["type"] == "function_call_output":
            output = last["output"]
            ask.tool_result = output if isinstance(output, str) else "".join(part.get("text", "") for part in output)
        user = next((item for item in reversed(body["input"]) if item.get("role") == "user"), {"content": []})
        for part in user["content"]:
            if part["type"] == "input_text":
                ask.text += part["text"]
            elif part["type"] == "input_image":
                url = part["image_url"]
                head, _, data = url.partition(",")
                ask.images.append((head[5:].split(";")[0], size_of(data)) if url.startswith("data:") else (url, 0))
        return ask

    def _event(self, kind: str, **data: Any) -> bytes:
        self.number += 1
        return sse({"type": kind, "sequence_number": self.number, **data}, kind)

    def _response(self, status: str, **more: Any) -> JSON:
        return {"id": "resp_1", "object": "response", "model": self.model, "status": status, "output": self.output, **more}

    def _item(self, kind: str, **more: Any) -> bytes:
        if self.open.get("type") == kind and kind != "function_call":
            return b""
        out = self._close()
        self.open = {"id": f"{kind[:2]}_{len(self.output)}", "type": kind, **more}
        out += self._event("response.output_item.added", output_index=len(self.output), item=self.open)
        if kind == "message":
            part = {"type": "output_text", "text": "", "annotations": []}
            out += self._event("response.content_part.added", output_index=len(self.output), content_index=0, part=part)
        if kind == "reasoning":
            part = {"type": "summary_text", "text": ""}
            out += self._event("response.reasoning_summary_part.added", output_index=len(self.output), summary_index=0, part=part)
        return out

    def _close(self, **more: Any) -> bytes:
        if not self.open:
            return b""
        item, self.open = {**self.open, "status": "completed", **more}, {}
        out = self._event("response.output_item.done", output_index=len(self.output), item=item)
        self.output.append(item)
        return out

    def start(self, counts: Counts) -> bytes:
        response = self._response("in_progress")
        return self._event("response.created", response=response) + self._event("response.in_progress", response=response)

    def text(self, text: str) -> bytes:
        head = self._item("message", role="assistant", content=[])
        return head + self._event("response.output_text.delta", output_index=len(self.output), content_index=0, delta=text)

    def reasoning(self, text: str) -> bytes:
        head = self._item("reasoning", summary=[], encrypted_content="half")
        return head + self._event(
            "response.reasoning_summary_text.delta", output_index=len(self.output), summary_index=0, delta=text
        )

    def reasoning_end(self) -> bytes:
        return self._close(encrypted_content="c2VhbGVk")

    def call(self, call_id: str, name: str, fragments: list[str]) -> Iterator[bytes]:
        yield self._item("function_call", call_id=call_id, name=name, arguments="")
        for fragment in fragments:
            yield self._event("response.function_call_arguments.delta", output_index=len(self.output), delta=fragment)
        yield self._close(arguments="".join(fragments))

    def end(self, reason: str, counts: Counts) -> bytes:
        self.reported = replace(counts)
        out = self._close()
        usage = {
            "input_tokens": counts.input,
            "input_tokens_details": {"cached_tokens": counts.cached},
            "output_tokens": counts.output,
            "output_tokens_details": {"reasoning_tokens": counts.reasoning},
            "total_tokens": counts.input + counts.output,
        }
        why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(reason)
        status = "incomplete" if why else "completed"
        response = self._response(status, usage=usage, incomplete_details={"reason": why} if why else None)
        return out + self._event(f"response.{status}", response=response)

    def broken(self) -> bytes:
        return b'event: response.output_text.delta\ndata: {"type": "response.output_text.delta", "del\n\n'

    def stream_error(self) -> bytes:
        error = {"code": "server_error", "message": "The model failed to generate a response."}
        return self._event("response.failed", response=self._response("failed", error=error))
