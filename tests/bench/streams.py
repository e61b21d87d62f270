"""A hundred answers at once in one server: how late each token is at its watcher, and what a stream holds.

`python -m tests.bench.streams`. Each token is the moment it was sent, so its age at the watcher is the time through everything:
wire, run, journal, socket. Once all hundred are followed over the one socket of a page, once over server-sent events, each on a
connection of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

import orjson

from .client import Client
from .figures import Figure, percentile, show
from .processes import Jupyter, folder, jupyter, model_server

STREAMS, RATE, SECONDS = 100, 50, 20
RAMP = 5
"""Seconds within which all have asked: people do not ask in the same one."""
MODEL = f"stamps-{RATE * SECONDS}-at-{RATE}"


async def measure() -> list[Figure]:
    """A fresh server for each way."""
    return [figure for way in ("socket", "sse") for figure in await _measure(way)]


async def _measure(way: str) -> list[Figure]:
    with folder() as where, model_server(where) as url:
        settings = {"providers": {"lab": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench"}}}
        with jupyter(where / "server", settings) as server:
            async with Client(server) as client:
                return await Crowd(client, server).measure(way)


class Crowd:
    """A hundred people who ask, and what their watchers see."""

    def __init__(self, client: Client, server: Jupyter) -> None:
        self._client = client
        self._server = server
        self._ages: list[float] = []
        self._steady: list[float] = []
        self._events = 0
        self._text: dict[str, list[str]] = defaultdict(list)
        self._answers: dict[str, str] = {}
        self._ended: set[str] = set()
        self._most = 0.0

    async def measure(self, way: str) -> list[Figure]:
        """Ask, watch to the end, compare with what is stored."""
        conversations = [await self._client.conversation() for _ in range(STREAMS)]
        await self._warm()
        before, cpu, waited, begun = self._server.rss_mb, self._server.cpu_ms, self._server.waited_ms, time.monotonic()
        self._begun = time.monotonic_ns()
        peak = asyncio.create_task(self._follow_memory())
        await (self._over_socket(conversations) if way == "socket" else self._over_events(conversations))
        peak.cancel()
        await asyncio.wait({peak})
        took = (time.monotonic() - begun) * 1000
        busy, starved = (self._server.cpu_ms - cpu) / took * 100, (self._server.waited_ms - waited) / took * 100
        name = "one socket" if way == "socket" else "SSE each"
        return [
            self._age(f"{name}: age of a token at its watcher, p99", self._ages),
            self._age(f"{name}: the same once all have asked", self._steady),
            Figure(f"{name}: memory per stream", (self._most - before) / STREAMS, "MB", 1.5),
            Figure(f"{name}: answers not stored as they were shown", STREAMS - await self._whole(conversations), "", 0),
            Figure(
                f"{name}: server's share of a core",
                busy,
                "%",
                None,
                f"{self._events / SECONDS:,.0f} events/s; it waited {starved:.0f} % of the time for a core that others had",
            ),
        ]

    def _age(self, what: str, ages: list[float]) -> Figure:
        p50, p90 = (percentile(ages, percent) for percent in (50, 90))
        note = f"p50 {p50:.0f}, p90 {p90:.0f}, worst {max(ages):.0f} ms"
        return Figure(f"{STREAMS} streams of {RATE} tokens/s, {what}", percentile(ages, 99), "ms", 50, note)

    async def _warm(self) -> None:
        """Everything that is loaded once is loaded."""
        for _ in range(20):
            run = await self._client.ask(await self._client.conversation(), "words-20-at-0")
            async for _ in self._client.events(run["run_id"]):
                pass
        await asyncio.sleep(0.5)

    async def _over_socket(self, conversations: list[str]) -> None:
        async with self._client.socket() as socket:

            async def follow(index: int) -> None:
                await socket.watch(await self._ask(index, conversations[index]))

            async def hear() -> None:
                while len(self._ended) < STREAMS:
                    self._see(*await socket.hear())

            await asyncio.gather(hear(), *map(follow, range(STREAMS)))

    async def _over_events(self, conversations: list[str]) -> None:
        async def follow(index: int) -> None:
            async for now, _, data in self._client.events(await self._ask(index, conversations[index])):
                self._see(now, data)

        await asyncio.gather(*map(follow, range(STREAMS)))

    async def _ask(self, index: int, conversation: str) -> str:
        await asyncio.sleep(index * RAMP / STREAMS)
        run = await self._client.ask(conversation, MODEL)
        self._answers[run["run_id"]] = run["message_id"]
        return run["run_id"]

    def _see(self, now: int, data: bytes) -> None:
        """Take down an event and the age of each token in it."""
        event = orjson.loads(data)
        match event.get("type"):
            case "text.delta":
                self._events += 1
                self._text[event["run_id"]].append(event["text"])
                ages = [(now - int(stamp)) / 1e6 for stamp in event["text"].split()]
                self._ages += ages
                if (RAMP + 1) * 1e9 < now - self._begun < SECONDS * 1e9:
                    self._steady += ages
            case "run.finished":
                self._ended.add(event["run_id"])
            case _:
                pass

    async def _follow_memory(self) -> None:
        while True:
            self._most = max(self._most, self._server.rss_mb)
            await asyncio.sleep(0.25)

    async def _whole(self, conversations: list[str]) -> int:
        """How many answers are stored to the byte as their watchers saw them, no token missing."""
        stored: dict[str, str] = {}
        for conversation in conversations:
            page = await self._client.call("GET", f"conversations/{conversation}/messages")
            for message in page["items"]:
                stored[message["id"]] = "".join(part["text"] for part in message["parts"])
        return sum(
            stored[message] == "".join(self._text[run]) and stored[message].count(" ") == RATE * SECONDS
            for run, message in self._answers.items()
        )


if __name__ == "__main__":
    show(asyncio.run(measure()))
