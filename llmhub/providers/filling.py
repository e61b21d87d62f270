"""`Filling`: gaps in code filled over OpenAI's older completions with a `suffix`, and Mistral's address for the same.

The surprise: many servers take a `suffix` and ignore it, and a model that knows chats only would go on with something else. So
nobody is asked this way who is not known to understand it: Codestral, and what llmhub.yaml says (`models: ... fill_in`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from ..errors import RequestRejected
from ..messages import Adaptation, Usage
from .adapter import Adapter, chosen
from .base import Gap, ModelRequest, ProviderEvent, Text
from .lenient import Lenient
from .loose import count, obj, text
from .reading import WireReader

_TAKEN: Final = ("temperature", "top_p", "max_tokens", "stop")


class GapReader(WireReader):
    """An answer that may be empty: nothing is missing in the gap."""

    def end(self) -> Iterator[ProviderEvent]:
        """Usage and finish."""
        self.said = True
        return super().end()


class Filling:
    """What fills gaps at a `base_url`; `named` says which parameters of a body a refusal is about."""

    def __init__(self, adapter: Adapter, named: Callable[[RequestRejected, Mapping[str, Any]], frozenset[str]]) -> None:
        self._adapter = adapter
        self._is_mistral = adapter.kind.name == "mistral"
        self._asking = Lenient(adapter, "/fim/completions" if self._is_mistral else "/completions", _Reader, named)

    def can(self, model: str) -> bool:
        """Whether a model is asked this way."""
        said = self._adapter.fills(model)
        return said if said is not None else self._is_mistral and "codestral" in model.lower()

    def stream(self, request: ModelRequest, gap: Gap) -> AsyncIterator[ProviderEvent]:
        """What belongs into the gap. Raises `ProviderError`."""

        def make(refused: frozenset[str]) -> tuple[dict[str, Any], tuple[Adaptation, ...]]:
            body: dict[str, Any] = chosen(request.params, {name: name for name in _TAKEN})
            body |= {"model": request.model, "prompt": gap.before, "suffix": gap.after, "stream": True}
            if not self._is_mistral:  # which reports unasked, and refuses what it does not know
                body["stream_options"] = {"include_usage": True}
            return self._adapter.trimmed({name: value for name, value in body.items() if name not in refused}), request.adapted

        return self._asking.stream(request, make)


class _Reader(GapReader):
    """Chunks with a text each: as older completions have it, or as chats do."""

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        if frame.strip() == b"[DONE]":
            self.done = True
            self.reason = self.reason or "stop"
            return
        chunk = orjson.loads(frame)
        if error := chunk.get("error"):
            raise self.broken_off(error)
        if usage := obj(chunk.get("usage")):
            self.usage = Usage(input_tokens=count(usage.get("prompt_tokens")), output_tokens=count(usage.get("completion_tokens")))
        for choice in map(obj, chunk["choices"]):
            if words := text(choice.get("text")) or text(obj(choice.get("delta")).get("content")):
                yield Text(words)
            if reason := text(choice.get("finish_reason")):
                self.reason = "length" if reason == "length" else "stop"
