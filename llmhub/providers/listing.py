"""The models of one provider, as last heard: asked in the background, so that a provider that hangs or fails holds up nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ..errors import LLMHubError
from .base import ModelInfo, Provider

FRESH: Final = 300.0
"""Seconds for which a list is taken as it is."""
_FAILED: Final = 30.0
PATIENCE: Final = 5.0
"""Seconds that a reader of the list waits for a provider's first answer."""


class Listing:
    """`known` gives what to show: as unavailable while the provider cannot be asked, as available if it has no list to give.

    `remembered` is what it said to an earlier server: shown until it has spoken again. `heard_anew` is told of every list that
    comes (None: none came), and whether somebody was shown another one meanwhile.
    """

    def __init__(
        self,
        provider: Provider,
        known: Callable[[], list[ModelInfo]],
        *,
        remembered: Sequence[ModelInfo] = (),
        heard_anew: Callable[[Sequence[ModelInfo] | None, bool], Awaitable[None]] | None = None,
    ) -> None:
        self._provider = provider
        self._known = known
        self._models: list[ModelInfo] = list(remembered)
        self._heard_anew = heard_anew
        self._why_not: str | None = None
        self._asked = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._outrun = False
        """Somebody did not wait for the answer that is under way."""

    @property
    def heard(self) -> Sequence[ModelInfo]:
        """The last list that the provider gave."""
        return self._models

    async def get(self, *, fresh: bool = False, patience: float = PATIENCE) -> list[ModelInfo]:
        """The models now. `fresh`: ask again even if the last answer is young. `patience`: seconds to wait if nothing is known."""
        age = time.monotonic() - self._asked
        if fresh or age > (_FAILED if self._why_not else FRESH):
            self._task = self._task if self._task and not self._task.done() else asyncio.create_task(self._ask())
        if self._task and not self._task.done() and (fresh or not (self._models or self._why_not)):
            await asyncio.wait({self._task}, timeout=patience)
        self._outrun = self._outrun or (self._task is not None and not self._task.done())
        return self._shown()

    def _shown(self) -> list[ModelInfo]:
        if self._why_not:
            return _unavailable(self._models or self._known(), self._why_not)
        if self._models:
            return self._models
        if self._asked == float("-inf"):
            return _unavailable(self._known(), "It has not answered yet.")
        return self._known()

    async def aclose(self) -> None:
        """Stop asking."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _ask(self) -> None:
        before, heard = self._shown(), None
        try:
            heard = self._models = await self._provider.models()
            self._why_not = None
        except LLMHubError as exc:
            self._why_not = exc.message
        self._asked = time.monotonic()
        if self._heard_anew is not None:
            outrun, self._outrun = self._outrun, False
            await self._heard_anew(heard, outrun and self._shown() != before)


def _unavailable(models: Sequence[ModelInfo], why_not: str) -> list[ModelInfo]:
    return [model.model_copy(update={"available": False, "why_not": why_not}) for model in models]
