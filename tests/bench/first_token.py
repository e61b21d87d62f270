"""How much later the first token is at a watcher than with a direct call to the model server. `python -m tests.bench.first_token`

One stream at a time, everything warm: from the moment the question is sent (POST runs) to the first `text.delta`, over the page's
socket and over server-sent events; directly: from the moment the request is sent to the first content.
"""

from __future__ import annotations

import asyncio
import time

import httpx
import orjson

from .client import Client, Socket
from .figures import Figure, median, percentile, show
from .processes import Jupyter, folder, jupyter, model_server

WARM, ROUNDS = 20, 100
MODEL = "words-3-at-100"


async def measure() -> list[Figure]:
    """The three ways in turn, so that a busy machine is busy for all of them."""
    with folder() as where, model_server(where) as url:
        settings = {
            "providers": {"lab": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench"}},
            "features": {"titles": False},  # one is made behind the first answer; nobody asks again while that is going on
        }
        with jupyter(where / "server", settings) as server:
            return await _measure(url, server)


async def _measure(url: str, server: Jupyter) -> list[Figure]:
    times: dict[str, list[float]] = {"direct": [], "socket": [], "sse": [], "first turn": []}
    begun: list[float] = []
    async with httpx.AsyncClient() as direct, Client(server) as client, client.socket() as socket:
        for index in range(WARM + ROUNDS):
            if index == WARM:
                times = {name: [] for name in times}
                begun.clear()
            conversation = await client.conversation()
            times["direct"].append(await _direct(direct, url))
            took, _, parent = await _socket(client, socket, conversation, None)
            times["first turn"].append(took)
            took, created, parent = await _socket(client, socket, conversation, parent)
            times["socket"].append(took)
            begun.append(created)
            times["sse"].append(await _sse(client, conversation, parent))
    base = median(times["direct"])

    def added(what: str, way: str, target: float | None) -> Figure:
        spread = f"median {median(times[way]):.1f}, p90 {percentile(times[way], 90):.1f} ms; directly {base:.1f} ms"
        return Figure(what, median(times[way]) - base, "ms", target, spread)

    return [
        added("first token above a direct call, at the page's socket", "socket", 5),
        added("first token above a direct call, over server-sent events", "sse", 5),
        added("the same at the socket in a conversation's first turn", "first turn", None),
        Figure("POST runs until its answer 201", median(begun), "ms"),
    ]


async def _direct(client: httpx.AsyncClient, url: str) -> float:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    taken = 0.0
    begun = time.monotonic_ns()
    async with client.stream("POST", f"{url}/v1/chat/completions", json=body) as answer:
        async for line in answer.aiter_lines():
            if not taken and line.startswith("data: {") and orjson.loads(line[6:])["choices"][0]["delta"].get("content"):
                taken = (time.monotonic_ns() - begun) / 1e6
    return taken


async def _socket(client: Client, socket: Socket, conversation: str, parent: str | None) -> tuple[float, float, str]:
    """Milliseconds to the first token and to the 201, and the answer's id."""
    begun = time.monotonic_ns()
    run = await client.ask(conversation, MODEL, parent)
    created = (time.monotonic_ns() - begun) / 1e6
    await socket.watch(run["run_id"])
    taken = 0.0
    while True:
        now, frame = await socket.hear()
        event = orjson.loads(frame)
        if event.get("type") == "text.delta" and not taken:
            taken = (now - begun) / 1e6
        if event.get("type") == "run.finished":
            return taken, created, run["message_id"]


async def _sse(client: Client, conversation: str, parent: str) -> float:
    begun = time.monotonic_ns()
    run = await client.ask(conversation, MODEL, parent)
    taken = 0.0
    async for now, _, data in client.events(run["run_id"]):
        if not taken and orjson.loads(data)["type"] == "text.delta":
            taken = (now - begun) / 1e6
    return taken


if __name__ == "__main__":
    show(asyncio.run(measure()))
