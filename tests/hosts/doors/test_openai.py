"""OpenAI's own Python client talks to every model that llmhub holds."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import openai as library
import pytest
from openai import AsyncOpenAI

from llmhub.hosts.server.door import Door
from tests.providers.asking import WIRES
from tests.providers.test_wires import PIXEL
from tests.providers.wire_server import WireServer

from ..api import Api

HELLO: Any = [{"role": "user", "content": "Hello there"}]
PICTURE = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
WEATHER: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "strict": True,
            "description": "The weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }
]
NAMES = {"openai": "lab"} | {wire: wire for wire in WIRES if wire != "openai"}


def asked(wire: WireServer, model: str = "echo") -> Any:
    return wire.asked(model)[-1].body


# ---- answers


async def test_an_answer_in_one_piece(openai: AsyncOpenAI):
    for kind in WIRES:
        answer = await openai.chat.completions.create(model=f"{NAMES[kind]}/echo", messages=HELLO)
        assert (answer.object, answer.model) == ("chat.completion", f"{NAMES[kind]}/echo")
        assert answer.choices[0].message.content == "Hello there"
        assert (answer.choices[0].message.role, answer.choices[0].finish_reason) == ("assistant", "stop")
        assert answer.usage is not None
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (11, 7, 18)


async def test_an_answer_as_it_comes(openai: AsyncOpenAI):
    for kind in WIRES:
        stream = await openai.chat.completions.create(
            model=f"{NAMES[kind]}/echo", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
        assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
        *said, last = chunks
        assert said[0].choices[0].delta.role == "assistant"
        assert "".join(chunk.choices[0].delta.content or "" for chunk in said) == "Hello there"
        assert [chunk.choices[0].finish_reason for chunk in said if chunk.choices[0].finish_reason] == ["stop"]
        assert last.choices == [] and last.usage is not None and last.usage.total_tokens == 18


async def test_what_was_used_is_told_in_a_stream_only_when_asked_for(openai: AsyncOpenAI):
    stream = await openai.chat.completions.create(model="lab/echo", messages=HELLO, stream=True)
    assert all(chunk.usage is None and chunk.choices for chunk in [chunk async for chunk in stream])


async def test_the_first_word_arrives_before_the_second_is_said(openai: AsyncOpenAI, wire: WireServer):
    wire.gate().release(1)
    stream = await openai.chat.completions.create(model="lab/gated", messages=HELLO, stream=True)
    words = (chunk.choices[0].delta.content async for chunk in stream if chunk.choices[0].delta.content)
    for number in range(3):
        assert await anext(words) == f"t{number} "
        wire.gate().release(1)
    wire.gate().release(0, finish=True)
    assert [word async for word in words] == ["t3 "]


async def test_thoughts_come_beside_the_answer(openai: AsyncOpenAI):
    for kind in WIRES:
        answer = await openai.chat.completions.create(model=f"{NAMES[kind]}/reasoner", messages=HELLO)
        message: Any = answer.choices[0].message
        assert (message.reasoning_content, message.content) == ("First I think. ", "The answer is 42.")
        stream = await openai.chat.completions.create(model=f"{NAMES[kind]}/reasoner", messages=HELLO, stream=True)
        deltas: Any = [chunk.choices[0].delta async for chunk in stream]
        assert "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas) == "First I think. "


async def test_an_answer_at_its_limit_says_so(openai: AsyncOpenAI):
    answer = await openai.chat.completions.create(model="lab/length", messages=HELLO, max_tokens=5)
    assert answer.choices[0].finish_reason == "length"


async def test_parameters_reach_the_provider_in_its_own_words(openai: AsyncOpenAI, wire: WireServer):
    given: Any = {"temperature": 0.3, "top_p": 0.9, "max_completion_tokens": 77, "stop": "END", "seed": 7}
    system: Any = [{"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Be kind."}, *HELLO]
    await openai.chat.completions.create(model="lab/echo", messages=system, user="me", metadata={"a": "b"}, store=False, **given)
    body = asked(wire)
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["stop"], body["seed"]) == (0.3, 0.9, 77, ["END"], 7)
    assert body["messages"][0] == {"role": "system", "content": "Be brief.\n\nBe kind."}
    await openai.chat.completions.create(model="gemini/echo", messages=system, **given)
    assert asked(wire)["generationConfig"]["maxOutputTokens"] == 77


# ---- tools, images, JSON


async def test_a_tool_is_called_and_its_result_used(openai: AsyncOpenAI, wire: WireServer):
    for stream in (False, True):
        for kind in WIRES:
            model, messages = f"{NAMES[kind]}/tools", list(HELLO)
            if stream:
                async with openai.chat.completions.stream(model=model, messages=messages, tools=WEATHER) as events:
                    async for _ in events:
                        pass
                    answer: Any = await events.get_final_completion()
            else:
                answer = await openai.chat.completions.create(model=model, messages=messages, tools=WEATHER)
            choice = answer.choices[0]
            assert (choice.finish_reason, choice.message.content) == ("tool_calls", "Let me look. ")
            (call,) = choice.message.tool_calls
            assert call.function.name == "get_weather" and json.loads(call.function.arguments) == {"city": "Bern"}
            messages.append(choice.message.model_dump())
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "Rain"})
            answer = await openai.chat.completions.create(model=model, messages=messages, tools=WEATHER)
            assert answer.choices[0].message.content == "The tool says: Rain"
            if kind == "gemini":  # it wants its signature back with the call
                calls = [
                    part for content in asked(wire, "tools")["contents"] for part in content["parts"] if "functionCall" in part
                ]
                assert calls[0]["thoughtSignature"] == "Z2VtaW5pLXNpZw=="


async def test_two_tools_are_called_at_once(openai: AsyncOpenAI):
    answer = await openai.chat.completions.create(model="lab/two-tools", messages=HELLO, tools=WEATHER)
    assert [call.id for call in answer.choices[0].message.tool_calls or ()] == ["call_0", "call_1"]


async def test_a_tool_can_be_demanded(openai: AsyncOpenAI, wire: WireServer):
    for kind in WIRES:
        wire.forget()
        one: Any = {"type": "function", "function": {"name": "get_weather"}}
        for choice in ("required", "none", one):
            await openai.chat.completions.create(model=f"{NAMES[kind]}/echo", messages=HELLO, tools=WEATHER, tool_choice=choice)
        bodies = [record.body for record in wire.asked("echo")]
        if kind == "openai":
            assert [body["tool_choice"] for body in bodies] == ["required", "none", one]
        elif kind == "responses":
            called = {"type": "function", "name": "get_weather"}
            assert [body["tool_choice"] for body in bodies] == ["required", "none", called]
        elif kind == "anthropic":
            assert [body["tool_choice"] for body in bodies] == [
                {"type": "any"},
                {"type": "none"},
                {"type": "tool", "name": "get_weather"},
            ]
        elif kind == "gemini":
            modes = [body["toolConfig"]["functionCallingConfig"] for body in bodies]
            assert modes == [{"mode": "ANY"}, {"mode": "NONE"}, {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}]
        else:
            assert ["tools" in body for body in bodies] == [True, False, True]


async def test_an_image_is_seen(openai: AsyncOpenAI):
    for kind in WIRES:
        content: Any = [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
        ]
        answer = await openai.chat.completions.create(
            model=f"{NAMES[kind]}/vision", messages=[{"role": "user", "content": content}]
        )
        assert (answer.choices[0].message.content or "").startswith("I see 1: ")
        assert f"of {len(PIXEL)} bytes" in (answer.choices[0].message.content or "")


async def test_a_text_file_is_read(openai: AsyncOpenAI):
    data = f"data:text/plain;base64,{base64.b64encode(b'inside').decode()}"
    content: Any = [{"type": "file", "file": {"filename": "notes.txt", "file_data": data}}]
    answer = await openai.chat.completions.create(model="lab/echo", messages=[{"role": "user", "content": content}])
    assert "notes.txt" in (answer.choices[0].message.content or "") and "inside" in (answer.choices[0].message.content or "")


async def test_an_answer_can_be_json_of_a_schema(openai: AsyncOpenAI, wire: WireServer):
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
    for model in ("lab/echo", "ollama/echo"):
        await openai.chat.completions.create(model=model, messages=HELLO, response_format=wanted)
    first, second = wire.asked("echo")
    assert first.body["response_format"] == wanted
    assert second.body["format"] == schema
    await openai.chat.completions.create(model="lab/echo", messages=HELLO, response_format={"type": "json_object"})
    assert asked(wire)["response_format"] == {"type": "json_object"}


# ---- models, embeddings


async def test_the_models_are_listed_and_found(openai: AsyncOpenAI):
    models = [model async for model in openai.models.list()]
    assert "lab/echo" in {model.id for model in models} and "demo/tour" in {model.id for model in models}
    assert {model.owned_by for model in models if model.id.startswith("lab/")} == {"lab"}
    assert (await openai.models.retrieve("lab/echo")).id == "lab/echo"
    with pytest.raises(library.NotFoundError) as missing:
        await openai.models.retrieve("nowhere/echo")
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")


async def test_texts_become_vectors(openai: AsyncOpenAI):
    for form in ("base64", "float"):
        for name in ("lab", "ollama"):
            found = await openai.embeddings.create(model=f"{name}/embed", input=["a", "bcd"], encoding_format=form, dimensions=4)
            vectors: Any = [row.embedding for row in found.data]
            if form == "base64":
                vectors = [list(memoryview(base64.b64decode(vector)).cast("f")) for vector in vectors]
            assert vectors == [[1.0, 0.0, 0.5, 0.5], [3.0, 1.0, 0.5, 0.5]]
            assert (found.usage.prompt_tokens, found.model) == (5, f"{name}/embed")


async def test_embeddings_of_one_text_of_tokens_and_of_what_has_none(openai: AsyncOpenAI, wire: WireServer):
    assert (await openai.embeddings.create(model="lab/embed", input="abc")).data[0].embedding == [3.0, 0.0, 0.5]
    await openai.embeddings.create(model="lab/embed", input=[[1, 2], [3]])
    assert wire.asked("embed")[-1].body["input"] == [[1, 2], [3]]
    with pytest.raises(library.BadRequestError, match="no embeddings from 'anthropic'"):
        await openai.embeddings.create(model="anthropic/echo", input="abc")
    with pytest.raises(library.NotFoundError):
        await openai.embeddings.create(model="lab/missing-x", input="abc")
    with pytest.raises(library.InternalServerError):
        await openai.embeddings.create(model="lab/odd-json", input="abc")
    with pytest.raises(library.BadRequestError, match="not the numbers of tokens"):
        await openai.embeddings.create(model="ollama/embed", input=[[1, 2]])
    nothings: list[Any] = [[], [[]], 5]
    for nothing in nothings:
        with pytest.raises(library.BadRequestError) as refused:
            await openai.embeddings.create(model="lab/embed", input=nothing)
        assert (refused.value.param or "").startswith("input") and "[" not in (refused.value.param or "")


# ---- faults

FAULTS: Any = [
    ("lab/missing-x", library.NotFoundError, 404, "invalid_request_error", "model_not_found"),
    ("nowhere/echo", library.NotFoundError, 404, "invalid_request_error", "model_not_found"),
    ("lab/too-long", library.BadRequestError, 400, "invalid_request_error", "context_length_exceeded"),
    ("lab/filtered", library.BadRequestError, 400, "invalid_request_error", "content_filter"),
    ("lab/echo-key", library.BadRequestError, 400, "invalid_request_error", "request_rejected"),
    ("lab/rate-limited-1h", library.RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded"),
    ("lab/no-credit", library.RateLimitError, 429, "insufficient_quota", "insufficient_quota"),
    ("lab/html", library.InternalServerError, 502, "server_error", "bad_answer"),
    ("lab/empty", library.InternalServerError, 502, "server_error", "bad_answer"),
    ("bad/echo", library.PermissionDeniedError, 403, "permission_error", "key_rejected"),
    ("keyless/claude", library.PermissionDeniedError, 403, "permission_error", "key_missing"),
    ("dead/echo", library.InternalServerError, 503, "server_error", "unavailable"),
    ("hasty/hang-before-first-byte", library.InternalServerError, 504, "server_error", "timed_out"),
]


@pytest.fixture
def host_settings(host_settings: dict[str, Any], wire: WireServer) -> dict[str, Any]:
    more = {
        "bad": {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": "sk-bad"},
        "responses": {"kind": "openai", "responses": True, "base_url": wire.base_url("openai"), "api_key": "sk-test-key"},
        "keyless": {"kind": "anthropic"},
        "dead": {"kind": "openai", "base_url": "http://127.0.0.1:9/v1"},
        "hasty": {"kind": "openai", "base_url": wire.base_url("openai"), "timeouts": {"first_byte": 0.1, "idle": 0.1}},
    }
    return host_settings | {"providers": host_settings["providers"] | more}


async def test_each_fault_is_an_error_of_the_clients_own(openai: AsyncOpenAI):
    for model, kind, status, type, code in FAULTS:
        for stream in (False, True):
            with pytest.raises(kind) as raised:
                await openai.chat.completions.create(model=model, messages=HELLO, stream=stream)
            error: Any = raised.value
            assert (error.status_code, error.type, error.code) == (status, type, code)
            assert set(error.body) == {"message", "type", "param", "code"} and error.body["message"]
            assert "sk-" not in str(error.body)
            if status == 429 and code == "rate_limit_exceeded":
                assert error.response.headers["Retry-After"] == "3600"


async def test_a_fault_in_mid_answer_comes_inside_the_stream(openai: AsyncOpenAI):
    for model in ("lab/cut-midstream", "lab/no-end", "lab/malformed-json", "lab/error-midstream", "hasty/silent-midstream"):
        stream = await openai.chat.completions.create(model=model, messages=HELLO, stream=True)
        said = ""
        with pytest.raises(library.APIError) as raised:
            async for chunk in stream:
                said += chunk.choices[0].delta.content or ""
        assert said == "Two tokens "
        assert raised.value.type == "server_error" and raised.value.message
        with pytest.raises(library.InternalServerError):
            await openai.chat.completions.create(model=model, messages=HELLO)


async def test_an_answer_that_the_filter_cut_ends_with_its_reason(openai: AsyncOpenAI):
    answer = await openai.chat.completions.create(model="lab/filtered-midway", messages=HELLO)
    assert (answer.choices[0].finish_reason, answer.choices[0].message.content) == ("content_filter", "Two tokens ")
    stream = await openai.chat.completions.create(model="lab/filtered-midway", messages=HELLO, stream=True)
    assert [chunk.choices[0].finish_reason async for chunk in stream][-1] == "content_filter"


class TestFallback:
    @pytest.fixture
    def host_settings(self, host_settings: dict[str, Any]) -> dict[str, Any]:
        return host_settings | {"fallback_models": ["anthropic/echo"]}

    async def test_another_model_answers_and_the_answer_names_it(self, openai: AsyncOpenAI):
        answer = await openai.chat.completions.create(model="dead/echo", messages=HELLO)
        assert (answer.model, answer.choices[0].message.content) == ("anthropic/echo", "Hello there")
        stream = await openai.chat.completions.create(model="dead/echo", messages=HELLO, stream=True)
        assert {chunk.model async for chunk in stream} == {"anthropic/echo"}


# ---- who leaves


async def test_a_client_that_leaves_closes_the_connection_to_the_provider(openai: AsyncOpenAI, api: Api, wire: WireServer):
    wire.gate().release(1)
    stream = await openai.chat.completions.create(model="lab/gated", messages=HELLO, stream=True)
    await anext(aiter(stream))
    assert api.extension.current_activity() == 1
    await stream.close()
    await wire.until(lambda: wire.requests[-1].ended == "left")
    assert api.extension.current_activity() is None


async def test_so_does_one_that_leaves_before_the_first_word(openai: AsyncOpenAI, wire: WireServer, caplog: Any):
    for stream in (False, True):
        wire.forget()
        asking = asyncio.create_task(
            openai.chat.completions.create(model="lab/hang-before-first-byte", messages=HELLO, stream=stream)
        )
        await wire.until(lambda: bool(wire.asked("hang-before-first-byte")))
        asking.cancel()
        await wire.until(lambda: wire.requests[-1].ended == "left")
    assert "unexpectedly" not in caplog.text


async def test_a_long_silence_is_bridged_by_signs_of_life(openai: AsyncOpenAI, wire: WireServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Door, "awake", 0.01)
    # The answer's head comes though nothing was said: only a sign of life can have brought it.
    stream = await openai.chat.completions.create(model="lab/gated", messages=HELLO, stream=True)
    wire.gate().release(1, finish=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == "t0 "


async def test_nothing_goes_into_the_conversation_store(openai: AsyncOpenAI, api: Api):
    await openai.chat.completions.create(model="lab/echo", messages=HELLO)
    assert (await api.ok("GET", "conversations"))["items"] == [] and (await api.ok("GET", "runs"))["items"] == []


# ---- bad requests

BAD: Any = [
    ({"messages": HELLO}, "model"),
    ({"model": "lab/echo"}, "messages"),
    ({"model": "lab/echo", "messages": []}, "messages"),
    ({"model": "lab/echo", "messages": "Hello"}, "messages"),
    ({"model": "lab/echo", "messages": HELLO, "n": 2}, "n"),
    ({"model": "lab/echo", "messages": HELLO, "temprature": 1}, "temprature"),
    ({"model": "lab/echo", "messages": HELLO, "temperature": 3}, "temperature"),
    ({"model": "lab/echo", "messages": HELLO, "logprobs": True}, "logprobs"),
    ({"model": "lab/echo", "messages": HELLO, "frequency_penalty": 1.5}, "frequency_penalty"),
    ({"model": "lab/echo", "messages": HELLO, "modalities": ["audio"]}, "modalities.0"),
    ({"model": "lab/echo", "messages": HELLO, "tool_choice": "required"}, "tool_choice"),
    ({"model": "lab/echo", "messages": HELLO, "tools": [{"type": "web_search"}]}, "tools.0.type"),
    ({"model": "lab/echo", "messages": [{"role": "system", "content": "x"}]}, "messages"),
    ({"model": "lab/echo", "messages": [{"role": "robot", "content": "x"}]}, "messages.0"),
    ({"model": "lab/echo", "messages": [*HELLO, {"role": "tool", "tool_call_id": "x", "content": "y"}]}, "messages.1.tool_call_id"),
    (
        {"model": "lab/echo", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        "messages.0.content.0.image_url.url",
    ),
    (
        {
            "model": "lab/echo",
            "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,%%"}}]}],
        },
        "messages.0.content.0.image_url.url",
    ),
]


async def test_a_bad_request_is_refused_with_the_field_named(api: Api, wire: WireServer):
    for body, field in BAD:
        answer = await api.raw("llmhub", "v1", "chat", "completions", method="POST", body=json.dumps(body))
        assert answer.status == 400, answer.data
        error = answer.json["error"]
        assert (error["type"], error["param"]) == ("invalid_request_error", field)
        assert not wire.requests


async def test_what_is_no_request_at_all_is_refused(api: Api):
    for data in (b"", b"{", b"[]", b"null", b'{"model": "a", "model": "b"}', b'"x"', b"\xff"):
        for path in ("chat/completions", "embeddings", "messages"):
            answer = await api.raw("llmhub", "v1", *path.split("/"), method="POST", body=data)
            assert answer.status == 400, (path, answer.data)
            assert answer.json["error"]["type"] == "invalid_request_error"


async def test_what_says_nothing_may_be_sent(openai: AsyncOpenAI):
    await openai.chat.completions.create(
        model="lab/echo",
        messages=HELLO,
        n=1,
        logprobs=False,
        frequency_penalty=0,
        presence_penalty=0,
        tools=[],
        modalities=["text"],
    )


class TestSmallBodies:
    @pytest.fixture
    def host_settings(self, host_settings: dict[str, Any]) -> dict[str, Any]:
        return host_settings | {"limits": {"body_bytes": 2000}}

    async def test_a_body_over_the_limit_is_refused_in_the_doors_words(self, openai: AsyncOpenAI):
        with pytest.raises(library.APIStatusError) as raised:
            await openai.chat.completions.create(model="lab/echo", messages=[{"role": "user", "content": "x" * 5000}])
        assert (raised.value.status_code, raised.value.code) == (413, "request_too_large")


async def test_what_the_model_gets_otherwise_is_said_in_a_header(openai: AsyncOpenAI, wire: WireServer):
    create = openai.chat.completions.with_raw_response.create
    answer = await create(model="anthropic/echo", messages=HELLO, temperature=1.5, seed=7)
    assert json.loads(answer.headers["llmhub-adapted"]) == [
        {"what": "parameter", "how": "translated", "why": "beyond_range", "name": "temperature", "value": 1.5, "sent": 1.0},
        {"what": "parameter", "how": "left_out", "why": "not_taken", "name": "seed", "value": 7},
    ]
    assert wire.asked("echo")[-1].body["temperature"] == 1.0
    streamed = await create(model="anthropic/echo", messages=HELLO, temperature=1.5, stream=True)
    assert "beyond_range" in streamed.headers["llmhub-adapted"]
    [chunk async for chunk in streamed.parse()]
    plain = await create(model="anthropic/echo", messages=HELLO, temperature=0.5)
    assert "llmhub-adapted" not in plain.headers


async def test_what_openai_itself_does_not_allow_is_refused(openai: AsyncOpenAI):
    with pytest.raises(library.BadRequestError) as caught:
        await openai.chat.completions.create(model="lab/echo", messages=HELLO, temperature=2.5)
    assert caught.value.param == "temperature"
