"""Ollama's own API: a JSON object a line, images as bare base64, arguments of tools as objects."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

import orjson

from ..errors import ModelNotFound, ProviderError, RequestRejected
from ..ids import new_id
from ..messages import Adaptation, FinishReason, ImagePart, Usage
from .adapter import Adapter, chosen
from .base import Adapted, Capability, Gap, ModelInfo, ModelRequest, ProviderEvent, Reasoning, Text, ToolCall, closing
from .embedding import Embedded, Texts, vectors_in
from .faults import Place
from .filling import GapReader
from .history import Called, History, Item, Returned, Said, Seen, history_of, prompt_of
from .loose import arr, count, obj, text
from .openai_wire import functions
from .reading import WireReader

WIRE: Final = "ollama"
_CAPABILITIES: Final[Mapping[str, Capability]] = {"vision": "vision", "tools": "tools", "thinking": "reasoning"}
_TOP_LEVEL: Final = frozenset({"keep_alive", "format", "think", "truncate", "logprobs"})
"""Parameters that stand beside `options`, not in it."""
_AT_ONCE: Final = 4
_USUAL_WINDOW: Final = 4096
"""Tokens of the window that Ollama opens when it is not told otherwise."""


class OllamaWire:
    """`base_url` without `/api`."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._shown: dict[str, Mapping[str, Any]] = {}
        """Details by a model's digest: they never change."""
        self._windows: dict[str, int] = {}
        self._filled: dict[str, bool] = {}
        """Whether a model fills gaps, as far as somebody has asked."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`: a gap by filling it, where the model can."""
        place = self._adapter.place(request)
        if request.gap is not None and await self._fills(request.model):
            path, body, reader = "/api/generate", self._filling(request, request.gap), _GapReader(place)
        else:
            history = await history_of(request, WIRE)
            adapted = (*history.adapted, *_linked(history))
            if adapted != request.adapted:
                yield Adapted(adapted)
            path, body, reader = "/api/chat", self._body(request, history), _Reader(place)
        answer = self._adapter.http.answer(self._adapter.endpoint, path, body, reader, place=place, framing="lines")
        try:
            async with closing(answer) as events:
                async for event in events:
                    yield event
        except ModelNotFound as exc:
            exc.hint = f"Fetch it with: ollama pull {request.model}"
            raise

    async def models(self) -> list[ModelInfo]:
        """From `/api/tags`; what each can do from `/api/show`, once per version of a model."""
        rows = [obj(row) for row in arr(obj(await self._adapter.http.get(self._adapter.endpoint, "/api/tags")).get("models"))]
        places = asyncio.Semaphore(_AT_ONCE)
        found = await asyncio.gather(*(self._info(row, places) for row in rows if text(row.get("model")) or text(row.get("name"))))
        return [info for info in found if info is not None]

    async def embed(self, model: str, texts: Texts, *, dimensions: int | None = None) -> Embedded:
        """By `/api/embed`. Raises `ProviderError`."""
        if not all(isinstance(words, str) for words in texts):
            hint = "Send the texts themselves (in LangChain: check_embedding_ctx_length=False)."
            raise RequestRejected("Ollama takes texts, not the numbers of tokens.", hint=hint, provider=self._adapter.name)
        body: dict[str, Any] = {"model": model, "input": list(texts)}
        if dimensions is not None:
            body["dimensions"] = dimensions
        answer = await self._adapter.http.post(self._adapter.endpoint, "/api/embed", body, model=model)
        place = self._adapter.endpoint.place(model)
        rows = vectors_in(lambda: answer["embeddings"], texts, place)
        return Embedded(rows, count(answer.get("prompt_eval_count")))

    async def aclose(self) -> None:
        """Nothing: the client is shared."""

    async def _info(self, row: Mapping[str, Any], places: asyncio.Semaphore) -> ModelInfo | None:
        name = text(row.get("model")) or text(row.get("name"))
        digest = text(row.get("digest")) or name
        if digest not in self._shown:
            async with places:
                try:
                    self._shown[digest] = obj(await self._adapter.http.post(self._adapter.endpoint, "/api/show", {"model": name}))
                except ProviderError:
                    return self._adapter.info(name)  # the list is worth more than its details
        shown = self._shown[digest]
        abilities = arr(shown.get("capabilities"))
        if abilities and "completion" not in abilities:
            return None  # an embedding model
        sizes = (count(value) for key, value in obj(shown.get("model_info")).items() if key.endswith(".context_length"))
        if window := next(sizes, None):
            self._windows[name] = window
        capabilities: list[Capability] = [_CAPABILITIES[ability] for ability in abilities if ability in _CAPABILITIES]
        return self._adapter.info(
            name,
            context_window=window,
            capabilities=(*capabilities, "json_schema") if abilities else None,
        )

    # ---- the request

    def _body(self, request: ModelRequest, history: History) -> dict[str, Any]:
        params = dict(request.params)
        schema, effort = params.pop("json_schema", None), params.pop("reasoning_effort", None)
        beside = {name: params.pop(name) for name in _TOP_LEVEL & params.keys()}
        body: dict[str, Any] = {"model": request.model, "messages": _messages(history), "stream": True, **beside}
        if options := self._options(request, params):
            body["options"] = options
        if schema is not None:
            body["format"] = schema
        if effort is not None:
            body["think"] = _think(request.model, effort)
        if request.tools and request.tool_choice != "none":
            body["tools"] = functions(request.tools)
        return self._adapter.trimmed(body)

    def _options(self, request: ModelRequest, params: Mapping[str, Any]) -> dict[str, Any]:
        names = {name: name for name in ("temperature", "top_p", "stop", "seed")} | {"max_tokens": "num_predict"}
        options = chosen(params, names)
        if "num_ctx" not in options and (needed := self._context(request, options.get("num_predict"))):
            options["num_ctx"] = needed
        return self._adapter.trimmed(options)

    async def _fills(self, model: str) -> bool:
        """As llmhub.yaml says, else as Ollama says of the model's template."""
        if (said := self._adapter.fills(model)) is not None:
            return said
        if model not in self._filled:
            shown = obj(await self._adapter.http.post(self._adapter.endpoint, "/api/show", {"model": model}, model=model))
            self._filled[model] = "insert" in arr(shown.get("capabilities"))
        return self._filled[model]

    def _filling(self, request: ModelRequest, gap: Gap) -> dict[str, Any]:
        """Where nothing follows, a line break does: without a suffix Ollama would take the code for a question."""
        beside = {name: request.params[name] for name in _TOP_LEVEL & request.params.keys()}
        rest = {name: value for name, value in request.params.items() if name not in _TOP_LEVEL}
        body: dict[str, Any] = {"model": request.model, "prompt": gap.before, "suffix": gap.after or "\n", "stream": True, **beside}
        if options := self._options(request, rest):
            body["options"] = options
        return self._adapter.trimmed(body)

    def _context(self, request: ModelRequest, answer: int | None) -> int | None:
        """The window to ask for. Where a conversation outgrows its default, Ollama drops the beginning without a word.

        In steps of two: each other size makes it load the model anew.
        """
        images = sum(isinstance(part, ImagePart) for message in request.messages for part in message.parts)
        needed = len(prompt_of(request)) // 3 + 1500 * images + (answer or 1024)
        if needed <= _USUAL_WINDOW:
            return None
        return min(2 ** (needed - 1).bit_length(), self._windows.get(request.model, 2**20))


