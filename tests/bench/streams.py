"""A hundred answers at once in one server: how late each token is at its watcher, and what a stream holds. `python -m tests.bench.streams`

Each token is the moment it was sent, so its age at the watcher is the time through everything: wire, run, journal, socket.
Once all hundred are followed over the one socket of a page, once over server-sent events, each on a connection of its own.
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
MODEL = f"stamps-{RATE * SECONDS}-at-{RATE}"


async def measure() -> list[Figure]:
    """A fresh server for each way."""
    return [figure for way in ("socket", "sse") for figure in await _measure(way)]


async def _measure(way: str) -> list[Figure]:
    with folder() as where, model_server(where) as url:
        settings = {"providers": {"lab": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench"}}}
        with jupyter(where / "server", settings) as server:
            async with Client(server) as client:
                return await _streams(client, server, way)


class Watched:
    """What the watchers saw."""

    def __init__(self) -> None:
        self.ages: list[float] = []
        self.events = 0
        self.text: dict[str, list[str]] = defaultdict(list)
        self.ended: set[str] = set()

    def see(self, now: int, data: bytes) -> None:
        """Take down an event and the age of each token in it."""
        event = orjson.loads(data)
        match event.get("type"):
            case "text.delta":
                self.events += 1
                self.text[event["run_id"]].append(event["text"])
                self.ages += [(now - int(stamp)) / 1e6 for stamp in event["text"].split()]
            case "run.finished":
                self.ended.add(event["run_id"])
            case _:
                pass


async def _streams(client: Client, server: Jupyter, way: str) -> list[Figure]:
    conversations = [await client.conversation() for _ in range(STREAMS)]
    await _warm(client)
    watched = Watched()
    before, cpu, begun = server.rss_mb, server.cpu_ms, time.monotonic()
    runs: dict[str, str] = {}

    async def ask(index: int) -> str:
        await asyncio.sleep(index / STREAMS)  # people do not ask in the same millisecond
        run = await client.ask(conversations[index], MODEL)
        runs[run["run_id"]] = run["message_id"]
        return run["run_id"]

    async def over_events(index: int) -> None:
        async for now, _, data in client.events(await ask(index)):
            watched.see(now, data)

    peak = asyncio.create_task(_peak(server))
    if way == "sse":
        await asyncio.gather(*map(over_events, range(STREAMS)))
    else:
        async with client.socket() as socket:

            async def follow(index: int) -> None:
                await socket.watch(await ask(index))

            async def hear() -> None:
                while len(watched.ended) < STREAMS:
                    watched.see(*await socket.hear())

            await asyncio.gather(hear(), *map(follow, range(STREAMS)))
    peak.cancel()
    await asyncio.wait({peak})
    busy = (server.cpu_ms - cpu) / (time.monotonic() - begun) / 10
    stored = await _stored(client, conversations)
    whole = sum(stored[message] == "".join(watched.text[run]) and stored[message].count(" ") == RATE * SECONDS for run, message in runs.items())
    name = "one socket" if way == "socket" else "SSE each"
    note = f"p50 {percentile(watched.ages, 50):.0f}, p90 {percentile(watched.ages, 90):.0f}, worst {max(watched.ages):.0f} ms"
    return [
        Figure(f"{STREAMS} streams of {RATE} tokens/s, {name}: age of a token at its watcher, p99", percentile(watched.ages, 99), "ms", 50, note),
        Figure(f"{name}: memory per stream", (_most - before) / STREAMS, "MB", 1.5),
        Figure(f"{name}: answers not stored as they were shown", STREAMS - whole, "", 0),
        Figure(f"{name}: server's share of a core", busy, "%", None, f"{watched.events / SECONDS:,.0f} events/s"),
    ]


_most = 0.0


async def _peak(server: Jupyter) -> None:
    global _most
    _most = 0.0
    while True:
        _most = max(_most, server.rss_mb)
        await asyncio.sleep(0.25)


async def _warm(client: Client) -> None:
    """Everything that is loaded once is loaded."""
    for _ in range(20):
        run = await client.ask(await client.conversation(), "words-20-at-0")
        async for _ in client.events(run["run_id"]):
            pass
    await asyncio.sleep(0.5)


async def _stored(client: Client, conversations: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for conversation in conversations:
        page = await client.call("GET", f"conversations/{conversation}/messages")
        for message in page["items"]:
            found[message["id"]] = "".join(part["text"] for part in message["parts"])
    return found


if __name__ == "__main__":
    show(asyncio.run(measure()))
