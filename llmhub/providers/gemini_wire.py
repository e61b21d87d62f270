"""Google's Gemini API. The key goes into a header, never into the address, where it would end up in logs.

The surprise: a function call's thought signature must go back with it, and the newest models refuse a call that has none.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson

from ..ids import new_id
from ..messages import FinishReason, Usage
from .adapter import Adapter, chosen
from .base import (
    Adapted,
    Metadata,
    ModelInfo,
    ModelRequest,
    OnlyTool,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    ToolChoice,
    closing,
)
from .faults import Place
from .history import Attached, Called, History, Item, Returned, Said, Seen, Thought, history_of
from .loose import arr, count, obj, text
from .parameters import budget_of, generation
from .reading import WireReader

WIRE: Final = "gemini"
_ATTACHABLE: Final = (
    "application/pdf",
    "audio/wav",
    "audio/mpeg",
    "audio/mp3",
    "audio/ogg",
    "audio/flac",
    "video/mp4",
    "video/webm",
)
_UNSIGNED: Final = "skip_thought_signature_validator"
"""Google's own word for calls that another model made (ai.google.dev/gemini-api/docs/thought-signatures)."""
_BLOCKS: Final = frozenset({"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"})
_REASONS: Final[Mapping[str, FinishReason]] = {"STOP": "stop", "MAX_TOKENS": "length"}
_MADE_UP: Final = "llmhub_"
_BUDGETS: Final = {"none": 0, "minimal": 512, "low": 1024, "medium": 8192, "high": 24576}
_LEVELS: Final = {"none": "low", "minimal": "minimal", "low": "low", "medium": "medium", "high": "high"}


class GeminiWire:
    """`base_url` ends in the API's version, `/v1beta`."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`."""
        history = await history_of(request, WIRE, attachable=_ATTACHABLE)
        place = self._adapter.place(request)
        path = f"/models/{quote(request.model.removeprefix('models/'), safe='', errors='replace')}:streamGenerateContent?alt=sse"
        if history.adapted != request.adapted:
            yield Adapted(history.adapted)
        body = self._body(request, history)
        answer = self._adapter.http.answer(self._adapter.endpoint, path, body, _Reader(place), place=place)
        async with closing(answer) as events:
            async for event in events:
                yield event

    async def models(self) -> list[ModelInfo]:
        """From `GET /models`, all pages; only those that generate content."""
        found: list[ModelInfo] = []
        params = {"pageSize": "1000"}
        while True:
            page = obj(await self._adapter.http.get(self._adapter.endpoint, "/models", params=params))
            rows = [obj(row) for row in arr(page.get("models"))]
            found += [self._info(row) for row in rows if self._converses(row)]
            token = text(page.get("nextPageToken"))
            if not token or params.get("pageToken") == token:
                return found
            params["pageToken"] = token

    async def aclose(self) -> None:
        """Nothing: the client is shared."""

    def _converses(self, row: Mapping[str, Any]) -> bool:
        mode = self._adapter.facts(_bare(row)).mode
        return "generateContent" in arr(row.get("supportedGenerationMethods")) and mode in ("chat", None)

    def _info(self, row: Mapping[str, Any]) -> ModelInfo:
        return self._adapter.info(
            _bare(row),
            label=text(row.get("displayName")),
            context_window=count(row.get("inputTokenLimit")),
            max_output_tokens=count(row.get("outputTokenLimit")),
        )

    # ---- the request

    def _body(self, request: ModelRequest, history: History) -> dict[str, Any]:
        body: dict[str, Any] = {"contents": _contents(history, request.model)}
        if history.system:
            body["systemInstruction"] = {"parts": [{"text": history.system}]}
        if config := self._config(request):
            body["generationConfig"] = config
        if request.tools:
            declared = [
                {"name": tool.name, "description": tool.description, "parametersJsonSchema": dict(tool.parameters)}
                for tool in request.tools
            ]
            body["tools"] = [{"functionDeclarations": declared}]
            if request.tool_choice is not None:
                body["toolConfig"] = {"functionCallingConfig": _choice(request.tool_choice)}
        return self._adapter.trimmed(body)

    def _config(self, request: ModelRequest) -> dict[str, Any]:
        facts = self._adapter.facts(request.model)
        params = dict(request.params)
        schema = params.pop("json_schema", None)
        names = {
            "temperature": "temperature",
            "top_p": "topP",
            "max_tokens": "maxOutputTokens",
            "stop": "stopSequences",
            "seed": "seed",
        }
        config = chosen(params, names)
        if schema is not None:
            config |= {"responseMimeType": "application/json", "responseJsonSchema": schema}
        if "reasoning" in facts.capabilities or budget_of(params) is not None:
            config["thinkingConfig"] = _thinking(request.model, params)
        return self._adapter.trimmed(config)


def _choice(choice: ToolChoice) -> dict[str, Any]:
    if isinstance(choice, OnlyTool):
        return {"mode": "ANY", "allowedFunctionNames": [choice.name]}
    return {"mode": {"auto": "AUTO", "none": "NONE", "required": "ANY"}[choice]}


