"""Another model takes over while nothing has been said: after the first word the answer belongs to the model that began it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from ..errors import ConfigError, ProviderError, Retryable
from .base import AnsweredBy, ModelInfo, ModelRequest, Provider, ProviderEvent, Waiting, closing
from .patient import SAID


class Fallback:
    """Wraps `inner`. `chain` are full model ids, tried in order when the one asked for raises `Retryable`."""

    def __init__(self, inner: Provider, chain: Sequence[str] = ()) -> None:
        self._inner = inner
        self.chain: Sequence[str] = chain
        """May be set while it runs; answers under way keep theirs."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`, with another model if need be: `AnsweredBy` comes before that one's first word."""
        first: Retryable | None = None
        tried: list[str] = []
        for model in dict.fromkeys((request.model, *self.chain)):
            said, is_other = False, model != request.model
            try:
                async with closing(self._inner.stream(replace(request, model=model))) as events:
                    async for event in events:
                        if is_other and not isinstance(event, Waiting):
                            yield AnsweredBy(model)
                            is_other = False
                        said = said or isinstance(event, SAID)
                        yield event
                return
            except (ProviderError, ConfigError) as exc:
                if said or (first is None and not isinstance(exc, Retryable)):
                    raise
                if first is None:
                    assert isinstance(exc, Retryable)
                    first = exc
                tried.append(model)
                following = next((other for other in self.chain if other not in tried), None)
                if following is not None:
                    details = {"model": model, "next": following}
                    yield Waiting(f"'{model}' cannot answer now; asking '{following}'", "falling_back", details)
        assert first is not None
        if len(tried) > 1:
            first.details["also_tried"] = tried[1:]
            first.hint = f"{first.hint} The fallback models could not answer either: {', '.join(tried[1:])}.".strip()
        raise first

    async def models(self) -> list[ModelInfo]:
        """The inner provider's."""
        return await self._inner.models()

    async def aclose(self) -> None:
        """The inner provider's."""
        await self._inner.aclose()
