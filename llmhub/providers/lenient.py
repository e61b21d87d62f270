"""`Lenient`: asks once more without the parameters that a server refuses, and remembers them for each model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from ..errors import RequestRejected
from ..messages import Adaptation
from .adapter import Adapter
from .base import Adapted, ModelRequest, ProviderEvent, closing
from .faults import Place
from .http import Reader

Body = dict[str, Any]
Make = Callable[[frozenset[str]], tuple[Body, tuple[Adaptation, ...]]]
"""What was refused so far → the body to send, and what has been changed of the request."""


class Lenient:
    """At one `path` of a provider. `named` says which parameters of a body a refusal is about."""

    def __init__(
        self,
        adapter: Adapter,
        path: str,
        reader: Callable[[Place], Reader],
        named: Callable[[RequestRejected, Mapping[str, Any]], frozenset[str]],
    ) -> None:
        self._adapter = adapter
        self._path = path
        self._reader = reader
        self._named = named
        self._refused: dict[str, frozenset[str]] = {}

    async def stream(self, request: ModelRequest, make: Make) -> AsyncIterator[ProviderEvent]:
        """The answer. Raises `ProviderError`; `RequestRejected` when nothing is left that could be left out."""
        while True:
            refused = self._refused.get(request.model, frozenset[str]())
            body, adapted = make(refused)
            if adapted != request.adapted:
                yield Adapted(adapted)
            place = self._adapter.place(request)
            answer = self._adapter.http.answer(self._adapter.endpoint, self._path, body, self._reader(place), place=place)
            try:
                async with closing(answer) as events:
                    async for event in events:
                        yield event
                return
            except RequestRejected as exc:
                if not (more := self._named(exc, body) - refused):
                    raise
                self._refused[request.model] = refused | more
