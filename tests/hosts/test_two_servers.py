"""Two Jupyter servers, two processes, one data directory: a run belongs to its living owner and can be followed from the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess


@pytest.fixture
def models() -> Iterator[WireServer]:
    with WireServer.in_thread() as server:
        yield server


async def ask(server: JupyterProcess) -> dict[str, Any]:
    chat = await server.call("POST", "conversations", {})
    question = {"client_request_id": chat["id"], "model": "lab/gated", "message": {"parts": [{"type": "text", "text": "go"}]}}
    return {**await server.call("POST", f"conversations/{chat['id']}/runs", question), "conversation_id": chat["id"]}


async def follow(server: JupyterProcess, run: dict[str, Any], seen: asyncio.Event | None = None) -> list[dict[str, Any]]:
    """All events of a run as this server tells them; `seen` is set at the first word."""
    events: list[dict[str, Any]] = []
    async with server.session.get(f"runs/{run['run_id']}/events") as answer:
        async for line in answer.content:
            if line.startswith(b"data: "):
                events.append(json.loads(line[6:]))
                if seen is not None and events[-1]["type"] == "text.delta":
                    seen.set()
    return events


async def first_word(
    models: WireServer, one: JupyterProcess, other: JupyterProcess
) -> tuple[dict[str, Any], asyncio.Task[list[dict[str, Any]]]]:
    """A run that `one` answers, and who watches it at `other` and has just seen its first word."""
    run = await ask(one)
    word = asyncio.Event()
    watching = asyncio.create_task(follow(other, run, word))
    models.gate().release(1)
    await word.wait()
    return run, watching


async def test_each_answers_its_own_and_shows_the_others(models: WireServer) -> None:
    settings = settings_for(models)
    async with JupyterProcess(settings) as one, JupyterProcess(settings) as other:
        run, watching = await first_word(models, one, other)
        assert (await other.call("GET", f"runs/{run['run_id']}"))["status"] == "running"
        models.gate().release(2, finish=True)

        assert await watching == await follow(one, run) == await follow(other, run)
        path = await other.call("GET", f"conversations/{run['conversation_id']}/messages")
        assert (path["items"][-1]["status"], path["items"][-1]["parts"][0]["text"]) == ("complete", "t0 t1 t2 ")
        assert len(models.asked("gated")) == 1


async def test_the_other_stores_what_a_killed_one_had_said(models: WireServer) -> None:
    settings = settings_for(models)
    async with JupyterProcess(settings) as one, JupyterProcess(settings) as other:
        run, watching = await first_word(models, one, other)
        await one.kill()

        events = await watching
        assert (events[-1]["type"], events[-1]["status"]) == ("run.finished", "interrupted")
        path = await other.call("GET", f"conversations/{run['conversation_id']}/messages")
        assert (path["items"][-1]["status"], path["items"][-1]["parts"][0]["text"]) == ("interrupted", "t0 ")
