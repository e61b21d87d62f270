"""What an answer cost, in money and time: fills in what the provider's report of tokens leaves out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from ..errors import ProviderError
from ..messages import Usage
from ..money import dollars
from .base import (
    AnsweredBy,
    Finished,
    ModelInfo,
    ModelRequest,
    Price,
    Provider,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    Used,
    closing,
)
from .billing import cost_of


class Prices(Protocol):
    """Who knows prices."""

    def price(self, model: str, input_tokens: int | None = None) -> Price | None:
        """The price of a model for a request of so many tokens, or None."""
        ...


class Metered:
    """Wraps `inner`. Every answer has a `Used` just before its end, also where the provider reports no tokens."""

    def __init__(self, inner: Provider, prices: Prices, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._prices = prices
        self._clock = clock

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`; `Used` events carry cost and times as well."""
        meter = _Meter(request.model, self._prices, self._clock)
        is_reported = False
        try:
            async with closing(self._inner.stream(request)) as events:
                is_due = False
                async for event in events:
                    meter.look_at(event)
                    if isinstance(event, Used):
                        is_due = True  # held back by one event: the last report and the end make one
                        continue
                    ended = isinstance(event, Finished)
                    if is_due or ended:
                        yield Used(meter.usage(ended=ended))
                        is_due, is_reported = False, ended
                    yield event
        except ProviderError:
            if meter.has_begun and not is_reported:
                yield Used(meter.usage(ended=True))
            raise

    async def models(self) -> list[ModelInfo]:
        """The inner provider's."""
        return await self._inner.models()

    async def aclose(self) -> None:
        """The inner provider's."""
        await self._inner.aclose()


class _Meter:
    """What is known so far of one answer."""

    def __init__(self, model: str, prices: Prices, clock: Callable[[], float]) -> None:
        self._model = model
        self._prices = prices
        self._clock = clock
        self._start = clock()
        self._first: float | None = None
        self._tokens = Usage()

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to report."""
        return self._first is not None or self._tokens != Usage()

    def look_at(self, event: ProviderEvent) -> None:
        """Take note of what matters here."""
        match event:
            case Text() | Reasoning() | ToolCall() if self._first is None:
                self._first = self._clock()
            case Used(usage=usage):
                self._tokens = usage
            case AnsweredBy(model=model):
                self._model, self._tokens = model, Usage()
            case _:
                pass

    def usage(self, *, ended: bool = False) -> Usage:
        """The report as it stands."""
        tokens = self._tokens
        return tokens.model_copy(
            update={
                "cost_usd": self._cost(tokens) if tokens.cost_usd is None else tokens.cost_usd,
                "first_token_ms": None if self._first is None else _milliseconds(self._first - self._start),
                "duration_ms": _milliseconds(self._clock() - self._start) if ended else None,
            }
        )

    def _cost(self, tokens: Usage) -> float | None:
        """From the tokens reported; None if those or the price are not known."""
        if tokens.input_tokens is None or tokens.output_tokens is None:
            return None
        if (price := self._prices.price(self._model, tokens.input_tokens)) is None:
            return None
        cached, written = tokens.cached_tokens or 0, tokens.cache_write_tokens or 0
        used = {"input_tokens": tokens.input_tokens, "output_tokens": tokens.output_tokens}
        return dollars(cost_of(price, cached_tokens=cached, written_tokens=written, **used))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
