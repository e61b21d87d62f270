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

from ..messages import FilePart, ImagePart, Part, QuotePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, Usage
from ..money import nanos
from .base import Finished, ModelInfo, ModelRequest, Price, Provider, ProviderEvent, Reasoning, Text, ToolCall, Used, closing

Outcome = Literal["finished", "stopped", "failed"]
PriceOf = Callable[[int], Price | None]
"""Input tokens → the price of such a request, or None."""

BYTES_PER_TOKEN = 4
"""Good enough for what no provider reported: English and code come near it, other scripts within a third."""
IMAGE_TOKENS = 1_500


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
        slip = request.bill.open(self._model, size_of(request), self._price)
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


# ---- our own count, where nobody reports


def size_of(request: ModelRequest) -> int:
    """About how many tokens a request has."""
    size = len((request.system or "").encode(errors="replace"))
    size += sum(bytes_of(part) for message in request.messages for part in message.parts)
    size += sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    return tokens_in(size)


def tokens_in(size: int) -> int:
    """Bytes of text as tokens, rounded up."""
    return -(-size // BYTES_PER_TOKEN)


def text_size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def bytes_of(part: Part) -> int:
    """What a part weighs in a request, in bytes of text; a picture as much as a picture usually does."""
    match part:
        case TextPart() | ReasoningPart() | QuotePart():
            return text_size(part.text)
        case ImagePart():
            return IMAGE_TOKENS * BYTES_PER_TOKEN
        case ToolCallPart():
            return text_size(part.name) + text_size(part.arguments)
        case ToolResultPart():
            return sum(bytes_of(inner) for inner in part.parts)
        case FilePart():
            return text_size(part.name)
        case _:
            return len(part.model_dump_json(exclude={"provider_metadata"}))
