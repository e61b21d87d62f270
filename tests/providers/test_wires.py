"""Each wire against a server that speaks it: what arrives, and what is sent."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from llmhub.messages import (
    FilePart,
    ImagePart,
    OutputPart,
    QuotePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from llmhub.providers.base import FileData, ToolCall
from llmhub.providers.router import Router

from .asking import WEATHER, WIRES, ask, finish_in, message, parts_in, text_in, thoughts_in, usage_in
from .wire_server import WireServer

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
each_wire = pytest.mark.parametrize("kind", WIRES)


async def load_file(file_id: str) -> FileData:
    files = {
        "pixel": FileData(PIXEL, "image/png", "pixel.png"),
        "notes": FileData(b"first line\nsecond line", "text/plain", "notes.txt"),
        "blob": FileData(b"\0\1\2", "application/octet-stream", "blob.bin"),
    }
    return files[file_id]


def sent(wire: WireServer, model: str = "echo") -> Any:
    return wire.asked(model)[-1].body


def spoken(kind: str, body: Any) -> list[tuple[str, str]]:
    """(role, text) of each turn that was sent."""
    if kind == "gemini":
        return [(turn["role"], "".join(part.get("text", "") for part in turn["parts"])) for turn in body["contents"]]
    turns = []
    for turn in body["input" if kind == "responses" else "messages"]:
        content = turn.get("content") or ""
        turns.append((turn["role"], content if isinstance(content, str) else "".join(p.get("text", "") for p in content)))
    return turns


@each_wire
async def test_text_arrives_word_by_word_and_whole(router: Router, kind: str) -> None:
    events = await ask(router, f"{kind}/echo", "Grüße, 世界! **Bold**\n\nand a second line")
    assert text_in(events) == "Grüße, 世界! **Bold**\n\nand a second line"
    assert sum(type(event).__name__ == "Text" for event in events) > 3
    assert finish_in(events) == "stop"


@each_wire
async def test_reasoning_comes_apart_from_the_answer(router: Router, kind: str) -> None:
    events = await ask(router, f"{kind}/reasoner")
    assert thoughts_in(events) == "First I think. "
    assert text_in(events) == "The answer is 42."
    assert [part.type for part in parts_in(events) if getattr(part, "text", "")] == ["reasoning", "text"]


@each_wire
async def test_usage_counts_cached_tokens_within_input_and_reasoning_within_output(router: Router, kind: str) -> None:
    usage = usage_in(await ask(router, f"{kind}/reasoner"))
    assert (usage.input_tokens, usage.output_tokens) == (120, 50)
    assert usage.cached_tokens == (None if kind == "ollama" else 100)
    assert usage.reasoning_tokens == (30 if kind in ("openai", "responses", "gemini") else None)


@each_wire
@pytest.mark.parametrize(("model", "reason"), [("echo", "stop"), ("length", "length"), ("tools", "tool_calls")])
async def test_the_reason_for_stopping_is_told(router: Router, kind: str, model: str, reason: str) -> None:
    assert finish_in(await ask(router, f"{kind}/{model}")) == reason


@each_wire
async def test_an_image_is_sent_as_its_bytes(router: Router, wire: WireServer, kind: str) -> None:
    picture = message("user", "What is this?", ImagePart(file_id="pixel", media_type="image/png"))
    events = await ask(router, f"{kind}/vision", picture, load_file=load_file)
    assert text_in(events) == f"I see 1: {'image' if kind == 'ollama' else 'image/png'} of {len(PIXEL)} bytes"


@each_wire
async def test_an_image_in_a_data_url_is_sent_as_its_bytes(router: Router, kind: str) -> None:
    url = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
    events = await ask(router, f"{kind}/vision", message("user", "What is this?", ImagePart(url=url)))
    assert f"of {len(PIXEL)} bytes" in text_in(events)


@each_wire
async def test_a_tool_call_arrives_whole_with_its_id(router: Router, kind: str) -> None:
    events = await ask(router, f"{kind}/tools", tools=(WEATHER,))
    _, call = parts_in(events)
    assert isinstance(call, ToolCallPart)
    assert call.name == "get_weather"
    assert call.arguments.replace(" ", "") == '{"city":"Bern"}'
    assert call.call_id


@pytest.mark.parametrize("kind", ["openai", "responses", "anthropic"])
async def test_the_arguments_of_a_call_arrive_in_fragments(router: Router, kind: str) -> None:
    events = await ask(router, f"{kind}/tools", tools=(WEATHER,))
    assert [event.arguments for event in events if isinstance(event, ToolCall)] == ["", '{"ci', 'ty": "Be', 'rn"}']


@each_wire
async def test_two_calls_at_once_are_told_apart(router: Router, kind: str) -> None:
    parts = parts_in(await ask(router, f"{kind}/two-tools", tools=(WEATHER,)))
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    assert len(calls) == len({call.call_id for call in calls}) == 2
    assert {call.arguments.replace(" ", "") for call in calls} == {'{"city":"Bern"}'}


@each_wire
async def test_a_tools_result_goes_back_to_the_call_it_belongs_to(router: Router, kind: str) -> None:
    asked = message("user", "How is the weather?")
    said = parts_in(await ask(router, f"{kind}/tools", asked, tools=(WEATHER,)))
    call = next(part for part in said if isinstance(part, ToolCallPart))
    result = ToolResultPart(call_id=call.call_id, ok=True, parts=(TextPart(text="sunny, 21 °C"),))
    events = await ask(router, f"{kind}/tools", asked, message("assistant", *said, result), tools=(WEATHER,))
    assert text_in(events) == "The tool says: sunny, 21 °C"


async def test_signed_and_redacted_thoughts_go_back_to_anthropic_untouched(router: Router, wire: WireServer) -> None:
    asked = message("user", "Think.")
    parts = parts_in(await ask(router, "anthropic/reasoner", asked))
    assert parts[0].provider_metadata == {"anthropic": {"signature": "c2lnbmVk"}}
    assert parts[1] == ReasoningPart(text="", provider_metadata={"anthropic": {"redacted": "cmVkYWN0ZWQ="}})
    await ask(router, "anthropic/echo", asked, message("assistant", *parts), message("user", "And now?"))
    blocks = sent(wire)["messages"][1]["content"]
    assert blocks == [
        {"type": "thinking", "thinking": "First I think. ", "signature": "c2lnbmVk"},
        {"type": "redacted_thinking", "data": "cmVkYWN0ZWQ="},
        {"type": "text", "text": "The answer is 42."},
    ]


async def test_a_calls_thought_signature_goes_back_to_gemini_untouched(router: Router, wire: WireServer) -> None:
    asked = message("user", "How is the weather?")
    parts = parts_in(await ask(router, "gemini/tools", asked, tools=(WEATHER,)))
    call = next(part for part in parts if isinstance(part, ToolCallPart))
    done = ToolResultPart(call_id=call.call_id, ok=True, parts=(TextPart(text="sunny"),))
    await ask(router, "gemini/tools", asked, message("assistant", *parts, done), tools=(WEATHER,))
    sent_call = sent(wire, "tools")["contents"][1]["parts"][1]
    assert sent_call["thoughtSignature"] == "Z2VtaW5pLXNpZw=="
    assert sent_call["functionCall"] == {"name": "get_weather", "args": {"city": "Bern"}, "id": call.call_id}


async def test_a_call_that_another_model_made_is_marked_for_the_newest_geminis(router: Router, wire: WireServer) -> None:
    call = ToolCallPart(call_id="call_1", name="get_weather", arguments="{}")
    done = ToolResultPart(call_id="call_1", ok=True, parts=(TextPart(text="sunny"),))
    await ask(router, "gemini/gemini-3-flash-preview", "Weather?", message("assistant", call, done))
    part = sent(wire, "gemini-3-flash-preview")["contents"][1]["parts"][0]
    assert part["thoughtSignature"] == "skip_thought_signature_validator"


async def test_thoughts_within_a_turn_go_back_in_the_field_they_came_in(router: Router, wire: WireServer) -> None:
    asked = message("user", "Think.")
    parts = parts_in(await ask(router, "openai/reasoner", asked))
    call = ToolCallPart(call_id="c1", name="get_weather", arguments="{}")
    done = ToolResultPart(call_id="c1", ok=True, parts=(TextPart(text="sunny"),))
    await ask(router, "openai/echo", asked, message("assistant", *parts, call, done))
    assert sent(wire)["messages"][1]["reasoning_content"] == "First I think. "
    await ask(router, "openai/echo", asked, message("assistant", *parts), message("user", "And now?"))
    assert "reasoning_content" not in sent(wire)["messages"][1]


@each_wire
async def test_what_another_wire_thought_or_signed_is_not_sent(router: Router, wire: WireServer, kind: str) -> None:
    foreign = {"elsewhere": {"signature": "FOREIGN"}}
    said = message(
        "assistant",
        ReasoningPart(text="SECRET THOUGHT", provider_metadata=foreign),
        TextPart(text="spoken", provider_metadata=foreign),
    )
    await ask(router, f"{kind}/echo", "one", said, message("user", "two"))
    assert "FOREIGN" not in str(sent(wire))
    assert "SECRET" not in str(sent(wire))
    assert "spoken" in str(sent(wire))


@each_wire
async def test_continued_text_is_sent_without_a_seam(router: Router, wire: WireServer, kind: str) -> None:
    await ask(router, f"{kind}/echo", "one", message("assistant", "half a wo", "rd"), message("user", "two"))
    assert "half a word" in [words for _, words in spoken(kind, sent(wire))]


@each_wire
async def test_a_quote_is_sent_as_a_quote(router: Router, wire: WireServer, kind: str) -> None:
    await ask(router, f"{kind}/echo", message("user", QuotePart(message_id="m", text="a\nb"), "Why?"))
    assert spoken(kind, sent(wire))[-1][1] == "> a\n> b\n\nWhy?"


@each_wire
async def test_files_are_sent_as_text_or_at_least_named(router: Router, wire: WireServer, kind: str) -> None:
    files = [
        FilePart(file_id="notes", name="notes.txt", media_type="text/plain"),
        FilePart(file_id="blob", name="blob.bin", media_type="application/octet-stream"),
        FilePart(file_id="gone", name="gone.txt", media_type="text/plain"),
    ]
    await ask(router, f"{kind}/echo", message("user", "Look:", *files), load_file=load_file)
    words = spoken(kind, sent(wire))[-1][1]
    assert "first line\nsecond line" in words
    assert "blob.bin" in words
    assert "“gone.txt”, which is no longer stored" in words


@each_wire
async def test_an_output_is_sent_as_its_text(router: Router, wire: WireServer, kind: str) -> None:
    await ask(router, f"{kind}/echo", message("user", "See:", OutputPart(mime_bundle={"text/plain": ["4", "2"]})))
    assert "42" in spoken(kind, sent(wire))[-1][1]


@each_wire
async def test_a_failed_answer_leaves_no_hole_in_the_history(router: Router, wire: WireServer, kind: str) -> None:
    await ask(router, f"{kind}/echo", "one", message("assistant", status="failed"), message("user", "two"))
    roles = [role for role, _ in spoken(kind, sent(wire))]
    assert roles == ["user"]
    assert spoken(kind, sent(wire))[0][1] == "one\n\ntwo"


@each_wire
async def test_a_call_that_was_never_answered_gets_a_result_that_says_so(router: Router, wire: WireServer, kind: str) -> None:
    call = ToolCallPart(call_id="call_9", name="get_weather", arguments='{"city"')
    await ask(router, f"{kind}/echo", "one", message("assistant", call, status="stopped"), message("user", "two"))
    assert "stopped before the tool had answered" in str(sent(wire))


@each_wire
async def test_instructions_stand_where_the_wire_has_them(router: Router, wire: WireServer, kind: str) -> None:
    await ask(router, f"{kind}/echo", message("system", "From the tree."), message("user", "hi"), system="Be brief.")
    body = sent(wire)
    told = {
        "openai": lambda: body["messages"][0]["content"],
        "ollama": lambda: body["messages"][0]["content"],
        "responses": lambda: body["instructions"],
        "anthropic": lambda: body["system"][0]["text"],
        "gemini": lambda: body["systemInstruction"]["parts"][0]["text"],
    }[kind]()
    assert told == "Be brief.\n\nFrom the tree."


PARAMS = {"temperature": 0.5, "max_tokens": 99, "stop": ["END"], "seed": 7}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("openai", {"temperature": 0.5, "max_tokens": 99, "stop": ["END"], "seed": 7}),
        ("responses", {"temperature": 0.5, "max_output_tokens": 99}),
        ("anthropic", {"temperature": 0.5, "max_tokens": 99, "stop_sequences": ["END"]}),
        ("gemini", {"generationConfig": {"temperature": 0.5, "maxOutputTokens": 99, "stopSequences": ["END"], "seed": 7}}),
        ("ollama", {"options": {"temperature": 0.5, "num_predict": 99, "stop": ["END"], "seed": 7}}),
    ],
)
async def test_parameters_are_said_in_the_wires_own_words(router: Router, wire: WireServer, kind: str, expected: Any) -> None:
    await ask(router, f"{kind}/echo", params=PARAMS)
    body = sent(wire)
    assert {name: body[name] for name in expected} == expected
    assert not ({"seed", "stop"} & set(body) - set(expected))


@each_wire
async def test_a_schema_for_the_answer_is_sent_in_the_wires_own_form(router: Router, wire: WireServer, kind: str) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    await ask(router, f"{kind}/echo", params={"json_schema": schema})
    body = sent(wire)
    told = {
        "openai": lambda: body["response_format"]["json_schema"]["schema"],
        "responses": lambda: body["text"]["format"]["schema"],
        "anthropic": lambda: body["output_config"]["format"]["schema"],
        "gemini": lambda: body["generationConfig"]["responseJsonSchema"],
        "ollama": lambda: body["format"],
    }[kind]()
    assert told == schema


@each_wire
async def test_the_key_goes_into_a_header_and_never_into_the_address(router: Router, wire: WireServer, kind: str) -> None:
    await ask(router, f"{kind}/echo")
    record = wire.asked("echo")[-1]
    assert record.key.startswith("sk-canary")
    assert "canary" not in record.path


async def test_how_hard_to_think_is_said_in_each_generations_own_way(router: Router, wire: WireServer) -> None:
    async def body(model: str, effort: str | None) -> Any:
        await ask(router, model, params={"reasoning_effort": effort} if effort else {})
        return sent(wire, model.partition("/")[2])

    assert (await body("openai/o9-unknown", "low"))["reasoning_effort"] == "low"
    adaptive = await body("anthropic/claude-sonnet-5-5", "medium")
    assert adaptive["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert adaptive["output_config"] == {"effort": "medium"}
    legacy = await body("anthropic/claude-sonnet-4-5", "high")
    assert legacy["thinking"] == {"type": "enabled", "budget_tokens": 16384}
    assert "thinking" not in await body("anthropic/claude-sonnet-4-5", None)
    assert (await body("gemini/gemini-3-flash-preview", "high"))["generationConfig"]["thinkingConfig"]["thinkingLevel"] == "high"
    assert (await body("gemini/gemini-2.5-flash", "none"))["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 0
    assert (await body("ollama/qwen3", "none"))["think"] is False
    assert (await body("ollama/gpt-oss:20b", "high"))["think"] == "high"


async def test_anthropics_limit_is_the_models_own_unless_one_is_given(router: Router, wire: WireServer) -> None:
    await ask(router, "anthropic/claude-sonnet-4-5")
    assert sent(wire, "claude-sonnet-4-5")["max_tokens"] == 64000
    await ask(router, "anthropic/nobody-knows-it")
    assert sent(wire, "nobody-knows-it")["max_tokens"] == 8192


async def test_models_that_refuse_a_temperature_are_not_sent_one(router: Router, wire: WireServer) -> None:
    await ask(router, "anthropic/claude-opus-5", params={"temperature": 0.2, "top_p": 0.5})
    assert not {"temperature", "top_p"} & set(sent(wire, "claude-opus-5"))


async def test_a_server_that_does_not_stream_is_understood_too(router: Router) -> None:
    events = await ask(router, "openai/no-json-stream", "all at once")
    assert text_in(events) == "all at once"
    assert usage_in(events).input_tokens == 3


async def test_a_parameter_that_a_server_does_not_know_is_left_out_from_then_on(router: Router, wire: WireServer) -> None:
    events = await ask(router, "openai/refuses-temperature", "still answered", params={"temperature": 0.3})
    assert text_in(events) == "still answered"
    await ask(router, "openai/refuses-temperature", params={"temperature": 0.3})
    assert ["temperature" in record.body for record in wire.asked("refuses-temperature")] == [True, False, False]


async def test_a_server_that_wants_the_newer_name_of_a_limit_gets_it(router: Router, wire: WireServer) -> None:
    assert text_in(await ask(router, "openai/wants-max-completion-tokens", "hi", params={"max_tokens": 5})) == "hi"
    last = wire.asked("wants-max-completion-tokens")[-1].body
    assert last["max_completion_tokens"] == 5
    assert "max_tokens" not in last


@each_wire
async def test_the_models_of_a_provider_are_asked_from_it(router: Router, kind: str) -> None:
    models = await router.provider_models(kind)
    assert f"{kind}/echo" in [model.id for model in models]
    assert all(model.available and model.local for model in models)
    assert not [model for model in models if "embedding" in model.id]


async def test_ollama_tells_windows_and_abilities(router: Router) -> None:
    vision = next(model for model in await router.provider_models("ollama") if model.id == "ollama/vision")
    assert vision.context_window == 40960
    assert {"vision", "tools"} <= set(vision.capabilities)


async def test_ollama_is_asked_for_a_window_that_holds_the_whole_conversation(router: Router, wire: WireServer) -> None:
    await ask(router, "ollama/echo", "short")
    assert "options" not in sent(wire)
    await ask(router, "ollama/echo", "long " * 10_000)
    assert sent(wire)["options"]["num_ctx"] == 32_768
    await router.provider_models("ollama")
    await ask(router, "ollama/echo", "longer " * 100_000)
    assert sent(wire)["options"]["num_ctx"] == 40_960
