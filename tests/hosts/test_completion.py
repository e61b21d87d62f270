"""Inline completion over HTTP: by whom, what comes, what it costs, and that leaving ends it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .api import Answer, Api

CODE = {"before": "def area(r):\n    return ", "language": "python", "variables": ["r: int"]}


@pytest.fixture
def more() -> dict[str, Any]:
    return {}


@pytest.fixture
def host_settings(wire: WireServer, more: dict[str, Any]) -> dict[str, Any]:
    return settings_for(wire, **{"completion_model": "ollama/says-pi-*-r", **more})


def lines(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/x-ndjson", answer.data
    return [json.loads(line) for line in answer.data.splitlines() if line]


async def test_code_is_completed_by_the_model_for_it_entered_in_the_ledger_and_kept_nowhere(api: Api, wire: WireServer):
    said = lines(await api("POST", "completion", CODE))
    assert said == [{"text": "pi * r"}, {"reason": "stop", "model": "ollama/says-pi-*-r"}]
    assert wire.requests[-1].body["prompt"] == f"# Variables: r: int\n\n{CODE['before']}"
    report = await api.ok("GET", "usage/report?by=source,model")
    assert [(one["key"], one["answers"]) for one in report["groups"]["source"]] == [("completion", 1)]
    assert (await api.ok("GET", "conversations"))["items"] == [] and (await api.ok("GET", "runs"))["items"] == []


async def test_a_report_waits_for_what_has_ended_and_is_not_stored_yet(api: Api, monkeypatch: pytest.MonkeyPatch):
    await api.ok("GET", "config")
    store, asked = api.workspace.conversations, asyncio.Event()
    enter = store.enter

    async def slow(entries: Any) -> None:
        await asked.wait()
        await enter(entries)

    monkeypatch.setattr(store, "enter", slow)
    await api("POST", "completion", CODE)
    report = asyncio.create_task(api.ok("GET", "usage/report?by=source"))
    others = [asyncio.create_task(api.ok("GET", "config")) for _ in range(3)]
    await asyncio.gather(*others)
    asked.set()
    assert [one["key"] for one in (await report)["groups"]["source"]] == ["completion"]


async def test_who_leaves_closes_the_connection_to_the_model(api: Api, wire: WireServer):
    await api.ok("PATCH", "settings", {"completion_model": "ollama/gated"})
    wire.gate().release(1)
    address = f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub/api/completion"
    async with (
        AsyncClient(headers={"Authorization": f"token {api.token}"}) as client,
        client.stream("POST", address, json=CODE) as answer,
    ):
        assert json.loads(await anext(answer.aiter_lines())) == {"text": "t0 "}
    await wire.until(lambda: wire.requests[-1].ended == "left")


async def test_without_a_model_of_its_own_the_default_one_is_asked_in_words(api: Api, wire: WireServer):
    await api.ok("PATCH", "settings", {"completion_model": None})
    own = {one["key"]: one["kind"] for one in (await api.ok("GET", "config"))["own"]}
    assert own["completion_model"] == "model"
    await api.ok("PATCH", "settings", {"completion_model": "lab/echo"})
    wire.lines["</code>"] = "```python\nreturn pi * r\n```\nThat is all."
    assert "".join(one.get("text", "") for one in lines(await api("POST", "completion", CODE))) == "pi * r"
    assert wire.asked("echo")[-1].body["temperature"] == 0.1


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"features": {"completion": False}}, 403, "access_denied"),
        ({"default_model": "demo/echo", "completion_model": None}, 422, "invalid"),
        ({"completion_model": "lab/missing-x"}, 422, "model_not_found"),
        ({"default_role": "guest", "roles": {"guest": {"models": ["lab/*"]}}}, 403, "access_denied"),
        (
            {"completion_model": "nowhere/x", "default_role": "guest", "roles": {"guest": {"models": ["ollama/*"]}}},
            403,
            "access_denied",
        ),
    ],
)
async def test_why_nothing_is_completed_is_said(api: Api, status: int, code: str):
    answer = await api("POST", "completion", CODE)
    assert (answer.status, answer.error["code"]) == (status, code)


@pytest.mark.parametrize("more", [{"completion_model": "lab/error-midstream"}])
async def test_an_error_after_the_first_words_comes_in_their_place(api: Api):
    said = lines(await api("POST", "completion", {"before": "x"}))
    assert said[0] == {"text": "Two "} and said[-1]["error"]["code"] == "interrupted"


@pytest.mark.parametrize(
    "more",
    [
        {
            "completion_model": "lab/echo",
            "models": {"lab/*": {"price": {"input": 1e6, "output": 1e6}}},
            "limits": {"usd_per_day": 1},
        }
    ],
)
async def test_a_ceiling_of_spending_holds_for_completions_too(api: Api):
    lines(await api("POST", "completion", {"before": "x = 1"}))
    refused = await api("POST", "completion", {"before": "x = 1"})
    assert (refused.status, refused.error["code"]) == (429, "quota_exceeded")
