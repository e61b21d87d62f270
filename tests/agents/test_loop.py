"""How a turn ends, whatever the model does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from llmhub.agents.answer import Answer
from llmhub.agents.loop import Ending, Turn
from llmhub.errors import Interrupted, KeyRejected, LLMHubError, TimedOut
from llmhub.events import Event
from llmhub.messages import TextPart, Usage
from llmhub.providers.base import AnsweredBy, Finished, ModelInfo, ModelRequest, ProviderEvent, Reasoning, Text, Used, Waiting


class Says:
    """A provider that says these events, or raises them."""

    def __init__(self, *events: ProviderEvent | LLMHubError) -> None:
        self._events = events
        self.closed = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        try:
            for event in self._events:
                if isinstance(event, LLMHubError):
                    raise event
                yield event
        finally:
            self.closed = True

    async def models(self) -> list[ModelInfo]:
        return []

    async def aclose(self) -> None: ...


async def take(*events: ProviderEvent | LLMHubError) -> tuple[Ending, Answer, list[Event]]:
    said: list[Event] = []
    provider, answer = Says(*events), Answer()
    ending = await Turn(provider, answer, said.append, "lab/one").run(ModelRequest(model="lab/one", messages=()))
    assert provider.closed
    return ending, answer, said


async def test_an_answer_that_ends_is_complete_with_its_usage_and_reason() -> None:
    ending, answer, said = await take(Text("Hi"), Used(Usage(output_tokens=1)), Finished("length"))

    assert ending == Ending("complete", "length", "lab/one", Usage(output_tokens=1))
    assert answer.parts == (TextPart(text="Hi"),)
    assert [event.type for event in said] == ["status", "part.started", "text.delta", "usage"]


@pytest.mark.parametrize("cut", [Interrupted("cut"), TimedOut("silent")])
async def test_a_cut_in_mid_answer_is_an_interruption_and_keeps_what_was_said(cut: LLMHubError) -> None:
    ending, answer, _ = await take(Text("Hal"), cut)

    assert (ending.status, ending.finish_reason) == ("interrupted", "interrupted")
    assert ending.error and ending.error.message == cut.message
    assert answer.parts == (TextPart(text="Hal"),)


@pytest.mark.parametrize("cut", [Interrupted("cut"), TimedOut("silent"), KeyRejected("no")])
async def test_a_failure_before_the_first_word_is_a_failure(cut: LLMHubError) -> None:
    ending, answer, _ = await take(cut)

    assert (ending.status, ending.finish_reason) == ("failed", "error")
    assert ending.error and ending.error.code == cut.code
    assert not answer.parts


async def test_a_stream_without_an_end_was_cut() -> None:
    ending, _, _ = await take(Reasoning("hm"))
    assert ending.status == "interrupted"


async def test_an_empty_answer_is_a_bad_answer() -> None:
    ending, _, _ = await take(Finished("stop"))
    assert ending.status == "failed" and ending.error and ending.error.code == "bad_answer"


async def test_a_content_filter_is_said_to_be_one() -> None:
    ending, _, _ = await take(Text("Well"), Finished("content_filter"))
    assert (ending.status, ending.finish_reason) == ("failed", "content_filter")
    assert ending.error and ending.error.code == "content_refused"


async def test_waiting_and_taking_over_are_said() -> None:
    wait = Waiting("waiting 4 s", "rate_limit", {"seconds": 4.0, "provider": "lab"})
    ending, _, said = await take(wait, AnsweredBy("lab/two"), Text("Hi"), Finished("stop"))
    assert ending.model == "lab/two"
    assert [(event.code, event.text, event.details) for event in said if event.type == "status"] == [
        ("connecting", "connecting", {}),
        ("rate_limit", "waiting 4 s", {"seconds": 4.0, "provider": "lab"}),
        ("answered_by", "answered by lab/two", {"model": "lab/two"}),
    ]
