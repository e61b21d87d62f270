"""Conversations in and out with the store: `python -m tests.bench.transfer 200` imports so many MB and exports all of it again.

The export of ChatGPT's is made while it is written to disk and thrown away at the end. Memory is this process's, which is what the
server would hold. Figures: docs/measurements.md.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from llmhub.conversations.transfer.export import Options
from llmhub.identity import LOCAL
from llmhub.workspace import Workspace

from .imports import TURNS, write


class Peak:
    """The most memory that this process had since `begin`, in MB, looked at every 20 ms."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def begin(self) -> int:
        """Forget what was; gives what it is now."""
        self._most = now = self._process.memory_info().rss
        return now // 2**20

    @property
    def most(self) -> int:
        return self._most // 2**20

    def _watch(self) -> None:
        while True:
            self._most = max(self._most, self._process.memory_info().rss)
            time.sleep(0.02)


async def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        count = write(path, megabytes)
        workspace = Workspace.open(env={"LLMHUB_DATA_DIR": folder, "LLMHUB_CONFIG": ""})
        peak = Peak()
        before, began = peak.begin(), time.perf_counter()
        job = await workspace.imports.start(LOCAL, path, path.name)
        async for _ in workspace.runs.jobs.watch(LOCAL, job.id):
            pass
        done = (await workspace.runs.jobs.get(LOCAL, job.id)).result or {}
        assert done["imported"] == count, done["failed"][:3]
        took = time.perf_counter() - began
        print(
            f"import: {megabytes} MB, {count:,} conversations of {TURNS}, {took:.1f} s, {before} MB before, at most {peak.most} MB"
        )
        before, began, size = peak.begin(), time.perf_counter(), 0
        async for piece in workspace.exports.pieces(LOCAL, Options()):
            size += len(piece)
        took = time.perf_counter() - began
        print(
            f"export: {count:,} conversations, {size // 2**20} MB of zip, {took:.1f} s, {before} MB before, at most {peak.most} MB"
        )
        await workspace.aclose()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
