"""`Gathered`: an answer taken to its end, for who wants it in one piece."""

from __future__ import annotations

from ...agents.answer import Answer
from ...messages import FinishReason, Part, ToolCallPart, Usage
from ...providers.base import AnsweredBy, Finished, ProviderEvent, Used


class Gathered:
    """What was said, by which model, how it ended and what it used."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.usage: Usage | None = None
        self.reason: FinishReason | None = None
        self._answer = Answer()

    def take(self, event: ProviderEvent) -> None:
        """Take note of what a provider says."""
        match event:
            case Used(usage=usage):
                self.usage = usage
            case AnsweredBy(model=model):
                self.model = model
            case Finished(reason=reason):
                self.reason = reason
            case _:
                for _ in self._answer.take(event):
                    pass

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that was said, in order."""
        return self._answer.parts

    @property
    def ending(self) -> FinishReason:
        """How it ended: who calls a tool waits for it, whatever the provider calls that."""
        called = any(isinstance(part, ToolCallPart) for part in self.parts)
        return ending(self.reason, called=called)


def ending(reason: FinishReason | None, *, called: bool) -> FinishReason:
    """How an answer ended."""
    return "tool_calls" if called and reason == "stop" else reason or "stop"
