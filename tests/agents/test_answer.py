"""Provider events become run events and parts."""

from __future__ import annotations

from collections.abc import Sequence

from llmhub.agents.answer import Answer
from llmhub.events import Event, PartEnded, TextDelta, ToolCalled
from llmhub.messages import ReasoningPart, TextPart, ToolCallPart
from llmhub.providers import base as providers
from llmhub.providers.base import Metadata, ProviderEvent, Reasoning, Text, ToolCall


def take(answer: Answer, *events: ProviderEvent) -> list[Event]:
    return [said for event in events for said in answer.take(event)]


def types(events: Sequence[Event]) -> list[str]:
    return [event.type for event in events]


def test_reasoning_and_text_are_parts_of_their_own() -> None:
    answer = Answer(clock=iter([1.0, 3.5, 4.0]).__next__)
    said = take(answer, Reasoning("hm"), Reasoning(" so"), Text("Yes"), Text(""), Text("."))

    thinking = ["part.started", "reasoning.delta", "reasoning.delta", "part.ended"]
    assert types(said) == [*thinking, "part.started", "text.delta", "text.delta"]
    assert said[3] == PartEnded(part=0, duration_ms=2500)
    assert answer.parts == (ReasoningPart(text="hm so", duration_ms=2500), TextPart(text="Yes."))


def test_a_thought_has_no_duration_while_it_is_thought_and_keeps_what_it_took_when_it_is_cut() -> None:
    answer = Answer(clock=iter([10.0, 12.0]).__next__)
    take(answer, Reasoning("hm"))
    assert answer.parts == (ReasoningPart(text="hm"),)
    assert list(answer.close()) == [PartEnded(part=0, duration_ms=2000)]
    assert list(answer.close()) == list(answer.finish()) == []
    assert answer.parts == (ReasoningPart(text="hm", duration_ms=2000),)


def test_signatures_ride_with_the_part_they_belong_to() -> None:
    answer = Answer(clock=lambda: 0)
    take(
        answer,
        Reasoning("one"),
        Metadata({"anthropic": {"signature": "s1"}}, part_type="reasoning"),
        providers.PartEnded(),
        Metadata({"anthropic": {"redacted": "xx"}}, part_type="reasoning"),
        providers.PartEnded(),
        Text("done"),
    )

    assert answer.parts == (
        ReasoningPart(text="one", duration_ms=0, provider_metadata={"anthropic": {"signature": "s1"}}),
        ReasoningPart(text="", provider_metadata={"anthropic": {"redacted": "xx"}}),
        TextPart(text="done"),
    )


def test_tool_calls_are_written_side_by_side_and_said_whole_at_the_end() -> None:
    answer = Answer()
    said = take(
        answer,
        Text("Let me look."),
        ToolCall(0, "a", "read", '{"pa'),
        ToolCall(1, "b", "list"),
        ToolCall(0, arguments='th": 1}'),
        ToolCall(1, arguments="{}"),
        Metadata({"gemini": {"signature": "g"}}, part_type="tool_call", index=1),
    )
    ends = list(answer.finish())

    assert types(said).count("tool.delta") == 4
    assert ends == [
        ToolCalled(part=1, call_id="a", name="read", arguments='{"path": 1}'),
        ToolCalled(part=2, call_id="b", name="list", arguments="{}"),
    ]
    assert answer.parts[1:] == (
        ToolCallPart(call_id="a", name="read", arguments='{"path": 1}'),
        ToolCallPart(call_id="b", name="list", arguments="{}", provider_metadata={"gemini": {"signature": "g"}}),
    )


def test_a_continuation_goes_on_behind_what_was_there() -> None:
    answer = Answer([TextPart(text="The qui")])
    assert not answer.has_begun
    said = take(answer, Text("ck fox"))

    assert said[1] == TextDelta(part=1, text="ck fox")
    assert answer.parts == (TextPart(text="The qui"), TextPart(text="ck fox"))
