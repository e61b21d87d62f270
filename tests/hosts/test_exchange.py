"""What went over the wire, as the panel sees it: no key in it, none of it on the disk or in a log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.asking import CANARY
from tests.providers.wire_server import WireServer

from .api import Api

NOWHERE = "0198c0de-0000-7000-8000-000000000000"
HEADER = "canary-in-a-header-771"


@pytest.fixture
def host_settings(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("LAB_HEADER", HEADER)
    lab = {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": CANARY, "headers": {"X-Lab": "${LAB_HEADER}"}}
    return {"default_model": "lab/echo", "providers": {"lab": lab}, "local_servers": []}


async def test_an_answers_request_and_response_are_shown_without_a_key(
    api: Api, wire: WireServer, own_world: Path, caplog: pytest.LogCaptureFixture
):
    conversation = await api.conversation()
    for model in ("lab/echo", "lab/echo-key"):
        run = await api.ask(conversation, f"hello {CANARY} and {HEADER}", model=model)
        await api.events(run["run_id"])
        answer = await api("GET", f"runs/{run['run_id']}/exchange")
        [item] = answer.json["items"]
        assert (item["provider"], item["method"], item["status"]) == ("lab", "POST", 200 if model == "lab/echo" else 400)
        assert item["request_body"]["messages"][-1]["content"] == "hello [key] and [key]"
        assert item["request_headers"]["x-lab"] == item["request_headers"]["authorization"] == "[key]"
        assert CANARY.encode() not in answer.data and HEADER.encode() not in answer.data
    assert wire.asked("echo")[0].headers["x-lab"] == HEADER
    written = b"".join(path.read_bytes() for path in own_world.rglob("*") if path.is_file())
    assert b"chat/completions" not in written and b"chat/completions" not in caplog.text.encode()


async def test_what_is_gone_says_why(api: Api):
    answer = await api("GET", f"runs/{NOWHERE}/exchange")
    assert (answer.status, answer.error["code"]) == (404, "exchange_gone")
    assert "until the server restarts" in answer.error["hint"]


async def test_the_demo_has_nothing_to_show_and_says_so(api: Api):
    run = await api.ask(await api.conversation(), model="demo/tour", params={"temperature": 1})
    await api.ok("POST", f"runs/{run['run_id']}/stop")
    shown = await api.ok("GET", f"runs/{run['run_id']}/exchange")
    assert shown["items"] == [] and "script" in shown["note"]
