"""OpenAI's Responses API: which models are asked by it, and what is its own (test_wires.py has what all wires have in common)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from llmhub.config import ModelConfig, Settings
from llmhub.errors import ContentRefused, RateLimited, RequestRejected
from llmhub.messages import ImagePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from llmhub.providers.base import NoKeys, OnlyTool
from llmhub.providers.build import adapter_for
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.http import Http
from llmhub.providers.kinds import KINDS
from llmhub.providers.router import Router

from .asking import WEATHER, ask, message, parts_in, question, text_in, thoughts_in, until_failure, usage_in
from .conftest import provider_at, speaking
from .wire_server import WireServer


def event(kind: str, **data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"


def completed(**more: Any) -> str:
    return event("response.completed", response={"status": "completed", **more})


async def replay(router: Router, *frames: str) -> Sequence[Any]:
    return await ask(router, "responses/replay", "".join(frames))


async def test_nothing_is_kept_at_the_provider_and_thoughts_are_asked_for_sealed(router: Router, wire: WireServer) -> None:
    await ask(router, "responses/echo", system="Be brief.", params={"reasoning_effort": "high"})
    body = wire.asked("echo")[-1].body
    assert (body["store"], body["stream"], body["instructions"]) == (False, True, "Be brief.")
    assert (body["include"], body["reasoning"]) == (["reasoning.encrypted_content"], {"effort": "high", "summary": "auto"})
    assert wire.asked("echo")[-1].path == "/v1/responses"


async def test_a_sealed_thought_goes_back_right_before_what_it_led_to(router: Router, wire: WireServer) -> None:
    asked = message("user", "Think.")
    parts = parts_in(await ask(router, "responses/reasoner", asked))
    assert parts[0].provider_metadata == {"responses": {"id": "re_0", "encrypted_content": "c2VhbGVk"}}
    call = ToolCallPart(call_id="c1", name="get_weather", arguments='{"city": "Bern"}')
    done = ToolResultPart(call_id="c1", ok=True, parts=(TextPart(text="sunny"),))
    await ask(router, "responses/echo", asked, message("assistant", parts[0], call, done), message("user", "And now?"))
    assert wire.asked("echo")[-1].body["input"][1:4] == [
        {
            "type": "reasoning",
            "id": "re_0",
            "summary": [{"type": "summary_text", "text": "First I think. "}],
            "encrypted_content": "c2VhbGVk",
        },
        {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": '{"city": "Bern"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
    ]


async def test_a_thought_without_a_summary_is_kept_and_two_summaries_are_paragraphs(router: Router) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "eA=="}
    part: dict[str, Any] = {"output_index": 1, "part": {"type": "summary_text", "text": ""}}
    events = await replay(
        router,
        event("response.output_item.added", output_index=0, item=item),
        event("response.output_item.done", output_index=0, item=item),
        event("response.output_item.added", output_index=1, item={**item, "id": "rs_2"}),
        event("response.reasoning_summary_part.added", summary_index=0, **part),
        event("response.reasoning_summary_text.delta", output_index=1, summary_index=0, delta="One."),
        event("response.reasoning_summary_part.added", summary_index=1, **part),
        event("response.reasoning_summary_text.delta", output_index=1, summary_index=1, delta="Two."),
        event("response.output_item.done", output_index=1, item={**item, "id": "rs_2"}),
        event("response.output_text.delta", output_index=2, delta="Done."),
        event("response.something_new", output_index=2),
        completed(usage={"input_tokens": 4, "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 2}}),
    )
    silent, spoken, said = parts_in(events)
    assert silent == ReasoningPart(text="", provider_metadata={"responses": {"id": "rs_1", "encrypted_content": "eA=="}})
    assert (thoughts_in([*events]), spoken.provider_metadata["responses"]["id"]) == ("One.\n\nTwo.", "rs_2")  # type: ignore[index]
    assert said == TextPart(text="Done.")
    assert usage_in([*events]).reasoning_tokens == 2


async def test_a_call_whose_arguments_come_in_one_piece_is_whole(router: Router) -> None:
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "now", "arguments": ""}
    events = await replay(
        router,
        event("response.output_item.added", output_index=0, item=item),
        event("response.output_item.done", output_index=0, item={**item, "arguments": '{"a": 1}'}),
        completed(),
    )
    assert parts_in(events) == (ToolCallPart(call_id="call_1", name="now", arguments='{"a": 1}'),)


async def test_tools_choices_and_a_tools_images_have_their_own_form(router: Router, wire: WireServer) -> None:
    call = ToolCallPart(call_id="c1", name="look", arguments="{}")
    seen = ToolResultPart(
        call_id="c1", ok=True, parts=(TextPart(text="a chart"), ImagePart(url="data:image/png;base64,iVBORw0KGgo="))
    )
    await ask(
        router, "responses/echo", "Look", message("assistant", call, seen), tools=(WEATHER,), tool_choice=OnlyTool("get_weather")
    )
    body = wire.asked("echo")[-1].body
    assert body["tools"] == [
        {
            "type": "function",
            "name": "get_weather",
            "description": "The weather.",
            "parameters": dict(WEATHER.parameters),
            "strict": False,
        }
    ]
    assert body["tool_choice"] == {"type": "function", "name": "get_weather"}
    assert [part["type"] for part in body["input"][-1]["output"]] == ["input_text", "input_image"]


async def test_pages_that_the_answer_rests_on_are_listed_below_it(router: Router) -> None:
    annotation = {"type": "url_citation", "url": "https://a.example/x y", "title": "A [page]", "start_index": 0, "end_index": 1}
    events = await replay(
        router,
        event("response.output_text.delta", output_index=0, delta="So it is."),
        event("response.output_text.annotation.added", output_index=0, annotation=annotation),
        event("response.output_text.annotation.added", output_index=0, annotation={**annotation, "url": "javascript:alert(1)"}),
        completed(),
    )
    assert text_in([*events]) == "So it is.\n\n1. [A \\[page\\]](<https://a.example/xy>)"


@pytest.mark.parametrize(
    ("code", "error"),
    [("rate_limit_exceeded", RateLimited), ("invalid_prompt", RequestRejected), ("content_filter", ContentRefused)],
)
async def test_a_failure_within_the_stream_has_its_class(router: Router, code: str, error: type[Exception]) -> None:
    frame = event("response.failed", response={"status": "failed", "error": {"code": code, "message": "It cannot be."}})
    said, exc = await until_failure(router, question("responses/replay", frame), Exception)
    assert (text_in(said), type(exc)) == ("", error), exc


async def test_a_model_that_was_never_verified_for_summaries_answers_without_them(router: Router, wire: WireServer) -> None:
    assert text_in(await ask(router, "responses/refuses-summaries", "hi")) == "hi"
    first, second = wire.asked("refuses-summaries")
    assert ("summary" in first.body["reasoning"], "summary" in second.body["reasoning"]) == (True, False)
    await ask(router, "responses/refuses-summaries", "again")
    assert len(wire.asked("refuses-summaries")) == 3


async def test_models_that_are_offered_only_there_are_asked_there_and_others_as_configured(
    wire: WireServer, catalogue: Catalogue
) -> None:
    await catalogue.load()
    official = adapter_for("openai", speaking("openai"), "k", catalogue, Http())
    for model in ("o3-pro", "o1-pro", "gpt-5-codex", "o3-deep-research", "o4-mini-deep-research"):
        assert official.wants_responses(model), model
    assert "o3-pro" in catalogue.known(KINDS["openai"])
    assert not official.wants_responses("gpt-5") and not official.wants_responses("who-knows")
    elsewhere = adapter_for("lab", provider_at(wire, "openai"), "k", catalogue, Http())
    assert not elsewhere.wants_responses("o3-pro")
    settings = Settings(
        providers={"lab": provider_at(wire, "openai"), "new": provider_at(wire, "responses")},
        models={"lab/vis*": ModelConfig(responses=True), "new/echo": ModelConfig(responses=False)},
    )
    router = Router(settings, NoKeys(), catalogue)
    for model in ("lab/echo", "lab/vision", "new/echo", "new/vision"):
        await ask(router, model)
    assert [record.wire for record in wire.requests if record.model] == ["openai", "responses", "openai", "responses"]
    await router.aclose()


async def test_deep_research_is_given_a_place_to_search(router: Router, wire: WireServer) -> None:
    await ask(router, "responses/o3-deep-research")
    assert {"type": "web_search_preview"} in wire.asked("o3-deep-research")[-1].body["tools"]