def _think(model: str, effort: str) -> bool | str:
    """gpt-oss knows three levels and cannot stop thinking; the others think or do not."""
    if "gpt-oss" in model:
        return effort if effort in ("low", "medium", "high") else "low"
    return effort != "none"


def _linked(history: History) -> list[Adaptation]:
    """The images that Ollama would have to fetch, which it does not."""
    urls = [item.url for turn in history.turns if turn.role != "tool" for item in turn.items if isinstance(item, Seen) and item.url]
    return [Adaptation(what="image", how="translated", why="by_address", name=url) for url in urls]


def _messages(history: History) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "system", "content": history.system}] if history.system else []
    for turn in history.turns:
        if turn.role == "tool":
            for item in turn.items:
                if isinstance(item, Returned):
                    messages.append({"role": "tool", "tool_name": item.name, "content": item.text, **_images(item.content)})
            continue
        message: dict[str, Any] = {"role": turn.role, "content": turn.text, **_images(turn.items)}
        if linked := [item.url for item in turn.items if isinstance(item, Seen) and item.url]:
            message["content"] += "".join(f"\n[An image at {url}, which cannot be shown to this model.]" for url in linked)
        calls = [item for item in turn.items if isinstance(item, Called)]
        if calls:
            message["tool_calls"] = [{"function": {"name": call.name, "arguments": _arguments(call.arguments)}} for call in calls]
        messages.append(message)
    return messages


def _images(items: Iterable[Item] | tuple[Said | Seen, ...]) -> dict[str, list[str]]:
    images = [b64encode(item.data).decode() for item in items if isinstance(item, Seen) and item.data]
    return {"images": images} if images else {}


def _arguments(written: str) -> dict[str, Any]:
    try:
        return obj(orjson.loads(written))
    except orjson.JSONDecodeError:
        return {"_malformed": written}


# ---- the answer


class _Reader(WireReader):
    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._calls = 0

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        if not frame:
            return
        chunk = orjson.loads(frame)
        if error := chunk.get("error"):
            raise self.broken_off(error)
        message = self._message(chunk)
        if not message and not chunk.get("done"):
            raise TypeError("no message")
        if thought := text(message.get("thinking")):
            yield Reasoning(thought)
        if words := text(message.get("content")):
            yield Text(words)
        for call in map(obj, arr(message.get("tool_calls"))):
            function = obj(call.get("function"))
            # Ollama gives calls no ids of their own before 0.12; ours must differ between turns.
            call_id = text(call.get("id")) or f"call_{new_id()}"
            yield ToolCall(self._calls, call_id, function["name"], orjson.dumps(obj(function.get("arguments"))).decode())
            self._calls += 1
        if chunk.get("done") is True:
            self.done = True
            self.reason = self._reason(text(chunk.get("done_reason")))
            self.usage = Usage(input_tokens=count(chunk.get("prompt_eval_count")), output_tokens=count(chunk.get("eval_count")))

    def _message(self, chunk: Mapping[str, Any]) -> Mapping[str, Any]:
        return obj(chunk["message"]) if not chunk.get("done") else obj(chunk.get("message"))

    def _reason(self, said: str) -> FinishReason:
        if said == "length":
            return "length"
        return "tool_calls" if self._calls else "stop"


class _GapReader(GapReader, _Reader):
    def _message(self, chunk: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"content": text(chunk["response"] if not chunk.get("done") else chunk.get("response"))}
