"""Another model takes over while nothing has been said: after the first word the answer belongs to the model that began it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from ..errors import ConfigError, ProviderError, Retryable
from .base import AnsweredBy, ModelInfo, ModelRequest, Provider, ProviderEvent, Waiting, closing
from .patient import SAID


class Fallback:
    """Wraps `inner`. `chain` are full model ids, tried in order when the one asked for raises `Retryable`.

    `own` has a chain for some models, by id, alias or pattern, that counts instead; `resolve` says what an alias stands for.
    """

    def __init__(
        self,
        inner: Provider,
        chain: Sequence[str] = (),
        own: Mapping[str, Sequence[str]] | None = None,
        *,
        resolve: Callable[[str], str] = str,
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self.configure(chain, own or {})

    def configure(self, chain: Sequence[str], own: Mapping[str, Sequence[str]]) -> None:
        """Take other chains while it runs; answers under way keep theirs."""
        self._chain = chain
        self._own = own

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`, with another model if need be: `AnsweredBy` comes before that one's first word."""
        first: Retryable | None = None
        tried: list[str] = []
        model, *others = self._in_turn(request.model)
        models = [model, *(other for other in others if request.may_use is None or request.may_use(other))]
        for model in models:
            said, is_other = False, model != models[0]
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
                if len(tried) < len(models):
                    following = models[len(tried)]
                    details = {"model": model, "next": following}
                    yield Waiting(f"'{model}' cannot answer now; asking '{following}'", "falling_back", details)
        assert first is not None
        if len(tried) > 1:
            first.details["also_tried"] = tried[1:]
            first.hint = f"{first.hint} The fallback models could not answer either: {', '.join(tried[1:])}.".strip()
        raise first

    def _in_turn(self, model: str) -> list[str]:
        """The model asked for, and those that may take over."""
        model = self._resolve(model)
        exact = next((chain for name, chain in self._own.items() if self._resolve(name) == model), None)
        chain = exact if exact is not None else next((c for name, c in self._own.items() if fnmatchcase(model, name)), self._chain)
        return list(dict.fromkeys((model, *map(self._resolve, chain))))

    async def models(self) -> list[ModelInfo]:
        """The inner provider's."""
        return await self._inner.models()

    async def aclose(self) -> None:
        """The inner provider's."""
        await self._inner.aclose()
