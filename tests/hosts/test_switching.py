"""Another model goes on with a conversation: what it cannot take is put in words or left out, and the answer says so.

Over a real server, for each wire and each other one: A is shown an image, thinks, signs its thoughts and calls a tool; B goes on;
A comes back and finds its own signatures.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmhub.ids import new_id
from tests.conftest import settings_for
from tests.providers.clouds import service_account
from tests.providers.wire_server import WireServer

from .api import Api

# litellm looks at every attribute of its own models, deprecated ones too, and fails on the warning that it causes.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("litellms_garbage")]
WIRES = ("lab", "responses", "anthropic", "gemini", "ollama", "tail", "vertex")
"""`tail` and `vertex` go through litellm: one that speaks as OpenAI does, and Claude on Vertex."""
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SIGNATURES = {"responses": "c2VhbGVk", "anthropic": "c2lnbmVk", "gemini": "thoughtSignature", "vertex": "c2lnbmVk"}
"""What stands in a request to the wire that has got its signed thoughts back."""
ACCOUNT = service_account("http://127.0.0.1:0/token")
"""Made once: a key of 2048 bits takes a while."""


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    sees = {"capabilities": ["vision", "tools", "reasoning"]}
    models = {named(name, model): sees for name in WIRES for model in ("reasoner", "tools", "vision", "echo")}
    reads = {named(name, "letters"): {"capabilities": []} for name in WIRES}
    settings = settings_for(wire, models={**models, **reads})
    account = json.dumps({**ACCOUNT, "token_uri": f"{wire.url}/token"})
    settings["providers"] |= {
        "responses": {"kind": "openai", "responses": True, "base_url": wire.base_url("openai"), "api_key": "sk-test-key"},
        "tail": {"kind": "novita", "base_url": wire.base_url("openai"), "api_key": "sk-test-key"},
        "vertex": {
            "kind": "vertex_ai",
            "base_url": wire.url,
            "options": {"location": "europe-west1"},
            "credentials": {"service_account": account},
        },
    }
    return settings


def named(wire: str, model: str) -> str:
    """On Vertex a model's name says whose it is."""
    return f"vertex/claude-{model}@1" if wire == "vertex" else f"{wire}/{model}"


async def said(api: Api, conversation: str, model: str, *parts: dict[str, Any], text: str = "go on") -> dict[str, Any]:
    """Ask at the conversation's end, wait, and give the stored answer."""
    head = (await api.ok("GET", f"conversations/{conversation}"))["head_id"]
    message = {"parts": [{"type": "text", "text": text}, *parts]}
    body = {"client_request_id": new_id(), "message": message, "model": model, **({"parent_id": head} if head else {})}
    run = await api.ok("POST", f"conversations/{conversation}/runs", body)
    await api.events(run["run_id"])
    answer = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][-1]
    assert answer["status"] == "complete", answer["error"]
    return answer


async def talk(api: Api, wire: str) -> str:
    """A conversation with an image, signed thoughts and a tool call, all on one wire."""
    conversation = await api.conversation()
    await said(
        api, conversation, named(wire, "vision"), {"type": "image", "url": PIXEL, "media_type": "image/png"}, text="what is this"
    )
    await said(api, conversation, named(wire, "reasoner"))
    await said(api, conversation, named(wire, "tools"))
    return conversation


def kinds(message: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(item["what"], item["how"], item["why"]) for item in message["adapted"]}


@pytest.mark.parametrize("first", WIRES)
async def test_b_goes_on_with_what_a_said_and_a_gets_its_own_signatures_back(api: Api, wire: WireServer, first: str):
    conversation = await talk(api, first)
    end = (await api.ok("GET", f"conversations/{conversation}"))["head_id"]
    for second in WIRES:
        if second == first:
            continue
        await api.ok("PATCH", f"conversations/{conversation}", {"head_id": end})
        there = await said(api, conversation, named(second, "echo"))
        sent = json.dumps(wire.requests[-1].body)
        assert "The answer is 42." in sent and "Let me look." in sent and "get_weather" in sent, second
        assert not any(signature in sent for signature in SIGNATURES.values()), second
        assert ("reasoning", "left_out", "foreign") in kinds(there), second
        back = await said(api, conversation, named(first, "echo"))
        sent = json.dumps(wire.requests[-1].body)
        assert SIGNATURES.get(first, "") in sent, second
        assert "what is this" in sent and "iVBORw0KGgo" in sent, second
        assert ("reasoning", "left_out", "foreign") not in kinds(back), second


@pytest.mark.parametrize("second", WIRES)
async def test_a_model_that_only_reads_gets_images_and_calls_in_words(api: Api, wire: WireServer, second: str):
    conversation = await talk(api, "lab")
    answer = await said(api, conversation, named(second, "letters"))
    sent = json.dumps(wire.requests[-1].body, ensure_ascii=False)
    assert "which this model cannot see" in sent and "iVBORw0KGgo" not in sent
    assert "The tool “get_weather” was called with" in sent
    assert not any(f'"{word}"' in sent for word in ("tool_calls", "tool_use", "functionCall", "tool_result", "functionResponse"))
    assert kinds(answer) >= {("image", "translated", "no_images"), ("tool_call", "translated", "no_tools")}
    counted = {item["what"]: (item["name"], item["count"]) for item in answer["adapted"]}
    assert counted["tool_call"] == ("get_weather", 1)


@pytest.mark.parametrize("words", [0, 1], ids=["before a word", "after a word"])
async def test_a_stopped_run_hangs_up_on_every_wire(api: Api, wire: WireServer, words: int):
    for name in WIRES:
        wire.forget()
        run = await api.ask(await api.conversation(), model=named(name, "gated"))
        await wire.until(lambda: bool(wire.asked("gated")))
        if words:
            wire.gate().release(words)
            stream = await api.stream()
            await stream.say({"watch": run["run_id"]})
            await stream.until(type="text.delta")
        stopped = await api.ok("POST", f"runs/{run['run_id']}/stop")
        assert stopped["status"] == "stopped", name
        await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["left"])
        assert len(wire.asked("gated")) == 1, name


async def test_a_file_and_a_sound_are_named_to_a_model_that_takes_none(api: Api, wire: WireServer):
    conversation = await api.conversation()
    parts: list[dict[str, Any]] = []
    for name, kind in (("a.pdf", "application/pdf"), ("b.wav", "audio/wav")):
        headers = {"Content-Type": kind, "X-File-Name": name}
        stored = await api.ok("POST", "files", data=b"\0\1\2" + name.encode(), headers=headers)
        parts.append({"type": "file", "file_id": stored["id"], "name": name, "media_type": kind})
    answer = await said(api, conversation, "lab/echo", *parts)
    assert [(item["what"], item["name"], item["why"]) for item in answer["adapted"]] == [
        ("file", "a.pdf", "no_such_files"), ("file", "b.wav", "no_such_files"),
    ]  # fmt: skip
    sent = json.dumps(wire.requests[-1].body, ensure_ascii=False)
    assert "The file “a.pdf” (application/pdf), which cannot be shown to this model." in sent
    answer = await said(api, conversation, "gemini/letters")
    assert {item["name"] for item in answer["adapted"]} == {"a.pdf", "b.wav"}


async def test_what_was_changed_is_there_after_a_reload_and_in_the_path(api: Api):
    conversation = await talk(api, "anthropic")
    answer = await said(api, conversation, "gemini/echo")
    found = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert found[-1]["adapted"] == answer["adapted"] and found[0]["adapted"] == []
    events = await api.events(found[-1]["run_id"])
    assert [event["items"] for event in events if event["type"] == "adapted"] == [answer["adapted"]]
