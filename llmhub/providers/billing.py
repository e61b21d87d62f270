"""What is paid for: every request that one provider takes is entered, whoever asked, however it ended.

`Booked` stands round each adapter, below what waits, tries again and falls back, so that an attempt that was billed and came to
nothing is entered too. Where it is entered is the `Bill` that a request carries; a request without one is on the house.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal, Protocol

from ..messages import Usage
from ..money import nanos
from .base import Finished, ModelInfo, ModelRequest, Price, Provider, ProviderEvent, Reasoning, Text, ToolCall, Used, closing
from .estimate import Estimate

Outcome = Literal["finished", "stopped", "failed"]
PriceOf = Callable[[int], Price | None]
"""Input tokens → the price of such a request, or None."""


class Slip(Protocol):
    """One attempt at a provider, as far as is known at any moment. All methods are quick and never fail."""

    def accepted(self) -> None:
        """The provider has taken the request: from now on it may cost something."""
        ...

    def reported(self, usage: Usage) -> None:
        """What the provider says it used so far; the last report counts."""
        ...

    def said(self, text: str) -> None:
        """More of the answer has come."""
        ...

    def close(self, outcome: Outcome) -> None:
        """Nothing more comes."""
        ...


class Bill(Protocol):
    """Who pays for a request, and for what."""

    async def admit(self, model: str, price: Price | None) -> None:
        """Raises `QuotaExceeded` when nothing more is to be spent."""
        ...

    def open(self, model: str, estimate: int, price: PriceOf) -> Slip:
        """A provider is being asked. `model` is its full id, `estimate` the request's tokens as we count them."""
        ...


class Booked:
    """Wraps the adapter of one provider; `model` is the full id of what is asked."""

    def __init__(self, inner: Provider, model: str, price: PriceOf) -> None:
        self._inner = inner
        self._model = model
        self._price = price

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`, and enter what that took."""
        if request.bill is None:
            async with closing(self._inner.stream(request)) as events:
                async for event in events:
                    yield event
            return
        slip = request.bill.open(self._model, Estimate.of(self._model).request(request), self._price)
        outcome: Outcome = "failed"
        try:
            async with closing(self._inner.stream(replace(request, slip=slip))) as events:
                async for event in events:
                    match event:
                        case Text(text=text) | Reasoning(text=text) | ToolCall(arguments=text):
                            slip.said(text)
                        case Used(usage=usage):
                            slip.reported(usage)
                        case Finished():
                            outcome = "finished"
                        case _:
                            pass
                    yield event
        except (GeneratorExit, asyncio.CancelledError):
            if outcome != "finished":
                outcome = "stopped"
            raise
        finally:
            slip.close(outcome)

    async def models(self) -> list[ModelInfo]:
        """The inner provider's."""
        return await self._inner.models()

    async def aclose(self) -> None:
        """The inner provider's."""
        await self._inner.aclose()


def cost_of(price: Price, *, input_tokens: int, cached_tokens: int, output_tokens: int, written_tokens: int = 0) -> int:
    """Nanodollars, to the last one. Of the input, so much was read from the provider's cache and so much put there."""
    cached = min(cached_tokens, input_tokens)
    written = min(written_tokens, input_tokens - cached)
    reused = price.input if price.cached_input is None else price.cached_input
    stored = price.input if price.cache_write is None else price.cache_write
    millionths = (
        (input_tokens - cached - written) * Decimal(str(price.input))
        + cached * Decimal(str(reused))
        + written * Decimal(str(stored))
        + output_tokens * Decimal(str(price.output))
    )
    return nanos(millionths / 1_000_000)
