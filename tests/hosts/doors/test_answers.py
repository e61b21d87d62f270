"""What no wire that is at hand says, and what a client carries for a provider without reading it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmhub.errors import BadAnswer, Unavailable
from llmhub.hosts.doors.adapted import adapted_header
from llmhub.hosts.doors.anthropic_answer import MessageStream
from llmhub.hosts.doors.failure import anthropic_error, openai_error
from llmhub.hosts.doors.openai_answer import ChatStream
from llmhub.hosts.doors.signature import metadata_of, signature_of
from llmhub.messages import Adaptation
from llmhub.providers.base import Finished, Text, ToolCall


def chunks(said: bytes) -> list[Any]:
    return [json.loads(line[6:]) for line in said.decode().split("\n") if line.startswith("data: {")]


@pytest.mark.parametrize(
    "metadata", [{"anthropic": {"signature": "abc="}}, {"openai": {"field": "reasoning"}}, {"gemini": {"s": "ü"}}]
)
def test_what_a_provider_wants_back_comes_back_through_a_signature(metadata: dict[str, Any]):
    assert metadata_of(signature_of(metadata)) == metadata


@pytest.mark.parametrize("signature", ["", "llmhub.", "llmhub.%%", "llmhub.bnVsbA=="])
def test_a_signature_that_says_nothing_is_none(signature: str):
    assert metadata_of(signature) is None
    assert signature_of(None) == ""


def test_tool_calls_that_are_written_at_once_are_told_apart_or_refused():
    calls = [ToolCall(0, "a", "f"), ToolCall(1, "b", "f"), ToolCall(0, arguments="{}")]
    stream = ChatStream("m", include_usage=False)
    written = [chunk["choices"][0]["delta"] for chunk in chunks(b"".join(map(stream.take, calls)))]
    assert [delta["tool_calls"][0]["index"] for delta in written if "tool_calls" in delta] == [0, 1, 0]
    with pytest.raises(BadAnswer, match="two tool calls at once"):
        b"".join(map(MessageStream("m").take, calls))


def test_who_calls_a_tool_ends_for_that_whatever_the_provider_says():
    for stream, where in ((ChatStream("m", include_usage=False), "finish_reason"), (MessageStream("m"), "stop_reason")):
        stream.take(ToolCall(0, "a", "f", "{}"))
        stream.take(Finished("stop"))
        assert f'"{where}":"tool_' in stream.end().decode()


def test_text_survives_whatever_is_in_it():
    text = 'line\n"quoted" \\ \u2028 \U0001f600 data: [DONE]\n\n'
    (_, chunk) = chunks(ChatStream("m", include_usage=True).take(Text(text)))
    assert chunk["choices"][0]["delta"]["content"] == text and chunk["usage"] is None
    assert chunks(MessageStream("m").take(Text(text)))[-1]["delta"]["text"] == text


def test_an_unexpected_error_quotes_nothing():
    for say in (openai_error, anthropic_error):
        status, body = say(ValueError("sk-secret and a prompt"))
        assert status == 500 and "secret" not in json.dumps(body)
    assert anthropic_error(Unavailable("x", status=503))[0] == 529


def test_the_header_stays_short_and_on_one_line_whatever_was_adapted():
    schema = Adaptation(what="parameter", how="left_out", why="not_taken", name="json_schema", value={"x": "y" * 500})
    file = Adaptation(what="file", how="left_out", why="unreadable", name="ü\r\n😀" * 500)
    said = adapted_header([schema, *[file] * 200])
    told = json.loads(said)
    assert len(said) <= 4_000 and said.isascii() and said.isprintable()
    assert told[0] == {"what": "parameter", "how": "left_out", "why": "not_taken", "name": "json_schema"}
    assert len(told) - 1 + told[-1]["more"] == 201
