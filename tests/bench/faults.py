"""A thousand turns with faults of every kind, and what they leave behind; how soon a stopped run hangs up; what a chunk costs.

`python -m tests.bench.faults`. llmhub runs in this process, without Jupyter, so that its tasks, sockets and objects can be
counted; the models are a process of their own.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from llmhub.agents.runs import RunRequest
from llmhub.conversations.search.query import parse
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import TextPart
from llmhub.workspace import Workspace
from tests.providers.wire_server import WireServer
from tests.world import places

from .figures import Figure, percentile, show
from .processes import folder, wire_server

WARM, TURNS = 200, 1_000
STOPS = 50
CHUNKS = 5_000
FAULTS = (
    "echo",
    "tokens-40-at-0",
    "reasoner",
    "tools",
    "e401",
    "e500",
    "html",
    "empty",
    "empty-body",
    "rate-limited-1h",
    "too-long",
    "filtered-midway",
    "error-first",
    "error-midstream",
    "cut-midstream",
    "no-end",
    "malformed-json",
    "silent-midstream",
    "hang-before-first-byte",
    "slow, stopped",
    "hang-before-first-byte, stopped",
    "import",
    "import, broken",
    "import, stopped",
)
"""Models of the wire server; "stopped": a person stops it once it was asked. Imports are jobs, which ask no model."""


@dataclass(frozen=True)
class Left:
    """What there is at a moment when nothing is under way."""

    tasks: int
    sockets: int
    objects: int
    bytes: int

    @classmethod
    def now(cls) -> Left:
        """Count."""
        for _ in range(3):
            gc.collect()
        traced = tracemalloc.get_traced_memory()[0] if tracemalloc.is_tracing() else 0
        return cls(len(asyncio.all_tasks()), _sockets(), len(gc.get_objects()), traced)


def _sockets() -> int:
    count = 0
    for number in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
        except OSError:  # the one by which the folder was read
            continue
    return count


def workspace(where: Path, url: str) -> Workspace:
    """One whose provider is impatient, and which waits for nobody between two tries."""
    timeouts = {"connect": 2, "first_byte": 0.3, "idle": 0.2}
    lab = {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench", "timeouts": timeouts}
    hub = Workspace.open(env=places(where), host_settings={"providers": {"lab": lab}})

    async def no_wait(_: float) -> None: ...

    hub.router._wait = no_wait
    return hub


async def suffer(hub: Workspace, turns: int, rng: random.Random, *, at_once: int = 8) -> Counter[str]:
    """So many turns, a few at once, each with a fault by chance; how they ended."""
    ended: Counter[str] = Counter()
    due = iter([rng.choice(FAULTS) for _ in range(turns)])

    async def person() -> None:
        for fault in due:
            ended[await turn(hub, fault)] += 1

    await asyncio.gather(*(person() for _ in range(at_once)))
    return ended


async def turn(hub: Workspace, fault: str) -> str:
    """One turn in a conversation of its own, which is found and then deleted."""
    model, _, stopped = fault.partition(", ")
    if model == "import":
        return await _job(hub, stopped)
    chat = await hub.conversations.create(LOCAL.id)
    request = RunRequest(new_id(), parts=(TextPart(text="Say something."),), model=f"lab/{model}")
    run = await hub.runs.start(LOCAL, chat.id, request)
    async for _ in hub.runs.watch(LOCAL, run.id):
        if stopped:
            await hub.runs.stop(LOCAL, run.id)
    status = (await hub.runs.get(LOCAL, run.id)).status
    await hub.conversations.search(LOCAL.id, parse("say something", datetime.now(UTC)))
    await hub.conversations.delete(LOCAL.id, chat.id)
    return status


async def _job(hub: Workspace, fault: str) -> str:
    """Thirty conversations come in, as far as they do, and go again."""
    _, path = await asyncio.to_thread(hub.imports.upload, LOCAL)
    text = orjson.dumps([_talk(number) for number in range(30)])
    await asyncio.to_thread(path.write_bytes, text[:-100] if fault == "broken" else text)
    job = await hub.imports.start(LOCAL, path, "conversations.json")
    async for _ in hub.runs.jobs.watch(LOCAL, job.id):
        if fault == "stopped":
            await hub.runs.jobs.stop(LOCAL, job.id)
    record = await hub.runs.jobs.get(LOCAL, job.id)
    for id in (record.result or {}).get("conversation_ids", ()):
        await hub.conversations.delete(LOCAL.id, id)
    return record.status


def _talk(number: int) -> dict[str, Any]:
    asked = {"author": {"role": "user"}, "create_time": 1.7e9, "content": {"content_type": "text", "parts": ["Say something."]}}
    mapping = {"r": {"id": "r", "parent": None, "message": None}, "q": {"id": "q", "parent": "r", "message": asked}}
    return {"id": new_id(), "title": f"Talk {number}", "create_time": 1.7e9, "mapping": mapping, "current_node": "q"}


async def measure() -> list[Figure]:
    """All of it."""
    with folder() as where, wire_server(where) as url:
        left = await _left_behind(where / "faults", url)
        chunk = await _chunk(where / "chunk", url)
    return [*left, *await _hanging_up(), chunk]


async def _left_behind(where: Path, url: str) -> list[Figure]:
    hub = workspace(where, url)
    rng = random.Random(7)
    await suffer(hub, WARM, rng)
    tracemalloc.start()
    before = await _settled(hub)
    begun = time.monotonic()
    ended = await suffer(hub, TURNS, rng)
    took = time.monotonic() - begun
    after = await _settled(hub)
    tracemalloc.stop()
    await hub.aclose()
    how = ", ".join(f"{count} {status}" for status, count in sorted(ended.items()))
    name = f"{TURNS:,} turns with faults"
    return [
        Figure(f"{name}: tasks left behind", after.tasks - before.tasks, "", 0, how),
        Figure(f"{name}: sockets left behind", max(0, after.sockets - before.sockets), "", 0, f"{took:.0f} s"),
        Figure(f"{name}: memory left behind, per turn", max(0, after.bytes - before.bytes) / TURNS / 1000, "kB", 1),
        Figure(f"{name}: objects left behind, per turn", max(0, after.objects - before.objects) / TURNS, "", 1),
    ]


async def _settled(hub: Workspace) -> Left:
    """When titles are made, and connections that are kept for the next question are closed."""
    await hub.runs.titles.settle()
    await asyncio.sleep(0.5)
    await hub.router.http.aclose()
    return Left.now()


async def _hanging_up() -> list[Figure]:
    """From the stop to the end of the connection, as the model's server sees it."""
    took: list[float] = []
    with folder() as where:
        async with WireServer() as wire:
            hub = workspace(where, wire.url)
            for _ in range(STOPS):
                took.append(await _stop(hub, wire))
            await hub.aclose()
    return [
        Figure("from a stop to the closed connection at the model's server, median", percentile(took, 50), "ms"),
        Figure("the same, slowest of fifty", max(took), "ms", 50),
    ]


