"""What an answer of 5,000 tokens writes to the disk and sends to each watcher. `python -m tests.bench.long_answer`

At 50 and at 200 tokens a second: the slower, the more events. The tokens are ordinary English words.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from .client import Client
from .figures import Figure, show
from .processes import Jupyter, folder, jupyter, model_server

TOKENS = 5000


async def measure() -> list[Figure]:
    """One server; the slow answer runs first."""
    with folder() as where, model_server(where) as url:
        settings = {"providers": {"lab": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench"}}}
        with jupyter(where / "server", settings) as server:
            async with Client(server) as client:
                warm = await client.ask(await client.conversation(), "words-20-at-0")
                async for _ in client.events(warm["run_id"]):
                    pass
                await asyncio.sleep(1)
                return [figure for rate in (50, 200) for figure in await _measure(client, server, rate)]


async def _measure(client: Client, server: Jupyter, rate: int) -> list[Figure]:
    conversation = await client.conversation()
    written, size = server.written, _size(server.data)
    run = await client.ask(conversation, f"words-{TOKENS}-at-{rate}")
    most = [0]
    peak = asyncio.create_task(_peak(server, most))
    (socket, events), sse = await asyncio.gather(_socket(client, run["run_id"]), _sse(client, run["run_id"]))
    await asyncio.sleep(1)  # the journal is forgotten
    peak.cancel()
    await asyncio.wait({peak})
    written = server.written - written
    page = await client.call("GET", f"conversations/{conversation}/messages")
    text = "".join(part["text"] for part in page["items"][-1]["parts"])
    what = f"{TOKENS:,} tokens at {rate}/s"
    return [
        Figure(f"{what}: written to disk", written / 1e6, "MB", 1, f"the answer's text is {len(text) / 1e6:.3f} MB"),
        Figure(
            f"{what}: the data directory grew by at most",
            (most[0] - size) / 1e6,
            "MB",
            None,
            f"at the end {(_size(server.data) - size) / 1e6:.2g} MB",
        ),
        Figure(f"{what}: sent over the socket", socket / 1e6, "MB", 1.5, f"{events:,} events"),
        Figure(f"{what}: sent over server-sent events", sse / 1e6, "MB", 1.5),
    ]


async def _socket(client: Client, run_id: str) -> tuple[int, int]:
    async with client.socket() as socket:
        await socket.watch(run_id)
        events = 0
        while True:
            _, frame = await socket.hear()
            events += 1
            if b'"run.finished"' in frame:
                return socket.bytes, events


async def _sse(client: Client, run_id: str) -> int:
    return sum([size async for _, size, _ in client.events(run_id)])


async def _peak(server: Jupyter, most: list[int]) -> None:
    while True:
        most[0] = max(most[0], _size(server.data))
        await asyncio.sleep(0.1)


def _size(folder: Path) -> int:
    """Bytes in a folder; a file may go away meanwhile."""
    return sum(path.stat().st_size for path in list(folder.rglob("*")) if path.is_file())


if __name__ == "__main__":
    show(asyncio.run(measure()))
