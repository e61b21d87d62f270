"""A provider that waits out short refusals: a rate limit that ends in a few seconds, a server that stumbles.

Only while nothing has been said, at most twice, and never for long: a long wait is the user's to decide, so it is raised.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from ..errors import RateLimited, Retryable, Unavailable
from .base import Metadata, ModelInfo, ModelRequest, Provider, ProviderEvent, Reasoning, Text, ToolCall, Waiting, closing
from .refusals import NO_CREDIT, duration

LONGEST: Final = 20.0
"""Seconds that we wait for a rate limit without asking."""
_TRIES: Final = 2
SAID: Final = (Text, Reasoning, ToolCall, Metadata)
"""Events after which nobody else may take over."""


class Patient:
    """Wraps `inner`. `wait` sleeps; tests give their own."""

    def __init__(self, inner: Provider, name: str, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._inner = inner
        self._name = name
        self._wait = wait

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`, after a wait or two if need be."""
        tries = 0
        while True:
            said = False
            try:
                async with closing(self._inner.stream(request)) as events:
                    async for event in events:
                        said = said or isinstance(event, SAID)
                        yield event
                return
            except (RateLimited, Unavailable) as exc:
                pause = _pause(exc, tries)
                if said or tries == _TRIES or pause is None:
                    raise
                tries += 1
                if pause:
                    yield self._waiting(exc, pause)
                await self._wait(pause)

    def _waiting(self, exc: Retryable, pause: float) -> Waiting:
        details = {"seconds": round(pause, 1), "provider": self._name}
        if isinstance(exc, RateLimited):
            return Waiting(f"waiting {duration(pause)}: the provider's rate limit", "rate_limit", details)
        return Waiting(f"waiting {duration(pause)}: '{self._name}', which is not well", "unwell", details)

    async def models(self) -> list[ModelInfo]:
        """The inner provider's."""
        return await self._inner.models()

    async def aclose(self) -> None:
        """The inner provider's."""
        await self._inner.aclose()


def _pause(exc: Retryable, tries: int) -> float | None:
    """Seconds until another try, or None if it is not worth one."""
    if exc.retry_after is not None:
        return exc.retry_after if exc.retry_after <= LONGEST else None
    if exc.status is None or exc.details.get("reason") == NO_CREDIT:
        return None  # refused, TLS, no such host, no money: nothing that seconds heal
    return (1.0 + random.random()) * 2**tries
