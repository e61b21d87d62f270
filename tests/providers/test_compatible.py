"""What servers that call themselves compatible with OpenAI send instead. Every answer is replayed byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmhub.errors import Interrupted
from llmhub.messages import ReasoningPart, ToolCallPart
from llmhub.providers.router import Router

from .asking import ask, finish_in, message, parts_in, question, text_in, thoughts_in, until_failure, usage_in
from .wire_server import WireServer


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> str:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return f"data: {json.dumps({'choices': choices, **more})}\n\n"


DONE = "data: [DONE]\n\n"


async def replay(router: Router, *frames: str, kind: str = "openai") -> list[Any]:
    return await ask(router, f"{kind}/replay", "".join(frames))


async def test_openrouters_keep_alives_and_details_of_thoughts(router: Router, wire: WireServer) -> None:
    def detail(text: str, signature: str | None = None) -> dict[str, Any]:
        return {"type": "reasoning.text", "index": 0, "text": text, "signature": signature}

    events = await replay(
        router,
        ": OPENROUTER PROCESSING\n\n",
        chunk({"reasoning": "I ", "reasoning_details": [detail("I ")]}),
        chunk({"reasoning": "think", "reasoning_details": [detail("think", "sig")]}),
        chunk({"content": "so"}, "stop"),
        chunk(usage={"prompt_tokens": 4, "completion_tokens": 2, "cost": 0.00031}),
        DONE,
    )
    assert (thoughts_in(events), text_in(events)) == ("I think", "so")
    assert usage_in(events).cost_usd == 0.00031
    thought, _ = parts_in(events)
    assert thought.provider_metadata == {"openai": {"reasoning_details": [detail("I think", "sig")]}}
    call = ToolCallPart(call_id="c", name="t", arguments="{}")
    await ask(router, "openai/echo", "go", message("assistant", thought, call))
    assert wire.asked("echo")[0].body["messages"][1]["reasoning_details"] == [detail("I think", "sig")]


async def test_mistrals_typed_pieces(router: Router) -> None:
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]
    events = await replay(
        router, chunk({"content": thinking}), chunk({"content": [{"type": "text", "text": "Yes."}]}), chunk({}, "stop"), DONE
    )
    assert (thoughts_in(events), text_in(events)) == ("Hm.", "Yes.")


async def test_calls_without_an_index_and_with_arguments_as_an_object(router: Router) -> None:
    def call(name: str) -> dict[str, Any]:
        return {"id": f"id_{name}", "type": "function", "function": {"name": name, "arguments": {"n": 1}}}

    events = await replay(router, chunk({"tool_calls": [call("a")]}), chunk({"tool_calls": [call("b")]}, "tool_calls"), DONE)
    calls = [part for part in parts_in(events) if isinstance(part, ToolCallPart)]
    assert [(part.call_id, part.name, part.arguments) for part in calls] == [("id_a", "a", '{"n":1}'), ("id_b", "b", '{"n":1}')]


async def test_groqs_and_deepseeks_places_for_usage(router: Router) -> None:
    groq = await replay(
        router, chunk({"content": "x"}, "stop", x_groq={"usage": {"prompt_tokens": 3, "completion_tokens": 1}}), DONE
    )
    assert usage_in(groq).input_tokens == 3
    counts = {"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 8}
    assert usage_in(await replay(router, chunk({"content": "x"}, "stop", usage=counts), DONE)).cached_tokens == 8


async def test_an_end_without_its_marker_and_a_marker_without_its_reason(router: Router) -> None:
    assert finish_in(await replay(router, chunk({"content": "x"}, "stop"))) == "stop"
    assert finish_in(await replay(router, chunk({"content": "x"}), DONE)) == "stop"
    assert finish_in(await replay(router, chunk({"content": "x"}, "length"), "data: [DONE]")) == "length"
    said, _ = await until_failure(router, question("openai/replay", chunk({"content": "x"})), Interrupted)
    assert text_in(said) == "x"


async def test_a_refusal_is_shown_and_told_as_one(router: Router) -> None:
    frames = chunk({"refusal": "I will not."}) + chunk({}, "stop") + DONE
    said, exc = await until_failure(router, question("openai/replay", frames), Exception)
    assert text_in(said) == "I will not."
    assert exc.code == "content_refused"


async def test_nulls_and_unknown_fields_disturb_nobody(router: Router) -> None:
    events = await replay(
        router,
        chunk({"role": "assistant", "content": None, "tool_calls": None, "function_call": None}, usage=None, error=None),
        chunk({"content": "fine", "audio": {"id": "x"}}, None, service_tier="default"),
        chunk({}, "eos"),
        DONE,
    )
    assert (text_in(events), finish_in(events)) == ("fine", "stop")


async def test_lines_may_end_as_on_windows(router: Router) -> None:
    frames = (chunk({"content": "a"}) + chunk({"content": "b"}, "stop") + DONE).replace("\n", "\r\n")
    assert text_in(await replay(router, frames)) == "ab"


# ---- and the other wires' own rarities


def event(kind: str, **data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"


async def test_anthropics_tool_without_parameters_and_a_thought_that_is_kept_secret(router: Router) -> None:
    events = await replay(
        router,
        event("message_start", message={"usage": {"input_tokens": 5, "cache_creation_input_tokens": 7}}),
        event("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
        event("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "s1"}),
        event("content_block_stop", index=0),
        event("content_block_start", index=1, content_block={"type": "tool_use", "id": "t1", "name": "now", "input": {}}),
        event("content_block_stop", index=1),
        event("something_new", hello=1),
        event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 3}),
        event("message_stop"),
        kind="anthropic",
    )
    thought, call = parts_in(events)
    assert thought == ReasoningPart(text="", provider_metadata={"anthropic": {"signature": "s1"}})
    assert isinstance(call, ToolCallPart) and call.arguments == "{}"
    assert usage_in(events).input_tokens == 12


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII"])
async def test_geminis_reasons_for_refusing_are_named(router: Router, reason: str) -> None:
    frame = f"data: {json.dumps({'candidates': [{'finishReason': reason}]})}\n\n"
    _, exc = await until_failure(router, question("gemini/replay", frame), Exception)
    assert exc.code == "content_refused"
    assert reason in exc.message


async def test_geminis_calls_without_ids_get_their_own_which_do_not_go_back(router: Router, wire: WireServer) -> None:
    call = {"functionCall": {"name": "now", "args": {}}}
    frame = f"data: {json.dumps({'candidates': [{'content': {'parts': [call]}, 'finishReason': 'STOP'}]})}\n\n"
    asked = message("user", frame)
    parts = parts_in(events := await ask(router, "gemini/replay", asked))
    assert finish_in(events) == "tool_calls"
    await ask(router, "gemini/echo", asked, message("assistant", *parts))
    turn, answer = wire.asked("echo")[0].body["contents"][1:]
    assert turn["parts"][0]["functionCall"] == {"name": "now", "args": {}}
    assert "id" not in answer["parts"][0]["functionResponse"]
