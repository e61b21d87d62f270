"""What llmhub costs who does not use it yet: `import llmhub`, and a Jupyter server's start. `python -m tests.bench.start`"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from .client import Client
from .figures import Figure, median, show
from .processes import Jupyter, folder, jupyter

ROUNDS = 7


def measure() -> list[Figure]:
    """With and without, in turn, so that a busy machine is busy for both."""
    return [_import(), *_start(lab=False), *_start(lab=True), *asyncio.run(_first_request())]


def _import() -> Figure:
    times: dict[str, list[float]] = {"pass": [], "import llmhub": []}
    for _ in range(2 * ROUNDS + 1):
        for code, taken in times.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
            taken.append((time.perf_counter() - begun) * 1000)
    bare, ours = (median(taken) for taken in times.values())
    return Figure("`import llmhub` above bare Python", ours - bare, "ms", 60, f"bare Python {bare:.0f} ms")


def _start(*, lab: bool) -> list[Figure]:
    cpu: dict[bool, list[float]] = defaultdict(list)
    rss: dict[bool, list[float]] = defaultdict(list)
    children = connections = 0
    for _ in range(ROUNDS):
        for extension in (False, True):
            with folder() as where, jupyter(where, extension=extension, lab=lab) as server:
                cpu[extension].append(server.cpu_ms)
                rss[extension].append(server.rss_mb)
                if extension:
                    children = max(children, server.children)
                    connections = max(connections, server.connections)
    host = "JupyterLab" if lab else "a bare Jupyter server"
    return [
        Figure(
            f"CPU that the extension adds to the start of {host}",
            median(cpu[True]) - median(cpu[False]),
            "ms",
            150,
            f"{median(cpu[False]):.0f} ms without",
        ),
        Figure(
            f"memory that it adds to {host} before first use",
            median(rss[True]) - median(rss[False]),
            "MB",
            25,
            f"{median(rss[False]):.0f} MB without",
        ),
        Figure(f"child processes of {host} with it", children, "", 0),
        Figure(f"connections of {host} with it to anywhere", connections, "", 0),
    ]


async def _first_request() -> list[Figure]:
    """The first request to llmhub, and what somebody waits meanwhile who asks the server for something else, again and again."""
    took: list[float] = []
    waited: list[float] = []
    usual: list[float] = []
    for _ in range(ROUNDS):
        with folder() as where, jupyter(where) as server:
            async with Client(server) as client:
                usual += [await _kernels(client, server) for _ in range(10)]
                begun = time.monotonic_ns()
                first = asyncio.create_task(client.call("GET", "conversations"))
                times: list[float] = []
                first.add_done_callback(lambda _, begun=begun: took.append((time.monotonic_ns() - begun) / 1e6))
                while not first.done():
                    times.append(await _kernels(client, server))
                    await asyncio.sleep(0.01)
                waited.append(max(times))
    note = f"{median(usual):.1f} ms at other times"
    return [
        Figure("the first request to llmhub: until its answer", median(took), "ms", None, "others ask meanwhile"),
        Figure("the same: longest that GET api/kernels waits meanwhile", median(waited), "ms", 100, note),
    ]


async def _kernels(client: Client, server: Jupyter) -> float:
    begun = time.monotonic_ns()
    async with client.session.get(f"http://127.0.0.1:{server.port}/api/kernels") as answer:
        await answer.read()
    return (time.monotonic_ns() - begun) / 1e6


if __name__ == "__main__":
    show(measure())
