"""One turn: ask the model, pass on what it says, and say how it ended. It knows no store, no journal and no watcher."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from .. import events
from ..errors import BadAnswer, ContentRefused, Interrupted, LLMHubError, TimedOut, words
from ..events import Event, StatusChanged, UsageReported
from ..messages import Adaptation, ErrorInfo, FinishReason, Status, Usage
from ..providers.base import Adapted, AnsweredBy, Finished, ModelRequest, Provider, ProviderEvent, Used, Waiting
from .answer import Answer

Publish = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn ended. `usage` is what the provider reported last; `model` answered."""

    status: Status
    finish_reason: FinishReason
    model: str
    usage: Usage | None = None
    error: ErrorInfo | None = None
    adapted: tuple[Adaptation, ...] = ()


class Turn:
    """A turn being taken. Whatever happens, `answer` holds what was said."""

    def __init__(self, provider: Provider, answer: Answer, publish: Publish, model: str) -> None:
        self.answer = answer
        self.model = model
        self._provider = provider
        self._publish = publish
        self._usage: Usage | None = None
        self._reason: FinishReason | None = None
        self._adapted: tuple[Adaptation, ...] = ()
        self._before: tuple[Adaptation, ...] = ()

    async def run(self, request: ModelRequest, adapted: tuple[Adaptation, ...] = ()) -> Ending:
        """Stream the answer to its end. Raises `CancelledError` through: the caller knows why it cancelled.

        `adapted` is what became of the conversation before it came here; what providers change is told with it.
        """
        self._before = adapted
        self._adapt(())
        try:
            await self._ask_model(request)
        except LLMHubError as exc:
            return self._failed(exc)
        return self._finished()

    async def _ask_model(self, request: ModelRequest) -> None:
        self._publish(StatusChanged(text="connecting", code="connecting"))
        stream = cast("AsyncGenerator[ProviderEvent, None]", self._provider.stream(request))
        async with aclosing(stream) as answers:
            async for event in answers:
                match event:
                    case Waiting(text=text, code=code, details=details):
                        self._publish(StatusChanged(text=text, code=code, details=dict(details)))
                    case AnsweredBy(model=model):
                        self.model = model
                        self._adapt(())
                        self._publish(StatusChanged(text=f"answered by {model}", code="answered_by", details={"model": model}))
                    case Adapted(items=items):
                        self._adapt(items)
                    case Used(usage=usage):
                        self._usage = usage
                        self._publish(UsageReported(**usage.model_dump()))
                    case Finished(reason=reason):
                        self._reason = reason
                    case _:
                        for said in self.answer.take(event):
                            self._publish(said)
        for said in self.answer.finish():
            self._publish(said)

    def _finished(self) -> Ending:
        if self._reason is None:
            return self._failed(
                Interrupted("The answer stopped without an end.", hint="Continue goes on from here.", model=self.model)
            )
        if not self.answer.has_begun and self._reason != "content_filter":
            return self._failed(
                BadAnswer("The model answered with nothing at all.", hint="Try again, or another model.", model=self.model)
            )
        if self._reason == "content_filter":
            return self._failed(
                ContentRefused(
                    "The provider's content filter cut the answer."
                    if self.answer.has_begun
                    else "The provider's content filter refused this.",
                    hint="Put it in other words, or choose another model.",
                    model=self.model,
                )
            )
        return Ending("complete", self._reason, self.model, self._usage, None, self._adapted)

    def _adapt(self, changed: tuple[Adaptation, ...]) -> None:
        items = (*self._before, *changed)
        if items != self._adapted:
            self._adapted = items
            self._publish(events.Adapted(items=items))

    def _failed(self, exc: LLMHubError) -> Ending:
        """A cut in mid-answer is an interruption: what was said stays and can be continued. Everything else is a failure."""
        for said in self.answer.finish():
            self._publish(said)
        error = ErrorInfo.model_validate(words(exc))
        if isinstance(exc, Interrupted | TimedOut) and self.answer.has_begun:
            return Ending("interrupted", "interrupted", self.model, self._usage, error, self._adapted)
        reason: FinishReason = "content_filter" if isinstance(exc, ContentRefused) else "error"
        return Ending("failed", reason, self.model, self._usage, error, self._adapted)

    def cut(self, status: Status, reason: FinishReason, error: ErrorInfo | None = None) -> Ending:
        """The ending of a turn that was cancelled from outside."""
        for said in self.answer.close():
            self._publish(said)
        return Ending(status, reason, self.model, self._usage, error, self._adapted)


async def cancel(task: asyncio.Task[None], *, patience: float = 10.0) -> None:
    """Cancel `task` and return when it has ended, or after `patience` seconds if its store does not take what was said."""
    task.cancel()
    await asyncio.wait([task], timeout=patience)
