"""Chat completions, as OpenAI defined them and half the world speaks them: vLLM, LM Studio, llama.cpp, Groq, DeepSeek, ...

It reads what it understands and forgives the rest. A parameter that a server names as unsupported is left out and the request
is sent again, once for each: no table of who accepts what can be kept up to date.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any, Final, cast

import orjson

from ..errors import ModelNotFound, RequestRejected
from ..messages import Adaptation, FinishReason, Usage
from .adapter import Adapter, chosen, left_out
from .base import (
    Capability,
    Metadata,
    ModelInfo,
    ModelRequest,
    OnlyTool,
    Price,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    ToolChoice,
    ToolSpec,
    closing,
)
from .caching import cache_key, marked, wants_caching
from .embedding import Embedded, Texts, vectors_in
from .faults import Place
from .filling import Filling
from .history import ANY_ID, Attached, Called, History, Item, Returned, Said, Seen, Thought, Turn, history_of
from .lenient import Lenient
from .loose import arr, count, number, obj, text
from .reading import WireReader
from .responses_wire import ResponsesWire
from .sources import Sources

WIRE: Final = "openai"
_REASONS: Final[Mapping[str, FinishReason]] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
_REMOVABLE: Final = frozenset(
    {"temperature", "top_p", "seed", "stop", "verbosity", "reasoning_effort", "reasoning", "response_format"}
    | {"stream_options", "prompt_cache_key"}
)
_SOUNDS: Final = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}


class OpenAIWire:
    """A provider at a `base_url` that ends in `/v1` or the like."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._asking = Lenient(adapter, "/chat/completions", ChatReader, _named_parameter)
        """Parameters that a model was found not to take."""
        self._responses = ResponsesWire(adapter)
        self._filling = Filling(adapter, _named_parameter)

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`: a gap by filling it where the model can, else by the Responses API where the model needs it."""
        if request.gap is not None and self._filling.can(request.model):
            async with closing(self._filling.stream(request, request.gap)) as events:
                async for event in events:
                    yield event
            return
        if self._adapter.wants_responses(request.model):
            async with closing(self._responses.stream(request)) as events:
                async for event in events:
                    yield event
            return
        history = await history_of(request, WIRE, attachable=self._attachable(request), call_ids=self._call_ids)
        async with closing(self._asking.stream(request, partial(self._body, request, history))) as events:
            async for event in events:
                yield event

    async def models(self) -> list[ModelInfo]:
        """From `GET /models`; models that are known not to converse are left out."""
        try:
            answer = await self._adapter.http.get(self._adapter.endpoint, "/models")
        except ModelNotFound:
            return []  # not every server has a list
        rows = arr(obj(answer).get("data")) or arr(answer)  # Together sends a bare array
        return [self._info(row) for row in map(obj, rows) if self._converses(row)]

    async def embed(self, model: str, texts: Texts, *, dimensions: int | None = None) -> Embedded:
        """By `POST /embeddings`. Raises `ProviderError`."""
        body: dict[str, Any] = {"model": model, "input": list(texts), "encoding_format": "float"}
        if dimensions is not None:
            body["dimensions"] = dimensions
        answer = await self._adapter.http.post(self._adapter.endpoint, "/embeddings", body, model=model)
        place = self._adapter.endpoint.place(model)
        rows = vectors_in(lambda: [row["embedding"] for row in sorted(answer["data"], key=_index)], texts, place)
        return Embedded(rows, count(obj(answer.get("usage")).get("prompt_tokens")))

    async def aclose(self) -> None:
        """Nothing: the client is shared."""

    def _converses(self, row: Mapping[str, Any]) -> bool:
        name = text(row.get("id"))
        facts = self._adapter.facts(name)
        apart = self._adapter.official and self._adapter.kind.name != "openai"
        modes = ("chat", None) if apart else ("chat", "responses", None)
        kind = text(row.get("type"))
        return (
            bool(name) and facts.mode in modes and kind not in ("embedding", "embeddings", "image", "audio", "rerank", "moderation")
        )

    def _info(self, row: Mapping[str, Any]) -> ModelInfo:
        """One model. OpenRouter, vLLM, LM Studio, Groq and Mistral say more than OpenAI does, each under its own names."""
        windows = ("context_length", "max_model_len", "context_window", "max_context_length", "loaded_context_length")
        top, meta = obj(row.get("top_provider")), obj(row.get("meta"))
        window = next((size for name in windows if (size := count(row.get(name)))), None) or count(meta.get("n_ctx_train"))
        return self._adapter.info(
            text(row.get("id")),
            label=text(row.get("name")) or text(row.get("display_name")),
            context_window=window,
            max_output_tokens=count(top.get("max_completion_tokens")) or count(row.get("max_completion_tokens")),
            capabilities=_capabilities(row),
            price=_price(obj(row.get("pricing"))),
        )

    # ---- the request

    @property
    def _call_ids(self) -> str:
        if self._adapter.kind.name == "mistral":
            return "[a-zA-Z0-9]{9}"
        return ".{1,40}" if self._adapter.official else ANY_ID

    def _attachable(self, request: ModelRequest) -> tuple[str, ...]:
        hears = request.abilities is not None and "audio_input" in request.abilities
        return (*(("application/pdf",) if self._adapter.official else ()), *(_SOUNDS if hears else ()))

    def _body(
        self, request: ModelRequest, history: History, refused: frozenset[str]
    ) -> tuple[dict[str, Any], tuple[Adaptation, ...]]:
        """The request, and what has been changed of it."""
        params, adapted = dict(request.params), list(history.adapted)
        facts = self._adapter.facts(request.model)
        if self._adapter.official and "reasoning" in facts.capabilities:
            effort = params.get("reasoning_effort") or facts.default_effort or "medium"
            if effort != "none":  # OpenAI's reasoning models refuse these while they reason
                adapted += left_out(params, ("temperature", "top_p", "stop"), "while_reasoning")
        schema, effort = params.pop("json_schema", None), params.get("reasoning_effort")
        names = {name: name for name in ("temperature", "top_p", "stop", "seed", "verbosity")}
        # OpenAI's newer models refuse max_tokens; most other servers know nothing else.
        names["max_tokens"] = "max_completion_tokens" if self._adapter.official else "max_tokens"
        if self._adapter.kind.name == "openrouter":
            params.pop("reasoning_effort", None)
        else:
            names["reasoning_effort"] = "reasoning_effort"
        body: dict[str, Any] = {**chosen(params, names), "model": request.model, "messages": chat_messages(history)}
        if effort and self._adapter.kind.name == "openrouter":
            body["reasoning"] = {"effort": effort}
        if wants_caching(request):
            if self._adapter.official and self._adapter.kind.name == "openai":
                body["prompt_cache_key"] = cache_key(request)
            elif self._adapter.kind.name == "openrouter" and request.model.startswith("anthropic/"):
                body["messages"] = marked(body["messages"])  # all others cache by themselves
        if schema is not None:
            body["response_format"] = response_format(schema)
        if request.tools:
            body["tools"] = functions(request.tools)
            if request.tool_choice is not None:
                body["tool_choice"] = tool_choice(request.tool_choice)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        for name in refused:
            value = body.pop(name, None)
            if name in _OTHER_NAME and value is not None:
                body[_OTHER_NAME[name]] = value
            elif (ours := _OUR_NAME.get(name, name)) in request.params:
                value = request.params[ours]
                adapted.append(Adaptation(what="parameter", how="left_out", why="refused", name=ours, value=value))
        return self._adapter.trimmed(body), tuple(adapted)


def _index(row: Mapping[str, Any]) -> int:
    return int(row["index"])


_OUR_NAME: Final = {"response_format": "json_schema", "reasoning": "reasoning_effort"}
_OTHER_NAME: Final = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


def _named_parameter(exc: RequestRejected, body: Mapping[str, Any]) -> frozenset[str]:
    """The parameters of `body` that a refusal names as unsupported."""
    if not re.search(r"support|unknown|unrecognized|unexpected|extra inputs|not permitted|not allowed", exc.message, re.IGNORECASE):
        return frozenset()
    names = set(re.findall(r"[a-z_]{4,}", exc.message))
    if names >= set(_OTHER_NAME):  # "Use 'max_completion_tokens' instead": only one of them was sent
        names &= set(body) | _REMOVABLE
    return frozenset(names & (_REMOVABLE | set(_OTHER_NAME)) & set(body))


def chat_messages(history: History) -> list[dict[str, Any]]:
    """The history as chat completions take it."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": history.system}] if history.system else []
    for turn in history.turns:
        match turn.role:
            case "user":
                messages.append({"role": "user", "content": _content(turn.items)})
            case "assistant":
                messages.append(_assistant(turn))
            case "tool":
                for item in turn.items:
                    if isinstance(item, Returned):
                        messages.append({"role": "tool", "tool_call_id": item.call_id, "content": item.text})
                if seen := [
                    image for item in turn.items if isinstance(item, Returned) for image in item.content if isinstance(image, Seen)
                ]:
                    # A tool's message holds only text on this wire: its images follow in the user's name.
                    messages.append({"role": "user", "content": _content([Said("The images that the tool gave back:"), *seen])})
    return messages


def _content(items: Iterable[Item]) -> str | list[dict[str, Any]]:
    """A plain string where only text is said: some servers take nothing else."""
    parts: list[dict[str, Any]] = []
    for item in items:
        match item:
            case Said(text=words):
                if parts and parts[-1]["type"] == "text":
                    parts[-1]["text"] += words
                else:
                    parts.append({"type": "text", "text": words})
            case Seen():
                url = item.url or f"data:{item.media_type};base64,{b64encode(item.data).decode()}"
                parts.append({"type": "image_url", "image_url": {"url": url}})
            case Attached(media_type=sound) if sound in _SOUNDS:
                audio = {"data": b64encode(item.data).decode(), "format": _SOUNDS[sound]}
                parts.append({"type": "input_audio", "input_audio": audio})
            case Attached():
                url = f"data:{item.media_type};base64,{b64encode(item.data).decode()}"
                parts.append({"type": "file", "file": {"filename": item.name, "file_data": url}})
            case _:
                pass
    if all(part["type"] == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    return parts


def functions(tools: Iterable[ToolSpec]) -> list[dict[str, Any]]:
    """Tools as chat completions take them."""
    return [
        {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}}
        for tool in tools
    ]


def tool_choice(choice: ToolChoice) -> str | dict[str, Any]:
    """Whether a tool is to be called, as chat completions take it."""
    return {"type": "function", "function": {"name": choice.name}} if isinstance(choice, OnlyTool) else choice


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema as chat completions take it. "Any object" has a form of its own, as a strict schema must name every field."""
    if schema == {"type": "object"}:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": _is_strict(schema)}}


def _is_strict(schema: Any) -> bool:
    """Whether every object in it names all of its fields as required and allows no other: only then a server can promise it."""
    if isinstance(schema, list):
        return all(map(_is_strict, cast("list[Any]", schema)))
    if not isinstance(schema, Mapping):
        return True
    node = cast("Mapping[str, Any]", schema)
    fields = node.get("properties")
    is_closed = node.get("additionalProperties") is False and set(obj(fields)) == set(arr(node.get("required")))
    if (node.get("type") == "object" or isinstance(fields, Mapping)) and not is_closed:
        return False
    return all(map(_is_strict, node.values()))


def _assistant(turn: Turn) -> dict[str, Any]:
    calls = [
        {"id": item.call_id, "type": "function", "function": {"name": item.name, "arguments": item.arguments}}
        for item in turn.items
        if isinstance(item, Called)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or (None if calls else "")}
    if calls:
        message["tool_calls"] = calls
    # Thoughts go back only within the turn that is being answered: DeepSeek demands it there, and refuses it elsewhere.
    for item in turn.items:
        if isinstance(item, Thought) and item.recent:
            if details := arr(item.metadata.get("reasoning_details")):
                message["reasoning_details"] = [*message.get("reasoning_details", []), *details]
            elif name := text(item.metadata.get("field")):
                message[name] = message.get(name, "") + item.text
    return message


# ---- the answer


class ChatReader(WireReader):
    """Reads chunks of chat completions, for this wire and for litellm, which has the same form. `wire` keys the metadata."""

    def __init__(self, place: Place, wire: str = WIRE) -> None:
        super().__init__(place)
        self._wire = wire
        self._calls: list[str] = []
        """Ids of the calls so far, for servers that leave the index out."""
        self._field = ""
        self._details: list[Any] = []
        self._sources = Sources()

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        """A chunk as JSON, or the end."""
        if frame.strip() == b"[DONE]":
            self.done = True
            if self.reason is None and self.said:
                self.reason = "stop"
            return
        yield from self.read_chunk(orjson.loads(frame))

    def read_chunk(self, chunk: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        """What one chunk says."""
        if error := chunk.get("error"):
            raise self.broken_off(error)
        if usage := obj(chunk.get("usage") or obj(chunk.get("x_groq")).get("usage")):
            self.usage = _usage(usage)
        self._sources.take(chunk)
        for choice in chunk.get("choices") or ():
            yield from self.read_delta(obj(choice.get("delta")) or obj(choice.get("message")))
            if reason := choice.get("finish_reason"):
                yield from self._finish(reason)

    def read_delta(self, delta: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        """What a delta adds: thoughts, text, pieces of tool calls."""
        for name in ("reasoning_content", "reasoning"):
            if thought := text(delta.get(name)):
                self._field = self._field or name
                yield Reasoning(thought)
                break
        self._details += arr(delta.get("reasoning_details"))
        self._sources.annotate(arr(delta.get("annotations")))
        content = delta.get("content")
        if isinstance(content, str):
            if content:
                yield from self._spoken(content)
        else:
            for part in map(obj, arr(content)):  # Mistral's reasoning models send typed pieces
                if thought := "".join(text(obj(piece).get("text")) for piece in arr(part.get("thinking"))):
                    yield Reasoning(thought)
                elif words := text(part.get("text")):
                    yield from self._spoken(words)
        if refusal := text(delta.get("refusal")):
            self.why = "refusal"
            yield from self._spoken(refusal)
        for position, call in enumerate(map(obj, arr(delta.get("tool_calls")))):
            yield from self.close_thoughts()
            yield self._call(position, call)

    def _spoken(self, words: str) -> Iterable[ProviderEvent]:
        yield from self.close_thoughts()
        yield Text(words)

    def close_thoughts(self) -> Iterable[ProviderEvent]:
        """What this server wants back with the thoughts, once they are complete."""
        if self._details:
            yield Metadata({self._wire: {"reasoning_details": _joined(self._details)}}, "reasoning")
            self._details, self._field = [], ""
        elif self._field:
            yield Metadata({self._wire: {"field": self._field}}, "reasoning")
            self._field = ""

    def _call(self, position: int, call: Mapping[str, Any]) -> ToolCall:
        function, call_id = obj(call.get("function")), text(call.get("id"))
        index = count(call.get("index"))
        if index is None:
            if call_id and call_id not in self._calls:
                self._calls.append(call_id)
            index = self._calls.index(call_id) if call_id else max(len(self._calls) - 1, position)
        arguments = function.get("arguments")
        if arguments is not None and not isinstance(arguments, str):
            arguments = orjson.dumps(arguments).decode()
        return ToolCall(index, call_id, text(function.get("name")), arguments or "")

    def _finish(self, reason: str) -> Iterable[ProviderEvent]:
        yield from self.close_thoughts()
        if reason == "error":
            raise self.broken_off({})
        if listed := self._sources.listed():
            yield Text(listed)
            self._sources = Sources()
        self.reason = "content_filter" if self.why else _REASONS.get(reason, "stop")


def _joined(details: list[Any]) -> list[Any]:
    """OpenRouter's fragments of a thought put together again: those of one index and type are one."""
    whole: dict[tuple[Any, Any], dict[str, Any]] = {}
    for detail in map(obj, details):
        key = (detail.get("index"), detail.get("type"))
        if key not in whole:
            whole[key] = dict(detail)
            continue
        for name, value in detail.items():
            if name in ("text", "summary", "data") and isinstance(value, str):
                whole[key][name] = text(whole[key].get(name)) + value
            elif value is not None:
                whole[key][name] = value
    return list(whole.values())


def _usage(usage: Mapping[str, Any]) -> Usage:
    given, answered = obj(usage.get("prompt_tokens_details")), obj(usage.get("completion_tokens_details"))
    cached, thought = count(given.get("cached_tokens")), count(answered.get("reasoning_tokens"))
    written = count(given.get("cache_write_tokens"))  # OpenRouter's word, and litellm's
    written = count(given.get("cache_creation_tokens")) if written is None else written
    asked, said = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    if thought and said is not None and count(usage.get("total_tokens")) == (asked or 0) + said + thought:
        said += thought  # xAI counts thoughts beside the answer, all others as a part of it
    return Usage(
        input_tokens=asked,
        cached_tokens=count(usage.get("prompt_cache_hit_tokens")) if cached is None else cached,
        cache_write_tokens=written,
        output_tokens=said,
        reasoning_tokens=thought,
        cost_usd=number(usage.get("cost")),
    )


def _capabilities(row: Mapping[str, Any]) -> tuple[Capability, ...] | None:
    """What the endpoint says a model can do; None where it says nothing."""
    found: dict[Capability, None] = {}
    modalities = obj(row.get("architecture"))
    inputs, outputs = arr(modalities.get("input_modalities")), arr(modalities.get("output_modalities"))
    params, flags = arr(row.get("supported_parameters")), obj(row.get("capabilities"))
    marks: tuple[tuple[Capability, bool], ...] = (
        ("vision", "image" in inputs or flags.get("vision") is True or row.get("type") == "vlm"),
        ("pdf_input", "file" in inputs),
        ("audio_input", "audio" in inputs or flags.get("audio") is True),
        ("image_output", "image" in outputs),
        ("audio_output", "audio" in outputs),
        ("tools", "tools" in params or flags.get("function_calling") is True or "tool_use" in arr(row.get("capabilities"))),
        ("reasoning", "reasoning" in params or flags.get("reasoning") is True),
        ("json_schema", "structured_outputs" in params),
    )
    for capability, has in marks:
        if has:
            found[capability] = None
    return tuple(found) if inputs or params or flags or found else None


def _price(pricing: Mapping[str, Any]) -> Price | None:
    """OpenRouter's prices: dollars per token, written as text."""
    names = ("prompt", "completion", "input_cache_read", "input_cache_write")
    given, answered, cached, written = (number(pricing.get(name)) for name in names)
    if given is None or answered is None or given < 0:
        return None
    million = 1_000_000
    return Price(
        input=round(given * million, 6),
        output=round(answered * million, 6),
        cached_input=None if cached is None else round(cached * million, 6),
        cache_write=None if written is None else round(written * million, 6),
    )
