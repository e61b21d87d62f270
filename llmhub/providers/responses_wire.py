"""OpenAI's Responses API, for the models that are offered nowhere else: o-series pro, codex, deep research.

Nothing is kept at the provider (`store: false`): what the model thought comes sealed, and goes back untouched with the history.
The surprise: a thought, a text and a call are items of one list here, and a thought must stand right before what it led to.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any, Final

import orjson

from ..errors import RequestRejected
from ..messages import Adaptation, Usage
from .adapter import Adapter, chosen, left_out
from .base import (
    Metadata,
    ModelRequest,
    OnlyTool,
    PartEnded,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    ToolChoice,
    ToolSpec,
    closing,
)
from .caching import cache_key, wants_caching
from .faults import Place
from .history import Attached, Called, History, Item, Returned, Said, Seen, Thought, Turn, history_of
from .lenient import Lenient
from .loose import count, obj, text
from .reading import WireReader
from .sources import Sources

WIRE: Final = "responses"
_SEALED: Final = "reasoning.encrypted_content"
_LEAVABLE: Final = ("encrypted", "summar", "temperature", "top_p", "prompt_cache_key", "verbosity")
"""What a refusal may name, and what the request is then sent without."""


class ResponsesWire:
    """Beside `OpenAIWire`, at the same `base_url`."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._asking = Lenient(adapter, "/responses", ResponseReader, _named)

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`."""
        history = await history_of(request, WIRE, attachable=("application/pdf",), call_ids=".{1,64}")
        async with closing(self._asking.stream(request, partial(self._body, request, history))) as events:
            async for event in events:
                yield event

    def _body(
        self, request: ModelRequest, history: History, refused: frozenset[str]
    ) -> tuple[dict[str, Any], tuple[Adaptation, ...]]:
        """The request, and what has been changed of it."""
        params, adapted = dict(request.params), list(history.adapted)
        adapted += left_out(params, ("temperature", "top_p", "verbosity"), "refused", only=refused)
        facts = self._adapter.facts(request.model)
        thinks = "reasoning" in facts.capabilities or not facts.capabilities
        effort, schema, verbosity = (params.pop(name, None) for name in ("reasoning_effort", "json_schema", "verbosity"))
        if "reasoning" in facts.capabilities and effort != "none":  # they refuse these while they think
            adapted += left_out(params, ("temperature", "top_p"), "while_reasoning")
        names = {"temperature": "temperature", "top_p": "top_p", "max_tokens": "max_output_tokens"}
        body: dict[str, Any] = {
            **chosen(params, names),
            "model": request.model,
            "input": [item for turn in history.turns for item in _items(turn)],
            "stream": True,
            "store": False,
        }
        if history.system:
            body["instructions"] = history.system
        if thinks:
            reasoning = {"effort": effort, "summary": None if "summar" in refused else "auto"}
            body["reasoning"] = {name: value for name, value in reasoning.items() if value}
            if "encrypted" not in refused:
                body["include"] = [_SEALED]
        if schema is not None:
            body["text"] = {"format": _format(schema)}
        if verbosity:
            body.setdefault("text", {})["verbosity"] = verbosity
        tools = [_function(tool) for tool in request.tools]
        if "deep-research" in request.model:
            tools.append({"type": "web_search_preview"})  # they do nothing without a place to search
        if tools:
            body["tools"] = tools
        if request.tools and request.tool_choice is not None:
            body["tool_choice"] = _choice(request.tool_choice)
        if wants_caching(request) and "prompt_cache_key" not in refused and self._adapter.official:
            body["prompt_cache_key"] = cache_key(request)
        return self._adapter.trimmed(body), tuple(adapted)


def _named(exc: RequestRejected, body: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in _LEAVABLE if name in exc.message)


def _function(tool: ToolSpec) -> dict[str, Any]:
    # Strict is what they take it for otherwise, and few schemas are.
    schema = dict(tool.parameters)
    return {"type": "function", "name": tool.name, "description": tool.description, "parameters": schema, "strict": False}


def _format(schema: Mapping[str, Any]) -> dict[str, Any]:
    if schema == {"type": "object"}:
        return {"type": "json_object"}
    return {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}


def _choice(choice: ToolChoice) -> str | dict[str, str]:
    return {"type": "function", "name": choice.name} if isinstance(choice, OnlyTool) else choice


def _items(turn: Turn) -> Iterable[dict[str, Any]]:
    """A turn as items: what was said in one message, thoughts, calls and results in items of their own, in their order."""
    said: list[dict[str, Any]] = []

    def message() -> Iterable[dict[str, Any]]:
        if said:
            yield {"type": "message", "role": "assistant" if turn.role == "assistant" else "user", "content": [*said]}
            said.clear()

    for item in turn.items:
        match item:
            case Thought(text=words, metadata=metadata):
                if sealed := text(metadata.get("encrypted_content")):
                    yield from message()
                    summary = [{"type": "summary_text", "text": words}] if words else []
                    yield {"type": "reasoning", "id": text(metadata.get("id")), "summary": summary, "encrypted_content": sealed}
            case Called():
                yield from message()
                yield {"type": "function_call", "call_id": item.call_id, "name": item.name, "arguments": item.arguments}
            case Returned():
                yield {"type": "function_call_output", "call_id": item.call_id, "output": _output(item)}
            case _:
                said += _content(item, "output_text" if turn.role == "assistant" else "input_text")
    yield from message()


def _content(item: Item, kind: str) -> list[dict[str, Any]]:
    match item:
        case Said(text=words):
            return [{"type": kind, "text": words}]
        case Seen():
            url = item.url or f"data:{item.media_type};base64,{b64encode(item.data).decode()}"
            return [{"type": "input_image", "image_url": url, "detail": "auto"}]
        case Attached():
            url = f"data:{item.media_type};base64,{b64encode(item.data).decode()}"
            return [{"type": "input_file", "filename": item.name, "file_data": url}]
        case _:
            return []


def _output(result: Returned) -> str | list[dict[str, Any]]:
    if not any(isinstance(item, Seen) for item in result.content):
        return result.text
    return [content for item in result.content for content in _content(item, "input_text")]


# ---- the answer


class ResponseReader(WireReader):
    """Reads the events of a response. What is not known here is passed over: there are fifty kinds, and more will come."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._calls: dict[int, int] = {}
        """`output_index` of a call → its number among the calls."""
        self._written: set[int] = set()
        """Calls whose arguments have begun to come."""
        self._thoughts = 0
        self._sources = Sources()

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        """One event."""
        if frame.strip() == b"[DONE]":
            self.done = True
            return
        event = orjson.loads(frame)
        match event["type"]:
            case "response.output_text.delta":
                yield Text(event["delta"])
            case "response.refusal.delta":
                self.why = "refusal"
                yield Text(event["delta"])
            case "response.reasoning_summary_part.added":
                if self._thoughts:
                    yield Reasoning("\n\n")
                self._thoughts += 1
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                yield Reasoning(event["delta"])
            case "response.output_item.added":
                yield from self._begun(event["output_index"], obj(event["item"]))
            case "response.function_call_arguments.delta":
                index = event["output_index"]
                self._written.add(index)
                yield ToolCall(self._calls[index], arguments=event["delta"])
            case "response.output_item.done":
                yield from self._ended(event["output_index"], obj(event["item"]))
            case "response.output_text.annotation.added":
                self._sources.annotate([event.get("annotation")])
            case "response.completed" | "response.incomplete":
                yield from self._finish(obj(event["response"]))
            case "response.failed":
                raise self._failed(obj(obj(event["response"]).get("error")))
            case "error":
                raise self._failed(obj(event.get("error")) or {name: event.get(name) for name in ("code", "message", "param")})
            case _:
                pass

    def _begun(self, index: int, item: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        if item.get("type") == "function_call":
            number = self._calls[index] = len(self._calls)
            yield ToolCall(number, text(item.get("call_id")), text(item.get("name")), "")
        elif item.get("type") == "reasoning":
            self._thoughts = 0

    def _ended(self, index: int, item: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        match item.get("type"):
            case "reasoning":
                if sealed := text(item.get("encrypted_content")):
                    yield Metadata({WIRE: {"id": text(item.get("id")), "encrypted_content": sealed}}, "reasoning")
                yield PartEnded()
            case "message":
                yield PartEnded()
            case "function_call" if index in self._calls and index not in self._written:
                yield ToolCall(self._calls[index], arguments=text(item.get("arguments")) or "{}")
            case _:
                pass

    def _failed(self, error: Mapping[str, Any]) -> Exception:
        """Here an error has a code and no status."""
        code = text(error.get("code"))
        status = 429 if code == "rate_limit_exceeded" else 500 if code in ("", "server_error", "vector_store_timeout") else 400
        return self.broken_off({**error, "status": status})

    def _finish(self, response: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        self.done = True
        if usage := obj(response.get("usage")):
            self.usage = _usage(usage)
        why = text(obj(response.get("incomplete_details")).get("reason"))
        if why == "content_filter" or self.why:
            self.reason, self.why = "content_filter", self.why or why
        elif why:
            self.reason = "length"
        else:
            self.reason = "tool_calls" if self._calls else "stop"
        if listed := self._sources.listed():
            yield Text(listed)


def _usage(usage: Mapping[str, Any]) -> Usage:
    given, answered = obj(usage.get("input_tokens_details")), obj(usage.get("output_tokens_details"))
    return Usage(
        input_tokens=count(usage.get("input_tokens")),
        cached_tokens=count(given.get("cached_tokens")),
        output_tokens=count(usage.get("output_tokens")),
        reasoning_tokens=count(answered.get("reasoning_tokens")),
    )
