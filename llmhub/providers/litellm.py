"""The long tail: Bedrock, Vertex, Azure and all others that litellm knows. The only file that knows litellm.

It is imported in a thread on first use: that takes two seconds and 150 MB. The surprise: without the guards below it loads any
`.env` it finds upwards, fetches a price list from the net, and prints to standard output.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from importlib import import_module
from typing import Any, Final

import orjson

from ..errors import BadAnswer, ConfigError, KeyMissing, KeyRejected, LLMHubError, ProviderError, TimedOut, Unavailable
from ..messages import Adaptation
from . import faults, refusals
from .adapter import Adapter, chosen
from .base import Adapted, Metadata, ModelInfo, ModelRequest, ProviderEvent, closing
from .caching import marked, wants_caching
from .entra import SignIn, signs_in
from .faults import Place, Silent
from .history import History, Thought, history_of
from .loose import arr, obj, text
from .openai_wire import ChatReader, chat_messages, functions, response_format, tool_choice
from .placeholders import filled

WIRE: Final = "litellm"
_BREATH: Final = 16
"""Chunks between two rests: litellm spends 0.4 ms on each, and gives a buffered burst without ever yielding."""
_NAMES: Final = ("temperature", "top_p", "max_tokens", "stop", "seed", "reasoning_effort", "verbosity")
_THEIRS: Final = {"json_schema": "response_format"}
_NEVER_SHOWN: Final = ("api_key", "extra_headers", "azure_ad_token_provider")
_GUARDS: Final = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}


class LiteLLM:
    """A provider whose kind is litellm's own name for it; its models are called without that prefix."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._library: Any = None
        self._loading = asyncio.Lock()
        self._sign_in = SignIn(adapter) if signs_in(adapter) else None
        self._token = None if self._sign_in is None else self._sign_in.current

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`."""
        if self._adapter.kind.name == "vertex_ai" and not _is_installed("google.auth"):
            hint = "Install it beside llmhub: pip install 'llmhub[cloud]'. Then restart the server."
            raise ConfigError(f"'{self._adapter.name}' needs the package google-auth, which is not installed.", hint=hint)
        history = await history_of(request, WIRE, call_ids="[a-zA-Z0-9_-]{1,40}", untold_tools=False)
        place = self._adapter.place(request)
        library = await self._load()
        reader = _Reader(place)
        adapted = (*history.adapted, *self._not_taken(library, request))
        if adapted != request.adapted:
            yield Adapted(adapted)
        with faults.recorded(place):
            arguments = self._arguments(request, history) | await self._signed_in(place)
            async with closing(self._answer(library, arguments, reader, place)) as events:
                async for event in events:
                    yield event

    async def _signed_in(self, place: Place) -> dict[str, Any]:
        """With Entra ID, the token that Azure is asked with."""
        if self._sign_in is None:
            return {}
        place.secrets = (*place.secrets, await self._sign_in.token())
        # A function that stays the same, as litellm keeps a client for each.
        return {"azure_ad_token_provider": self._token}

    async def _answer(self, library: Any, arguments: dict[str, Any], reader: _Reader, place: Place) -> AsyncIterator[ProviderEvent]:
        chunks: Any = None
        if place.recorder is not None:
            endpoint = self._adapter.endpoint
            shown = {name: value for name, value in arguments.items() if name not in _NEVER_SHOWN}
            sent = ("litellm", endpoint.base_url, endpoint.headers, shown, None, place.secrets)
            place.attempt = place.recorder.begin(endpoint.provider, *sent)
        try:
            async with _patience(self._adapter.endpoint.timeouts.first_byte, "first_byte"):
                chunks = await library.acompletion(**arguments)
            if place.slip is not None:
                place.slip.accepted()
            async for chunk in self._paced(chunks):
                for event in reader.understand(chunk):
                    yield event
        except LLMHubError:
            raise
        except Exception as exc:
            error = translate(exc, place, said=reader.said)
            if self._sign_in is not None and isinstance(error, KeyRejected):
                self._sign_in.forget()  # it may have been revoked
            raise error from exc
        finally:
            if chunks is not None:
                await chunks.aclose()  # leaving the loop alone would keep the connection open
        for event in reader.end():
            yield event

    async def models(self) -> list[ModelInfo]:
        """The deployments that somebody named; else none, and the catalogue's list stands for it."""
        named = self._adapter.fields.get("deployment", "").split(",")
        return [self._adapter.info(name.strip()) for name in named if name.strip()]

    async def aclose(self) -> None:
        """Nothing: all of litellm's answers share its clients, which `close_clients` closes."""

    async def _load(self) -> Any:
        async with self._loading:
            if self._library is None:
                self._library = await asyncio.to_thread(_import)
            return self._library

    async def _paced(self, chunks: Any) -> AsyncIterator[Any]:
        """The chunks, with time-outs between them and rests for the event loop."""
        timeouts = self._adapter.endpoint.timeouts
        iterator = aiter(chunks)
        limit, stage, count = timeouts.first_byte, "first_byte", 0
        while True:
            try:
                async with _patience(limit, "first_byte" if stage == "first_byte" else "idle"):
                    chunk = await anext(iterator)
            except StopAsyncIteration:
                return
            yield chunk
            limit, stage, count = timeouts.idle, "idle", count + 1
            if count % _BREATH == 0:
                await asyncio.sleep(0)

    def _not_taken(self, library: Any, request: ModelRequest) -> list[Adaptation]:
        """The parameters that litellm is going to leave out without a word."""
        kind, _, model = self._model(request.model).partition("/")
        taken = library.get_supported_openai_params(model=model, custom_llm_provider=kind)
        if taken is None:
            return []
        gone = [name for name in request.params if _THEIRS.get(name, name) not in taken and name in (*_NAMES, "json_schema")]
        return [
            Adaptation(what="parameter", how="left_out", why="not_taken", name=name, value=request.params[name]) for name in gone
        ]

    def _arguments(self, request: ModelRequest, history: History) -> dict[str, Any]:
        params = dict(request.params)
        schema = params.pop("json_schema", None)
        messages = _messages(history)
        if wants_caching(request) and "claude" in request.model and "caching" in self._adapter.facts(request.model).capabilities:
            messages = marked(messages)  # litellm makes Bedrock's cachePoint of them, and leaves them as they are for Vertex
        arguments: dict[str, Any] = {
            **chosen(params, {name: name for name in _NAMES}),
            "model": self._model(request.model),
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "drop_params": True,
            "num_retries": 0,
            "max_retries": 0,
            "timeout": self._adapter.endpoint.timeouts.first_byte or None,
        }
        if schema is not None:
            arguments["response_format"] = response_format(schema)
        if request.tools:
            # Without the second litellm imports the MCP package for any tool, which need not be installed.
            arguments |= {"tools": functions(request.tools), "_skip_mcp_handler": True}
            if self._adapter.facts(request.model).mode is None:
                arguments["allowed_openai_params"] = ["tools", "tool_choice"]  # it would drop them for a model it does not know
            if request.tool_choice is not None:
                arguments["tool_choice"] = tool_choice(request.tool_choice)
        fields = self._adapter.fields
        arguments |= {
            field.argument: fields[field.name] for field in self._adapter.kind.fields if field.argument and fields.get(field.name)
        }
        if self._adapter.key:
            arguments["api_key"] = self._adapter.key
        if self._adapter.kind.name == "vertex_ai" and "claude" in request.model:
            # litellm would say 4096, as Claude wants a limit.
            arguments.setdefault("max_tokens", self._adapter.facts(request.model).max_output_tokens or 8192)
        if base_url := self._adapter.endpoint.base_url:
            arguments["api_base"] = base_url.removesuffix("/v1") if self._adapter.kind.name == "vertex_ai" else base_url
            if not self._adapter.key and not self._adapter.kind.fields:
                arguments["api_key"] = "none"  # else it would take the kind's usual variable, and give it to whoever answers there
        if self._adapter.endpoint.headers:
            told = {"user": request.user, "conversation_id": request.conversation_id}
            arguments["extra_headers"] = dict(filled(self._adapter.endpoint.headers, told))
        return self._adapter.trimmed(arguments)

    def _model(self, model: str) -> str:
        """As litellm calls it. It would take a name on Bedrock that it does not know for one of an older API."""
        kind = self._adapter.kind.name
        newest = kind == "bedrock" and self._adapter.facts(model).mode is None and not model.startswith("arn:")
        return f"{kind}/converse/{model}" if newest else f"{kind}/{model}"


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # what it lies in is not there either
        return False


def _import() -> Any:
    for name, value in _GUARDS.items():
        os.environ.setdefault(name, value)
    import litellm

    library: Any = litellm
    library.suppress_debug_info = True  # else it prints to standard output
    library.disable_hf_tokenizer_download = True  # else counting tokens may wait 23 s for a download
    library.telemetry = False
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # its error lines quote prompts
    return library


class _patience:
    """`asyncio.timeout` that raises `Silent`; 0 waits for ever."""

    def __init__(self, seconds: float, stage: faults.Silence) -> None:
        self._timeout = asyncio.timeout(seconds or None)
        self._silent = Silent(stage, seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *exc: Any) -> None:
        try:
            await self._timeout.__aexit__(*exc)
        except TimeoutError as late:
            raise self._silent from late


def _messages(history: History) -> list[dict[str, Any]]:
    """Chat messages, with the signed thoughts of Claude where litellm takes them."""
    messages = chat_messages(history)
    answers = iter([message for message in messages if message["role"] == "assistant"])
    for turn in history.turns:
        if turn.role != "assistant":
            continue
        message = next(answers)
        blocks = [b for item in turn.items if isinstance(item, Thought) for b in arr(item.metadata.get("thinking_blocks"))]
        if blocks:
            message["thinking_blocks"] = blocks
    return messages


class _Reader(ChatReader):
    """Chunks of litellm have the form of chat completions; Claude's signed thoughts come beside."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, WIRE)
        self._blocks: list[dict[str, Any]] = []

    def understand(self, chunk: Any) -> list[ProviderEvent]:
        """What a chunk says."""
        try:
            frame = orjson.dumps(chunk.model_dump(exclude_none=True), default=str)
            if self.place.attempt is not None:
                self.place.attempt.took(frame)
                self.place.attempt.took(b"\n")
            return list(self.feed(frame))
        except LLMHubError:
            raise
        except (LookupError, TypeError, AttributeError, ValueError) as exc:
            raise faults.odd_json(self.place) from exc

    def read_delta(self, delta: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        for block in map(obj, arr(delta.get("thinking_blocks"))):
            self._take(block)
        yield from super().read_delta(delta)

    def close_thoughts(self) -> Iterable[ProviderEvent]:
        if self._blocks:
            yield Metadata({WIRE: {"thinking_blocks": self._blocks}}, "reasoning")
            self._blocks = []
        self._field = ""

    def _take(self, block: dict[str, Any]) -> None:
        """Fragments of a thought are one until its signature comes."""
        last = self._blocks[-1] if self._blocks else None
        if last is None or block.get("type") != "thinking" or last.get("signature") or last.get("type") != "thinking":
            self._blocks.append(dict(block))
            return
        last["thinking"] = text(last.get("thinking")) + text(block.get("thinking"))
        if signature := text(block.get("signature")):
            last["signature"] = signature


# ---- errors

_REFUSALS: Final = frozenset(
    {
        "ContentPolicyViolationError",
        "RejectedRequestError",
        "GuardrailRaisedException",
        "BlockedPiiEntityError",
        "ModifyResponseException",
        "SensitiveDataRouteException",
    }
)
_STATUS: Final = {
    "PermissionDeniedError": 403,
    "NotFoundError": 404,
    "UnprocessableEntityError": 422,
    "ServiceUnavailableError": 503,
    "BadGatewayError": 502,
    "InternalServerError": 500,
}
"""By class: an instance's own status may be that of the response below it."""
_NO_CREDENTIALS: Final = re.compile(
    r"credentials?\b|api[_ ]key.{0,40}(missing|required|not set|must be set)|access[_ ]token", re.IGNORECASE
)
_PREFIX: Final = re.compile(r"^(litellm\.\w+:\s*|\w+(Error|Exception)(:| -)\s*)+")


def translate(exc: Exception, place: Place, *, said: bool = False) -> ProviderError:
    """An exception of litellm, or of one of the libraries below it, in our own classes and words."""
    names = {cls.__name__ for cls in type(exc).__mro__}
    words = _words(exc)
    if isinstance(exc, Silent):
        return faults.silence(exc, place)
    if "MidStreamFallbackError" in names or said:
        if said or getattr(exc, "generated_content", ""):
            return faults.broke_off(place, "")
        original = getattr(exc, "original_exception", None)
        if isinstance(original, Exception) and original is not exc:
            return translate(original, place)
    if faults.is_connection_fault(exc):  # litellm calls a refused connection an internal error of the server
        return faults.broken_connection(exc, place)
    if names & _REFUSALS:
        return faults.filtered(place)
    if "ContextWindowExceededError" in names:
        return refusals.classify(413, "", words, place)
    if "RateLimitError" in names:
        return refusals.classify(429, words, words, place, refusals.retry_after(_headers(exc), {}))
    if "BudgetExceededError" in names:
        return refusals.classify(402, "", words, place)
    if "AuthenticationError" in names:
        return _no_key(place) if not place.secrets and _NO_CREDENTIALS.search(words) else refusals.classify(401, "", "", place)
    if "ModelNotMappedError" in names:
        return refusals.classify(404, f"model not found {place.model}", "", place)
    if "LiteLLMUnknownProvider" in names:
        return refusals.classify(400, "", "litellm does not know how to reach this kind of provider", place)
    if names & {"Timeout", "APITimeoutError"}:
        return TimedOut(f"'{place.provider}' did not answer in time.", hint="Try again, or another model.", **place.names)
    if names & {"APIResponseValidationError", "JSONDecodeError"}:
        return faults.odd_json(place)
    if "APIConnectionError" in names or isinstance(exc, OSError):
        return _no_connection(words, place)
    own = getattr(exc, "status_code", None)
    status = max(own if isinstance(own, int) else 0, next((code for name, code in _STATUS.items() if name in names), 0))
    if 400 <= status < 600:
        return refusals.classify(status, words, words, place, refusals.retry_after(_headers(exc), {}))
    if _NO_CREDENTIALS.search(f"{type(exc).__name__} {words}"):
        return _no_key(place)
    if names & {"APIError", "OpenAIError"}:
        return Unavailable(f"'{place.provider}' has a fault of its own.", hint="Try again in a moment.", **place.names)
    return BadAnswer(
        f"'{place.provider}' could not be asked: litellm met a {type(exc).__name__}.",
        hint=f"Check how '{place.provider}' is set up: its kind, its address and the parameters that its kind needs.",
        **place.names,
    )


def _no_key(place: Place) -> KeyMissing:
    return KeyMissing(
        f"'{place.provider}' found no credentials.",
        hint=f"Enter a key for '{place.provider}', or give this machine the credentials that its kind uses, and restart.",
        **place.names,
    )


def _no_connection(words: str, place: Place) -> ProviderError:
    """What litellm calls a connection error is many things, missing credentials among them."""
    if _NO_CREDENTIALS.search(words):
        return _no_key(place)
    return Unavailable(
        f"'{place.provider}' at {place.address} cannot be reached.",
        hint=f"Check the address of '{place.provider}' and this machine's network connection.",
        **place.names,
    )


def _headers(exc: Exception) -> Mapping[str, str]:
    for holder in (exc, getattr(exc, "response", None)):
        headers = getattr(holder, "headers", None) or getattr(holder, "litellm_response_headers", None)
        if headers:
            return {str(name).lower(): str(value) for name, value in headers.items()}
    return {}


def _words(exc: Exception) -> str:
    """The provider's own sentence, without litellm's names around it."""
    said = _PREFIX.sub("", str(getattr(exc, "message", None) or exc))
    start = said.find("{")
    if start >= 0:
        try:
            inner = obj(orjson.loads(said[start : said.rfind("}") + 1]))
        except orjson.JSONDecodeError:
            return said
        return refusals.words_of(obj(inner.get("error")) or inner) or said
    return said


async def close_clients() -> None:
    """Close what litellm keeps open for all its providers, where it was loaded at all. Nothing may be under way."""
    library: Any = sys.modules.get("litellm")
    if library is not None:
        cleanup: Any = import_module("litellm.llms.custom_httpx.async_client_cleanup")
        await cleanup.close_litellm_async_clients()
        library.in_memory_llm_clients_cache.flush_cache()
        shared: dict[str, Any] = library.__dict__
        shared.pop("module_level_aclient", None)  # it would open itself again, and nobody would close it then
