"""Anthropic's own Python client talks to every model that llmhub holds."""

from __future__ import annotations

import base64
import json
from typing import Any

import anthropic as library
import pytest
from anthropic import AsyncAnthropic

from tests.providers.asking import WIRES
from tests.providers.test_wires import PIXEL
from tests.providers.wire_server import WireServer

from ..api import Api

HELLO: Any = [{"role": "user", "content": "Hello there"}]
PICTURE: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PIXEL).decode()}}
WEATHER: Any = [
    {
        "name": "get_weather",
        "description": "The weather",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
NAMES = {"openai": "lab"} | {wire: wire for wire in WIRES if wire != "openai"}


def asked(wire: WireServer, model: str = "echo") -> Any:
    return wire.asked(model)[-1].body


async def test_an_answer_in_one_piece(anthropic: AsyncAnthropic):
    for kind in WIRES:
        answer = await anthropic.messages.create(model=f"{NAMES[kind]}/echo", max_tokens=100, messages=HELLO)
        assert (answer.type, answer.role, answer.model, answer.stop_reason) == (
            "message",
            "assistant",
            f"{NAMES[kind]}/echo",
            "end_turn",
        )
        assert [(block.type, block.text) for block in answer.content if block.type == "text"] == [("text", "Hello there")]
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 7)


async def test_an_answer_as_it_comes(anthropic: AsyncAnthropic):
    for kind in WIRES:
        async with anthropic.messages.stream(model=f"{NAMES[kind]}/echo", max_tokens=100, messages=HELLO) as stream:
            pieces = [text async for text in stream.text_stream]
            answer = await stream.get_final_message()
        assert "".join(pieces) == "Hello there" and len(pieces) > 1
        assert (answer.stop_reason, answer.usage.input_tokens, answer.usage.output_tokens) == ("end_turn", 11, 7)


async def test_the_events_are_those_of_the_real_api(anthropic: AsyncAnthropic):
    stream = await anthropic.messages.create(model="lab/reasoner", max_tokens=100, messages=HELLO, stream=True)
    kinds = [event.type async for event in stream]
    once = [kind for before, kind in zip(["", *kinds], kinds, strict=False) if kind != before]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert once == ["message_start", *block, *block, "message_delta", "message_stop"]


async def test_thoughts_are_blocks_and_go_back_to_their_wire(anthropic: AsyncAnthropic, wire: WireServer):
    for kind in WIRES:
        model = f"{NAMES[kind]}/reasoner"
        for stream in (False, True):
            if stream:
                async with anthropic.messages.stream(model=model, max_tokens=100, messages=HELLO) as events:
                    answer: Any = await events.get_final_message()
            else:
                answer = await anthropic.messages.create(model=model, max_tokens=100, messages=HELLO)
            thoughts = [block.thinking for block in answer.content if block.type == "thinking"]
            assert "".join(thoughts) == "First I think. "
            assert (answer.usage.cache_read_input_tokens, answer.usage.output_tokens) == (
                (0, 50) if kind == "ollama" else (100, 50)
            )
            blocks = [block.model_dump() for block in answer.content]
            await anthropic.messages.create(
                model=model, max_tokens=100, messages=[*HELLO, {"role": "assistant", "content": blocks}, *HELLO]
            )
            if kind == "anthropic":
                sent = asked(wire, "reasoner")["messages"][1]["content"]
                assert {"type": "thinking", "thinking": "First I think. ", "signature": "c2lnbmVk"} in sent
                assert {"type": "redacted_thinking", "data": "cmVkYWN0ZWQ="} in sent


async def test_parameters_reach_the_provider_in_its_own_words(anthropic: AsyncAnthropic, wire: WireServer):
    given: Any = {"system": [{"type": "text", "text": "Be brief."}], "stop_sequences": ["END"], "extra_body": {"temperature": 0.3}}
    await anthropic.messages.create(model="lab/echo", max_tokens=55, messages=HELLO, metadata={"user_id": "me"}, **given)
    body = asked(wire)
    assert (body["temperature"], body["max_tokens"], body["stop"]) == (0.3, 55, ["END"])
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    thinking: Any = {"type": "enabled", "budget_tokens": 4000}
    schema: Any = {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}
    await anthropic.messages.create(
        model="ollama/reasoner", max_tokens=5000, messages=HELLO, thinking=thinking, output_config={"format": schema}
    )
    assert (asked(wire, "reasoner")["think"], asked(wire, "reasoner")["format"]) == (True, schema["schema"])


async def test_a_tool_is_called_and_its_result_used(anthropic: AsyncAnthropic):
    for stream in (False, True):
        for kind in WIRES:
            model, messages = f"{NAMES[kind]}/two-tools", list(HELLO)
            if stream:
                async with anthropic.messages.stream(model=model, max_tokens=100, messages=messages, tools=WEATHER) as events:
                    answer: Any = await events.get_final_message()
            else:
                answer = await anthropic.messages.create(model=model, max_tokens=100, messages=messages, tools=WEATHER)
            assert answer.stop_reason == "tool_use"
            said, *calls = answer.content
            assert said.text == "Let me look. "
            assert [(call.type, call.name, call.input) for call in calls] == [("tool_use", "get_weather", {"city": "Bern"})] * 2
            messages.append({"role": "assistant", "content": [block.model_dump() for block in answer.content]})
            results = [{"type": "tool_result", "tool_use_id": call.id, "content": "Rain"} for call in calls]
            messages.append({"role": "user", "content": results})
            answer = await anthropic.messages.create(model=model, max_tokens=100, messages=messages, tools=WEATHER)
            assert answer.content[0].text == "The tool says: Rain"


async def test_a_tool_can_be_demanded(anthropic: AsyncAnthropic, wire: WireServer):
    choices: Any = [{"type": "any"}, {"type": "none"}, {"type": "tool", "name": "get_weather"}]
    for choice in choices:
        await anthropic.messages.create(model="anthropic/echo", max_tokens=100, messages=HELLO, tools=WEATHER, tool_choice=choice)
    assert [record.body["tool_choice"] for record in wire.asked("echo")] == choices


async def test_an_image_is_seen(anthropic: AsyncAnthropic):
    for kind in WIRES:
        content: Any = [PICTURE, {"type": "text", "text": "What is it?"}]
        answer: Any = await anthropic.messages.create(
            model=f"{NAMES[kind]}/vision", max_tokens=100, messages=[{"role": "user", "content": content}]
        )
        assert f"of {len(PIXEL)} bytes" in answer.content[0].text


async def test_documents_and_images_in_results_are_read(anthropic: AsyncAnthropic, wire: WireServer):
    document: Any = {"type": "document", "title": "notes", "source": {"type": "text", "media_type": "text/plain", "data": "inside"}}
    answer: Any = await anthropic.messages.create(
        model="lab/echo", max_tokens=100, messages=[{"role": "user", "content": [document]}]
    )
    assert "inside" in answer.content[0].text
    call: Any = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
    result: Any = {"type": "tool_result", "tool_use_id": "t1", "is_error": True, "content": [PICTURE]}
    messages: Any = [*HELLO, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    await anthropic.messages.create(model="anthropic/echo", max_tokens=100, messages=messages, tools=WEATHER)
    (sent,) = asked(wire)["messages"][-1]["content"]
    assert (sent["is_error"], sent["content"]) == (True, [PICTURE])


async def test_the_models_are_listed_and_found(anthropic: AsyncAnthropic):
    models = [model async for model in anthropic.models.list()]
    assert "lab/echo" in {model.id for model in models}
    assert (await anthropic.models.retrieve("lab/echo")).display_name


# ---- faults

FAULTS: Any = [
    ("lab/missing-x", library.NotFoundError, 404, "not_found_error"),
    ("lab/too-long", library.BadRequestError, 400, "invalid_request_error"),
    ("lab/echo-key", library.BadRequestError, 400, "invalid_request_error"),
    ("lab/rate-limited-1h", library.RateLimitError, 429, "rate_limit_error"),
    ("lab/html", library.InternalServerError, 502, "api_error"),
    ("lab/e529", library.APIStatusError, 529, "overloaded_error"),
    ("bad/echo", library.PermissionDeniedError, 403, "permission_error"),
    ("dead/echo", library.APIStatusError, 503, "api_error"),
    ("hasty/hang-before-first-byte", library.APIStatusError, 504, "timeout_error"),
]


@pytest.fixture
def host_settings(host_settings: dict[str, Any], wire: WireServer) -> dict[str, Any]:
    more = {
        "bad": {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": "sk-bad"},
        "responses": {"kind": "openai", "responses": True, "base_url": wire.base_url("openai"), "api_key": "sk-test-key"},
        "dead": {"kind": "openai", "base_url": "http://127.0.0.1:9/v1"},
        "hasty": {"kind": "openai", "base_url": wire.base_url("openai"), "timeouts": {"first_byte": 0.1}},
    }
    return host_settings | {"providers": host_settings["providers"] | more}


async def test_each_fault_is_an_error_of_the_clients_own(anthropic: AsyncAnthropic, api: Api):
    async def at_once(seconds: float) -> None:
        pass

    await anthropic.models.list()
    api.workspace.router._wait = at_once  # a provider that is not well is asked again without a pause
    for model, kind, status, type in FAULTS:
        for stream in (False, True):
            with pytest.raises(kind) as raised:
                await anthropic.messages.create(model=model, max_tokens=100, messages=HELLO, stream=stream)
            body: Any = raised.value.body
            assert (raised.value.status_code, body["type"], body["error"]["type"]) == (status, "error", type)
            assert body["error"]["message"] and "sk-" not in str(body)


async def test_a_fault_in_mid_answer_comes_inside_the_stream(anthropic: AsyncAnthropic):
    for model in ("lab/cut-midstream", "lab/error-midstream"):
        said = ""
        with pytest.raises(library.APIStatusError) as raised:
            async with anthropic.messages.stream(model=model, max_tokens=100, messages=HELLO) as stream:
                async for text in stream.text_stream:
                    said += text
        assert said == "Two tokens " and "api_error" in str(raised.value.body)


async def test_what_the_filter_refuses_is_a_refusal_as_the_real_api_says_it(anthropic: AsyncAnthropic):
    for model, text in (("lab/filtered", ""), ("anthropic/filtered", ""), ("lab/filtered-midway", "Two tokens ")):
        answer: Any = await anthropic.messages.create(model=model, max_tokens=100, messages=HELLO)
        assert (answer.stop_reason, "".join(block.text for block in answer.content)) == ("refusal", text)
        async with anthropic.messages.stream(model=model, max_tokens=100, messages=HELLO) as stream:
            answer = await stream.get_final_message()
        assert (answer.stop_reason, "".join(block.text for block in answer.content)) == ("refusal", text)


async def test_a_client_that_leaves_closes_the_connection_to_the_provider(anthropic: AsyncAnthropic, wire: WireServer):
    wire.gate().release(1)
    async with anthropic.messages.stream(model="lab/gated", max_tokens=100, messages=HELLO) as stream:
        await anext(aiter(stream.text_stream))
    await wire.until(lambda: wire.requests[-1].ended == "left")


BAD: Any = [
    ({"model": "lab/echo", "messages": HELLO}, "max_tokens"),
    ({"model": "lab/echo", "max_tokens": 0, "messages": HELLO}, "max_tokens"),
    ({"model": "lab/echo", "max_tokens": 9, "messages": []}, "messages"),
    ({"model": "lab/echo", "max_tokens": 9, "messages": HELLO, "temprature": 1}, "temprature"),
    ({"model": "lab/echo", "max_tokens": 9, "messages": HELLO, "mcp_servers": [{}]}, "mcp_servers"),
    ({"model": "lab/echo", "max_tokens": 9, "messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
    ({"model": "lab/echo", "max_tokens": 9, "messages": HELLO, "tools": [{"type": "bash_20250124", "name": "bash"}]}, "tools.0"),
    (
        {
            "model": "lab/echo",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": "y"}]}],
        },
        "messages.0.content",
    ),
]


async def test_a_bad_request_is_refused_with_the_field_named(api: Api, wire: WireServer):
    for body, field in BAD:
        answer = await api.raw("llmhub", "v1", "messages", method="POST", body=json.dumps(body))
        assert answer.status == 400, answer.data
        assert answer.json["type"] == "error" and answer.json["error"]["type"] == "invalid_request_error"
        assert field in answer.json["error"]["message"]
        assert not wire.requests


async def test_tokens_are_counted_by_the_provider_where_it_can_and_estimated_where_not(anthropic: AsyncAnthropic, wire: WireServer):
    async def count(model: str, **more: Any) -> tuple[int, str]:
        raw = await anthropic.messages.with_raw_response.count_tokens(model=model, messages=HELLO, **more)
        return (await raw.parse()).input_tokens, raw.headers["llmhub-counted-by"]

    assert (await count("anthropic/echo", tools=WEATHER, system="Be short"))[1] == "provider"
    assert (await count("anthropic/other-model"))[1] == "estimate"
    tokens, by = await count("lab/echo")
    assert by == "estimate" and 2 <= tokens <= 6  # "Hello there"
    assert (await count("lab/echo", system="word " * 400))[0] > 400
    assert wire.asked("echo") == []  # nobody was asked to answer
    with pytest.raises(library.NotFoundError):
        await count("nobody/echo")