async def _stop(hub: Workspace, wire: WireServer) -> float:
    wire.forget()
    chat = await hub.conversations.create(LOCAL.id)
    request = RunRequest(new_id(), parts=(TextPart(text="Say something."),), model="lab/slow")
    run = await hub.runs.start(LOCAL, chat.id, request)
    while not wire.asked("slow"):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.02)
    begun = time.monotonic()
    stopping = asyncio.create_task(hub.runs.stop(LOCAL, run.id))
    while wire.asked("slow")[0].ended == "open":  # noqa: ASYNC110
        await asyncio.sleep(0)
    took = (time.monotonic() - begun) * 1000
    await stopping
    return took


async def _chunk(where: Path, url: str) -> Figure:
    """CPU of this process for each chunk of an answer: wire, run, journal and store together."""
    hub = workspace(where, url)
    costs: list[float] = []
    for _ in range(5):
        chat = await hub.conversations.create(LOCAL.id)
        model = f"lab/tokens-{CHUNKS}-at-0"
        run = await hub.runs.start(LOCAL, chat.id, RunRequest(new_id(), parts=(TextPart(text="Go."),), model=model))
        begun = time.process_time()
        async for _ in hub.runs.watch(LOCAL, run.id):
            pass
        costs.append((time.process_time() - begun) * 1000 / CHUNKS)
        assert (await hub.runs.get(LOCAL, run.id)).status == "complete"
    await hub.aclose()
    return Figure("CPU for each streamed chunk, median of five answers of 5,000", percentile(costs, 50), "ms", 0.3)


def main() -> None:
    """Print the table."""
    figures: Sequence[Figure] = asyncio.run(measure())
    show(figures)


if __name__ == "__main__":
    main()
