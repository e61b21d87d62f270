"""A conversation of 10,000 messages beside one of 10: starting a turn and opening it. `python -m tests.bench.long_conversation`

On SQLite and on PostgreSQL. The model's window holds what the short conversation says, so that both send about as much to the
model; what wider windows cost is shown beside it, without a target, because there the long conversation really sends more.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from llmhub.conversations.store import ConversationStore

from .client import Client, Socket
from .figures import Figure, median, show
from .processes import folder, jupyter, model_server
from .written import write

SHORT, LONG = 10, 10_000
WARM, ROUNDS = 5, 30
NARROW, MEDIUM, WIDE = "words-1-at-0", "words-2-at-0", "words-3-at-0"
"""Windows of 8, 32 and 128 thousand tokens."""
QUESTION = "How does a write-ahead log keep a database whole when the power fails in the middle of a commit? "
ANSWER = "Before a page is changed in the file, the change is written to the log, and the log is flushed. " * 28


async def measure() -> list[Figure]:
    """Both databases, one after the other."""
    figures: list[Figure] = []
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with folder() as where, model_server(where) as url, database(where) as (store_url, more):
            short, long = await _fill(store_url, where)
            settings = {"providers": {"lab": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench"}}, **more}
            with jupyter(where / "server", settings) as server:
                async with Client(server) as client:
                    figures += await _measure(name, client, short, long)
    return figures


@contextmanager
def _sqlite(where: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    (where / "server" / "llmhub").mkdir(parents=True)
    yield f"sqlite:///{where / 'server' / 'llmhub' / 'llmhub.db'}", {}


@contextmanager
def _postgresql(_: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pgserver

    where = Path(tempfile.mkdtemp(prefix="llmhub-bench-postgres-"))  # of its own: PostgreSQL runs as another account
    server = pgserver.get_server(where, cleanup_mode="stop")
    try:
        url = server.get_uri()
        yield url, {"database_url": url}
    finally:
        server.cleanup()
        shutil.rmtree(where, ignore_errors=True)


# ---- two conversations


async def _fill(url: str, where: Path) -> tuple[str, str]:
    store = ConversationStore(url, backups=where / "backups")
    try:
        return await _conversation(store, SHORT), await _conversation(store, LONG)
    finally:
        await store.aclose()


async def _conversation(store: ConversationStore, messages: int) -> str:
    return await write(store, "A long talk", messages, f"lab/{NARROW}", lambda number: (f"{number}. {QUESTION}", ANSWER))


# ---- turns and openings


async def _measure(database: str, client: Client, short: str, long: str) -> list[Figure]:
    await client.call("GET", "models")  # the windows are known from here on
    figures: list[Figure] = []
    async with client.socket() as socket:
        for model, window in ((NARROW, "8k"), (MEDIUM, "32k"), (WIDE, "128k")):
            times = await _in_turn(WARM, ROUNDS if model == NARROW else ROUNDS // 3, short, long, _turn(client, socket, model))
            for index, what in enumerate(("POST runs until 201", "first token")):
                few, many = (median([taken[index] for taken in times[id]]) for id in (short, long))
                target = 1.2 if model == NARROW else None
                about = f"{database}: {what}, {LONG:,} messages against {SHORT}, window {window}"
                figures.append(Figure(about, many / few, "×", target, f"{many:.1f} against {few:.1f} ms"))
    for what, query in (("opening it, the last 100 messages", "?limit=100"), ("opening it, the whole path", "")):
        times = await _in_turn(2, 10, short, long, _opening(client, query))
        few, many = (median([taken[0] for taken in times[id]]) for id in (short, long))
        figures.append(Figure(f"{database}: {what}", many, "ms", 150, f"{few:.1f} ms with {SHORT} messages"))
    return figures


async def _in_turn(
    warm: int, rounds: int, short: str, long: str, work: Callable[[str], Awaitable[tuple[float, ...]]]
) -> dict[str, list[tuple[float, ...]]]:
    times: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for number in range(warm + rounds):
        for id in (short, long):
            taken = await work(id)
            if number >= warm:
                times[id].append(taken)
    return times


def _turn(client: Client, socket: Socket, model: str) -> Callable[[str], Awaitable[tuple[float, ...]]]:
    leaves: dict[str, str] = {}

    async def turn(conversation: str) -> tuple[float, float]:
        """Always after the same answer, so that the short conversation stays short."""
        if conversation not in leaves:
            leaves[conversation] = await _leaf(client, conversation)
        begun = time.monotonic_ns()
        run = await client.ask(conversation, model, leaves[conversation])
        created, first = time.monotonic_ns(), 0
        await socket.watch(run["run_id"])
        while True:
            now, frame = await socket.hear()
            event = orjson.loads(frame)
            if event.get("type") == "text.delta" and not first:
                first = now
            if event.get("type") == "run.finished":
                if event["status"] != "complete":
                    raise RuntimeError(f"the run ended as {event}")
                return (created - begun) / 1e6, (first - begun) / 1e6

    return turn


async def _leaf(client: Client, conversation: str) -> str:
    """The answer of the last turn that was there from the beginning."""
    tree = (await client.call("GET", f"conversations/{conversation}/tree"))["items"]
    count = SHORT if len(tree) < LONG else LONG
    return tree[count - 1]["id"]


def _opening(client: Client, query: str) -> Callable[[str], Awaitable[tuple[float, ...]]]:
    async def opening(conversation: str) -> tuple[float]:
        begun = time.monotonic_ns()
        await client.call("GET", f"conversations/{conversation}")
        await client.read(f"conversations/{conversation}/messages{query}")
        return ((time.monotonic_ns() - begun) / 1e6,)

    return opening


if __name__ == "__main__":
    show(asyncio.run(measure()))
