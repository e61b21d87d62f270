"""Anthropic's messages API. Thoughts are signed there: signatures, and thoughts that only Anthropic can read, go back untouched."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

import orjson

from ..messages import Adaptation, FinishReason, Usage
from .adapter import Adapter, chosen, left_out
from .base import (
    Adapted,
    Metadata,
    ModelInfo,
    ModelRequest,
    OnlyTool,
    PartEnded,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    ToolChoice,
    Used,
    closing,
)
from .caching import MARK, mark_ends, wants_caching
from .catalogue import Facts
from .faults import Place, odd_json
from .history import Attached, Called, History, Item, Returned, Said, Seen, Thought, history_of
from .loose import arr, count, obj, text
from .parameters import budget_of
from .reading import WireReader

WIRE: Final = "anthropic"
_MAX_TOKENS: Final = 8192
"""The API demands a limit; this one stands where the model's own is not known."""
_REASONS: Final[Mapping[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_COUNTED: Final = frozenset({"model", "messages", "system", "tools", "tool_choice", "thinking"})
"""What of a request its counting takes."""
_EFFORTS: Final = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh", "max": "max"}
_ANSWER: Final = "llmhub_answer"
"""The tool by which a model answers that knows no schema for answers."""


class AnthropicWire:
    """`base_url` without `/v1`."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`."""
        history = await history_of(
            request, WIRE, attachable=("application/pdf",), call_ids="[a-zA-Z0-9_-]{1,64}", untold_tools=False
        )
        place = self._adapter.place(request)
        body, adapted = self._body(request, history)
        if adapted != request.adapted:
            yield Adapted(adapted)
        reader = _Reader(place, answers_by_tool="tools" in body and body["tools"][0]["name"] == _ANSWER)
        answer = self._adapter.http.answer(self._adapter.endpoint, "/v1/messages", body, reader, place=place)
        async with closing(answer) as events:
            async for event in events:
                yield event

    async def count(self, request: ModelRequest) -> int:
        """From `POST /v1/messages/count_tokens`. Raises `ProviderError`."""
        history = await history_of(
            request, WIRE, attachable=("application/pdf",), call_ids="[a-zA-Z0-9_-]{1,64}", untold_tools=False
        )
        body, _ = self._body(request, history)
        asked = {name: value for name, value in body.items() if name in _COUNTED}
        place = self._adapter.place(request)
        answer = await self._adapter.http.post(
            self._adapter.endpoint, "/v1/messages/count_tokens", asked, model=request.model, told=place.told
        )
        counted = count(obj(answer).get("input_tokens"))
        if counted is None:
            raise odd_json(place)
        return counted

    async def models(self) -> list[ModelInfo]:
        """From `GET /v1/models`, all pages."""
        found: list[ModelInfo] = []
        params = {"limit": "1000"}
        while True:
            page = obj(await self._adapter.http.get(self._adapter.endpoint, "/v1/models", params=params))
            rows = [obj(row) for row in arr(page.get("data"))]
            found += [self._info(row) for row in rows if text(row.get("id"))]
            last = text(page.get("last_id"))
            if page.get("has_more") is not True or not last or params.get("after_id") == last:
                return found
            params["after_id"] = last

    async def aclose(self) -> None:
        """Nothing: the client is shared."""

    def _info(self, row: Mapping[str, Any]) -> ModelInfo:
        return self._adapter.info(
            text(row.get("id")),
            label=text(row.get("display_name")),
            context_window=count(row.get("max_input_tokens")),
            max_output_tokens=count(row.get("max_tokens")),
        )

    # ---- the request

    def _body(self, request: ModelRequest, history: History) -> tuple[dict[str, Any], tuple[Adaptation, ...]]:
        """The request, and what has been changed of it."""
        facts = self._adapter.facts(request.model)
        params, adapted, is_cached = dict(request.params), list(history.adapted), wants_caching(request)
        schema = params.pop("json_schema", None)
        by_tool = schema is not None and facts.mode is not None and not facts.native_schema
        if by_tool and request.tools:
            adapted += left_out({"json_schema": schema}, ("json_schema",), "with_tools")
            schema, by_tool = None, False
        limit = params.pop("max_tokens", None) or facts.max_output_tokens or _MAX_TOKENS
        thinking, output = _thinking(facts, params, limit)
        if thinking and by_tool:  # a call can be demanded of a model only while it does not think
            adapted += left_out(params, ("reasoning_effort", "reasoning_budget"), "with_tools")
            thinking, output = {}, {}
        if thinking.get("type") == "enabled" and _continues_thoughtless(history):
            thinking = {}
        params = {name: value for name, value in params.items() if name not in ("reasoning_effort", "reasoning_budget")}
        if thinking:
            adapted += left_out(params, ("temperature", "top_p"), "while_reasoning")
        elif "temperature" in params:
            adapted += left_out(params, ("top_p",), "one_of_two")  # newer models take one of the two
        if schema is not None and not by_tool:
            output["format"] = {"type": "json_schema", "schema": schema}
        body: dict[str, Any] = {
            **chosen(params, {"temperature": "temperature", "top_p": "top_p", "stop": "stop_sequences"}),
            "model": request.model,
            "max_tokens": limit,
            "messages": _messages(history, cached=is_cached),
            "stream": True,
        }
        if history.system:
            body["system"] = [{"type": "text", "text": history.system, **(MARK if is_cached else {})}]
        if thinking:
            body["thinking"] = thinking
        if output:
            body["output_config"] = output
        if request.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
                for tool in request.tools
            ]
            if is_cached and not history.system:
                body["tools"][-1] |= MARK  # they stand before the instructions, whose mark holds for both
            if request.tool_choice is not None:
                body["tool_choice"] = _choice(request.tool_choice)
        elif by_tool:
            said = "Give the answer, as this schema says."
            body["tools"] = [{"name": _ANSWER, "description": said, "input_schema": schema}]
            body["tool_choice"] = {"type": "tool", "name": _ANSWER}
        return self._adapter.trimmed(body), tuple(adapted)


def _choice(choice: ToolChoice) -> dict[str, str]:
    if isinstance(choice, OnlyTool):
        return {"type": "tool", "name": choice.name}
    return {"type": "any" if choice == "required" else choice}


def _thinking(facts: Facts, params: Mapping[str, Any], limit: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """`thinking` and `output_config`. Newer models judge for themselves how long to think; older ones get a budget."""
    effort = params.get("reasoning_effort")
    if facts.thinks_adaptively:
        if effort == "none" and not facts.always_thinks:
            return {}, {}
        if effort is None and not facts.always_thinks:
            return {}, {}
        # Without `display` the newest models think in silence.
        thinking = {"type": "adaptive", "display": "summarized"}
        return thinking, {"effort": _EFFORTS[effort]} if effort in _EFFORTS else {}
    budget = min(budget_of(params) or 0, max(limit // 2, limit - 4096))
    can = "reasoning" in facts.capabilities or facts.mode is None
    return ({"type": "enabled", "budget_tokens": budget} if can and budget >= 1024 else {}), {}


def _continues_thoughtless(history: History) -> bool:
    """Whether a tool's result is due that was asked for without a signed thought: thinking cannot set in between the two."""
    if len(history.turns) < 2 or history.turns[-1].role != "tool":
        return False
    return not any(isinstance(item, Thought) for item in history.turns[-2].items)


def _messages(history: History, *, cached: bool) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for turn in history.turns:
        role = "assistant" if turn.role == "assistant" else "user"
        blocks = [block for item in turn.items for block in _blocks(item)]
        if messages and messages[-1]["role"] == role:  # what the user says right after a tool's result
            messages[-1]["content"] += blocks
        elif blocks:
            messages.append({"role": role, "content": blocks})
    if cached:
        mark_ends(messages)
    return messages


def _blocks(item: Item) -> Iterable[dict[str, Any]]:
    match item:
        case Said(text=words):
            if words.strip():  # the API refuses blank text
                yield {"type": "text", "text": words}
        case Thought(text=words, metadata=metadata):
            if redacted := text(metadata.get("redacted")):
                yield {"type": "redacted_thinking", "data": redacted}
            elif signature := text(metadata.get("signature")):
                yield {"type": "thinking", "thinking": words, "signature": signature}
        case Seen():
            yield {"type": "image", "source": _source(item)}
        case Attached():
            source = {"type": "base64", "media_type": item.media_type, "data": b64encode(item.data).decode()}
            yield {"type": "document", "source": source, "title": item.name}
        case Called():
            yield {"type": "tool_use", "id": item.call_id, "name": item.name, "input": _arguments(item.arguments)}
        case Returned():
            content = [block for inner in item.content for block in _blocks(inner)]
            yield {"type": "tool_result", "tool_use_id": item.call_id, "is_error": not item.ok, "content": content}


def _source(image: Seen) -> dict[str, str]:
    if image.url:
        return {"type": "url", "url": image.url}
    return {"type": "base64", "media_type": image.media_type, "data": b64encode(image.data).decode()}


def _arguments(written: str) -> dict[str, Any]:
    """The input must be an object, and what a model wrote may be none."""
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError:
        return {"_malformed": written}
    return obj(value)


# ---- the answer


class _Reader(WireReader):
    def __init__(self, place: Place, *, answers_by_tool: bool = False) -> None:
        super().__init__(place)
        self._answers_by_tool = answers_by_tool
        self._block = ""
        self._signature = ""
        self._calls = -1
        self._input = False
        self._tokens: dict[str, Any] = {}

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        event = orjson.loads(frame)
        match event["type"]:
            case "content_block_delta":
                yield from self._delta(event["delta"])
            case "content_block_start":
                yield from self._start(event["content_block"])
            case "content_block_stop":
                yield from self._stop()
            case "message_start":
                self._tokens |= obj(event["message"].get("usage"))
                self.usage = _usage(self._tokens)
                yield Used(self.usage)
            case "message_delta":
                # Later counts are totals; what a gateway leaves out here stands as it was.
                self._tokens |= {name: value for name, value in obj(event.get("usage")).items() if value is not None}
                self.usage = _usage(self._tokens)
                if reason := event["delta"].get("stop_reason"):
                    self.reason = _REASONS.get(reason, "stop")
                    if self._answers_by_tool and self.reason == "tool_calls":
                        self.reason = "stop"
            case "message_stop":
                self.done = True
            case "error":
                raise self.broken_off(event.get("error"))
            case _:
                pass  # ping, and what may come to be

    def _start(self, block: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        self._block, self._signature = block["type"], ""
        match self._block:
            case "text":
                if words := text(block.get("text")):
                    yield Text(words)
            case "thinking":
                if words := text(block.get("thinking")):
                    yield Reasoning(words)
            case "redacted_thinking":
                yield Metadata({WIRE: {"redacted": block["data"]}}, "reasoning")
            case "tool_use" if self._answers_by_tool:
                self._block = "answer"
            case "tool_use":
                self._calls += 1
                self._input = False
                yield ToolCall(self._calls, block["id"], block["name"], "")
                if given := obj(block.get("input")):
                    self._input = True
                    yield ToolCall(self._calls, arguments=orjson.dumps(given).decode())
            case _:
                pass

    def _delta(self, delta: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        match delta["type"]:
            case "text_delta":
                yield Text(delta["text"])
            case "thinking_delta":
                yield Reasoning(delta["thinking"])
            case "signature_delta":
                self._signature += delta["signature"]
            case "input_json_delta" if self._block == "answer":
                if delta["partial_json"]:
                    yield Text(delta["partial_json"])
            case "input_json_delta":
                if self._block == "tool_use" and delta["partial_json"]:
                    self._input = True
                    yield ToolCall(self._calls, arguments=delta["partial_json"])
            case _:
                pass  # citations of server tools

    def _stop(self) -> Iterable[ProviderEvent]:
        if self._block == "thinking" and self._signature:
            yield Metadata({WIRE: {"signature": self._signature}}, "reasoning")
        if self._block == "tool_use" and not self._input:
            yield ToolCall(self._calls, arguments="{}")  # a tool without parameters is called without a fragment
        if self._block in ("text", "thinking", "redacted_thinking", "answer"):
            yield PartEnded()
        self._block = ""


def _usage(tokens: Mapping[str, Any]) -> Usage:
    fresh, cached, written = (
        count(tokens.get(name)) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )
    details = obj(tokens.get("output_tokens_details"))
    return Usage(
        input_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=count(tokens.get("output_tokens")),
        reasoning_tokens=count(details.get("thinking_tokens")),
    )
