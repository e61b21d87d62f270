"""How each of the wires puts an answer into bytes, as its public documentation says. Used by `wire_server`.

A dialect reads a request into an `Ask` and writes neutral pieces (text, reasoning, a tool call, the end) as frames.
It knows no behaviour.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

JSON = dict[str, Any]


@dataclass
class Ask:
    """What the client asked for, whatever the wire."""

    model: str
    text: str
    """The text of the last user turn."""
    images: list[tuple[str, int]] = field(default_factory=list)
    """(media type, bytes) of the images in the last user turn."""
    tool_result: str | None = None
    """What the last turn's tool gave back, where the last turn is one."""
    stream: bool = True


@dataclass
class Counts:
    """What the answer reports as used."""

    input: int = 11
    cached: int = 0
    output: int = 0
    reasoning: int = 0


def sse(data: JSON, event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _b64_size(text: str) -> int:
    return len(base64.b64decode(text))


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
                    ask.images.append((head[5:].split(";")[0], _b64_size(data)))
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
                ask.images.append((head[5:].split(";")[0], _b64_size(data)) if url.startswith("data:") else (url, 0))
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
                    (source["media_type"], _b64_size(source["data"])) if source["type"] == "base64" else (source["url"], 0)
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
                ask.images.append((part["inlineData"]["mimeType"], _b64_size(part["inlineData"]["data"])))
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
        ask.images = [("", _b64_size(data)) for data in user.get("images", [])]
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


Dialect = OpenAI | Responses | Anthropic | Gemini | Ollama
DIALECTS: dict[str, Callable[[], Dialect]] = {
    "openai": OpenAI,
    "responses": Responses,
    "anthropic": Anthropic,
    "gemini": Gemini,
    "ollama": Ollama,
}