def _thinking(model: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """From Gemini 3 on thinking has levels and cannot be switched off; before, it has a budget of tokens."""
    thinking: dict[str, Any] = {"includeThoughts": True}
    effort, budget = params.get("reasoning_effort"), params.get("reasoning_budget")
    if generation(model) >= 3:
        return thinking | ({} if effort is None else {"thinkingLevel": _LEVELS.get(effort, "high")})
    if budget is None and effort is not None:
        budget = max(_BUDGETS.get(effort, -1), 128) if "pro" in model else _BUDGETS.get(effort, -1)
    return thinking | ({} if budget is None else {"thinkingBudget": budget})


def _contents(history: History, model: str) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = []
    for turn in history.turns:
        role = "model" if turn.role == "assistant" else "user"
        parts = [part for item in turn.items for part in _parts(item, model)]
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        elif parts:
            contents.append({"role": role, "parts": parts})
    return contents


def _parts(item: Item, model: str) -> Iterable[dict[str, Any]]:
    match item:
        case Said(text=words, metadata=metadata):
            yield {"text": words, **_signature(metadata)}
        case Thought(text=words, metadata=metadata):
            if signature := _signature(metadata):
                yield {"text": words, "thought": True, **signature}
        case Seen(url=url) if url:
            yield {"fileData": {"fileUri": url, "mimeType": item.media_type}}
        case Seen():
            yield _inline(item.data, item.media_type)
        case Attached():
            yield _inline(item.data, item.media_type)
        case Called():
            call = {"name": item.name, "args": _arguments(item.arguments), **_own_id(item)}
            signature = _signature(item.metadata)
            if not signature and not item.metadata and generation(model) >= 3:
                signature = {"thoughtSignature": _UNSIGNED}
            yield {"functionCall": call, **signature}
        case Returned():
            result = {"result": item.text} if item.ok else {"error": item.text}
            yield {"functionResponse": {"name": item.name, "response": result, **_own_id(item)}}
            for image in item.content:
                if isinstance(image, Seen):
                    yield from _parts(image, model)


def _signature(metadata: Mapping[str, Any]) -> dict[str, str]:
    signature = text(metadata.get("thoughtSignature"))
    return {"thoughtSignature": signature} if signature else {}


def _own_id(item: Called | Returned) -> dict[str, str]:
    """The id, where it is Gemini's own; one that we had to make up would only confuse it."""
    return {} if item.call_id.startswith(_MADE_UP) else {"id": item.call_id}


def _inline(data: bytes, media_type: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": b64encode(data).decode()}}


def _arguments(written: str) -> dict[str, Any]:
    try:
        return obj(orjson.loads(written))
    except orjson.JSONDecodeError:
        return {"_malformed": written}


def _bare(row: Mapping[str, Any]) -> str:
    return text(row.get("name")).removeprefix("models/")


# ---- the answer


class _Reader(WireReader):
    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._calls = 0
        self._spoke = False

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        chunk = orjson.loads(frame)
        if error := chunk.get("error"):
            raise self.broken_off(error)
        if usage := obj(chunk.get("usageMetadata")):
            self.usage = _usage(usage)
        if blocked := text(obj(chunk.get("promptFeedback")).get("blockReason")):
            self.reason, self.why = "content_filter", blocked
        for candidate in (chunk.get("candidates") or ())[:1]:
            for part in obj(candidate.get("content")).get("parts") or ():
                yield from self._part(part)
            if reason := candidate.get("finishReason"):
                self._finish(reason)

    def _part(self, part: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        signature = _signature(part)
        if call := obj(part.get("functionCall")):
            yield from self._call(call, signature)
        elif part.get("thought") is True:
            if words := text(part.get("text")):
                yield Reasoning(words)
            if signature:
                yield Metadata({WIRE: signature}, "reasoning")
        elif "text" in part:
            if part["text"]:
                self._spoke = True
                yield Text(part["text"])
            if signature and self._spoke:
                yield Metadata({WIRE: signature}, "text")

    def _call(self, call: Mapping[str, Any], signature: Mapping[str, str]) -> Iterable[ProviderEvent]:
        index, self._calls = self._calls, self._calls + 1
        call_id = text(call.get("id")) or f"{_MADE_UP}{new_id()}"
        yield ToolCall(index, call_id, call["name"], orjson.dumps(obj(call.get("args"))).decode())
        # Also without a signature: the metadata says that the call is Gemini's, whose later calls in a turn are unsigned.
        yield Metadata({WIRE: {**signature, "own": True}}, "tool_call", index)
        self._spoke = False

    def _finish(self, reason: str) -> None:
        if reason in _BLOCKS:
            self.reason, self.why = "content_filter", reason
        elif reason == "STOP" and self._calls:
            self.reason = "tool_calls"
        else:
            self.reason = _REASONS.get(reason, "stop")


def _usage(usage: Mapping[str, Any]) -> Usage:
    thought, spoken = count(usage.get("thoughtsTokenCount")), count(usage.get("candidatesTokenCount"))
    given, tools = count(usage.get("promptTokenCount")), count(usage.get("toolUsePromptTokenCount"))
    return Usage(
        input_tokens=None if given is None else given + (tools or 0),
        cached_tokens=count(usage.get("cachedContentTokenCount")),
        output_tokens=None if spoken is None and thought is None else (spoken or 0) + (thought or 0),
        reasoning_tokens=thought,
    )
