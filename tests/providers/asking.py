"""Asking a provider and reading what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from llmhub.agents.answer import Answer
from llmhub.ids import new_id
from llmhub.messages import Message, Part, Role, TextPart, Usage
from llmhub.providers.base import Finished, ModelRequest, Provider, ProviderEvent, Reasoning, Text, ToolSpec, Used

WIRES = ("openai", "responses", "anthropic", "gemini", "ollama")
CANARY = "sk-canary-4f9d1c7e5a2b8306"
WEATHER = ToolSpec("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


def message(role: Role, *parts: Part | str, status: Any = "complete") -> Message:
    """A message of a conversation; a string is a text part."""
    whole = tuple(TextPart(text=part) if isinstance(part, str) else part for part in parts)
    return Message(
        id=new_id(), conversation_id="c", parent_id=None, role=role, status=status, parts=whole, created_at=datetime.now(UTC)
    )


def question(model: str, *messages: Message | str, **more: Any) -> ModelRequest:
    """A request; a string is what the user says."""
    path = tuple(message("user", item) if isinstance(item, str) else item for item in messages or ("hello there",))
    return ModelRequest(model=model, messages=path, **more)


async def ask(provider: Provider, model: str, *messages: Message | str, **more: Any) -> list[ProviderEvent]:
    """Everything the provider says to a question."""
    return [event async for event in provider.stream(question(model, *messages, **more))]


async def until_failure(provider: Provider, request: ModelRequest, error: type[Exception]) -> tuple[list[ProviderEvent], Any]:
    """What was said before the expected error, and the error."""
    said: list[ProviderEvent] = []
    try:
        async for event in provider.stream(request):
            said.append(event)
    except error as exc:
        return said, exc
    raise AssertionError(f"{error.__name__} was expected; said: {said}")


def text_in(events: Sequence[ProviderEvent]) -> str:
    """The text of an answer."""
    return "".join(event.text for event in events if isinstance(event, Text))


def thoughts_in(events: Sequence[ProviderEvent]) -> str:
    """What the model thought."""
    return "".join(event.text for event in events if isinstance(event, Reasoning))


def usage_in(events: Sequence[ProviderEvent]) -> Usage:
    """The last report of usage."""
    return [event.usage for event in events if isinstance(event, Used)][-1]


def finish_in(events: Sequence[ProviderEvent]) -> str | None:
    """How the answer ended, if it did."""
    return next((event.reason for event in events if isinstance(event, Finished)), None)


def parts_in(events: Sequence[ProviderEvent]) -> tuple[Part, ...]:
    """The parts that a message would hold after these events."""
    answer = Answer()
    for event in events:
        for _ in answer.take(event):
            pass
    return answer.parts


class Saying:
    """A provider of ready-made events; an exception among them is raised. `asked` holds the models."""

    def __init__(self, by_model: dict[str, list[ProviderEvent | Exception]]) -> None:
        self.by_model = by_model
        self.asked: list[str] = []

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        self.asked.append(request.model)
        for event in self.by_model[request.model]:
            if isinstance(event, Exception):
                raise event
            yield event

    async def models(self) -> list[Any]:
        return []

    async def aclose(self) -> None:
        pass
