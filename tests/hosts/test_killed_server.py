"""After `kill -9` at any moment, what a watcher had seen is in the stored message."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

KILLS = 52
LANES = 2
"""Servers at a time, each on data of its own."""


@dataclass
class Watched:
    """What one watcher has seen."""

    conversation_id: str
    message_id: str
    run_id: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def text(self) -> str:
        return "".join(event["text"] for event in self.seen if event["type"] == "text.delta")


@pytest.fixture
def models() -> Iterator[WireServer]:
    with WireServer.in_thread() as server:
        yield server


@pytest.mark.timeout(900)
async def test_nothing_that_was_seen_is_lost_when_the_server_is_killed(models: WireServer, tmp_path: Path) -> None:
    settings = settings_for(models)
    async with asyncio.TaskGroup() as group:
        lanes = [group.create_task(_lane(settings, tmp_path / f"lane{n}", random.Random(n))) for n in range(LANES)]
    assert sum(lane.result() for lane in lanes) >= 50


async def _lane(settings: dict[str, Any], data: Path, dice: random.Random) -> int:
    """Start, watch, kill; the next server on the same data must have everything."""
    before: list[Watched] = []
    checked = 0
    for _ in range(KILLS // LANES + 1):
        async with JupyterProcess(settings, data_dir=data) as server:
            for run in before:
                await _check(server, run)
            checked += bool(before)
            before = await _watch_some(server, dice)
            await asyncio.sleep(dice.uniform(0, 0.06))  # the random moment itself, not a wait for something
            await server.kill()
        await asyncio.gather(*(run.task for run in before if run.task))
    return checked


async def _watch_some(server: JupyterProcess, dice: random.Random) -> list[Watched]:
    """Two answers at once; return when one of them has said a random number of events."""
    chat = await server.call("POST", "conversations", {})
    watched: list[Watched] = []
    enough = asyncio.Event()
    for n in range(2):
        body = {
            "client_request_id": f"{chat['id']}-{n}",
            "model": "lab/tokens-5000-at-300",
            "message": {"parts": [{"type": "text", "text": "go"}]},
        }
        started = await server.call("POST", f"conversations/{chat['id']}/runs", body)
        run = Watched(chat["id"], started["message_id"], started["run_id"])
        run.task = asyncio.create_task(_watch(server, run, enough, dice.randint(1, 40)))
        watched.append(run)
    await enough.wait()
    return watched


async def _watch(server: JupyterProcess, run: Watched, enough: asyncio.Event, count: int) -> None:
    try:
        async with server.session.get(f"runs/{run.run_id}/events") as answer:
            async for line in answer.content:
                if line.startswith(b"data: "):
                    run.seen.append(json.loads(line[6:]))
                    if len(run.seen) >= count:
                        enough.set()
    except (OSError, aiohttp.ClientError):
        pass


async def _check(server: JupyterProcess, run: Watched) -> None:
    path = await server.call("GET", f"conversations/{run.conversation_id}/messages?leaf={run.message_id}")
    message = path["items"][-1]
    stored = "".join(part["text"] for part in message["parts"])

    assert message["status"] == "interrupted"
    assert stored.startswith(run.text())
    async with server.session.get(f"runs/{run.run_id}/events") as answer:
        replayed = [json.loads(line[6:]) async for line in answer.content if line.startswith(b"data: ")]
    assert [event["seq"] for event in replayed] == list(range(1, len(replayed) + 1))
    assert "".join(event.get("text", "") for event in replayed if event["type"] == "text.delta") == stored
    assert replayed[-1]["type"] == "run.finished" and replayed[-1]["status"] == "interrupted"


async def test_what_was_known_of_a_request_when_the_server_was_killed_is_in_the_ledger_once(
    models: WireServer, tmp_path: Path
) -> None:
    settings = settings_for(models)
    data = tmp_path / "data"
    async with JupyterProcess(settings, data_dir=data) as server:
        hushed = await server.call("POST", "conversations", {"temporary": True})
        for number, chat in enumerate((await server.call("POST", "conversations", {}), hushed)):
            body = {
                "client_request_id": f"r{number}",
                "model": "anthropic/gated",
                "message": {"parts": [{"type": "text", "text": "go"}]},
            }
            await server.call("POST", f"conversations/{chat['id']}/runs", body)
        door = server.session.post(
            f"{server.url}llmhub/v1/chat/completions",
            json={"model": "lab/gated", "stream": True, "messages": [{"role": "user", "content": "go"}]},
        )
        models.gate("gated").release(2)
        answer = await door
        while b"t0" not in await answer.content.readline():
            pass
        await asyncio.to_thread(_until_noted, data)
        await server.kill()
        answer.close()
        await server.start()
        first = await server.call("GET", "usage/report?by=source,model")
        assert {one["key"]: one["answers"] for one in first["groups"]["source"]} == {"chat": 2, "openai": 1}
        of = {one["key"]: one for one in first["groups"]["model"]}
        anthropic, lab = of["anthropic/gated"], of["lab/gated"]
        assert (anthropic["input_tokens"], anthropic["guessed_input_tokens"]) == (22, 0), "the provider had reported what it read"
        assert lab["guessed_input_tokens"] == lab["input_tokens"] > 0
        assert first["total"]["guessed_answers"] >= 1
        await server.kill()
        await server.start()
        assert await server.call("GET", "usage/report?by=source,model") == first


def _until_noted(data: Path) -> None:
    """Return when the journal tells of all three requests, and of the two to Anthropic what it had reported."""
    while True:
        noted: dict[str, Any] = {}
        for journal in data.glob("**/journal/*.jsonl"):
            for line in journal.read_bytes().split(b"\n")[:-1]:
                if line[:9] == b'{"spent":':
                    entry = json.loads(line)["spent"]
                    noted[entry["id"]] = entry
        reported = [one for one in noted.values() if one["provider"] == "anthropic" and not one["guessed_input"]]
        if len(noted) >= 3 and sum(one["input_tokens"] for one in reported) >= 22:
            return
        time.sleep(0.01)
