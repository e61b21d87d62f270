"""What a model takes is said; what it does not take is left out, and the answer says so. Over a real server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .api import Api


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    return settings_for(
        wire,
        models={
            "lab/slow": {"capabilities": ["tools"], "parameters": {"temperature": {"max": 1.2}, "seed": {"taken": False}}},
            "lab/length": {"params": {"temperature": 0.3}},
        },
        presets={
            "Brief": {"model": "lab/echo", "params": {"system": "Be brief.", "temperature": 0.2}, "default": True},
            "Gone": {"model": "nowhere/x"},
        },
    )


async def taken(api: Api, model: str) -> dict[str, dict[str, Any]]:
    found = await api.ok("GET", f"parameters?model={model}")
    return {item["name"]: item for item in found["items"]}


async def answered(api: Api, conversation: str, text: str = "one two", **more: Any) -> dict[str, Any]:
    run = await api.ask(conversation, text, **more)
    await api.events(run["run_id"])
    return (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][-1]


def adapted(message: dict[str, Any]) -> list[tuple[str, str, str, Any]]:
    return [(item["name"], item["how"], item["why"], item["sent"]) for item in message["adapted"]]


async def test_each_wire_has_parameters_of_its_own(api: Api):
    openai, anthropic, gemini, ollama = [await taken(api, f"{name}/reasoner") for name in ("lab", "anthropic", "gemini", "ollama")]
    assert openai["temperature"]["max"] == 2 and anthropic["temperature"]["max"] == 1
    assert "seed" in openai and "seed" not in anthropic and "seed" in ollama
    assert "caching" in anthropic and "caching" not in openai
    assert anthropic["reasoning_budget"]["min"] == 1024 and "reasoning_budget" not in ollama
    assert gemini["stop"]["max"] == 5
    assert (anthropic["max_tokens"]["default"], openai["max_tokens"]["default"]) == (8192, None)
    assert next(iter(openai)) == "system"
    assert await taken(api, "demo/tour") == {}


async def test_llmhub_yaml_narrows_what_a_model_takes_and_says_its_defaults(api: Api):
    slow = await taken(api, "lab/slow")
    assert slow["temperature"]["max"] == 1.2 and "seed" not in slow and "reasoning_effort" not in slow
    assert (await taken(api, "lab/length"))["temperature"]["default"] == 0.3


async def test_a_value_beyond_the_models_range_is_refused_by_name_with_the_range(api: Api, wire: WireServer):
    conversation = await api.conversation(model="anthropic/echo")
    answer = await api("PATCH", f"conversations/{conversation}", {"params": {"temperature": 1.5}})
    assert answer.status == 422
    assert answer.error["message"] == "params.temperature should be between 0 and 1 for 'anthropic/echo'."
    assert [fault["field"] for fault in answer.error["details"]["errors"]] == ["params.temperature"]
    answer = await api("PATCH", f"conversations/{conversation}", {"params": {"temperature": 9}})
    assert answer.status == 422 and answer.error["details"]["errors"][0]["field"] == "params.temperature"
    message = {"parts": [{"type": "text", "text": "x"}]}
    run = {"client_request_id": "1", "message": message, "params": {"temperature": 1.3}, "model": "lab/slow"}
    answer = await api("POST", f"conversations/{conversation}/runs", run)
    assert answer.error["message"] == "params.temperature should be between 0 and 1.2 for 'lab/slow'."
    assert not wire.asked("echo") and not wire.asked("slow")


async def test_a_schema_that_is_none_is_refused_where_it_is_wrong(api: Api):
    conversation = await api.conversation(model="lab/echo")
    schema = {"type": "object", "properties": {"a": {"type": "strin"}}}
    answer = await api("PATCH", f"conversations/{conversation}", {"params": {"json_schema": schema}})
    assert answer.status == 422 and "properties.a.type" in answer.error["message"]


async def test_what_a_model_does_not_take_is_left_out_or_made_to_fit_and_the_answer_says_so(api: Api, wire: WireServer):
    params = {"temperature": 1.5, "seed": 7, "reasoning_budget": 9000, "stop": ["x"]}
    conversation = await api.conversation(model="lab/echo", params=params)
    assert adapted(await answered(api, conversation)) == [
        ("reasoning_budget", "translated", "not_taken", "reasoning_effort: medium")
    ]
    sent = wire.requests[-1].body
    assert (sent["temperature"], sent["seed"], sent["stop"], sent["reasoning_effort"]) == (1.5, 7, ["x"], "medium")
    message = await answered(api, conversation, model="anthropic/echo")
    assert adapted(message) == [
        ("temperature", "translated", "beyond_range", 1.0),
        ("seed", "left_out", "not_taken", None),
        ("temperature", "left_out", "while_reasoning", None),
    ]
    sent = wire.requests[-1].body
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 4096} and "temperature" not in sent and "seed" not in sent
    message = await answered(api, conversation, model="ollama/reasoner")
    assert adapted(message) == [("reasoning_budget", "translated", "not_taken", "reasoning_effort: medium")]
    assert wire.requests[-1].body["think"] is True


async def test_a_parameter_that_the_server_refuses_is_told_too(api: Api, wire: WireServer):
    conversation = await api.conversation(model="lab/refuses-temperature", params={"temperature": 0.3})
    for _ in range(2):
        assert adapted(await answered(api, conversation)) == [("temperature", "left_out", "refused", None)]
    assert len(wire.asked("refuses-temperature")) == 3


async def test_watchers_hear_of_it_before_the_first_word(api: Api):
    conversation = await api.conversation(model="anthropic/echo", params={"seed": 7})
    run = await api.ask(conversation, "hello")
    events = await api.events(run["run_id"])
    types = [event["type"] for event in events]
    assert types.index("adapted") < types.index("text.delta")
    assert [item["name"] for item in events[types.index("adapted")]["items"]] == ["seed"]


@pytest.mark.parametrize("name", ["lab", "anthropic", "gemini", "ollama"])
async def test_a_schema_goes_out_in_each_wires_words(api: Api, wire: WireServer, name: str):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    conversation = await api.conversation(model=f"{name}/echo", params={"json_schema": schema})
    assert (await answered(api, conversation))["adapted"] == []
    body = wire.requests[-1].body
    said = {
        "lab": lambda: body["response_format"]["json_schema"]["schema"],
        "anthropic": lambda: body["output_config"]["format"]["schema"],
        "gemini": lambda: body["generationConfig"]["responseJsonSchema"],
        "ollama": lambda: body["format"],
    }
    assert said[name]() == schema


# ---- presets


async def test_presets_are_made_changed_and_deleted_and_the_files_are_locked(api: Api):
    first = await api.ok("GET", "presets")
    assert [(item["name"], item["locked"], item["default"]) for item in first["items"]] == [
        ("Brief", True, True), ("Gone", True, False),
    ]  # fmt: skip
    draft = {"client_request_id": "1", "name": " Exact ", "model": "lab/slow", "params": {"temperature": 0}, "tools": ["t"]}
    made = await api.ok("POST", "presets", draft)
    assert (made["name"], made["params"], made["tools"], made["default"]) == ("Exact", {"temperature": 0.0}, ["t"], False)
    assert (await api.ok("POST", "presets", draft))["id"] == made["id"]
    assert (await api("POST", "presets", {"client_request_id": "2", "name": "eXact"})).status == 409
    assert (await api("POST", "presets", {"client_request_id": "3", "name": "brief"})).status == 409
    changed = await api.ok("PATCH", f"presets/{made['id']}", {"default": True, "name": "Very exact"})
    assert (changed["name"], changed["default"], changed["params"]) == ("Very exact", True, {"temperature": 0.0})
    other = await api.ok("POST", "presets", {"client_request_id": "4", "name": "Other", "default": True})
    found = (await api.ok("GET", "presets"))["items"]
    assert [(item["name"], item["default"]) for item in found] == [
        ("Brief", False), ("Gone", False), ("Other", True), ("Very exact", False),
    ]  # fmt: skip
    assert (await api("PATCH", f"presets/{other['id']}", {"name": "VERY exact"})).status == 409
    assert await api.ok("DELETE", f"presets/{other['id']}") is None
    assert (await api("DELETE", f"presets/{other['id']}")).status == 404
    locked = first["items"][0]["id"]
    for refused in (await api("PATCH", f"presets/{locked}", {"name": "x"}), await api("DELETE", f"presets/{locked}")):
        assert refused.status == 403 and "llmhub.yaml" in refused.error["message"]
